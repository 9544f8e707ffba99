"""Text folded for comparison, with the way back to the original offsets.

What belongs here: making two spellings of one name equal (composition, width, apostrophes, dashes, ё, invisible
characters, look-alike letters of another script). What does not: words, names and languages.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

# One character for one, so offsets stay. Frequent ones only: each costs a scan of the text.
_EQUAL = {
    **dict.fromkeys("’ʼ‘`´′ʹʻ＇", "'"),
    **dict.fromkeys("–—‐‑−―", "-"),
    **dict.fromkeys("\u00a0\u202f\u2009\t\u000b\u000c\r", " "),  # \r, since \r\n is one line break and no blank line
    **dict.fromkeys("\u0085\u2028\u2029", "\n"),
    "…": ".",
    "ё": "е",
    "Ё": "Е",
    "ς": "σ",
    "ı": "i",
    **dict.fromkeys("أإآٱ", "ا"),
    **dict.fromkeys("ىی", "ي"),
    "ک": "ك",
    "ة": "ه",
}
# Left over after composition, these are stress marks and vowel points, which writers add or leave out at will.
_OPTIONAL_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u064b-\u065f\u0670\u06d6-\u06ed\u08d3-\u08ff"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
# Footnote figures and ™ stand beside a name without being part of it.
_ORNAMENTS = ("<super>", "<sub>", "<fraction>", "<circle>", "<square>")
# Ideographs, syllables and private use never fold; skipping them makes the table cheap to build.
_CALM = ((0x3400, 0xA000), (0xA000, 0xA490), (0xAC00, 0xD7A4), (0xD800, 0xF900))

# English, Russian and Chinese with their punctuation: most texts hold nothing else.
_COMMON = ((0x01, 0x180), (0x400, 0x460), (0x2010, 0x2040), (0x3001, 0x3040), (0x3041, 0x3100), (0x3400, 0xA000))

_LOOKALIKES = dict(zip("ABCEHIKMOPTXYaceijopsxy", "АВСЕНІКМОРТХУасеіјорѕху", strict=True))
_TO_CYRILLIC = {ord(latin): cyrillic for latin, cyrillic in _LOOKALIKES.items()}
_TO_LATIN = {ord(cyrillic): latin for latin, cyrillic in _LOOKALIKES.items()}
# "[x][x]*", not "[x]+": only a pattern that begins with a bare class is searched for fast.
_CYRILLIC_RUN = re.compile("[\u0400-\u04ff][\u0400-\u04ff]*")
_LATIN_RUN = re.compile("[A-Za-z][A-Za-z]*")
_LETTER_RUN = re.compile("[A-Za-z\u0400-\u04ff]+")
# A letter that touches one of the other script.
_LATIN_JOINT = re.compile("[A-Za-z](?:(?=[\u0400-\u04ff])|(?<=[\u0400-\u04ff][A-Za-z]))")
_CYRILLIC_JOINT = re.compile("[\u0400-\u04ff](?:(?=[A-Za-z])|(?<=[A-Za-z][\u0400-\u04ff]))")


class Folded(NamedTuple):
    """A text made comparable: `plain` keeps capitals, `low` has none; both have the same length and indexes."""

    plain: str
    low: str
    starts: list[int]  # where each segment starts in `plain`
    originals: list[tuple[int, int, bool]]  # its (start, end) in the original, and whether it was rewritten

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original offsets of `plain[start:end]`, which must not be empty."""
        if not self.starts:
            return start, end
        first, last = bisect_right(self.starts, start) - 1, bisect_right(self.starts, end - 1) - 1
        begin, _, rewritten = self.originals[first]
        left = begin if rewritten else begin + start - self.starts[first]
        begin, finish, rewritten = self.originals[last]
        return left, finish if rewritten else begin + end - self.starts[last]


def fold(text: str) -> Folded:
    """Fold a text of any script; equal names become equal substrings of `low`."""
    if text.isascii():
        plain, starts, originals = _equalise(text), [], []
    else:
        plain, starts, originals = _rewrite(_equalise(text))
        plain = _repair_scripts(plain)
    return Folded(plain, _lower(plain), starts, originals)


def fold_name(name: str) -> str:
    """A name as `fold` writes it, capitals kept, spaces made single."""
    return " ".join(fold(name).plain.split())


def lower_name(name: str) -> str:
    """A name as `fold` writes it, without capitals."""
    return _lower(fold_name(name))


def without_accents(word: str) -> str:
    """The word as a typist without accents writes it; й and other letters that are not accented Latin stay."""
    if word.isascii():
        return word
    return "".join(unicodedata.normalize("NFD", letter)[0] if "\u00c0" <= letter <= "\u024f" else letter for letter in word)


@cache
def unchanged_characters() -> frozenset[str]:
    """Characters that folding keeps, but for making them small and writing ё as е; of texts of them the store may judge.

    A text of nothing else, in which no word mixes Latin and Cyrillic, holds a form exactly where its lower-case words do.
    """
    _, marks = _odd_characters()
    known = (chr(code) for first, last in _COMMON for code in range(first, last))
    kept = {letter for letter in known if letter not in _EQUAL and _fold_character(letter) == letter and ord(letter) not in marks}
    return frozenset(kept | {letter for letter, equal in _EQUAL.items() if not equal.isalpha()} | {"ё", "Ё"})


def _lower(plain: str) -> str:
    low = plain.lower()
    if len(low) != len(plain):  # a character that grows when lowered and that the table below does not know
        low = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in plain)
    return low.replace("ς", "σ") if "ς" in low else low


