"""Plain text as blocks: what stands between blank lines is a paragraph, unless its lines are furniture or were never wrapped."""

import re

from assets.extraction.blocks import Block
from assets.extraction.wording import clean, ends_sentence, key, tidy

_TAG = re.compile(
    r"<(?:!doctype|html|head|body|div|p|br|a|span|article|section|table|h[1-6]|ul|ol|li|img|strong|em|b|i|blockquote|script|meta|title|form)\b[^<>]*/?>",
    re.I,
)
_WRAP = range(50, 100)  # characters: the widths at which people and programs wrap lines
_LONGEST_TITLE, _LONGEST_SENTENCE = 200, 120  # characters


def looks_like_html(text: str) -> bool:
    """Whether there is a tag in it that a page would have."""
    return bool(_TAG.search(text[:100_000]))


def read(text: str, title: str | None = None) -> tuple[str | None, list[Block]]:
    """The title (the given one, else a first line that looks like one) and the paragraphs below it."""
    paragraphs = [
        lines
        for lines in (
            [tidy(line) for line in part.split("\n") if tidy(line)]
            for part in re.split(r"\n\s*\n", clean(text).replace("\r\n", "\n").replace("\r", "\n"))
        )
        if lines
    ]
    wrapped = _is_wrapped(paragraphs)
    lines = [
        " ".join(part) if wrapped and len(part) > 1 else line
        for part in paragraphs
        for line in ([""] if wrapped and len(part) > 1 else part)
    ]
    if lines and (key(lines[0]) == key(title) if title else _may_be_title(lines)):
        title, lines = title or lines[0], lines[1:]
    return title, [Block(line, "body", -1) for line in lines]


def _is_wrapped(paragraphs: list[list[str]]) -> bool:
    """Whether lines were broken at a width, so that most inner lines of paragraphs are about that long."""
    inner = [line for part in paragraphs for line in part[:-1]]
    return len(inner) >= 5 and sum(len(line) in _WRAP for line in inner) > 0.7 * len(inner)  # noqa: PLR2004


def _may_be_title(lines: list[str]) -> bool:
    first = lines[0]
    sentence = ends_sentence(first) and len(first) > _LONGEST_SENTENCE
    return len(lines) > 2 and len(first) <= _LONGEST_TITLE and not first.endswith((".", ",", ";", ":")) and not sentence  # noqa: PLR2004 - a title and a text
