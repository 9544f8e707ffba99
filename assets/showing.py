"""What the assets and checks show of their numbers: Markdown tables, and charts small enough for Dagster to draw them in place.

Dagster renders an image in Markdown only while the whole text is under 1,000 characters, so a chart is a text of its own and
drops its last bars before it grows longer. Pure; nothing of Dagster is needed here.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

LONGEST = 990  # characters of Markdown, base64 included
ROWS = 20  # of a table; the rest is counted
NAME = 20  # characters of a bar's name
CELL, SHORT_CELL = 100, 50  # characters
MOST_CHARACTERS = 300  # of a cell of a table that is no Markdown
BAR, STEP = 150, 15  # pixels: the longest bar, and from one bar to the next
COLOUR = "#4f6fe3"
_LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = (), *, most: int = ROWS) -> str:
    """A Markdown table of the first rows, as many of `most` as stay under 1,000 characters, and how many more there are; or "none"."""
    for cell, kept in ((CELL, most), (CELL, most // 2), *((SHORT_CELL, fewer) for fewer in range(most // 2, 0, -1))):
        drawn = _drawn(rows, columns, kept, cell)
        if len(drawn) <= LONGEST:
            break
    return drawn


def _drawn(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], most: int, cell: int) -> str:
    if not rows:
        return "none"
    names = list(columns or rows[0])
    lines = [f"| {' | '.join(names)} |", "|" + "---|" * len(names)]
    lines += [f"| {' | '.join(_cell(row.get(name), cell) for name in names)} |" for row in rows[:most]]
    return "\n".join(lines) + (f"\n\n… and {len(rows) - most} more" if len(rows) > most else "")


def bars(counts: Mapping[str, float], *, colour: str = COLOUR) -> str:
    """A bar chart of the largest counts, as an image in Markdown under 1,000 characters; "nothing to draw" when all are 0."""
    found = sorted(((name, count) for name, count in counts.items() if count > 0), key=lambda item: (-item[1], item[0]))
    for most in range(len(found), 0, -1):
        drawn = _image("bars", _bars(found[:most], colour))
        if len(drawn) <= LONGEST:
            return drawn
    return "nothing to draw"


def link(words: str, url: str | None) -> str:
    """A link in a table's cell, or the words alone where there is no address to go to."""
    shown = words.replace("[", "(").replace("]", ")")
    return f"[{shown}]({url})" if url and url.startswith(("http://", "https://")) and not set(url) & set(" ()<>|") else shown


def unlinked(rows: Iterable[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The rows with words in the place of their links, times and lists as text; the addresses by those words."""
    links: dict[str, str] = {}
    plain = [{name: _unlinked(value, links) for name, value in row.items()} for row in rows]
    return plain, links


def total_by(pairs: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Sums by name."""
    found: dict[str, float] = {}
    for name, value in pairs:
        found[name] = found.get(name, 0) + value
    return found


def _bars(found: Sequence[tuple[str, float]], colour: str) -> str:
    widest = found[0][1]
    heights = [STEP * place + 8 for place in range(len(found))]
    lines = "".join(f"M0 {y}h{max(1, BAR * count / widest):.0f}" for y, (_, count) in zip(heights, found, strict=True))
    words = "".join(
        f"<text x='{BAR + 6}' y='{y + 4}'>{escape(name[:NAME])} {count:g}</text>" for y, (name, count) in zip(heights, found, strict=True)
    )
    return _svg(300, STEP * len(found) + 2, f"<path d='{lines}' stroke='{colour}' stroke-width='10'/>{words}")


def _svg(width: int, height: int, inner: str) -> str:
    style = "font-family='sans-serif' font-size='11' fill='#667'"
    return f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' {style}>{inner}</svg>"


def _image(name: str, svg: str) -> str:
    return f"![{name}](data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})"


def _unlinked(value: Any, links: dict[str, str]) -> str | float | None:
    if value is None or isinstance(value, int | float):
        return value
    found = _LINK.fullmatch(str(value))
    if not found:
        return _cell(value, MOST_CHARACTERS)
    links[found[1]] = found[2]
    return found[1]


def _cell(value: Any, longest: int) -> str:
    if value is None:
        return ""
    text = (
        f"{value:,.2f}".rstrip("0").rstrip(".")
        if isinstance(value, float)
        else f"{value:%Y-%m-%d %H:%M}"
        if hasattr(value, "strftime")
        else str(value)
    )
    flat = " ".join(text.replace("|", "¦").split())
    return flat if len(flat) <= longest or flat.startswith("[") else flat[: longest - 1] + "…"