def _equalise(text: str) -> str:
    for character, equal in _EQUAL.items():
        if character in text:
            text = text.replace(character, equal)
    return text


def _rewrite(text: str) -> tuple[str, list[int], list[tuple[int, int, bool]]]:
    """Replace what changes its length, and note where."""
    odd, marks = _odd(unicodedata.is_normalized("NFKC", text))
    pieces: list[str] = []
    starts: list[int] = []
    originals: list[tuple[int, int, bool]] = []
    done = length = 0
    for match in odd.finditer(text):
        start, end = match.span()
        if start < done:
            continue
        if run := marks.match(text, start):  # marks belong to the character before them
            start, end = max(start - 1, done), run.end()
        if start > done:
            starts.append(length)
            originals.append((done, start, False))
            pieces.append(text[done:start])
            length += start - done
        new = _fold_cluster(text[start:end])
        starts.append(length)
        originals.append((start, end, True))
        pieces.append(new)
        length += len(new)
        done = end
    if not starts:
        return text, [], []
    starts.append(length)
    originals.append((done, len(text), False))
    pieces.append(text[done:])
    return "".join(pieces), starts, originals


@lru_cache(maxsize=4096)
def _fold_cluster(cluster: str) -> str:
    """A base character with its marks, or one odd character, as the folded text writes it."""
    composed = unicodedata.normalize("NFC", cluster)
    folded = "".join(_fold_character(character) for character in composed)
    return re.sub(f"[{_OPTIONAL_MARKS}]", "", _equalise(folded))


def _fold_character(character: str) -> str:
    if character == "İ":
        return "I"
    if character in "ßẞ":
        return "ss" if character == "ß" else "SS"
    category = unicodedata.category(character)
    if category == "Cf" or character == "ـ" or "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef":
        return ""
    if unicodedata.decomposition(character).startswith(_ORNAMENTS) and category not in {"Lo", "Ll"}:
        return " "
    return unicodedata.normalize("NFKC", character)


@cache
def _odd(normal: bool) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What `_fold_cluster` must look at: (any one such character, a run of marks and of single Hangul letters).

    The first is a bare class, because only that is searched at the speed of lowering. A `normal` text (NFKC) holds nothing
    that NFKC changes. Characters outside the basic plane are all looked at: naming them one by one would slow the search.
    """
    singles, marks = _odd_characters()
    if normal:
        singles = {code for code in singles if unicodedata.normalize("NFKC", chr(code)) == chr(code)}
        marks = set()
    every_mark = as_class(marks) + _OPTIONAL_MARKS + ("" if normal else "\u1100-\u11ff")
    return re.compile(f"[{as_class(singles)}{every_mark}\U00010000-\U0010ffff]"), re.compile(f"[{every_mark}]+")


@cache
def _odd_characters() -> tuple[set[int], set[int]]:
    """Codes of the basic plane's characters that fold to others, and of those that compose with the one before them."""
    singles: set[int] = set()
    marks: set[int] = set()
    edges = [0x80, *(edge for span in _CALM for edge in span), 0x10000]
    for low, high in zip(edges[::2], edges[1::2], strict=True):
        for code in range(low, high):
            character = chr(code)
            if _fold_character(character) != character:
                singles.add(code)
            marks.update(map(ord, unicodedata.normalize("NFD", character)[1:]))
    return singles, marks


def as_class(codes: Iterable[int]) -> str:
    """The inside of a regular expression's [class], adjacent codes joined to ranges."""
    ranges: list[list[int]] = []
    for code in sorted(codes):
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges)


def _repair_scripts(plain: str) -> str:
    """Make words pure that mix Latin and Cyrillic letters, where look-alikes allow it; other words stay as they are."""
    cyrillic, latin = _CYRILLIC_RUN.search(plain), _LATIN_RUN.search(plain)
    if not cyrillic or not latin:
        return plain
    # Runs of the script that comes second are few in a text of the first.
    rare, joint = (_LATIN_RUN, _LATIN_JOINT) if cyrillic.start() < latin.start() else (_CYRILLIC_RUN, _CYRILLIC_JOINT)
    if not joint.search(plain):
        return plain
    mixed: dict[int, str] = {}
    for run in rare.finditer(plain):
        start, end = run.span()
        if _LETTER_RUN.match(plain, max(start - 1, 0), start) or _LETTER_RUN.match(plain, end, end + 1):
            start, end = _word_around(plain, start, end)
            mixed[start] = plain[start:end]
    if not mixed:
        return plain
    pieces, done = [], 0
    for start, word in mixed.items():
        pieces += [plain[done:start], _pure(word)]
        done = start + len(word)
    return "".join([*pieces, plain[done:]])


def _word_around(plain: str, start: int, end: int) -> tuple[int, int]:
    while start and _LETTER_RUN.match(plain, start - 1, start):
        start -= 1
    match = _LETTER_RUN.match(plain, end)
    return start, match.end() if match else end


def _pure(word: str) -> str:
    """The word in one script, or unchanged when neither script can write it; the fewer letters change, the better."""
    cyrillic, latin = word.translate(_TO_CYRILLIC), word.translate(_TO_LATIN)
    choices = [pure for pure, script in ((cyrillic, _CYRILLIC_RUN), (latin, _LATIN_RUN)) if script.fullmatch(pure)]
    return min(choices, key=lambda pure: sum(old != new for old, new in zip(word, pure, strict=True)), default=word)
