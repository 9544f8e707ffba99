"""Finding the compiled phrases in a text: exact, deterministic, with original offsets.

What belongs here: candidates, exclusions, wanted neighbours. What does not: word forms (`forms`), what a place must look
like (`rules`), zones and sentences (`mentions`). Names inside other names count unless the watch list excludes them.
Nothing is read or kept but the tables per language.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from assets.matching.company import NOBODY, Company, Place
from assets.matching.compiling import Compiled
from assets.matching.forms import Phrase, Role
from assets.matching.normalise import Folded, fold
from assets.matching.rules import Refusal, Span, refusal
from assets.matching.scripts import base_language, script_of_language
from assets.matching.tokens import Word, gap_fits, gap_kind, places, word_after, word_before, words_in
from assets.matching.watchlist import Condition, Via

CERTAINTY: dict[Via, float] = {"name": 1.0, "acronym": 0.9, "demonym": 0.7}


_LETTER_WORDS = frozenset("авикосуяжбзієїaeioudlsntmcyzjqvw")  # which stand alone in texts of some language


class Hit(NamedTuple):
    """One mention: `text[start:end] == matched`; `score` is how surely this kind of form means the entity, 0..1."""

    entity: str
    start: int
    end: int
    matched: str
    name: str
    via: Via
    score: float


class Candidate(NamedTuple):
    """A phrase whose forms stand in the text, in folded offsets, with the rule that refuses it or ""."""

    phrase: Phrase
    start: int
    end: int
    refusal: Refusal
    detail: str = ""  # the exclusion or the wanted neighbours


class _Table(NamedTuple):
    anchors: dict[str, list[tuple[Phrase, int]]]  # form → phrases that hold it as their rarest word, and which word that is
    vocabulary: frozenset[str]  # the forms
    literals: dict[str, list[Phrase]]  # first two characters → literals of unspaced scripts
    beginnings: re.Pattern[str]  # their first characters


class _Tables(NamedTuple):
    """What texts of a language are searched for: the aliases, and for entities that are found what else may matter."""

    aliases: _Table
    company: dict[str, _Table]  # entity → its exclusions and wanted neighbours


class Matcher:
    """A compiled watch list ready for many texts; use one object for all."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self._near = {entity.id: entity.near for entity in compiled.entities if entity.near}
        self._regions = frozenset(entity.id for entity in compiled.entities if entity.kind == "region")
        self._tables: dict[str | None, _Tables] = {}

    def find(self, text: str, *, language: str | None = None) -> list[Hit]:
        """All mentions in reading order. An unknown language is searched for the forms of every language."""
        folded, candidates = self.examine(text, language=language)
        hits = []
        for candidate in _distinct(candidates):
            start, end = folded.span(candidate.start, candidate.end)
            phrase = candidate.phrase
            hits.append(Hit(phrase.entity, start, end, text[start:end], phrase.name, phrase.via, CERTAINTY[phrase.via]))
        return hits

    def examine(self, text: str, *, language: str | None = None) -> tuple[Folded, list[Candidate]]:
        """Every alias whose forms stand in the text, accepted or refused and by which rule."""
        folded = fold(text)
        code = base_language(language)
        tables = self._tables_of(code)
        words, around = words_in(folded.low), _Around(folded.low)
        aliases = [_candidate(folded, phrase, spans) for phrase, spans in _raw(tables.aliases, words, around)]
        # Most of a list is not in a text, and of what is not there nobody asks for the company.
        met = sorted({candidate.phrase.entity for candidate in aliases if not candidate.refusal}.intersection(tables.company))
        others = [_candidate(folded, *found) for entity in met for found in _raw(tables.company[entity], words, around)]
        return folded, self._weigh(aliases, [other for other in others if not other.refusal], code) if aliases else []

    def _tables_of(self, language: str | None) -> _Tables:
        key = language if language in self.compiled.languages else None
        if key not in self._tables:
            self._tables[key] = _build([phrase for phrase in self.compiled.phrases if _is_searched(phrase, key, self._regions)])
        return self._tables[key]

    def _weigh(self, aliases: list[Candidate], others: list[Candidate], language: str | None) -> list[Candidate]:
        """Apply exclusions and wanted neighbours."""
        company: defaultdict[tuple[str, Role, int], list[Place]] = defaultdict(list)
        for other in others:
            company[other.phrase.entity, other.phrase.role, other.phrase.group].append((other.start, other.end, other.phrase.name))
        ranked = {key: Company(places) for key, places in company.items()}
        return [candidate if candidate.refusal else self._in_company(candidate, ranked, language) for candidate in aliases]

    def _in_company(self, candidate: Candidate, company: dict[tuple[str, Role, int], Company], language: str | None) -> Candidate:
        entity = candidate.phrase.entity
        excluding = company.get((entity, "exclude", 0), NOBODY).covering(candidate.start, candidate.end)
        if excluding:
            return candidate._replace(refusal="excluded", detail=excluding)
        for group, condition in enumerate(self._near.get(entity, ())):
            neighbours = company.get((entity, "near", group), NOBODY)
            if _applies(condition, candidate.phrase, language) and not neighbours.within(candidate.start, candidate.end, condition.within):
                return candidate._replace(refusal="near", detail=f"{', '.join(condition.any)} within {condition.within} characters")
        return candidate


