"""A watch list compiled into the table of all forms that the matcher looks for.

What belongs here: which names are compiled for which languages, the table, its hash and its cache. What does not: how
one name changes (`forms`), searching texts (`matcher`). The work of morphology is done here, once; no analyser runs
while texts are matched, and the table can be read (`Compiled.forms_of`).
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from assets.matching.forms import Phrase, alias_phrases, describe, free_phrases, words_of, words_to_look_up
from assets.matching.gazetteer import is_known, other_places, territory_aliases
from assets.matching.lemmas import EMPTY, Lexicon, read_lexicon
from assets.matching.normalise import lower_name
from assets.matching.scripts import script_of, script_of_language
from assets.matching.watchlist import Alias, Condition, Entity, Watchlist, ancestors

TABLE = "forms/3"  # to be raised when the same forms come to be judged otherwise, so that texts are matched again
BASE_LANGUAGES = ("en", "ru", "uk", "fr", "de", "es", "ar", "zh", "pl", "it", "pt", "tr")
# Measured: where nouns hardly change the tables find as much as a dictionary, which costs seconds to read.
_WITHOUT_DICTIONARY = frozenset({"zh", "ja", "ko", "th", "ar", "he", "fa", "ur", "de", "es", "fr", "it", "pt"})


class CompiledEntity(NamedTuple):
    """What is left of an entity beside its phrases."""

    id: str
    kind: str
    qid: str | None
    parents: tuple[str, ...]
    near: tuple[Condition, ...]


@dataclass(frozen=True)
class Compiled:
    """The compiled table; equal watch lists give equal tables and equal hashes on every machine."""

    entities: tuple[CompiledEntity, ...]
    phrases: tuple[Phrase, ...]
    languages: tuple[str, ...]  # in which at least one name is compiled

    @cached_property
    def hash(self) -> str:
        """32 hex characters over everything that decides a match."""
        return _digest(_dump(self))

    @property
    def forms(self) -> int:
        """How many word forms and literals the table holds."""
        return sum(sum(map(len, phrase.slots)) + bool(phrase.literal) for phrase in self.phrases)

    def forms_of(self, entity: str) -> list[tuple[Phrase, list[str]]]:
        """The phrases of an entity, each with its forms for reading."""
        return [(phrase, describe(phrase)) for phrase in self.phrases if phrase.entity == entity]

    def ancestors(self, entity: str) -> set[str]:
        """All parents of an entity and theirs, whether the list watches them or not."""
        return ancestors(entity, {item.id: item.parents for item in self.entities})


def compile_watchlist(watchlist: Watchlist, languages: Sequence[str] | None = None, *, cache_dir: Path | None = None) -> Compiled:
    """Compile a watch list for some languages, by default all that it is written in and `BASE_LANGUAGES`.

    With `cache_dir` the table is kept there under the hash of what went in; without it nothing touches the disk but the
    reading of the dictionaries of the languages in which the list has names of its own (two seconds for Russian, Polish six).
    """
    chosen = tuple(sorted(set(languages))) if languages else languages_of(watchlist)
    if cache_dir is None:
        return _compile(watchlist, chosen)
    path = cache_dir / f"{_input_hash(watchlist, chosen)}.json"
    try:
        return _parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):  # absent or damaged: make it anew
        compiled = _compile(watchlist, chosen)
    cache_dir.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(f".{hashlib.blake2b(_dump(compiled).encode(), digest_size=4).hexdigest()}.part")
    scratch.write_text(_dump(compiled), encoding="utf-8")
    scratch.replace(path)
    return compiled


def languages_of(watchlist: Watchlist) -> tuple[str, ...]:
    """The languages that a list is compiled for when nobody says otherwise."""
    return tuple(sorted({*BASE_LANGUAGES, *watchlist.languages, *_own_languages(watchlist)}))


def aliases_of(entity: Entity, languages: tuple[str, ...]) -> list[Alias]:
    """The aliases of an entity for some languages: its own and those of CLDR, less the ones of CLDR that it drops."""
    own = [alias for alias in entity.aliases if alias.language is None or alias.language in languages]
    named = territory_aliases(entity.territory, languages) if entity.territory else ()
    # Where the adjective is written as the name (تشيلي), both count: whoever leaves adjectives out keeps the name.
    known = {(alias.text, alias.language) for alias in own if alias.via != "demonym"}
    added = [alias for alias in named if (alias.text, alias.language) not in known and alias.text not in entity.drop]
    return [alias for alias in (*own, *added) if entity.demonyms or alias.via != "demonym"]


def lexicons_for(watchlist: Watchlist, languages: tuple[str, ...]) -> dict[str, Lexicon]:
    """What the dictionaries know of the words of the list, by language; a language that only CLDR names uses has none."""
    texts: defaultdict[str, set[str]] = defaultdict(set)
    for entity in watchlist.entities:
        for alias in aliases_of(entity, languages):
            if alias.language:
                texts[alias.language].add(alias.text)
        for text, spoken in (*_exclusions(entity, languages), *_neighbours(entity, languages)):
            for language in spoken:
                texts[language].add(text)
    own = _own_languages(watchlist)
    lexicons = dict.fromkeys(languages, EMPTY)
    for language in sorted(own.intersection(texts) - _WITHOUT_DICTIONARY):
        lexicons[language] = read_lexicon(language, *words_to_look_up(sorted(texts[language]), language))
    return lexicons


def _compile(watchlist: Watchlist, languages: tuple[str, ...]) -> Compiled:
    _check_territories(watchlist)
    lexicons = lexicons_for(watchlist, languages)
    wider = _wider_people(watchlist, languages)
    phrases = [phrase for entity in watchlist.entities for phrase in _phrases(entity, languages, lexicons, wider.get(entity.id, ()))]
    unique = tuple(dict.fromkeys(phrases))
    entities = tuple(CompiledEntity(item.id, item.kind, item.qid, item.parents, item.near) for item in watchlist.entities)
    used = tuple(sorted({phrase.language for phrase in unique if phrase.language}))
    return Compiled(entities, unique, used)


def _phrases(
    entity: Entity, languages: tuple[str, ...], lexicons: dict[str, Lexicon], wider: Sequence[tuple[str, list[str]]]
) -> Iterator[Phrase]:
    for alias in aliases_of(entity, languages):
        lexicon = lexicons.get(alias.language or "en", EMPTY)
        yield from alias_phrases(entity.id, alias, lexicon, inflected=entity.inflect)
    for text, spoken in (*_exclusions(entity, languages), *wider):
        yield from free_phrases(entity.id, "exclude", text, {language: lexicons[language] for language in spoken})
    for group, condition in enumerate(entity.near):
        for text in condition.any:
            known = {language: lexicons[language] for language in _languages_of(text, entity, languages)}
            yield from free_phrases(entity.id, "near", text, known, group)


def _exclusions(entity: Entity, languages: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    """The excluded phrases of an entity and the languages to inflect them in; for a region other places' names too."""
    own = [(text, _languages_of(text, entity, languages)) for text in entity.exclude]
    if entity.kind != "region" or entity.nested:
        return own
    aliases = [alias for alias in aliases_of(entity, languages) if alias.via == "name"]
    named = {lower_name(alias.text) for alias in aliases}
    others = {(place, alias.language) for alias in aliases if alias.language for place in other_places(alias.text, alias.language)}
    return own + [(place, [language]) for place, language in sorted(others) if lower_name(place) not in named]


