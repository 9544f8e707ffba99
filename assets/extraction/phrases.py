"""The phrases of the boilerplate taxonomy, one table a language in `phrases/`, looked up in all languages at once.

A page's furniture often speaks another language than its text, so every language is always looked up. What a match means
(its position, its neighbours) is decided in `zones`, `tail` and `gate`. There are thousands of phrases and each line is held
against most of them: plain look-ups answer in a tenth of the time of one pattern of all, and need no compiling at the start.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files

from assets.extraction.wording import DECORATION, fold, is_sentence, undotted

LONGEST_DISCLAIMER, _SENTENCES = 1200, 250  # characters; of one that is told by its beginning
LONGEST = 80  # characters; a longer line is prose, whatever it starts with
_WORD_END = r"(?:(?<=[^\w\s])|(?!\w)|(?<=[\u3400-\u9fff]))"


@cache
def _tables() -> tuple[dict, ...]:
    folder = files("assets.extraction") / "phrases"
    return tuple(
        tomllib.loads(part.read_text("utf-8")) for part in sorted(folder.iterdir(), key=lambda p: p.name) if part.name.endswith(".toml")
    )


@dataclass(slots=True)
class _Lines:
    """The phrases of a kind that begin with one character: whole lines, beginnings of lines, and patterns for those with a gap."""

    whole: set[str] = field(default_factory=set)
    starts: tuple[str, ...] = ()
    gapped: tuple[re.Pattern[str], ...] = ()

    def has(self, folded: str) -> bool:
        """Whether a folded line is one of them, with or without a colon, or begins as one that ends in `…`."""
        if folded in self.whole or folded.removesuffix(":") in self.whole:
            return True
        if folded.startswith(self.starts) and any(folded.startswith(start) and _ends_a_word(folded, len(start)) for start in self.starts):
            return True
        return any(pattern.match(folded) for pattern in self.gapped)


@cache
def _lines(kind: str) -> dict[str, _Lines]:
    found: dict[str, _Lines] = defaultdict(_Lines)
    for phrase in (phrase for table in _tables() for phrase in table.get(kind, ())):
        parts = [part for part in map(undotted, map(_folded, phrase.lstrip(DECORATION).split("…"))) if part]
        lines = found[parts[0][0]]
        if len(parts) > 1:
            lines.gapped += (re.compile(".*".join(map(re.escape, parts)) + (_WORD_END if phrase.endswith("…") else ":?$")),)
        elif phrase.endswith("…"):
            lines.starts += (parts[0],)
        else:
            lines.whole.add(parts[0])
    return dict(found)


def _folded(part: str) -> str:
    return " ".join(part.casefold().replace("ё", "е").split())


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _ends_a_word(text: str, end: int) -> bool:
    """Whether text[:end] ends where a word does; Chinese shows no such place, signs need none, and the "20" of a year goes on."""
    last = text[end - 1]
    return not _is_word(text[end : end + 1]) or not _is_word(last) or last.isdigit() or "\u3400" <= last <= "\u9fff"


def starts_with(kind: str, line: str, *, longest: int = LONGEST) -> bool:
    """Whether the line begins as (or is) a phrase of this kind and is short enough to be one."""
    if len(line) > longest:
        return False
    folded = fold_line(line)
    lines = _lines(kind).get(folded[:1])
    return lines is not None and lines.has(folded)


@lru_cache(maxsize=1024)
def is_disclaimer(text: str) -> bool:
    """Whether a paragraph says whose opinion a text is not, or who paid for it.

    One that begins so must speak of the author or the text, too: the views expressed by a minister are the article's.
    """
    if len(text) > LONGEST_DISCLAIMER:
        return False
    folded = _folded(text)
    denies, begins = _speaks("disclaims", folded), starts_with("disclaimer", text, longest=_SENTENCES)
    if denies or begins:
        speaks = _speaks("authorial", folded)
        return (speaks and denies) or (begins and (speaks or denies or not is_sentence(text) or _speaks("owned", folded)))
    return False


def _speaks(kind: str, folded: str) -> bool:
    """Whether a phrase of the kind stands anywhere in folded text, as whole words but for the end of one that ends in `…`."""
    return any(stem in folded and pattern.search(folded) for stem, pattern in _anywhere(kind))


@cache
def _anywhere(kind: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The phrases of a kind by their first two words, which are looked for first: nearly no text holds any."""
    phrases: dict[str, list[str]] = defaultdict(list)
    for phrase in sorted({phrase for table in _tables() for phrase in table.get(kind, ())}):
        folded = _folded(phrase.rstrip("…"))
        phrases[" ".join(folded.split()[:2])].append(re.escape(folded) + ("" if phrase.endswith("…") else _WORD_END))
    return tuple((stem, re.compile(rf"(?<![^\W\u3400-\u9fff])(?:{'|'.join(parts)})")) for stem, parts in phrases.items())


@lru_cache(maxsize=8192)
def fold_line(line: str) -> str:
    """Folded, but with the trailing colon that some phrases end in kept apart from the decoration."""
    folded = undotted(fold(line))
    return folded + ":" if line.rstrip().endswith((":", "：")) else folded


@dataclass(frozen=True, slots=True)
class Words:
    """The phrases of one gate."""

    phrases: frozenset[str]

    def stand_in(self, text: str) -> bool:
        """Whether one of them stands in folded text, at the beginning of a word."""
        return any(_begins_a_word(text, place) for phrase in self.phrases for place in _places(phrase, text))

    def are(self, text: str) -> bool:
        """Whether folded text is one of them and nothing else."""
        return text in self.phrases


def _places(phrase: str, text: str) -> Iterator[int]:
    place = text.find(phrase)
    while place >= 0:
        yield place
        place = text.find(phrase, place + 1)


def _begins_a_word(text: str, place: int) -> bool:
    return not place or not _is_word(text[place - 1])


@cache
def gate_words(kind: str) -> Words:
    """All phrases of a gate, to be searched anywhere in folded text."""
    return Words(frozenset(_folded(phrase) for table in _tables() for phrase in table["gate"].get(kind, ())))
