"""Names that no watch list knows: what texts call by capitals, counted and compared with the weeks before.

What belongs here: finding capitalised names and acronyms in scripts with capitals, and what is new about names. What
does not: reading texts (`assets.newnames`), the watch list, names in Arabic, Chinese and the like (`caseless`).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from math import log2
from types import MappingProxyType
from typing import Literal, NamedTuple

from assets.matching.caseless import Term, lacks_capitals, longest_of, terms_in
from assets.matching.normalise import lower_name
from assets.matching.scripts import Script, base_language, script_of
from assets.matching.wordlists import read_lists

_LONGEST = 4  # words of a name
# Latin letters apart from the ideographs that they stand among: 由FBI调查.
_LATIN = "A-Za-z\u00c0-\u024f\u1e00-\u1eff"
_WORD = re.compile(rf"[{_LATIN}]+(?:['’-][{_LATIN}]+)*|[^\W\d_{_LATIN}]+(?:['’-][^\W\d_{_LATIN}]+)*")
_SENTENCE_END = re.compile(r"[.!?…:;։·\n\"“”«»()\[\]–—•]")
_ACRONYM = range(2, 9)  # letters
_SHOUTED, _TITLED = 0.8, 0.5  # shares of a line's words in capitals, or with one in a heading, from which capitals say nothing
_SMALL = 3  # letters: such words are small in headings too
_GUESSED = frozenset({"arabic", "hebrew", "hangul", "unspaced"})
_FEW = 3  # words that are too few to tell
_STOP = re.compile('[.!?…։”»"]')


Level = Literal["country", "region"]


class Found(NamedTuple):
    """A name in a text: how it is counted (in base form where its language has one), and how it is written."""

    key: str
    written: str
    start: int
    end: int


class Sighting(NamedTuple):
    """A name in one article of one region and week."""

    key: str
    written: str
    region: str
    week: str
    article_id: str
    source_id: str
    at: datetime | None = None


class NewName(NamedTuple):
    """A name with its count in one week and before.

    `region` is a country or one of those that hold it, as `level` says. `first_at` is when it was first seen there, of the
    weeks that were read. `novelty` is log2 of how often it is now against before, articles for articles, with one article
    added to each side: 0 is as ever, 3 is eight times as often.
    """

    name: str
    region: str
    week: str
    articles: int
    sources: int
    before: int
    novelty: float
    level: Level = "country"
    kind: Literal["name", "acronym"] = "name"
    script: Script = "latin"
    first_at: datetime | None = None


def names_in(text: str, language: str | None) -> Iterator[Found]:
    """The names of a text: runs of words with capitals, and acronyms; no word that opens a sentence, no line in capitals.

    Where the language has no capitals, also what stands in quotes or beside a telling word.
    """
    base = base_language(language)
    at = 0
    for line in text.splitlines(keepends=True):
        words = list(_WORD.finditer(line))
        if not _is_shouted(line, [word[0] for word in words]):
            yield from (found._replace(start=found.start + at, end=found.end + at) for found in _names(line, words, base))
        if base and lacks_capitals(base):
            yield from (_term(line, term, at) for term in terms_in(line, base))
        at += len(line)


def _term(line: str, term: Term, at: int) -> Found:
    written = " ".join(line[term.start : term.end].split())
    return Found(lower_name(written), written, at + term.start, at + term.end)


def _is_shouted(line: str, words: Sequence[str]) -> bool:
    """Whether capitals say nothing in this line: WORDS IN CAPITALS, or a Heading With Every Word Capitalised."""
    telling = [word for word in words if len(word) > _SMALL]
    if len(telling) < _FEW:
        return False
    is_heading = not _STOP.search(line.rstrip()[-1:])
    return sum(word.isupper() for word in telling) > _SHOUTED * len(telling) or (
        is_heading and sum(word[0].isupper() for word in telling) > _TITLED * len(telling)
    )


def _names(line: str, words: Sequence[re.Match[str]], language: str | None) -> Iterator[Found]:
    run: list[re.Match[str]] = []
    for word in words:
        follows = bool(run) and line[run[-1].end() : word.start()] == " "
        if run and not (follows and word[0][0].isupper() and len(run) < _LONGEST):
            yield from _found(line, run, language)
            run = []
        if word[0][0].isupper() and (run or not _opens(line, word)):
            run.append(word)
    if run:
        yield from _found(line, run, language)


def _opens(line: str, word: re.Match[str]) -> bool:
    """Whether the word has its capital from its place; an acronym has it from itself."""
    before = line[: word.start()].rstrip()
    return not _is_acronym(word[0]) and (not before or bool(_SENTENCE_END.match(before[-1])))


def _is_acronym(word: str) -> bool:
    return word.isupper() and len(word) in _ACRONYM


def _found(line: str, run: Sequence[re.Match[str]], language: str | None) -> Iterator[Found]:
    if len(run) == 1 and len(run[0][0]) < _SMALL and not _is_acronym(run[0][0]):
        return
    if all(word[0].lower() in _calendar(language) for word in run):
        return
    written = line[run[0].start() : run[-1].end()]
    key = " ".join(word[0] if _is_acronym(word[0]) else _base_form(word[0], language) for word in run)
    yield Found(key, written, run[0].start(), run[-1].end())


@cache
def _calendar(language: str | None) -> frozenset[str]:
    """Months and days of the week, which some languages write with capitals."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - only for reports

    try:
        locale = Locale.parse(language or "en")
    except (UnknownLocaleError, ValueError):
        return frozenset()
    symbols = [*locale.months["format"].values(), *locale.days["format"].values()]
    return frozenset(name.lower() for names in symbols for name in names.values())