def _raw(table: _Table, words: frozenset[str], around: "_Around") -> Iterator[tuple[Phrase, list[Span]]]:
    """Phrases whose words stand in the text, with the spans of these words."""
    low = around.low
    for form in sorted(words & table.vocabulary):
        for at in places(low, form):
            for phrase, offset in table.anchors[form]:
                if spans := around.words(phrase, offset, (at, at + len(form))):
                    yield phrase, spans
    if table.literals and not low.isascii():
        yield from _literals(table, low)


def _build(phrases: Sequence[Phrase]) -> _Tables:
    company: defaultdict[str, list[Phrase]] = defaultdict(list)
    for phrase in phrases:
        if phrase.role != "alias":
            company[phrase.entity].append(phrase)
    aliases = _table([phrase for phrase in phrases if phrase.role == "alias"])
    return _Tables(aliases, {entity: _table(others) for entity, others in company.items()})


def _table(phrases: Sequence[Phrase]) -> _Table:
    anchors: defaultdict[str, list[tuple[Phrase, int]]] = defaultdict(list)
    literals: defaultdict[str, list[Phrase]] = defaultdict(list)
    shared = Counter(form for phrase in phrases for slot in phrase.slots for form in slot)
    for phrase in phrases:
        if phrase.literal:
            literals[phrase.literal[:2]].append(phrase)
            continue
        offset = max(range(len(phrase.slots)), key=lambda index, slots=phrase.slots: _rarity(slots[index], shared))
        for form in phrase.slots[offset]:
            anchors[form].append((phrase, offset))
    beginnings = "".join(sorted({re.escape(beginning[0]) for beginning in literals}))
    return _Table(dict(anchors), frozenset(anchors), dict(literals), re.compile(f"[{beginnings}]" if beginnings else "(?!)"))


def _rarity(slot: frozenset[str], shared: Mapping[str, int]) -> tuple[int, bool]:
    """How rare a word of a name is: a long one, and one that few other names hold, so that common words cost nothing.

    Each doubling of the names that share it (the, организация, bank) costs a word as much as two letters. Of letters, one
    that is no word.
    """
    return min(map(len, slot)) - 2 * max(shared[form] for form in slot).bit_length(), not slot & _LETTER_WORDS


def _is_searched(phrase: Phrase, language: str | None, regions: frozenset[str]) -> bool:
    """Whether texts of a language are searched for a phrase; English names also where another script sets them apart.

    Of these not the names of countries: a Russian text writes them in Russian, and Chad Smith as Chad Smith.
    """
    if language is None or phrase.language in {None, language}:
        return True
    if phrase.language != "en" or script_of_language(language) == "latin" or phrase.via == "demonym":
        return False
    return phrase.via == "acronym" or len(phrase.slots) > 1 or phrase.entity not in regions


class _Around:
    """The words around places of one text, each looked for once, however many names ask for it."""

    def __init__(self, low: str) -> None:
        self.low = low
        self._before: dict[int, Word | None] = {}
        self._after: dict[int, Word | None] = {}

    def words(self, phrase: Phrase, offset: int, anchor: Span) -> list[Span] | None:
        """The spans of the phrase's words around its anchor, word number `offset`; None when they do not stand there."""
        spans = [anchor]
        for index in range(offset - 1, -1, -1):
            at = spans[0][0]
            if at not in self._before:
                self._before[at] = word_before(self.low, at)
            if not (word := _standing(phrase, index, index, self._before[at], self.low)):
                return None
            spans.insert(0, (word.start, word.end))
        for index in range(offset + 1, len(phrase.slots)):
            at = spans[-1][1]
            if at not in self._after:
                self._after[at] = word_after(self.low, at)
            if not (word := _standing(phrase, index, index - 1, self._after[at], self.low)):
                return None
            spans.append((word.start, word.end))
        return spans


def _standing(phrase: Phrase, index: int, gap: int, word: Word | None, low: str) -> Word | None:
    """The word, if it is a form of the phrase's word number `index` and the gap to its neighbour fits."""
    if word and low[word.start : word.end] in phrase.slots[index] and gap_fits(phrase.gaps[gap], gap_kind(word.gap)):
        return word
    return None


def _candidate(folded: Folded, phrase: Phrase, spans: list[Span]) -> Candidate:
    end = spans[-1][1]
    last_dot = phrase.dotted and folded.low[end : end + 1] == "."  # the one of U.S. belongs to it
    return Candidate(phrase, spans[0][0], end + last_dot, refusal(folded, phrase, spans))


def _literals(table: _Table, low: str) -> Iterator[tuple[Phrase, list[Span]]]:
    for match in table.beginnings.finditer(low):
        at = match.start()
        for phrase in table.literals.get(low[at : at + 2], ()):
            if low.startswith(phrase.literal, at):
                yield phrase, [(at, at + len(phrase.literal))]


def _applies(condition: Condition, phrase: Phrase, language: str | None) -> bool:
    if condition.only and phrase.name not in condition.only:
        return False
    if not condition.languages:
        return True
    return (language or phrase.language) in condition.languages


def _distinct(candidates: list[Candidate]) -> list[Candidate]:
    """Accepted candidates in reading order; of overlapping ones of the same entity the longest, names before demonyms."""
    accepted = [candidate for candidate in candidates if not candidate.refusal]
    accepted.sort(key=lambda item: (item.start, -item.end, -CERTAINTY[item.phrase.via], item.phrase.entity, item.phrase.name))
    reached: dict[str, int] = {}
    kept = []
    for candidate in accepted:
        if candidate.start >= reached.get(candidate.phrase.entity, 0):
            reached[candidate.phrase.entity] = candidate.end
            kept.append(candidate)
    return kept
