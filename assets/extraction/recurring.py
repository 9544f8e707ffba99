"""How lines of several pages of a site are compared, and which of them stay an article's own however often they recur.

A line is compared with its place (the tags and names of the boxes around it), because the title of one article is the
teaser on another's page. What recurs is learnt in `templates`.
"""

import re
import tomllib
from collections.abc import Collection
from functools import cache
from importlib.resources import files

from assets.extraction.blocks import Block, Frame, Page
from assets.extraction.naming import is_person, names
from assets.extraction.phrases import starts_with
from assets.extraction.signatures import find_dateline, may_be_signature
from assets.extraction.wording import CJK, key
from assets.extraction.zones import prose, zone_of

Spot = tuple[str, ...]
_DEPTH = 6  # boxes that tell where a line stands
_NUMBERED = 60  # characters of a line whose numbers do not tell it from another: views, dates, counts
_WIDE = 2  # letters more that a Chinese, Japanese or Korean character stands for
_MOSTLY = 0.6  # of the own prose that a box holds which is the article's
_NAMES = 60  # characters of a line of names
_DIGITS = re.compile(r"\d+")
_CITES = re.compile(r"\b(?:pp?|ss?|сс?|стр|ibid|ebd|там же|там само)\b[.,]*\s*(?:\w{1,3}\.\s*)?\d|第\s?\d+\s?页", re.I)
_HEADS = ("section_head", "notes")


def spot_of(page: Page, block: Block) -> Spot:
    """Where a block stands: tags and names of the boxes around it, without those that number or date them."""
    return tuple(_named(frame) for frame in page.ancestors(block)[:_DEPTH])


def _named(frame: Frame) -> str:
    return ".".join((frame.tag, *(token for token in frame.tokens if not any(map(str.isdigit, token))))) if frame.tokens else frame.tag


def said(block: Block) -> str:
    """What a line says, folded; short ones differ in more than their numbers."""
    text = key(block.text)
    if block.kind == "table" or _CITES.search(block.text):
        return text  # its numbers are what it says
    return _DIGITS.sub("0", text) if width(text) <= _NUMBERED else text


def width(text: str) -> int:
    """How long a line is, in letters; a character that is a word or a syllable stands for several."""
    return len(text) + _WIDE * len(CJK.findall(text))


def own(page: Page, recurring: Collection[int]) -> set[int]:
    """Of the places of lines that recur those of an article's own: datelines, signatures, legal labels, names, headings of its text."""
    box, tables = _text_box(page, recurring), _own_tables(page, recurring)
    return {
        place
        for place in recurring
        if _is_always_own(page.blocks[place])
        or page.blocks[place].frame in tables
        or (box and _is_own_in_text(page, place, box, recurring))
    }


def _own_tables(page: Page, recurring: Collection[int]) -> set[int]:
    """The frames of tables with rows that do not recur: the head of such a table may well stand on another page."""
    return {block.frame for place, block in enumerate(page.blocks) if block.kind == "table" and place not in recurring}


def _is_always_own(block: Block) -> bool:
    if block.level == 1 or block.kind == "caption" or is_legal(block.text):
        return True
    heading = any(starts_with(kind, block.text) for kind in _HEADS)
    return heading or find_dateline(block.text) is not None or may_be_signature(block)


def _is_own_in_text(page: Page, place: int, box: Frame, recurring: Collection[int]) -> bool:
    """Whether a line in the article's box is a name or a byline, or a heading with the article's own text below it."""
    block = page.blocks[place]
    if not box.start <= place < box.end:
        return False
    if zone_of(page, block) == "notes":
        return True  # "Ibid., p. 12" says something else on every page
    if len(block.text) <= _NAMES and (is_person(block.text) or (starts_with("byline", block.text) and names(block.text))):
        return True
    return (block.kind == "heading" or block.bold) and _heads_own_text(page, place, box, recurring)


def _heads_own_text(page: Page, place: int, box: Frame, recurring: Collection[int]) -> bool:
    """Whether below a heading stands prose that does not recur; boxes that do may be set between the two."""
    parent = page.frames[page.blocks[place].frame].parent
    below = place + 1
    while below < box.end and below in recurring and page.frames[page.blocks[below].frame].parent != parent:
        below += 1
    return below < box.end and below not in recurring and prose(page.blocks[below]) > 0


def _text_box(page: Page, recurring: Collection[int]) -> Frame | None:
    """The innermost box with most of the prose that does not recur."""
    sums = [0]
    for place, block in enumerate(page.blocks):
        sums.append(sums[-1] + (0 if place in recurring else prose(block)))
    least = _MOSTLY * sums[-1]
    holding = (frame for frame in page.frames if sums[frame.end] - sums[frame.start] >= least > 0)
    return min(holding, key=lambda frame: (frame.end - frame.start, -frame.depth), default=None)


def is_legal(text: str) -> bool:
    """Whether a line is a label that the law wants: of a "foreign agent", of a banned organisation; it is part of the text."""
    return bool(_legal().search(text.casefold().replace("ё", "е")))


@cache
def _legal() -> re.Pattern[str]:
    labels: list[str] = tomllib.loads((files("assets.extraction") / "legal.toml").read_text("utf-8"))["labels"]
    return re.compile("|".join(labels))
