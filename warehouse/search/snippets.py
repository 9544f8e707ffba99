"""The passage of an article that answers a question best, with the words that answer it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from warehouse.search.asking import Part
from warehouse.search.words import Word, words

WIDTH = 240  # characters of a passage


@dataclass(frozen=True)
class Snippet:
    """A passage of a text.

    Attributes:
        text: the passage, one line, with "…" where the text goes on.
        marks: (start, end) of the words in it that were asked for.
    """

    text: str
    marks: tuple[tuple[int, int], ...]


def snippet(text: str, language: str | None, parts: Sequence[Part], width: int = WIDTH) -> Snippet:
    """The passage of at most `width` characters with most of what was asked for; the beginning when nothing of it is there."""
    hits = _hits(list(words(text, language)), parts)
    begin, end = _window(text, _best(hits, width), width)
    return _cut(text, begin, end, [(start, stop) for start, stop, _ in hits if begin <= start and stop <= end])


def _hits(found: Sequence[Word], parts: Sequence[Part]) -> list[tuple[int, int, int]]:
    """Where what was asked for stands: (start, end, number of the part)."""
    hits = []
    for number, part in enumerate(parts):
        if not part.wanted:
            continue
        begins = {reading[0] for reading in part.readings}
        beginning = tuple(begins)
        for place, word in enumerate(found):
            if not (word.form.startswith(beginning) if part.kind == "prefix" else word.form in begins):
                continue
            length = next((len(reading) for reading in part.readings if part.kind == "prefix" or _stands(found, place, reading)), 0)
            if length:
                hits.append((word.start, found[place + length - 1].end, number))
    return sorted(hits)


def _stands(found: Sequence[Word], place: int, reading: tuple[str, ...]) -> bool:
    return len(found) - place >= len(reading) and all(found[place + step].form == form for step, form in enumerate(reading))


def _best(hits: Sequence[tuple[int, int, int]], width: int) -> Sequence[tuple[int, int, int]]:
    """The run of hits within a passage that answers most parts; of equal ones the one with more hits, then the first."""
    runs = [[hit for hit in hits[first:] if hit[1] - hits[first][0] <= width] for first in range(len(hits))]
    return max(runs, key=lambda run: (len({number for _, _, number in run}), len(run)), default=[])


def _window(text: str, run: Sequence[tuple[int, int, int]], width: int) -> tuple[int, int]:
    if not run:
        return 0, _word_end(text, min(width, len(text)))
    begin, end = run[0][0], max(stop for _, stop, _ in run)
    room = max(width - (end - begin), 0)
    begin = _word_start(text, max(0, begin - room // 3))
    return begin, max(end, _word_end(text, min(len(text), begin + width)))


def _word_start(text: str, place: int) -> int:
    space = text.find(" ", place)
    return 0 if place == 0 else space + 1 if 0 <= space - place < WIDTH // 6 else place


def _word_end(text: str, place: int) -> int:
    space = text.rfind(" ", 0, place)
    return place if place >= len(text) or place - space > WIDTH // 6 else space


def _cut(text: str, begin: int, end: int, marks: Sequence[tuple[int, int]]) -> Snippet:
    before, after = "…" if begin else "", "…" if end < len(text) else ""
    passage = text[begin:end].translate({ord(mark): " " for mark in "\n\r\t\u2028\u2029"})  # as long as it was
    moved = len(before) - begin
    return Snippet(before + passage + after, tuple((start + moved, stop + moved) for start, stop in marks))
