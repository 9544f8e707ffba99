"""Tables: whether one holds data or only lays out the page, and a data table as lines of text.

What becomes of a layout table's cells is the walk's business (`blocks`).
"""

from collections.abc import Iterator

from lxml import html

from assets.extraction.wording import tidy

_LAYOUT = frozenset({"table", "form", "article", "h1", "h2", "iframe", "nav"})
_UNREAD = frozenset({"script", "style", "noscript", "template"})
_LONG_CELL = 700  # characters
_MAX_ROWS = 50_000


def is_data(table: html.HtmlElement) -> bool:
    """Whether rows and columns mean something: at least two of each, short cells, no page parts inside."""
    if (table.get("role") or "") == "presentation":
        return False
    if any(element is not table for element in table.iter(*_LAYOUT)):
        return False
    rows = list(_rows(table))
    wide = sum(len(cells) > 1 for cells in rows)
    if len(rows) < 2 or wide * 2 < len(rows):  # noqa: PLR2004 - one row is a line
        return False
    return all(_length(cell) <= _LONG_CELL for cells in rows[:50] for cell in cells)


def read(table: html.HtmlElement) -> Iterator[tuple[str, str, int]]:
    """The blocks of a data table: its caption if it has one, then all rows as lines of cells; each with its linked characters."""
    for caption in table.iter("caption"):
        text = _text(caption)
        if text:
            yield "caption", text, 0
    lines = []
    for place, cells in enumerate(_rows(table)):
        texts = [_text(cell) for cell in cells]
        if place < _MAX_ROWS and any(texts):
            lines.append(" | ".join(texts))
    if lines:
        yield "table", "\n".join(lines), sum(len("".join(_text(link).split())) for link in table.iter("a"))


def _rows(table: html.HtmlElement) -> Iterator[list[html.HtmlElement]]:
    for row in table.iter("tr"):
        yield [cell for cell in row if cell.tag in {"td", "th"}]


def _length(cell: html.HtmlElement) -> int:
    return sum(len(part) for part in cell.itertext())


def _text(element: html.HtmlElement) -> str:
    parts: list[str] = []
    skip = next(iter(element.iter(*_UNREAD)), None) is not None
    for part in element.iter() if skip else ():
        if part.tag in _UNREAD:
            part.text = None
    for part in element.iter():
        parts.append(part.text or "")
        if part is not element:
            parts.append(" " if part.tag in {"p", "br", "div", "li"} else "")
            parts.append(part.tail or "")
    return tidy("".join(parts))
