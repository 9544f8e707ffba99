"""The named SQL statements in `queries/*.sql`: read once, pasteable into the DuckDB shell as they stand.

A statement begins with a line `-- name: verb_noun`; its parameters are DuckDB's own `$parameter`.
"""

import re
from functools import cache
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


@cache
def statements() -> dict[str, str]:
    """Every named statement. Raises ValueError when a name stands twice: the start stops, not a run in the night."""
    found: dict[str, str] = {}
    for file in sorted(files("warehouse").joinpath("queries").iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".sql"):
            continue
        _, *parts = _NAME.split(file.read_text(encoding="utf-8"))
        for name, sql in zip(parts[::2], parts[1::2], strict=True):
            if name in found:
                raise ValueError(f"queries/{file.name}: the statement {name} stands twice")
            found[name] = sql.strip().rstrip(";")
    return found
