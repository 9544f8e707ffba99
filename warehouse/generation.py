"""How far the store has come, written twice: in the store, and in a small file beside it.

A store whose `.wal` was lost opens without a word and without its last commits. The file beside it knows better.
"""

import re
from pathlib import Path

from warehouse.errors import StoreError

_COMMENTS = re.compile(r"\s*(?:--[^\n]*\n\s*)*")
_READS = ("SELECT", "WITH", "FROM", "VALUES", "DESCRIBE", "SHOW")


def changes(sql: str) -> bool:
    """Whether a statement may change the store; what is not known to read only may."""
    start = _COMMENTS.match(sql)
    return not sql[start.end() if start else 0 :].upper().startswith(_READS)


def check(store: Path, generation: int) -> None:
    """Raise StoreError when the store is older than what was already committed to it."""
    beside = written(store)
    if beside > generation:
        raise StoreError(
            f"{store}: committed changes are missing (it is at generation {generation} of {beside}): its .wal file was lost, "
            "or an older copy was put in its place",
            hint="put the .wal back, or restore a backup: thinkwatch restore; to go on without the changes, delete "
            f"{path(store)} and let the next run read what was archived meanwhile: thinkwatch archive take-up",
        )


def path(store: Path) -> Path:
    """The file beside the store."""
    return store.with_suffix(".generation")


def written(store: Path) -> int:
    """The generation that was last committed; 0 when nobody wrote it down, or a power cut left the file empty."""
    try:
        return int(path(store).read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return 0


def write(store: Path, generation: int) -> None:
    """Remember a commit. Not synced: a power cut may take it back, which only makes the check blind for once."""
    fresh = path(store).with_suffix(".generation.new")
    fresh.write_text(str(generation), encoding="ascii")
    fresh.replace(path(store))
