"""The words of a text as the search index knows them: one normal form for all forms of a word, with its place.

Here: where words begin and end, and what stands for them. Not here: the index (index.py), questions (asking.py).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

# Bumped whenever a text would give other words than before: the index is then built anew.
VERSION = 2
STEMMERS = {
    "ar": "arabic",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "pl": "polish",
    "pt": "portuguese",
    "ru": "russian",
}
LEMMAS = ("uk",)  # Snowball has no Ukrainian
_SCRIPTS = {
    ("ru", "uk"): re.compile("[\u0400-\u04ff]"),
    ("ar",): re.compile("[\u0600-\u06ff]"),
    ("en", "de", "fr", "es", "it", "pt", "pl"): re.compile("[a-zA-Z\u00c0-\u024f]"),
}
# Scripts written without spaces give a word a character; a run of them is asked for as a phrase.
_UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:['’ʼ][^\W\d_{_UNSPACED}]+)*")
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’](?=.)")
_POSSESSIVE = re.compile(r"['’]s$")


class Word(NamedTuple):
    """A word's normal form and its characters in the text, end exclusive."""

    form: str
    start: int
    end: int


def words(text: str, language: str | None) -> Iterator[Word]:
    """The words of `text` in order. `language` is an ISO 639 code; one of which no word forms are known gives words as they stand."""
    normal = _normaliser((language or "")[:2])
    for token in _TOKEN.finditer(text):
        yield Word(normal(token[0]), token.start(), token.end())


def text_forms(text: str, language: str | None) -> Iterator[str]:
    """The normal forms of `words`, without their places: what the index is told, a hundred million of them for a million articles."""
    return map(_normaliser((language or "")[:2]), _TOKEN.findall(text))


def pairs(forms: Iterable[str]) -> Iterator[str]:
    """Each two forms that stand beside each other, as one term that no single word can be."""
    return map("_".join, pairwise(forms))


def readings(tokens: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """What words of a question are in the index: one reading for each language the text may be in, which forms all its words alike."""
    written = [script for script, letters in _SCRIPTS.items() if any(map(letters.search, tokens))]
    languages = ("", *(language for script in written for language in script))
    return tuple(dict.fromkeys(tuple(map(_normaliser(language), tokens)) for language in languages))


@cache
def _normaliser(language: str) -> Callable[[str], str]:
    shorten = _shortener(language)

    @lru_cache(maxsize=200_000)
    def normal(token: str) -> str:
        folded = unicodedata.normalize("NFC", token).casefold().replace("ё", "е").replace("’", "'").replace("ʼ", "'")
        bare = _POSSESSIVE.sub("", _ELISION.sub("", folded)) if language != "uk" else folded
        return _without_accents(shorten(bare) if bare.isalpha() or "'" in bare else bare)

    return normal


@cache
def _shortener(language: str) -> Callable[[str], str]:
    if language in STEMMERS:
        import Stemmer  # noqa: PLC0415 - the command line starts without it # pyrefly: ignore - it has no stubs

        return Stemmer.Stemmer(STEMMERS[language]).stemWord
    if language in LEMMAS:
        import simplemma  # noqa: PLC0415 - its dictionaries are large

        return lambda word: simplemma.lemmatize(word, lang=language).casefold()
    return lambda word: word


def _without_accents(word: str) -> str:
    """Latin letters without their accents, as many people type them; й and ї are letters of their own."""
    if word.isascii() or not any("\u00c0" <= letter <= "\u024f" for letter in word):
        return word
    return "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))
