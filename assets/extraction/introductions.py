"""Paragraphs that introduce an author: "Anna Holm is a senior fellow at …". They stay in the text, in the zone of bylines.

What belongs here: telling such a paragraph from those of the article. What does not: boxes that call themselves so (`zones`),
lines of a name and a role (`signatures`).
"""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from assets.extraction.blocks import Block
from assets.extraction.phrases import starts_with

_FIRST, _LAST, _DASHED = 2, 6, 3  # blocks from either end among which it stands; from the end where a dash is all that says so
_LONGEST = 1500  # characters


def introductions(blocks: Sequence[Block], authors: tuple[str, ...]) -> list[int]:
    """The places of the paragraphs at either end that say who an author is, each with those that go on with "She"."""
    found: list[int] = []
    names = _names(authors)
    for place, block in enumerate(blocks):
        below = len(blocks) - place
        if block.kind not in {"body", "list"} or len(block.text) > _LONGEST or (place >= _FIRST and below > _LAST):
            continue
        goes_on = place - 1 in found and below <= _LAST and _goes_on().match(block.text)
        if goes_on or introduces(block.text, names) or (below <= _DASHED and names and _dashed(names).match(block.text)):
            found.append(place)
    return found


def introduces(text: str, names: str) -> bool:
    """Whether a paragraph says who an author is; `names` is a pattern of the authors' names, or empty."""
    return starts_with("introduction", text, longest=_LONGEST) or bool(names and _told(names).match(text))


def _names(authors: tuple[str, ...]) -> str:
    """A pattern of the authors' names; another name or an initial may stand in their midst."""
    parts = [re.findall(r"\w[\w'’-]*", author) for author in authors]
    return "|".join(rf"{re.escape(name[0])}\.?(?:\s+\S+){{0,2}}\s+{re.escape(name[-1])}" for name in parts if len(name) > 1)


@cache
def _told(names: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?:(?:{_words('honours')})\.?\s+)*(?:{names})(?:\s*\([^)]{{1,40}}\)|,[^,.]{{1,80}},)?\s+(?:{_words('being')})\b", re.I
    )


@cache
def _dashed(names: str) -> re.Pattern[str]:
    """The dash that stands for "is" where no verb does."""
    return re.compile(rf"(?:{names})\s*[—–]\s+\w", re.I)


@cache
def _goes_on() -> re.Pattern[str]:
    return re.compile(rf"(?:{_words('goes_on')})\b", re.I)


@cache
def _words(name: str) -> str:
    lists = tomllib.loads((files("assets.extraction") / "bylines.toml").read_text("utf-8"))
    return "|".join(map(re.escape, lists[name]))
