"""Words in a folded text: which there are, where they stand, and what may stand between the words of one name.

What belongs here: where words begin and end in any script, addresses. What does not: which words mean something.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from assets.matching.normalise import as_class

# Scripts written without spaces: a name is looked for inside their runs, not as a whole word.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
# "[x][x]*", not "[x]+": only a pattern that begins with a bare class is searched for fast.
unspaced_run = re.compile(f"[{UNSPACED}][{UNSPACED}]*")
_PLAIN = "\u0900"  # below it every letter is a letter of a spaced script
_REACH = 40  # characters that a gap before a word of a name may be wide

PARAGRAPH = "\n\n"
DOT = ".."  # between the letters of a dotted acronym: a stop that may not be left out
_QUOTES = re.compile('["“”„‟«»‹›]')
_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]*://[^\s<>\"«»“”]+"
    r"|\bwww\.[^\s<>\"«»“”]+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|int|info|edu|gov|mil|ru|su|рф|ua|by|kz|eu|uk|de|fr|es|it|pl|cn|tr|io|html?|php|pdf)\b"
    r"(?:/[^\s<>\"«»“”]*)?"
)


class Word(NamedTuple):
    """A word of the text by its offsets, and the gap between it and the word that it was reached from."""

    start: int
    end: int
    gap: str


@cache
def _letters() -> str:
    """The class of characters that words of spaced scripts are made of: letters, figures, "_", vowel signs of India.

    Spelt out, because that is searched faster than the class of the regular expressions.
    """
    signs = {"Mn", "Mc"}
    codes = (code for code in range(0x30, 0x10000) if chr(code).isalnum() or chr(code) == "_" or unicodedata.category(chr(code)) in signs)
    return as_class(code for code in codes if not unspaced_run.match(chr(code)))


@cache
def _word() -> re.Pattern[str]:
    return re.compile(f"[{_letters()}][{_letters()}]*")


@cache
def _unruly() -> re.Pattern[str]:
    """A bare class: characters that are letters to Python and none of a spaced word."""
    return re.compile(f"[{UNSPACED}\U00010000-\U0010ffff]")


@cache
def _next() -> re.Pattern[str]:
    return re.compile(f"([^{_letters()}]*)([{_letters()}]+)")


def words_in(low: str) -> frozenset[str]:
    """The different words of a text. Apostrophes and hyphens part words; unspaced scripts hold none."""
    if not low.isascii() and _unruly().search(low):
        return frozenset(_word().findall(low))
    # Each different piece once, and only those with a sign in them letter by letter: a third of the time.
    pieces = frozenset(low.split())
    whole = frozenset(filter(str.isalnum, pieces))
    return whole.union(_word().findall(" ".join(pieces - whole)))


def split_words(low: str) -> tuple[list[str], list[str]]:
    """The words of a name and the gaps between them (one fewer)."""
    matches = list(_word().finditer(low))
    gaps = [low[left.end() : right.start()] for left, right in pairwise(matches)]
    return [match.group() for match in matches], gaps


def places(low: str, word: str) -> Iterator[int]:
    """Where a word stands in the text as a whole word."""
    at = low.find(word)
    while at >= 0:
        end = at + len(word)
        if not (at and is_letter(low[at - 1])) and not is_letter(low[end : end + 1]):
            yield at
        at = low.find(word, end)


def is_letter(character: str) -> bool:
    """Whether a character continues a word of a spaced script; "" does not."""
    if character < _PLAIN:
        return character.isalnum() or character == "_"
    return _word().match(character) is not None


def word_after(low: str, end: int) -> Word | None:
    """The word after an offset that ends a word."""
    match = _next().match(low, end)
    return Word(match.start(2), match.end(), match.group(1)) if match else None


def word_before(low: str, start: int) -> Word | None:
    """The word before an offset that begins a word, unless a wide gap lies between."""
    end = start
    while end > max(0, start - _REACH) and not is_letter(low[end - 1]):
        end -= 1
    begin = end
    while begin and is_letter(low[begin - 1]):
        begin -= 1
    return Word(begin, end, low[end:start]) if begin < end else None


@lru_cache(maxsize=4096)
def gap_kind(gap: str) -> str:
    """The gap between two words of a name, reduced to what matters.

    "" is touching, " " space, "-" a hyphen, " - " a dash, PARAGRAPH a blank line; of anything else the signs are left.
    """
    if gap.count("\n") > 1 and not gap.strip():
        return PARAGRAPH
    bare = _QUOTES.sub("", gap)
    signs = bare.strip()
    if signs == "-":
        return "-" if bare == "-" else " - "
    if not signs:
        return " " if gap else ""
    return " ".join(signs.split())


@lru_cache(maxsize=4096)
def gap_fits(name_gap: str, text_gap: str) -> bool:
    """Whether a text may write `text_gap` where the name has `name_gap` (both as `gap_kind` gives them)."""
    if name_gap == text_gap:
        return True
    if name_gap == " ":
        return text_gap == "-"
    if name_gap in {"-", " - "}:
        return text_gap in {"-", " - ", " "}
    if name_gap == DOT:
        return text_gap == "."
    return name_gap == "." and text_gap == " "


def addresses(low: str) -> list[tuple[int, int]]:
    """Spans of web and e-mail addresses and of bare host names."""
    if "." not in low:
        return []
    return [match.span() for match in _ADDRESS.finditer(low)]