@lru_cache(maxsize=65536)
def _base_form(word: str, language: str | None) -> str:
    """The nominative in small letters where the language inflects names; else the word without a possessive ending."""
    if language not in {"ru", "uk", "pl", "cs", "bg", "sk", "sl"}:
        return re.sub(r"['’]s?$", "", word).lower()
    from simplemma import is_known, lemmatize  # noqa: PLC0415 - reads a dictionary

    if is_known(word, lang=language):
        return lemmatize(word, lang=language).lower().replace("ё", "е")
    low = word.lower().replace("ё", "е")
    endings = (ending for ending in read_lists("newnames")["endings"] if low.endswith(ending) and len(low) - len(ending) >= _SMALL)
    return low.removesuffix(max(endings, key=len, default=""))


def rank(
    sightings: Iterable[Sighting],
    weeks: Sequence[str],
    *,
    earlier_weeks: int,
    least: int = 2,
    above: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> list[NewName]:
    """The names of the given weeks by region, the most novel first, those of at least so many articles.

    Args:
        sightings: of these weeks and of the weeks before, by country.
        weeks: the weeks (their Mondays) that are asked about.
        earlier_weeks: how many weeks before are among the sightings; with none nothing is known to be new.
        least: articles.
        above: by country the regions that hold it, in which its names are counted, too.
    """
    seen: defaultdict[tuple[str, str, Level], _Seen] = defaultdict(_Seen)
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    asked = frozenset(weeks)
    for one in sightings:
        spellings[one.key][one.written] += 1
        seen[one.key, one.region, "country"].add(one, asked)
        for region in above.get(one.region, ()):
            seen[one.key, region, "region"].add(one, asked)
    ranked = [
        _new_name(_spelling(spellings[key]), (region, level), week, found, earlier_weeks)
        for (key, region, level), found in seen.items()
        for week, articles in found.now.items()
        if len(articles) >= least
    ]
    return sorted(_longest(ranked), key=lambda one: (one.week, one.novelty, one.articles, one.name, one.level), reverse=True)


def _longest(names: Sequence[NewName]) -> Iterator[NewName]:
    """All names of scripts with capitals, and of the others' candidates, which overlap, the names."""
    places: defaultdict[tuple[str, Level, str], dict[str, int]] = defaultdict(dict)
    for one in names:
        if one.script in _GUESSED:
            places[one.week, one.level, one.region][one.name] = one.articles
    kept = {(*place, name) for place, counts in places.items() for name in longest_of(counts)}
    yield from (one for one in names if one.script not in _GUESSED or (one.week, one.level, one.region, one.name) in kept)


class _Seen:
    """The articles that hold one name in one region: with their sources by week asked about, and those before."""

    def __init__(self) -> None:
        self.now: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        self.before: set[str] = set()
        self.first_at: datetime | None = None

    def add(self, one: Sighting, asked: frozenset[str]) -> None:
        if one.week in asked:
            self.now[one.week].add((one.article_id, one.source_id))
        elif one.week < min(asked):  # a date in the future says nothing about what was before
            self.before.add(one.article_id)
        if one.at and (self.first_at is None or one.at < self.first_at):
            self.first_at = one.at


def _new_name(name: str, place: tuple[str, Level], week: str, found: _Seen, earlier_weeks: int) -> NewName:
    articles, before = found.now[week], len(found.before)
    return NewName(
        name=name,
        region=place[0],
        week=week,
        articles=len(articles),
        sources=len({source for _, source in articles}),
        before=before,
        novelty=round(log2((len(articles) + 1) / (before / max(1, earlier_weeks) + 1)), 2),
        level=place[1],
        kind="acronym" if _is_acronym(name) else "name",
        script=script_of(name),
        first_at=found.first_at,
    )


def _spelling(written: Counter[str]) -> str:
    """The most frequent way to write it, of equals the shortest."""
    return min(written, key=lambda text: (-written[text], len(text), text))
