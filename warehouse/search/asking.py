"""What a question means: words, "phrases", -words, prefixes*, made into a query of the index. Pure.

Every part must be in the article, in its title or its text; a word of the question finds all its forms.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from warehouse.errors import ConfigError
from warehouse.search.words import readings, words

_PART = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"|[“„«](?P<quoted>[^“”„«»"]*)[“”»]|(?P<word>[^\s"“”„«»]+))')
_MOST_PARTS = 32
_SHORTEST_PREFIX = 2
_FOREIGN = re.compile(r"[()]|\b(?:AND|OR|NOT|NEAR)\b")


@dataclass(frozen=True)
class Part:
    """One part of a question.

    Attributes:
        kind: word, phrase or prefix.
        readings: alternatives, each a sequence of normal forms that stand beside each other.
        wanted: False for what must not be there.
    """

    kind: Literal["word", "phrase", "prefix"]
    readings: tuple[tuple[str, ...], ...]
    wanted: bool = True


@dataclass(frozen=True)
class Limits:
    """What else must hold of an article; empty means any. Times are aware; `until` is exclusive."""

    sources: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


def read_question(question: str) -> tuple[Part, ...]:
    """The parts of a question. Raises ConfigError for one with nothing to look for, or with too much."""
    if question.count('"') % 2:
        raise ConfigError(
            f"the question {question!r} has a quotation mark without its other half", hint='quote a phrase like this: "peace talks"'
        )
    parts = tuple(part for found in _PART.finditer(question) if (part := _part(found)))
    if not any(part.wanted for part in parts):
        raise ConfigError(
            f"the question {question!r} has no word to look for", hint='ask for words, a "phrase", a prefix*; leave out with -word'
        )
    if len(parts) > _MOST_PARTS:
        raise ConfigError(f"the question has {len(parts)} parts; at most {_MOST_PARTS} can be asked at once", hint="ask for fewer words")
    return parts


def foreign_signs(question: str) -> str:
    """What stands outside phrases that means something to other search engines and nothing here; empty when nothing does."""
    return " ".join(dict.fromkeys(_FOREIGN.findall(re.sub(r'"[^"]*"|[“„«][^“”„«»"]*[”“»]', " ", question))))


def _part(found: re.Match[str]) -> Part | None:
    wanted, given = not found["minus"], next(one for one in found.group("phrase", "quoted", "word") if one is not None)
    tokens = [given[word.start : word.end] for word in words(given, None)]
    if not tokens:
        return None
    if found["word"] and given.endswith("*") and len(tokens) == 1 and len(tokens[0]) >= _SHORTEST_PREFIX:
        return Part("prefix", tuple((form,) for form in _shortest(form for (form,) in readings(tokens))), wanted)
    return Part("phrase" if len(tokens) > 1 else "word", readings(tokens), wanted)


def _shortest(beginnings: Iterable[str]) -> list[str]:
    """Beginnings, without those that begin with another: the index holds stems, which may be shorter than what was typed."""
    kept: list[str] = []
    for form in sorted(beginnings, key=len):
        if not any(form.startswith(shorter) for shorter in kept):
            kept.append(form)
    return kept
