"""Where sentences begin and end, in any script.

What belongs here: spans over the original text. What does not: what the sentence is for (`mentions`).
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

from assets.matching.scripts import base_language
from assets.matching.wordlists import read_lists

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_LINE = re.compile(r"\n")
_FULL_STOPS = "。！？｡"
_STOP = re.compile(rf"[.!?…؟۔।]+[\"'”’»›)\]]*(?=\s)|[{_FULL_STOPS}]+[」』”’）)]*")
_WORD_BEFORE = re.compile(r"[\w.’'-]+$")
_CELLS = " | "  # what extraction puts between the cells of a row
_OPENING = "\"'“‘«„‹([—–-¿¡"

_ORDINALS = frozenset({"de", "cs", "sk", "pl", "da", "nb", "no", "fi", "hu", "tr", "sl", "hr", "et", "lv"})
_LINE_IS_SHORT, _LINE_IS_WRAPPED = 80, 60  # characters


def sentences(text: str, language: str | None = None, *, around: Sequence[int] | None = None) -> list[tuple[int, int]]:
    """Spans of the sentences, in order, without outer white space. No sentence crosses a blank line, a list item or a table's row.

    With `around` (offsets in order) only those that hold one: most of a text mentions nothing.
    One set of rules serves all languages; only whether a figure with a stop is an ordinal depends on `language`.
    """
    ordinals = base_language(language) in _ORDINALS
    spans: list[tuple[int, int]] = []
    start = 0
    for gap in (*_BLANK_LINE.finditer(text), None):
        end = gap.start() if gap else len(text)
        block = _Block(text, start, end, ordinals)
        if around is None:
            spans += block.sentences()
        elif places := around[bisect_left(around, start) : bisect_left(around, end)]:
            spans += block.sentences_around(places)
        start = gap.end() if gap else end
    return spans


def sentence_at(spans: list[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    """The sentence that holds a place, or the place itself where there is none (between sentences)."""
    index = bisect_right(spans, (start, 2**62)) - 1
    if index >= 0 and spans[index][0] <= start and spans[index][1] > start:
        return spans[index][0], max(spans[index][1], end)
    return start, end


class _Block:
    """A paragraph and the places where one of its sentences may end; each is judged when it is asked for."""

    def __init__(self, text: str, start: int, end: int, ordinals: bool) -> None:
        self.text, self.start, self.end, self.ordinals = text, start, end, ordinals

    def sentences(self) -> list[tuple[int, int]]:
        """All of them."""
        edges = [self.start, *(at for at in sorted(self._marks) if self._cuts(at)), self.end]
        return [span for left, right in pairwise(edges) if (span := _trimmed(self.text, left, right))]

    def sentences_around(self, places: Sequence[int]) -> list[tuple[int, int]]:
        """Those that hold one of some places, which are in order."""
        marks = sorted(self._marks)
        spans: list[tuple[int, int]] = []
        for place in places:
            if spans and place < spans[-1][1]:
                continue
            index = bisect_right(marks, place)
            left = next((at for at in reversed(marks[:index]) if self._cuts(at)), self.start)
            right = next((at for at in marks[index:] if self._cuts(at)), self.end)
            if span := _trimmed(self.text, left, right):
                spans.append(span)
        return spans

    @cached_property
    def _marks(self) -> dict[int, list[re.Match[str]]]:
        """Where stops end and lines break, with what stands there."""
        marks: dict[int, list[re.Match[str]]] = {}
        for stop in _STOP.finditer(self.text, self.start, self.end):
            marks.setdefault(stop.end(), []).append(stop)
        for line in _LINE.finditer(self.text, self.start, self.end):
            marks.setdefault(line.start(), []).append(line)
        return marks

    def _cuts(self, at: int) -> bool:
        return any(
            _breaks(self.text, at, self.start, self.end)
            if mark.group() == "\n"
            else _ends(self.text, mark, self.start, self.end, self.ordinals)
            for mark in self._marks[at]
        )


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None


def _breaks(text: str, at: int, start: int, end: int) -> bool:
    """A single line break ends a sentence before a list item, between rows of a table, or after a line that is none (a short heading)."""
    following = text[at + 1 : min(at + 4, end)]
    return (
        following.startswith(("- ", "• ", "* ", "– ", "— "))
        or _CELLS in _line_before(text, start, at)
        or _CELLS in text[at + 1 : _end_of_line(text, at + 1, end)]
        or (at - start < _LINE_IS_SHORT and _starts_anew(text, at, end) and not _goes_over(text, start, at))
    )


def _line_before(text: str, start: int, at: int) -> str:
    return text[max(start, text.rfind("\n", start, at) + 1) : at]


def _end_of_line(text: str, at: int, end: int) -> int:
    found = text.find("\n", at, end)
    return end if found < 0 else found


def _goes_over(text: str, start: int, at: int) -> bool:
    """Whether a line seems to be wrapped: it is long, or ends in a comma or a small word."""
    line = _line_before(text, start, at).rstrip()
    return len(line) > _LINE_IS_WRAPPED or line.endswith((",", ";", "-", "–")) or (line.split() or [""])[-1].islower()


def _ends(text: str, stop: re.Match[str], start: int, end: int, ordinals: bool) -> bool:
    """Whether a stop ends its sentence."""
    signs = stop.group()
    if signs[0] in _FULL_STOPS:
        return True
    if not _starts_anew(text, stop.end(), end):
        return False
    if signs[0] != "." or signs.startswith(".."):
        return True
    return not _is_abbreviation(text, stop, start, end, ordinals)


def _is_abbreviation(text: str, stop: re.Match[str], start: int, end: int, ordinals: bool) -> bool:
    wording = read_lists("sentences")  # abbreviations, may end, starters
    found = _WORD_BEFORE.search(text, max(start, stop.start() - 20), stop.start())
    word = found.group() if found else ""
    low = word.lower().lstrip("'’-")
    may_end = low in wording["may end"] or re.fullmatch(r"\w(\.\w)+", low)
    if stop.group() != "." and not may_end:  # a closing bracket or quote after the stop: (He left.)
        return False
    follows_start = _first_word(text, stop.end(), end) in wording["starters"]
    if may_end:
        return not follows_start
    if ordinals and re.fullmatch(r"\d{1,2}", word):  # 3. Oktober
        return not follows_start
    if len(word) == 1 and word.isupper() and not follows_start:  # an initial: J. Smith; but "plan B. The"
        return True
    return low in wording["abbreviations"]


def _first_word(text: str, at: int, end: int) -> str:
    """The next word in small letters; "" for an initial (И. И. Иванов), which opens nothing."""
    following = text[at : min(at + 40, end)].split()
    word = following[0].strip(_OPENING + ",;:") if following else ""
    return "" if re.fullmatch(r"\w\.", word) else word.strip(".").lower()


def _starts_anew(text: str, at: int, end: int) -> bool:
    """Whether what follows can open a sentence: a capital, a figure, a letter of a script without capitals, or nothing."""
    while at < end and (text[at].isspace() or text[at] in _OPENING):
        at += 1
    return at >= end or not text[at].islower()
