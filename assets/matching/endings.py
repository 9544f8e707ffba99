"""Endings for words that no dictionary knows: how a name or an adjective changes in each language.

What belongs here: reading the tables in `paradigms/`, one a language, and applying the longest suffix that fits. What
does not: dictionaries, phrases. A form that is no word costs nothing, since no text holds it; a missing form loses an
alert. So the tables are generous.
"""

from functools import cache
from pathlib import Path
from typing import Literal

Section = Literal["names", "words", "acronyms"]
_FOLDER = Path(__file__).parent / "paradigms"
_VOWELS = frozenset("aeiouyàáâãäåæèéêëęìíîïòóôõöøùúûüýąőűаеёиоуыэюяіїєь")
_NOTHING = "0"  # the empty ending
_CONSONANT = "*"  # the suffix that stands for any last letter that is no vowel


@cache
def table(language: str) -> dict[Section, dict[str, tuple[str, ...]]]:
    """The endings of a language: {"names": {suffix: replacements}, "words": …}; empty where there is no table.

    `names` is for capitalised nouns, `words` for adjectives, inhabitants and lower-case words, and rules of the section
    `both` count for either; `acronyms` holds what is written after an acronym in small letters.
    """
    source = _FOLDER / f"{language}.txt"
    sections: dict[str, dict[str, tuple[str, ...]]] = {"names": {}, "words": {}, "both": {}, "acronyms": {}}
    if not source.is_file():
        return {"names": {}, "words": {}, "acronyms": {}}
    section = "both"
    for line in source.read_text(encoding="utf-8").splitlines():
        rule = line.partition("#")[0].strip()
        if rule.startswith("["):
            section = rule.strip("[]")
        elif rule:
            suffix, _, endings = rule.partition(":")
            sections[section][suffix.strip()] = tuple("" if ending == _NOTHING else ending for ending in endings.split())
    both = sections["both"]
    return {"names": both | sections["names"], "words": both | sections["words"], "acronyms": sections["acronyms"]}


def acronym_endings(acronym: str, language: str | None) -> tuple[str, ...]:
    """The small letters that a language writes after a lower-cased acronym: "а" in МИДа."""
    rules = table(language)["acronyms"] if language else {}
    return rules.get(acronym[-1:], () if acronym[-1:] in _VOWELS else rules.get(_CONSONANT, ()))


def inflect(word: str, language: str, section: Section) -> set[str]:
    """All forms of a lower-case base form by the tables, the word itself among them."""
    rules = table(language)[section]
    if not rules:
        return {word}
    for length in range(min(len(word) - 1, 6), 0, -1):
        endings = rules.get(word[-length:])
        if endings is not None:
            return {word, *(word[:-length] + ending for ending in endings)}
    if word[-1:] not in _VOWELS and word[-1:].isalpha():
        return {word, *(word + ending for ending in rules.get(_CONSONANT, ()))}
    return {word}
