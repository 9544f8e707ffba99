"""What a person should decide about a watch list before it is used: names that two entities share or that are ordinary words.

What belongs here: findings with file and line. What does not: faults of the schema, which `watchlist` refuses.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Literal, NamedTuple

from assets.matching.compiling import aliases_of, languages_of
from assets.matching.lemmas import read_lexicon
from assets.matching.normalise import lower_name
from assets.matching.watchlist import Alias, Entity, Watchlist


class Finding(NamedTuple):
    """One thing to decide. An `error` lets ordinary words raise alerts; a `warning` may be meant so."""

    level: Literal["error", "warning"]
    message: str
    path: str
    line: int | None
    hint: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.level}: {self.message}"


def check(watchlist: Watchlist) -> list[Finding]:
    """All findings, in the order of the files. Reads a dictionary only for languages with an undecided lower-case name."""
    findings = [*_shared(watchlist, languages_of(watchlist)), *_unknown_parents(watchlist), *_ordinary(watchlist)]
    return sorted(findings, key=lambda finding: (finding.path, finding.line or 0, finding.message))


def _shared(watchlist: Watchlist, languages: tuple[str, ...]) -> Iterator[Finding]:
    """Names that two entities share in one language: each mention would count for both, as all of them may confirm (中美)."""
    owners: defaultdict[tuple[str, str | None], dict[str, tuple[Entity, Alias]]] = defaultdict(dict)
    for entity in watchlist.entities:
        for alias in aliases_of(entity, languages):
            key = alias.text if alias.via == "acronym" else lower_name(alias.text)
            owners[key, alias.language].setdefault(entity.id, (entity, alias))
    told: set[tuple[str, ...]] = set()
    for (name, _), sharing in owners.items():
        ids = tuple(sharing)
        meant = all(_is_confirmed(entity, alias) for entity, alias in sharing.values())
        if len(ids) > 1 and not meant and (name, *ids) not in told:
            told.add((name, *ids))
            entity, alias = list(sharing.values())[-1]
            message = f"{alias.text!r} is a name of both {' and '.join(ids)}"
            yield _finding(
                watchlist,
                "warning",
                message,
                entity,
                alias,
                "keep it with one of them, tell them apart by require_near, or confirm it in both",
            )


def _ordinary(watchlist: Watchlist) -> Iterator[Finding]:
    """Names in small letters that the dictionary knows as words: each needs a decision."""
    undecided: defaultdict[str, list[tuple[Entity, Alias]]] = defaultdict(list)
    for entity in watchlist.entities:
        for alias in entity.aliases:
            if _is_small(alias) and not _is_decided(entity, alias):
                undecided[alias.language or "en"].append((entity, alias))
    for language, pairs in undecided.items():
        known = read_lexicon(language, [alias.text for _, alias in pairs]).lemmas
        for entity, alias in pairs:
            if alias.text in known:
                message = f"{entity.id}: {alias.text!r} is an ordinary word ({language}) and would match each time it is used"
                hint = "write it with a capital, or add exclude, require_near or confirm: true"
                yield _finding(watchlist, "error", message, entity, alias, hint)


def _is_small(alias: Alias) -> bool:
    """A single word in small letters, of a script that has capitals."""
    return alias.via != "demonym" and " " not in alias.text and alias.text == alias.text.lower() != alias.text.upper()


def _is_decided(entity: Entity, alias: Alias) -> bool:
    guarded = any(not condition.only or alias.text in condition.only for condition in entity.near)
    return _is_confirmed(entity, alias) or guarded or bool(entity.exclude)


def _is_confirmed(entity: Entity, alias: Alias) -> bool:
    return alias.text in entity.confirm if isinstance(entity.confirm, frozenset) else entity.confirm


def _unknown_parents(watchlist: Watchlist) -> Iterator[Finding]:
    ids = {entity.id for entity in watchlist.entities}
    for entity in watchlist.entities:
        for parent in entity.parents:
            if parent not in ids:
                hint = "add the parent, or leave it if only analysts need it"
                yield _finding(watchlist, "warning", f"{entity.id}: the parent {parent!r} is not in the list", entity, None, hint)


def _finding(
    watchlist: Watchlist, level: Literal["error", "warning"], message: str, entity: Entity, alias: Alias | None, hint: str
) -> Finding:
    file, place = (alias.file, alias.place) if alias and alias.place else (entity.file, entity.place)
    return Finding(level, message, str(watchlist.documents[file].path), watchlist.line(file, place), hint)
