"""Lines that are tools of the page wherever they stand: counters, links to its PDF, rows of tools that bars part."""

import re

from assets.extraction.blocks import Block
from assets.extraction.phrases import gate_words, starts_with

_COUNT, _TOOL, _LONGEST = 30, 80, 450  # characters
_MOST = 6  # tools in a row
_LINKED = 0.8  # of a line: it is nothing but a link
_COUNTED = re.compile(r"\d[\d., ]*(\D*)")  # what is counted
_HASHTAGS = re.compile(r"(?:#\w[\w-]*[\s,;|·]*)+")
_TOOLS = ("navigation", "share", "button", "comments")


def is_tool(block: Block) -> bool:
    """Whether a line is a counter, a link to the page's PDF, or a row of tools."""
    return block.kind == "body" and (_is_download(block) or _counts(block) or _is_toolbar(block))


def is_hashtags(text: str) -> bool:
    """Whether a line is nothing but hashtags."""
    return _HASHTAGS.fullmatch(text) is not None


def _is_download(block: Block) -> bool:
    """Whether a line that is no list item is nothing but a link to the PDF of the page, and calls itself so."""
    if block.bullet or len(block.links) != 1 or block.density <= _LINKED or len(block.text) > _TOOL:
        return False
    target = block.links[0][0].partition("?")[0].casefold()
    return target.endswith(".pdf") and gate_words("download").stand_in(block.text.casefold())


def _counts(block: Block) -> bool:
    """Whether a line says how often the page was read or remarked upon: "1,204 views"."""
    if not block.text[:1].isdigit() or len(block.text) > _TOOL:
        return False
    counted = _COUNTED.findall(block.text)
    return bool(counted) and all(starts_with("counts", what, longest=_COUNT) for what in counted)


def _is_toolbar(block: Block) -> bool:
    """Whether a line is a row of tools that bars part: "Print version | Send to a friend"."""
    parts = [part.strip() for part in block.text.split("|")]
    if not block.links or not 1 < len(parts) <= _MOST or len(block.text) > _LONGEST:
        return False
    told = [any(starts_with(kind, part, longest=_TOOL) for kind in _TOOLS) for part in parts]
    return sum(told) > 1 and sum(told) >= len(parts) - 1
