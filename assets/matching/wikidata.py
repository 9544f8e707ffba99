"""An export of Wikidata that the operator has, as drafts of a watch list. Nothing is fetched.

What belongs here: the three shapes such exports have, and which statements say something about names. What does not: YAML.

 - `{"entities": {"Q1065": {"labels": …, "aliases": …, "claims": …}}}`, as wbgetentities and Special:EntityData give it
 - a list of such entities, as dumps hold them
 - `{"results": {"bindings": […]}}`, a SPARQL answer: one variable is the entity's address, every other that bears a language
   is a name; itemAltLabel of the label service holds several, parted by ", "
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from assets.matching.drafts import Draft, Kind, slug
from assets.matching.scripts import base_language
from warehouse.errors import ConfigError

_QID = re.compile(r"Q[1-9]\d*")
_ENTITY = re.compile(r"^https?://www\.wikidata\.org/(?:entity|wiki)/(Q[1-9]\d*)$")
_SHORT_NAME, _DEMONYM, _ISO, _PLACE, _INSTANCE = "P1813", "P1549", "P297", "P625", "P31"
_HUMAN = "Q5"
_SHAPES = "wbgetentities, Special:EntityData, a list of entities, or a SPARQL answer in JSON"

Names = list[tuple[str, str, Any]]  # language, text, via


def read_ids(text: str, name: str) -> dict[str, str]:
    """The Wikidata ids of a list, each with the id it shall have or "": `Q1065  un   # remark`. Raises ConfigError with the line."""
    wanted: dict[str, str] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        qid, *own = line.partition("#")[0].replace(",", " ").split() or [""]
        if not qid:
            continue
        if not _QID.fullmatch(qid) or len(own) > 1:
            raise ConfigError(f"no Wikidata id: {line.strip()!r}", path=name, line=number, hint="a line is Q318693, or Q318693 csto")
        wanted[qid] = own[0] if own else ""
    return wanted


def read_export(text: str, name: str, languages: Sequence[str], wanted: Mapping[str, str] | None = None) -> tuple[list[Draft], list[str]]:
    """The drafts of an export in some languages, and the wanted ids that it does not hold. Raises ConfigError."""
    drafts = {qid: draft for qid, draft in _entities(text, name) if wanted is None or qid in wanted}
    chosen = set(languages)
    for draft in drafts.values():
        for language in set(draft.labels) - chosen:
            del draft.labels[language]
    _identify(drafts, wanted or {})
    return list(drafts.values()), [qid for qid in wanted or () if qid not in drafts]


def _identify(drafts: Mapping[str, Draft], wanted: Mapping[str, str]) -> None:
    """Give each draft the id that the operator wants, else one made of its English name, else its number."""
    taken: set[str] = set()
    for qid, draft in drafts.items():
        made = slug(next(iter(draft.labels.get("en", {}).get("name", [])), ""))
        draft.id = wanted.get(qid) or (made if made and made not in taken else qid.lower())
        taken.add(draft.id)


def _entities(text: str, name: str) -> Iterator[tuple[str, Draft]]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as fault:
        raise ConfigError(f"not JSON: {fault.msg}", path=name, line=fault.lineno, hint=f"export it as {_SHAPES}") from fault
    listed = data.get("entities", {}) if isinstance(data, dict) else data
    items = list(listed.values()) if isinstance(listed, dict) else listed
    bindings = data.get("results", {}).get("bindings") if isinstance(data, dict) and isinstance(data.get("results"), dict) else None
    if isinstance(bindings, list):
        return iter(_from_bindings(bindings).items())
    if isinstance(items, list) and any(isinstance(item, dict) and "labels" in item for item in items):
        return ((item["id"], _from_entity(item)) for item in items if isinstance(item, dict) and _QID.fullmatch(str(item.get("id", ""))))
    raise ConfigError("no entities of Wikidata in it", path=name, hint=f"export it as {_SHAPES}")


def _from_entity(item: Mapping[str, Any]) -> Draft:
    claims = item.get("claims") or {}
    territory = next((code for code in _values(claims, _ISO) if isinstance(code, str)), None)
    draft = Draft(item["id"], _kind(claims), item["id"], territory)
    aliases = item.get("aliases") or {}
    for language, text, via in (
        *((label["language"], label["value"], None) for label in (item.get("labels") or {}).values()),
        *((alias["language"], alias["value"], None) for several in aliases.values() for alias in several),
        *_monolingual(claims, _SHORT_NAME, None),
        *_monolingual(claims, _DEMONYM, "demonym"),
    ):
        draft.add(text, language, via)
    return draft


def _monolingual(claims: Mapping[str, Any], statement: str, via: Any) -> Names:
    values = [value for value in _values(claims, statement) if isinstance(value, dict)]
    return [(value["language"], value["text"], via) for value in values if {"language", "text"} <= set(value)]


def _kind(claims: Mapping[str, Any]) -> Kind:
    if any(isinstance(value, dict) and value.get("id") == _HUMAN for value in _values(claims, _INSTANCE)):
        return "person"
    return "region" if _ISO in claims or _PLACE in claims else "organisation"


def _values(claims: Mapping[str, Any], statement: str) -> list[Any]:
    """The values of a statement, in the order of the export, without those that are deprecated or unknown."""
    stated = [each for each in claims.get(statement, []) if each.get("rank") != "deprecated"]
    return [value for each in stated if (value := each.get("mainsnak", {}).get("datavalue", {}).get("value")) is not None]


def _from_bindings(bindings: Iterable[Mapping[str, Mapping[str, str]]]) -> dict[str, Draft]:
    drafts: dict[str, Draft] = {}
    for row in bindings:
        qid = next((match[1] for cell in row.values() if (match := _ENTITY.match(cell.get("value", "")))), None)
        if not qid:
            continue
        draft = drafts.setdefault(qid, Draft(qid, qid=qid))
        for variable, cell in row.items():
            language = base_language(cell.get("xml:lang"))
            texts = cell.get("value", "").split(", ") if variable.endswith("AltLabel") else [cell.get("value", "")]
            for text in texts if language else ():
                if text != qid:  # the label service gives the number where there is no label
                    draft.add(text, str(language), "demonym" if "demonym" in variable.lower() else None)
    return drafts
