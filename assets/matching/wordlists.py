"""Word lists in `wording/`: plain text under headings, a # begins a remark.

What belongs here: reading them. What does not: what the words are for.
"""

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "wording"


@cache
def read_lists(name: str) -> dict[str, frozenset[str]]:
    """The words of `wording/<name>.txt` by their heading."""
    lists: dict[str, frozenset[str]] = {}
    heading = ""
    for line in (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        words = line.partition("#")[0].strip()
        if words.startswith("["):
            heading = words.strip("[]")
        elif words:
            lists[heading] = lists.get(heading, frozenset()).union(words.split())
    return lists
