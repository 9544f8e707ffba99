"""What a changed watch list changes: which entities must be matched again, in which texts.

What belongs here: comparing compiled lists, narrowing one to some entities, and the test by which the store passes over
texts in which none of them can stand. What does not: reading and writing the store (`assets.mentions`).

An entity's mentions depend on its own phrases and conditions only, never on another entity's; that is what makes
matching a part of the list equal to matching all of it.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from assets.matching.compiling import TABLE, Compiled, plain
from assets.matching.normalise import unchanged_characters
from assets.matching.scripts import base_language
from assets.matching.tokens import is_letter

_MOST_FORMS = 400  # beyond it the engine's automaton overflows, and asking costs more than matching
_CYRILLIC = r"\x{0400}-\x{04ff}"


class Version(NamedTuple):
    """One compiled watch list as later ones are compared with it: its languages, and by entity a hash of what decides its mentions."""

    languages: frozenset[str]
    entities: Mapping[str, str]


class Difference(NamedTuple):
    """What must be matched again: `entities` in every text, everything in texts of `languages`."""

    entities: frozenset[str]
    languages: frozenset[str]

    def covers(self, language: str | None) -> bool:
        """Whether a text of this language must be matched whole."""
        return base_language(language) in self.languages


def version(compiled: Compiled) -> Version:
    """The version of a compiled list."""
    phrases: dict[str, list[object]] = {entity.id: [] for entity in compiled.entities}
    for phrase in compiled.phrases:
        phrases[phrase.entity].append(plain(phrase))
    return Version(
        frozenset(compiled.languages),
        {
            entity.id: _hash([TABLE, entity.id, entity.kind == "region", plain(entity.near), phrases[entity.id]])
            for entity in compiled.entities
        },
    )


def difference(old: Version, new: Version) -> Difference:
    """What of the old version's mentions the new one may see otherwise.

    A text in a language without any name is searched for the names of all languages, so that a language that comes or
    goes changes how its texts are read.
    """
    changed = {entity for entity in {*old.entities, *new.entities} if old.entities.get(entity) != new.entities.get(entity)}
    return Difference(frozenset(changed), old.languages ^ new.languages)


def narrowed(compiled: Compiled, entities: Collection[str]) -> Compiled:
    """The part of a compiled list that is about some entities; it reads texts as the whole list does."""
    return replace(
        compiled,
        entities=tuple(entity for entity in compiled.entities if entity.id in entities),
        phrases=tuple(phrase for phrase in compiled.phrases if phrase.entity in entities),
    )


class TextTest(NamedTuple):
    """Two regular expressions (RE2) that tell texts in which a name may stand; what neither finds holds none of them.

    `unusual` is tried on the text as it is: it finds what folding rewrites, where looking for forms proves nothing.
    `forms` is tried on the text in small letters with ё written е.
    """

    unusual: str
    forms: str


def text_test(compiled: Compiled) -> TextTest | None:
    """The test for the names of a (narrowed) list; None when there are too many of them."""
    aliases = [phrase for phrase in compiled.phrases if phrase.role == "alias"]
    words = {phrase.slots for phrase in aliases if phrase.slots}
    literals = {phrase.literal for phrase in aliases if phrase.literal}
    if len(literals) + sum(len(slot) for slots in words for slot in slots) > _MOST_FORMS:
        return None
    letters = _class(character for character in unchanged_characters() if is_letter(character))
    # Between the words of a name stands anything but letters; what exactly is left to the matcher.
    names = sorted(f"[^{letters}]*".join(f"(?:{_any(slot)})" for slot in slots) for slots in words)
    parts = [f"(?:^|[^{letters}])(?:{'|'.join(names)})(?:[^{letters}]|$)"] if names else []
    parts += [_any(literals)] if literals else []
    unusual = f"[^{_class(unchanged_characters())}]|[A-Za-z][{_CYRILLIC}]|[{_CYRILLIC}][A-Za-z]"
    return TextTest(unusual, "|".join(parts) or r"[^\x{00}-\x{10ffff}]")


def _any(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words)))


def _class(characters: Iterable[str]) -> str:
    return _ranges(tuple(sorted(map(ord, characters))))


@cache
def _ranges(codes: tuple[int, ...]) -> str:
    """The inside of an RE2 [class]."""
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"\\x{{{low:04x}}}-\\x{{{high:04x}}}" for low, high in ranges)


def _hash(value: object) -> str:
    return hashlib.blake2b(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"), digest_size=10).hexdigest()
