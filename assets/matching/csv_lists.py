"""A table of names, one entity a row, as drafts of a watch list.

What belongs here: columns, the separator, patterns such as Организаци* turned into base forms. What does not: YAML (`drafts`).

Columns: `id` (needed); `type` or `kind` (org, organisation, region, country, person, topic); `qid`; `parents`; `note`, which
becomes a comment; `canonical_en`, the English name; and one column a language, headed by its code (en, ru, zh), its names parted
by semicolons. Names in capitals are acronyms. `from` may hold an ISO 3166 code whose CLDR names are added.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from assets.matching.drafts import Draft, Kind
from assets.matching.lemmas import base_forms
from warehouse.errors import ConfigError

_KINDS: dict[str, Kind] = {
    "org": "organisation", "organisation": "organisation", "organization": "organisation", "company": "organisation",
    "region": "region", "country": "region", "place": "region", "person": "person", "topic": "topic", "": "organisation",
}  # fmt: skip
_OTHER = frozenset({"id", "type", "kind", "qid", "parents", "note", "from", "canonical_en"})
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]+)*")
_GENDERS = ((("а", "я"), "ая"), (("о", "е"), "ое"))  # how a noun ends, how its adjective does
_PATTERN = re.compile(r"\w\*|\w\?\w")


def read_csv(text: str, name: str) -> list[Draft]:
    """The drafts of a table; `name` stands for the file in faults. Raises ConfigError with the line of the first fault."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    columns = rows.fieldnames or []
    _check_columns(columns, name)
    numbered = [(rows.line_num, _whole(row, name, rows.line_num)) for row in rows]
    bases = _bases(row for _, row in numbered)
    drafts: dict[str, Draft] = {}
    for line, row in numbered:
        draft = _draft(row, name, line, bases)
        if draft.id in drafts:
            raise ConfigError(f"the id {draft.id!r} stands twice", path=name, line=line, hint="put all names of an entity into one row")
        drafts[draft.id] = draft
    return list(drafts.values())


def _check_columns(columns: Iterable[str], name: str) -> None:
    if "id" not in columns:
        raise ConfigError("there is no column 'id'", path=name, line=1, hint="the first line must name the columns: id,type,en,ru,…")
    strange = [column for column in columns if column not in _OTHER and not _LANGUAGE.fullmatch(column or "")]
    if strange:
        hint = "columns are id, type, qid, parents, from, note, canonical_en and codes of languages"
        raise ConfigError(f"unknown column {strange[0]!r}", path=name, line=1, hint=hint)


def _whole(row: Mapping[str, str], name: str, line: int) -> Mapping[str, str]:
    if not (row["id"] or "").strip() or None in row:
        what = "more fields than columns" if None in row else "an empty id"
        raise ConfigError(what, path=name, line=line, hint='put names that hold a comma into quotes: "Atlanta, Georgia"')
    return row


def _draft(row: Mapping[str, str], name: str, line: int, bases: Mapping[tuple[str, str], str]) -> Draft:
    kind = (row.get("type") or row.get("kind") or "").strip().lower()
    if kind not in _KINDS:
        raise ConfigError(f"unknown type {kind!r}", path=name, line=line, hint="use org, region, person or topic")
    draft = Draft(row["id"].strip(), _KINDS[kind], (row.get("qid") or "").strip() or None, (row.get("from") or "").strip() or None)
    draft.parents += _parts(row.get("parents"), ";")
    draft.remarks += [" ".join(note.split())] if (note := row.get("note") or "") else []
    for language, term in _terms(row):
        for text in _spelt(term, language, bases, draft):
            # A country's name has a capital: таджикский is its adjective.
            small = draft.kind == "region" and " " not in text and text == text.lower() != text.upper()
            draft.add(text, language, "demonym" if small else None)
    return draft


def _terms(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column, cell in row.items():
        if column == "canonical_en":
            yield from (("en", term) for term in _parts(cell, " / "))
        elif column not in _OTHER:
            yield from ((column, term) for term in _parts(cell, ";"))


def _parts(cell: str | None, separator: str) -> list[str]:
    return [part.strip() for part in (cell or "").split(separator) if part.strip()]


def _spelt(term: str, language: str, bases: Mapping[tuple[str, str], str], draft: Draft) -> list[str]:
    """The term without wildcards: Organi?ation in both spellings, Организаци* as its base form."""
    if not _PATTERN.search(term):
        return [term]
    words = [_spellings(word, language, bases) for word in term.split()]
    spelt = [" ".join(_agreeing(choice)) for choice in product(*words)]
    if "*" in term:
        draft.remarks.append(f"check: {language} {term!r} was taken for {spelt[0]!r}")
    return spelt


def _spellings(word: str, language: str, bases: Mapping[tuple[str, str], str]) -> list[str]:
    if "?" in word:
        return [word.replace("?", letter) for letter in "sz"]
    return [bases.get((language, word[:-1]), word[:-1]) if word.endswith("*") else word]


def _agreeing(words: tuple[str, ...]) -> list[str]:
    """The words, Russian adjectives in the gender of the next word that is none: Исламское государство."""
    agreed: list[str] = []
    noun = ""
    for word in reversed(words):
        adjective = word.endswith(("ий", "ый", "ой")) and bool(agreed)
        ending = next((new for old, new in _GENDERS if noun.endswith(old)), "")
        agreed.append(word[:-2] + ending if adjective and ending else word)
        noun = noun if adjective else word
    return agreed[::-1]


def _bases(rows: Iterable[Mapping[str, str]]) -> dict[tuple[str, str], str]:
    """Base forms for all stems of the table, each language's dictionary read once."""
    stems: defaultdict[str, set[tuple[str, bool]]] = defaultdict(set)
    for row in rows:
        for language, term in _terms(row):
            words = term.split()
            stems[language].update((word[:-1], index + 1 < len(words)) for index, word in enumerate(words) if word.endswith("*"))
    found = {language: base_forms(language, wanted) for language, wanted in stems.items() if wanted}
    return {(language, stem): base for language, forms in found.items() for stem, base in forms.items()}
