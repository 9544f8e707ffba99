"""What a mail quotes: the sentences that raised the alert, with a neighbour on either side, and text made safe to show.

Pure: text and offsets in, parts out. Not here: markup (templates/).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from alerts.candidates import Mention

MOST_PASSAGES = 6
LONGEST_SENTENCE = 700
LONGEST_NEIGHBOUR = 240
AROUND_MATCH = 300

_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_BREAK = re.compile(r"(?<=[.!?…。！？])[\"'»”’)\]]*\s+|\n+")


class Part(NamedTuple):
    """A stretch of text: match (a watched name), said (the rest of its sentence), near (a neighbour) or break (of paragraphs)."""

    text: str
    kind: Literal["match", "said", "near", "break"]


Passage = tuple[Part, ...]


@dataclass
class _Stretch:
    """A sentence that is quoted, from `said` to `said_end`, and its neighbours, from `start` to `end`; what was cut has an ellipsis."""

    start: int
    said: int
    said_end: int
    end: int
    cut_before: bool
    cut_after: bool


def clean(text: str) -> str:
    """One line that is safe in a header and in a page: no breaks, no control, zero-width or direction characters."""
    return " ".join(_UNSEEN.sub("", text).split())


def shortened(text: str, most: int) -> str:
    """The text, cut at a word with an ellipsis when it is longer than `most` characters."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[most // 2 :] else cut) + "…"


def direction(text: str) -> Literal["ltr", "rtl"]:
    """Which way a text runs: as its first letter does."""
    for character in text:
        way = unicodedata.bidirectional(character)
        if way in ("L", "R", "AL"):
            return "ltr" if way == "L" else "rtl"
    return "ltr"


def verify(title: str, text: str, mentions: Iterable[Mention]) -> None:
    """Raises ValueError when a mention does not stand where it is said to: such an alert could not be proved."""
    for mention in mentions:
        place = title if mention.field == "title" else text
        if place[mention.start : mention.end] != mention.matched:
            raise ValueError(f"mention {mention.mention_id} does not stand at {mention.field} {mention.start}-{mention.end}")


def marked(text: str, mentions: Iterable[Mention]) -> Passage:
    """A whole text, such as a title, with its matches; the mentions are those of its field."""
    return _shown(_parts(text, 0, len(text), [(mention.start, mention.end) for mention in mentions]))


def passages(text: str, mentions: Sequence[Mention], cause: Iterable[str]) -> tuple[list[Passage], int]:
    """The sentences of `text` that hold the causing mentions, and how many more there are than are shown.

    Each named entity is shown before any is shown again, as far as MOST_PASSAGES allows.
    """
    ids = set(cause)
    spans: dict[tuple[int, int], list[Mention]] = {}
    for mention in mentions:
        if mention.field == "text" and mention.mention_id in ids:
            spans.setdefault((mention.sentence_start, mention.sentence_end), []).append(mention)
    chosen = _choose(spans)
    matches = [(mention.start, mention.end) for mention in mentions if mention.field == "text"]
    merged = _merge([_stretch(text, *span, spans[span][0]) for span in chosen])
    return [_quote(text, group, matches) for group in merged], len(spans) - len(chosen)


def lead(text: str) -> Passage:
    """How the article begins, for an alert that its title raised."""
    end, cut = _neighbour_end(text, 0)
    return (Part(clean(text[:end]) + " …" * cut, "near"),) if end else ()


def _choose(spans: dict[tuple[int, int], list[Mention]]) -> list[tuple[int, int]]:
    first_of: dict[str, tuple[int, int]] = {}
    for span, inside in sorted(spans.items()):
        for mention in inside:
            first_of.setdefault(mention.entity, span)
    ranked = dict.fromkeys([*first_of.values(), *sorted(spans)])
    return sorted(list(ranked)[:MOST_PASSAGES])


