"""The file that says which run was the last good one: beside the store, so that to note it changes nothing that analysts see."""

import json
from datetime import UTC, datetime
from pathlib import Path


def write_good_run(path: Path, run_id: str, now: datetime) -> None:
    """Note the run in one rename, so that a reader never sees half of it."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"run_id": run_id, "at": now.isoformat()}) + "\n", encoding="utf-8")
    fresh.replace(path)


def read_good_run(path: Path) -> datetime | None:
    """When the last good run was (UTC); None when none is known."""
    try:
        return datetime.fromisoformat(json.loads(path.read_text(encoding="utf-8"))["at"]).astimezone(UTC)
    except (OSError, ValueError, KeyError, TypeError):
        return None
