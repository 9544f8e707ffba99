"""How far a replay has come: one number in a file of its folder, written only when a day is done."""

import json
from pathlib import Path

FILE = "replay.json"


def read_progress(folder: Path, *, default: int) -> int:
    """The last finished tick, or `default` when none is."""
    try:
        return int(json.loads((folder / FILE).read_text(encoding="utf-8"))["finished_tick"])
    except (FileNotFoundError, ValueError, KeyError):
        return default


def write_progress(folder: Path, tick: int) -> None:
    """Say that a tick is finished; the file is whole at any moment."""
    unfinished = folder / f"{FILE}.part"
    unfinished.write_text(json.dumps({"finished_tick": tick}), encoding="utf-8")
    unfinished.replace(folder / FILE)