def _stretch(text: str, start: int, end: int, focus: Mention) -> _Stretch:
    if end - start > LONGEST_SENTENCE:
        return _around(text, start, end, focus)
    first, cut_before = _neighbour_start(text, start)
    last, cut_after = _neighbour_end(text, end)
    return _Stretch(first, start, end, last, cut_before, cut_after)


def _around(text: str, start: int, end: int, focus: Mention) -> _Stretch:
    """The middle of a very long sentence, cut at words."""
    said, said_end = max(start, focus.start - AROUND_MATCH), min(end, focus.end + AROUND_MATCH)
    cut_before, cut_after = said > start, said_end < end
    if cut_before:
        said = text.find(" ", said, focus.start) + 1 or said
    if cut_after:
        said_end = max(text.rfind(" ", focus.end, said_end), focus.end)
    return _Stretch(said, said, said_end, said_end, cut_before, cut_after)


def _neighbour_start(text: str, before: int) -> tuple[int, bool]:
    """Where the sentence before this place begins, and whether it was cut."""
    end = len(text[:before].rstrip())
    start = max(0, end - LONGEST_NEIGHBOUR)
    breaks = [found.end() for found in _BREAK.finditer(text, start, end)]
    if breaks or start == 0:
        return (breaks or [0])[-1], False
    return text.find(" ", start, end) + 1 or start, True


def _neighbour_end(text: str, after: int) -> tuple[int, bool]:
    """Where the sentence after this place ends, and whether it was cut."""
    start = after + len(text[after:]) - len(text[after:].lstrip())
    end = min(len(text), start + LONGEST_NEIGHBOUR)
    found = _BREAK.search(text, start, end)
    if found:
        return found.start() + len(found[0].rstrip()), False
    return (end, False) if end == len(text) else (max(text.rfind(" ", start, end), start), True)


def _merge(stretches: Sequence[_Stretch]) -> list[list[_Stretch]]:
    """Stretches that touch become one passage, so that no neighbour is shown twice."""
    groups: list[list[_Stretch]] = []
    for stretch in stretches:
        if groups and stretch.start <= groups[-1][-1].end:
            groups[-1].append(stretch)
        else:
            groups.append([stretch])
    return groups


def _quote(text: str, group: Sequence[_Stretch], matches: Sequence[tuple[int, int]]) -> Passage:
    parts: list[Part] = [Part("… ", "near")] if group[0].cut_before else []
    place = group[0].start
    for stretch in group:
        parts.append(Part(text[place : stretch.said], "near"))
        parts += _parts(text, max(stretch.said, place), stretch.said_end, matches)
        place = max(stretch.said_end, place)
    parts.append(Part(text[place : group[-1].end], "near"))
    return _shown([*parts, Part(" …", "near")] if group[-1].cut_after else parts)


def _parts(text: str, start: int, end: int, matches: Iterable[tuple[int, int]]) -> list[Part]:
    parts: list[Part] = []
    place = start
    for first, last in sorted(matches):
        # Names may overlap (Oxford in Oxford University): the later one gives way.
        if first >= place and last <= end:
            parts += [Part(text[place:first], "said"), Part(text[first:last], "match")]
            place = last
    return [*parts, Part(text[place:end], "said")]


def _shown(parts: Iterable[Part]) -> Passage:
    """Parts of one line each, made safe; the breaks between paragraphs become parts of their own."""
    lines: list[Part] = []
    for part in parts:
        first, *others = re.split(r"\s*\n\s*\n\s*", part.text)
        lines.append(Part(first, part.kind))
        for other in others:
            lines += [Part("\n", "break"), Part(other, part.kind)]
    return tuple(part if part.kind == "break" else _line(part) for part in lines if part.text)


def _line(part: Part) -> Part:
    text = _spaced(part.text)
    return Part(text, "said" if text == " " else part.kind)


def _spaced(text: str) -> str:
    """As `clean`, but a space at either end stays."""
    return re.sub(r"\s+", " ", _UNSEEN.sub("", text))
