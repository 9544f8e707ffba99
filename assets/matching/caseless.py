"""Names in scripts without capitals: what stands in quotes, and what stands beside a word such as "organisation" or "president".

What belongs here: candidates in Arabic, Hebrew, Chinese, Japanese and the like, and which of overlapping ones is the name. What does
not: names that capitals tell (`newnames`), counting. Neither sign is proof, as a capital is; so each candidate is given in
several lengths, and `longest_of` keeps those that the counts support.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from assets.matching.scripts import script_of_language
from assets.matching.wordlists import read_lists

_CAPITALLESS = frozenset({"ka", "hi", "bn", "ta", "te", "ml", "kn", "mr", "gu", "pa", "am", "ti", "si", "ne"})
_QUOTED = re.compile('[«“„"《〈「『]([^«»“”„"《》〈〉「」『』\n]{2,60})[»”“"》〉」』]')
_SENTENCE = re.compile("[.!?؟。！？،؛;:，、；：]")
_LONGEST_QUOTE = 6  # words, or four characters each where words are not parted
_HAN_AND_KANA = "\u30a0-\u30ff\u3400-\u4dbf\u4e00-\u9fff々"
_VOWEL_SIGNS = "\u064b-\u065f\u0670\u0591-\u05c7"
_LETTERS = re.compile(rf"[^\W\d_][^\W\d_{_VOWEL_SIGNS}]*(?:[{_VOWEL_SIGNS}]+[^\W\d_]*)*")
_UNREAD = re.compile(f"[{_VOWEL_SIGNS}ـ]")
_WORDS_AFTER = 3
_BEFORE_HEAD = range(2, 9)  # characters
_SHARE = 0.4  # of a name's articles from which the longer one that holds it is the name


class Term(NamedTuple):
    """A candidate by its offsets in the line."""

    start: int
    end: int


def lacks_capitals(language: str | None) -> bool:
    """Whether the script of a language has no capitals."""
    return language in _CAPITALLESS or (language is not None and script_of_language(language) in {"arabic", "hebrew", "hangul", "unspaced"})


def terms_in(line: str, language: str) -> Iterator[Term]:
    """Candidates in a line: short quotations, and what stands after or (Chinese, Japanese) before a telling word."""
    for quotation in _QUOTED.finditer(line):
        if _is_short(quotation[1]):
            yield Term(*quotation.span(1))
    if language in {"zh", "ja"}:
        yield from _before_heads(line, language)
    else:
        yield from _after_heads(line, language)


def _is_short(quotation: str) -> bool:
    """Whether it is a name and no speech: a few words without a stop. What has capitals is counted as elsewhere."""
    if _SENTENCE.search(quotation) or not _LETTERS.search(quotation) or any(map(str.isupper, quotation)):
        return False
    unparted = len(re.findall(f"[{_HAN_AND_KANA}]", quotation))
    return len(quotation.split()) + unparted / 4 <= _LONGEST_QUOTE


def _after_heads(line: str, language: str) -> Iterator[Term]:
    """Arabic, Persian, Hebrew: منظمة شنغهاي للتعاون, in each length up to a small word or a stop."""
    lists = read_lists("caseless")
    heads, small = lists.get(f"before {language}", frozenset()), lists.get(f"small {language}", frozenset())
    words = list(_LETTERS.finditer(line)) if heads else []
    for index, head in enumerate(words):
        if _UNREAD.sub("", head[0]) not in heads:
            continue
        before = head
        for word in words[index + 1 : index + 1 + _WORDS_AFTER]:
            if line[before.end() : word.start()].strip(" \u200c") or _UNREAD.sub("", word[0]) in small | heads:
                break
            yield Term(head.start(), word.end())
            before = word


def _before_heads(line: str, language: str) -> Iterator[Term]:
    """Chinese, Japanese: 上海合作组织, in each length back to a particle, a figure or a stop."""
    for head in _heads(language).finditer(line):
        run = _runs(language).search(line, max(0, head.start() - _BEFORE_HEAD[-1]), head.start())
        start = run.start() if run else head.start()
        yield from (Term(at, head.end()) for at in range(start, head.start() - _BEFORE_HEAD[0] + 1))


@cache
def _heads(language: str) -> re.Pattern[str]:
    return re.compile("|".join(sorted(read_lists("caseless")[f"after {language}"], key=lambda head: (-len(head), head))))


@cache
def _runs(language: str) -> re.Pattern[str]:
    """The characters before a head that may be its name; read with an end position, so that "$" is where the head begins."""
    particles = "".join(sorted(read_lists("caseless")[f"particles {language}"]))
    return re.compile(f"(?:(?![{particles}])[{_HAN_AND_KANA}])+$")


def longest_of(counts: Mapping[str, int]) -> set[str]:
    """Of candidates with their articles those that are names: a longer one that makes up much of a shorter replaces it.

    One that makes up little of it is the shorter with a chance neighbour, and is dropped: 参加上海合作组织.
    """
    kept = set(counts)
    for long in sorted(counts, key=lambda name: (-len(name), name)):
        for short in _parts(long):
            if short in counts:
                kept.discard(short if counts[long] >= _SHARE * counts[short] else long)
    return kept


def _parts(name: str) -> Iterator[str]:
    """The shorter candidates that may have been given along with it: its beginnings by words, its ends by characters."""
    words = name.split(" ")
    yield from (" ".join(words[:count]) for count in range(2, len(words)))
    if len(words) == 1:
        yield from (name[start:] for start in range(1, len(name) - _BEFORE_HEAD[0]))
