r"""The small markup that replay articles are written in, read into blocks.

    plain lines            a paragraph            ## words            a heading
    - words                a list item            > words             a quotation
    | a | b |              a table row            ![words](name)      a figure with its caption
    [Table 1. Words]       a table's caption,     [^1]: words         a footnote; its mark in the text is [^1]
                           above or below its rows

Within a line: *emphasis* and [a link](address). Blocks are parted by blank lines. How a block looks on a page is for the templates,
how it reads in the gold text is for `gold`; neither is known here.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

Kind = Literal["paragraph", "dateline", "heading", "quote", "list", "table", "figure", "notes"]

_FIGURE = re.compile(r"!\[(?P<caption>.*)\]\((?P<name>[\w-]+)\)\Z", re.DOTALL)
_CAPTION = re.compile(r"\[(?P<caption>[^\]^][^\]]*)\]\Z")
_NOTE = re.compile(r"\[\^(\d+)\]:\s*")


@dataclass(frozen=True)
class Block:
    """One block of an article.

    Attributes:
        kind: what it is.
        lines: its text with inline markup: one line, but one for each item of a list or of the notes.
        rows: a table's cells, the head first.
        caption: of a table or figure, with inline markup.
        caption_below: of a table: it stands below the rows. An article is written the way in which its institute shows tables.
        name: of a figure: the file without its ending.
    """

    kind: Kind
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    caption: str = ""
    caption_below: bool = False
    name: str = ""


@cache
def read_blocks(source: str) -> tuple[Block, ...]:
    """Read the body of an article file."""
    return tuple(_block(chunk.strip("\n")) for chunk in re.split(r"\n[ \t]*\n", source.strip()) if chunk.strip())


def _block(chunk: str) -> Block:
    if figure := _FIGURE.match(chunk):
        return Block("figure", caption=_line(figure["caption"]), name=figure["name"])
    if re.search(r"^\|", chunk, re.MULTILINE):
        return _table(chunk.splitlines())
    kind = _kind(chunk)
    return Block(kind, tuple(_line(piece) for piece in _pieces(kind, chunk)))


def _kind(chunk: str) -> Kind:
    if _NOTE.match(chunk):
        return "notes"
    starts: dict[str, Kind] = {"- ": "list", "> ": "quote", "##": "heading"}
    return starts.get(chunk[:2], "paragraph")


def _pieces(kind: Kind, chunk: str) -> list[str]:
    match kind:
        case "notes":
            return re.split(r"\n(?=\[\^)", chunk)
        case "list":
            return re.split(r"\n- ", chunk.removeprefix("- "))
        case _:
            return [re.sub(r"^(> ?|## )", "", chunk, flags=re.MULTILINE)]


def _table(lines: list[str]) -> Block:
    captions = [found["caption"] for line in lines if (found := _CAPTION.match(line))]
    rows = (line for line in lines if line.startswith("|"))
    cells = tuple(tuple(cell.strip() for cell in row.strip().strip("|").split("|")) for row in rows)
    return Block("table", rows=cells, caption="".join(captions), caption_below=not lines[-1].startswith("|"))


def _line(text: str) -> str:
    return " ".join(text.split())
