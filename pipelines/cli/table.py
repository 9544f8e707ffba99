"""Rows as text for a terminal: a table where it fits, else a record a row. Widths are columns of the terminal, not characters.

Cyrillic and Chinese align; NULL is told from an empty text; long texts are cut, and nothing else.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from types import NoneType
from typing import Any

from pipelines.cli.output import dumps

WIDEST = 60
NARROWEST = 20  # a column of a table is cut no shorter than this; rather a record a row
SMALLEST = 0.001  # what is less is shown by its digits, not as 0
LONGEST = 400  # characters of one value in a record
EDGE = 3  # between two columns


def lay_out(columns: Sequence[str], rows: Sequence[Sequence[Any]], width: int) -> tuple[list[str], bool]:
    """The lines of the table, the rule under its head included, and whether any value was cut."""
    cells = [[_words(value) for value in row] for row in rows]
    widths = [_natural(name, [row[place] for row in cells]) for place, name in enumerate(columns)]
    fitted = _fit(widths, columns, width - 2)
    if fitted is None:
        return list(_records(columns, cells, width)), any(len(cell) > LONGEST for row in cells for cell in row)
    return list(_table(columns, rows, cells, fitted)), _is_cut(cells, fitted)


def _words(value: Any) -> str:
    """One value in one line, as a person would write it."""
    form = next((form for kind, form in _FORMS if isinstance(value, kind)), str)
    return " ".join(form(value).split())


def _list_words(value: list[Any]) -> str:
    return f"[{', '.join(value)}]" if all(isinstance(one, str) for one in value) else dumps(value)


# kind → its form for reading; the first that fits
_FORMS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (NoneType, lambda _: "NULL"),
    (bool, lambda value: str(value).lower()),
    (datetime, lambda value: f"{value:%Y-%m-%d %H:%M:%S}".removesuffix(":00")),
    (float, lambda value: f"{value:.4g}" if 0 < abs(value) < SMALLEST else f"{round(value, 4):,}".removesuffix(".0")),
    (list, _list_words),
    (dict, dumps),
)


def _natural(name: str, cells: Sequence[str]) -> int:
    from rich.cells import cell_len

    return max(cell_len(name), *(min(cell_len(cell), WIDEST) for cell in cells), 1)


def _fit(widths: list[int], columns: Sequence[str], room: int) -> list[int] | None:
    """The widths with which all columns stand side by side, the widest ones cut first; None when they cannot."""
    fitted, needed = list(widths), sum(widths) + EDGE * (len(widths) - 1)
    least = [max(NARROWEST, len(name)) for name in columns]
    while needed > room:
        places = [place for place, size in enumerate(fitted) if size > least[place]]
        if not places:
            return None
        fitted[max(places, key=lambda place: fitted[place])] -= 1
        needed -= 1
    return fitted


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]], cells: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    right = [
        bool(rows) and all(isinstance(row[place], int | float | None) and not isinstance(row[place], bool) for row in rows)
        for place in range(len(columns))
    ]
    for line in (columns, None, *cells):
        if line is None:
            yield "─" * (sum(widths) + EDGE * (len(widths) - 1) + 2)
        else:
            padded = (_pad(cell, size, at_right=is_right) for cell, size, is_right in zip(line, widths, right, strict=True))
            yield f" {(' ' * EDGE).join(padded)}".rstrip()


def _pad(cell: str, width: int, *, at_right: bool) -> str:
    from rich.cells import cell_len, set_cell_size

    if cell_len(cell) > width:
        cell = set_cell_size(cell, width - 1).rstrip() + "…"
    room = " " * (width - cell_len(cell))
    return room + cell if at_right else cell + room


def _is_cut(cells: Sequence[Sequence[str]], widths: Sequence[int]) -> bool:
    from rich.cells import cell_len

    return any(cell_len(cell) > size for row in cells for cell, size in zip(row, widths, strict=True))


def _records(columns: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """A record a row: the name of each column before its value, long values folded below it."""
    from rich.cells import chop_cells

    indent = max(map(len, columns)) + 3
    for number, row in enumerate(cells, 1):
        yield f"── {number} ".ljust(min(width, 40), "─")
        for name, cell in zip(columns, row, strict=True):
            text = cell if len(cell) <= LONGEST else cell[: LONGEST - 1] + "…"
            first, *others = chop_cells(text, max(width - indent, NARROWEST)) or [""]
            yield f" {name.ljust(indent - 2)} {first}".rstrip()
            yield from (" " * indent + more for more in others)
