"""Why an entity was found in a text or not, told place by place.

What belongs here: putting the matcher's own verdicts into words; the same code decides and explains. What does not: any
rule of its own.
"""

from typing import NamedTuple

from assets.matching.compiling import Compiled
from assets.matching.forms import Phrase
from assets.matching.matcher import Candidate, Matcher
from assets.matching.scripts import base_language

_REASONS = {
    "case": "the capitals differ: the watch list writes {name}",
    "hyphen": "this form counts only before a hyphen",
    "dots": "the letters are part of a longer row",
    "money": "it says in which currency a sum is given",
    "headline": "an ordinary word in capitals: all words around are in capitals too",
    "address": "it stands in a web or mail address",
    "inside": "it is part of a longer word",
    "excluded": "it is part of the excluded phrase: {detail}",
    "near": "none of its wanted neighbours is there: {detail}",
    "language": "the form is searched in {language} texts only",
}


class Trace(NamedTuple):
    """One place of a text where a form of the entity stands. `counts` says whether it is a mention, `reason` why (not)."""

    start: int
    end: int
    matched: str
    name: str
    via: str
    counts: bool
    reason: str

    def __str__(self) -> str:
        return f"{'counts' if self.counts else 'does not count'}: {self.matched!r} at {self.start}: {self.reason}"


def why(compiled: Compiled, entity: str, text: str, *, language: str | None = None) -> list[str]:
    """Why an entity was found in a text or not, a sentence a place; one sentence when no form of it stands there."""
    found = trace(Matcher(compiled), entity, text, language=language)
    return [str(place) for place in found] or [f"no form of {entity} stands in the text (its forms: thinkwatch watch forms {entity})"]


def trace(matcher: Matcher, entity: str, text: str, *, language: str | None = None) -> list[Trace]:
    """Every place where a form of the entity stands, with the verdict on it; empty when no form stands in the text."""
    folded, searched = matcher.examine(text, language=language)
    _, everything = matcher.examine(text)
    places: dict[tuple[int, int], Trace] = {}
    for candidate, known in (*((each, True) for each in searched), *((each, False) for each in everything)):
        if candidate.phrase.entity != entity:
            continue
        start, end = folded.span(candidate.start, candidate.end)
        found = Trace(
            start,
            end,
            text[start:end],
            candidate.phrase.name,
            candidate.phrase.via,
            not candidate.refusal and known,
            _reason(candidate, known, language),
        )
        earlier = places.get((start, end))
        if earlier is None or (found.counts and not earlier.counts):
            places[(start, end)] = found
    return sorted(places.values())


def _reason(candidate: Candidate, known: bool, language: str | None) -> str:
    phrase = candidate.phrase
    if not known:
        return _REASONS["language"].format(language=phrase.language)
    if candidate.refusal:
        return _REASONS[candidate.refusal].format(name=phrase.name, detail=candidate.detail)
    return f"a form of the {phrase.via} {phrase.name}{_spoken(phrase, language)}"


def _spoken(phrase: Phrase, language: str | None) -> str:
    if phrase.language is None:
        return ", searched in every language"
    return f" ({phrase.language})" if phrase.language != base_language(language) else ""
