"""The phrases of the boilerplate taxonomy, one table a language in `phrases/`, compiled once for all languages.

A page's furniture often speaks another language than its text, so every language is always looked up. What a match means
(its position, its neighbours) is decided in `zones`, `tail` and `gate`.
"""

import re
import tomllib
from collections import defaultdict
from functools import cache, lru_cache
from importlib.resources import files

from assets.extraction.wording import fold

LONGEST = 80  # characters; a longer line is prose, whatever it starts with


@cache
def _tables() -> tuple[dict, ...]:
    folder = files("assets.extraction") / "phrases"
    return tuple(
        tomllib.loads(part.read_text("utf-8")) for part in sorted(folder.iterdir(), key=lambda p: p.name) if part.name.endswith(".toml")
    )


@cache
def _lines(kind: str) -> dict[str, re.Pattern[str]]:
    """The phrases of a kind by their first character: whole lines, and beginnings of lines for those that end in `…`."""
    whole: dict[str, set[str]] = defaultdict(set)
    starts: dict[str, set[str]] = defaultdict(set)
    for phrase in (phrase for table in _tables() for phrase in table.get(kind, ())):
        parts = [_escape(part) for part in phrase.split("…")]
        target, parts = (starts, parts[:-1]) if phrase.endswith("…") else (whole, parts)
        target[parts[0].lstrip("\\")[:1]].add(".*".join(part for part in parts if part))
    return {first: _pattern(starts[first], whole[first]) for first in {*starts, *whole}}


def _pattern(starts: set[str], whole: set[str]) -> re.Pattern[str]:
    begin = "|".join(sorted(starts, key=len, reverse=True)) or "(?!)"
    exact = "|".join(sorted(whole, key=len, reverse=True)) or "(?!)"
    return re.compile(rf"(?:{begin})(?:(?<=[^\w\s])|(?!\w)|(?<=[\u3400-\u9fff]))|(?:{exact}):?$")


def _escape(part: str) -> str:
    return re.escape(" ".join(part.casefold().replace("ё", "е").split()).lstrip("([#-–—"))


def starts_with(kind: str, line: str, *, longest: int = LONGEST) -> bool:
    """Whether the line begins as (or is) a phrase of this kind and is short enough to be one."""
    if len(line) > longest:
        return False
    folded = fold_line(line)
    pattern = _lines(kind).get(folded[:1])
    return pattern is not None and bool(pattern.match(folded))


@lru_cache(maxsize=8192)
def fold_line(line: str) -> str:
    """Folded, but with the trailing colon that some phrases end in kept apart from the decoration."""
    folded = fold(line)
    return folded + ":" if line.rstrip().endswith((":", "：")) else folded


@cache
def gate_words(kind: str) -> re.Pattern[str]:
    """All phrases of a gate, to be searched anywhere in folded text."""
    phrases = {_escape(phrase) for table in _tables() for phrase in table["gate"].get(kind, ())}
    return re.compile("|".join(rf"(?<!\w){phrase}" for phrase in sorted(phrases, key=len, reverse=True)))