def _wider_people(watchlist: Watchlist, languages: tuple[str, ...]) -> dict[str, list[tuple[str, list[str]]]]:
    """By region the adjectives of other regions in which its own stands, with their language: South Sudanese, for Sudan."""
    people = [
        (entity, alias, [lower_name(word.text) for word in words_of(alias.text)[0]])
        for entity in watchlist.entities
        if entity.kind == "region"
        for alias in aliases_of(entity, languages)
        if alias.via == "demonym" and alias.language
    ]
    wider: defaultdict[tuple[str, str | None], list[tuple[str, str]]] = defaultdict(list)
    for entity, alias, words in people:
        for word in words if len(words) > 1 else ():
            wider[word, alias.language].append((entity.id, alias.text))
    found: defaultdict[str, list[tuple[str, list[str]]]] = defaultdict(list)
    for entity, alias, words in people:
        if len(words) == 1 and not entity.nested:
            others = [text for other, text in wider[words[0], alias.language] if other != entity.id]
            found[entity.id].extend((text, [alias.language]) for text in others if alias.language)
    return found


def _neighbours(entity: Entity, languages: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    return [(text, _languages_of(text, entity, languages)) for condition in entity.near for text in condition.any]


def _languages_of(text: str, entity: Entity, languages: tuple[str, ...]) -> list[str]:
    """The languages in which an exclusion may be written: those of the entity's own names that use its script."""
    script = script_of(text)
    fitting = [language for language in languages if script_of_language(language) == script]
    own = {alias.language for alias in entity.aliases}
    return [language for language in fitting if language in own] or fitting[:2]


def _own_languages(watchlist: Watchlist) -> set[str]:
    return {alias.language for entity in watchlist.entities for alias in entity.aliases if alias.language}


def _check_territories(watchlist: Watchlist) -> None:
    for entity in watchlist.entities:
        if entity.territory and not is_known(entity.territory):
            document = watchlist.documents[entity.file]
            raise document.fault(
                f"{entity.id}: CLDR knows no territory {entity.territory!r}",
                (*entity.place, "from"),
                hint="use an ISO 3166 code such as TJ, or a UN M49 number such as 143",
            )


def _input_hash(watchlist: Watchlist, languages: tuple[str, ...]) -> str:
    """Everything that decides the table: the list, the languages, the rules and the versions of the data behind them."""
    entities = [
        plain(entity._replace(place=(), aliases=tuple(alias._replace(place=()) for alias in entity.aliases)))
        for entity in watchlist.entities
    ]
    versions = [TABLE, metadata.version("simplemma"), metadata.version("babel")]
    return hashlib.blake2b(json.dumps([entities, languages, versions, _rules()], ensure_ascii=False).encode(), digest_size=16).hexdigest()


def _rules() -> str:
    """A hash over everything here that makes forms, so that a cache never outlives the rules that filled it."""
    folder = Path(__file__).parent
    sources = sorted([*folder.glob("*.py"), *folder.glob("paradigms/*.txt"), *folder.glob("wording/*.txt")])
    return hashlib.blake2b(b"".join(source.read_bytes() for source in sources), digest_size=8).hexdigest()


def plain(value: Any) -> Any:
    """A value of a compiled list as JSON can hold it, equal for equal values."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return value


def _dump(compiled: Compiled) -> str:
    return json.dumps({"table": TABLE, **{key: plain(value) for key, value in vars(compiled).items() if key != "hash"}}, ensure_ascii=False)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _parse(text: str) -> Compiled:
    data = json.loads(text)
    conditions = (
        CompiledEntity(
            id_,
            kind,
            qid,
            tuple(parents),
            tuple(Condition(tuple(terms), within, frozenset(langs), frozenset(only)) for terms, within, langs, only in near),
        )
        for id_, kind, qid, parents, near in data["entities"]
    )
    phrases = (
        Phrase(*row)._replace(slots=tuple(map(frozenset, row[5])), gaps=tuple(row[6]), cases=tuple(row[7])) for row in data["phrases"]
    )
    compiled = Compiled(tuple(conditions), tuple(phrases), tuple(data["languages"]))
    # What `hash` would find out: to write the table down once more costs as much as to read it.
    vars(compiled)["hash"] = _digest(text)
    return compiled
