"""Whether a page asks for consent, in whatever wording: by how densely it speaks of what such walls speak of.

A wall is told from an article about cookies or data protection by three things at once: it speaks to its reader ("we and our
partners", "your device"), it does so in most of its words, and there is something to press. One of them missing, it passes:
a wall that is taken for a text is seen and mended, an article that is taken for a wall is lost. The words are in `consent.toml`.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from assets.extraction.blocks import Block, Page
from assets.extraction.wording import CJK
from assets.extraction.zones import SENTENCE, prose

LONGEST = 400  # words of a page's own; no wall has more
_NOTIONS = 5  # distinct ones, of thirteen
_DENSE = 2  # in a paragraph
_LINE, _BUTTON = 100, 30  # characters of a line of buttons, and of one
_WHOLE = frozenset({"html", "body", "main", "article"})  # they bear the platform's names on any page
_UNPARTED = frozenset({"zh", "ar"})  # languages that set words, or what stands before them, together
_INPUT = re.compile(r"<input\b(?=[^>]*\btype\s*=\s*[\"']?(?:submit|button))[^>]*\bvalue\s*=\s*(?:\"([^\"]{2,60})\"|'([^']{2,60})')", re.I)


@dataclass(frozen=True, slots=True)
class _Tongue:
    """What walls say in one language."""

    notions: tuple[re.Pattern[str], ...]
    asker: re.Pattern[str]
    button: re.Pattern[str]

    def spoken_of(self, text: str) -> set[int]:
        """The notions that stand in folded text."""
        return {place for place, notion in enumerate(self.notions) if notion.search(text)}

    def asks(self, text: str) -> bool:
        """Whether a folded paragraph speaks to its reader of what walls speak of."""
        return bool(self.asker.search(text)) and len(self.spoken_of(text)) >= _DENSE


@cache
def _tables() -> dict:
    return tomllib.loads((files("assets.extraction") / "consent.toml").read_text("utf-8"))


@cache
def _tongues() -> tuple[_Tongue, ...]:
    return tuple(_tongue(code, table) for code, table in _tables().items() if isinstance(table, dict))


def _tongue(code: str, table: dict[str, list[str]]) -> _Tongue:
    edge, end = ("", "") if code in _UNPARTED else (r"(?<!\w)", r"(?!\w)")
    notions = (_any(stems, edge) for kind, stems in table.items() if kind not in {"asker", "button"})
    phrases = [phrase for phrase in table["button"] if " " in phrase or (CJK.match(phrase) and len(phrase) > 2)]  # noqa: PLR2004 - a word
    short = rf"^(?=.{{1,{_BUTTON}}}$).*{_any(table['button'], edge, end).pattern}"
    return _Tongue(tuple(notions), _any(table["asker"], edge, end), re.compile(f"{_any(phrases, edge).pattern}|{short}", re.MULTILINE))


def _any(stems: Sequence[str], edge: str, end: str = "") -> re.Pattern[str]:
    return re.compile(f"{edge}(?:{'|'.join(map(re.escape, stems))}){end}")


def asking(own: Sequence[str], lines: Sequence[str], source: str) -> list[bool]:
    """Which paragraphs of a page ask for consent; none where the page has no button for it, or speaks of too few notions.

    Args:
        own: the page's paragraphs, folded: what stands in no furniture, a list together with the line that introduces it.
        lines: all lines that it shows, folded.
        source: its HTML, for buttons whose text is an attribute.
    """
    pressed = [line for line in lines if len(line) <= _LINE and not line.endswith(".")]
    pressed += [(one or other).casefold() for one, other in _INPUT.findall(source)]
    for tongue in _tongues():
        if tongue.button.search("\n".join(pressed)) and len(tongue.spoken_of("\n".join([*own, *pressed]))) >= _NOTIONS:
            return [tongue.asks(text) for text in own]
    return [False] * len(own)


def together(page: Page, blocks: Sequence[Block]) -> list[tuple[str, bool]]:
    """The paragraphs among these blocks, each list joined to the line that introduces it, and whether a consent platform made them.

    Args:
        page: the page.
        blocks: those of its blocks that a reader sees and that stand in no furniture.
    """
    found: list[tuple[str, bool]] = []
    before: Block | None = None
    for block in blocks:
        platforms = any(is_vendors(token) for frame in page.ancestors(block) if frame.tag not in _WHOLE for token in frame.tokens)
        if block.bullet and before is not None:
            lead = found.pop() if before.bullet or prose(before) >= SENTENCE else (before.text, platforms)
            found.append((f"{lead[0]}\n{block.text}", platforms))
        elif prose(block) >= SENTENCE:
            found.append((block.text, platforms))
        else:
            before = block if block.kind == "body" and not block.linked else None
            continue
        before = block
    return found


@cache
def _vendors() -> tuple[str, ...]:
    return tuple(_tables()["vendors"])


def is_vendors(token: str) -> bool:
    """Whether a class name or id is one that a consent platform gives."""
    return token.lower().startswith(_vendors())


def speaks_of_it(text: str) -> bool:
    """Whether folded text speaks of what walls speak of, in any language."""
    return any(len(tongue.spoken_of(text)) >= _NOTIONS - 1 for tongue in _tongues())
