"""The gold text: what a perfect extractor stores of an article, made from its source file by code that never sees HTML.

The form is the product's own: blocks joined by one blank line, each list item (`- `) and each footnote (`[1] `) a block. A table is
one block, a line a row, cells parted by ` | `, its caption above or below it as in the article; a figure is its caption. Unicode NFC;
the title is not included.
"""

import re
import unicodedata

from pipelines.replay.articles import Article
from pipelines.replay.blocks import Block, Kind, read_blocks

_LINK = re.compile(r"\[([^\]^]+)\]\([^)]+\)")
_EMPHASIS = re.compile(r"\*([^*]+)\*")
_MARK = re.compile(r"\[\^(\d+)\]:?")


def gold_text(article: Article) -> str:
    """The article as it should be stored (the revision that is given; `article.at(tick)` picks one)."""
    return "\n\n".join(text for _, text in gold_blocks(article))


def gold_blocks(article: Article) -> list[tuple[Kind, str]]:
    """The same, block by block with its kind, for tests that look at one kind. A table's caption is a block of its own."""
    return [(block.kind, text) for block in article.blocks for text in _texts(block)]


def report_text(article: Article) -> str:
    """The report that lies beside an article as a PDF, in the same form; empty where there is none."""
    return "\n\n".join(text for block in read_blocks(article.report) for text in _texts(block)) if article.report else ""


def plain(line: str) -> str:
    """One line of article source without its inline markup, NFC."""
    bare = _EMPHASIS.sub(r"\1", _LINK.sub(r"\1", _MARK.sub(r"[\1]", line)))
    return unicodedata.normalize("NFC", bare)


def _texts(block: Block) -> list[str]:
    match block.kind:
        case "list":
            return [f"- {plain(item)}" for item in block.lines]
        case "notes":
            return [plain(note) for note in block.lines]
        case "table":
            rows = "\n".join(" | ".join(plain(cell) for cell in row) for row in block.rows)
            order = [rows, plain(block.caption)] if block.caption_below else [plain(block.caption), rows]
            return [text for text in order if text]
        case "figure":
            return [plain(block.caption)]
        case _:
            return [plain(block.lines[0])]
