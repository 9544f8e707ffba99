"""Watch lists: the YAML (or JSON) files in which people say whom and what to watch, read and merged.

What belongs here: the schema, its faults with file and line, how several files become one list. What does not: CLDR
names, word forms, ambiguity (see `compiling`, `checking`).

Files are merged in the order given. An entity whose id an earlier file has is extended: its names, exclusions, parents
and conditions are added to the earlier ones, and what it says of kind, qid, from, inflect, demonyms and confirm holds.
That is the rule because a second file exists to add to a shipped pack, and because a name that silently fell out would
lose alerts; `drop` takes names away, and `replace: true` starts the entity anew. `include: [pack:countries]` reads a shipped
pack before the file that asks for it; a file that is named twice is read once.

A list with a fault is refused whole: without the faulty entity it would match, store and forget as if nobody watched it.
Nothing is lost meanwhile, since texts wait in the store until a list has matched them.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from assets.matching.packs import PREFIX, pack_file
from assets.matching.scripts import base_language
from warehouse.documents import Document
from warehouse.errors import ConfigError

Via = Literal["name", "acronym", "demonym"]
Place = tuple[int | str, ...]


def _quoted(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError(f"YAML reads this as {value}; put it in quotes")  # noqa: TRY004 - pydantic wants ValueError
    return str(value) if isinstance(value, int | float) else value


def spoken(value: str) -> str:
    """The name without spaces around it. Raises ValueError for one that would match everywhere or never."""
    if not any(character.isalnum() for character in value):
        raise ValueError("an empty name would match everywhere; remove it")
    if len(value.strip()) == 1:
        raise ValueError(f"one character ({value.strip()}) would match everywhere; remove it")
    if value != value.encode("utf-8", "ignore").decode("utf-8") or "\ufffd" in value:
        raise ValueError("damaged characters; save the file as UTF-8")
    if re.search(r"\w\*(\s|$)|\w\?\w", value):
        raise ValueError("no wildcards: write the base form, its other forms are made from it (see: thinkwatch watch forms)")
    return value.strip()


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) or value is None else [value]


Name = Annotated[str, BeforeValidator(_quoted), AfterValidator(spoken)]
Language = Annotated[str, BeforeValidator(_quoted), Field(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*$")]
Slug = Annotated[str, BeforeValidator(_quoted), Field(min_length=1, pattern=r"^\S(.*\S)?$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Labels(_Strict):
    """The names of an entity in one language, in base form."""

    names: list[Name] = []
    acronyms: list[Name] = []
    demonyms: list[Name] = []


class Near(_Strict):
    """A mention counts only with one of `any` within so many characters; `only` limits this to some names, `for` to languages."""

    any: list[Name] = Field(min_length=1)
    within: int = Field(default=200, ge=1, le=100_000)
    for_: list[Language] = Field(default=[], alias="for")
    only: list[Name] = []


class EntityModel(_Strict):
    """One entity as a file writes it."""

    id: Slug
    kind: Literal["organisation", "region", "person", "topic"] | None = None
    qid: Annotated[str, Field(pattern=r"^Q[1-9]\d*$")] | None = None
    parents: list[Slug] = []
    from_: Annotated[str, Field(pattern=r"^cldr:[A-Z0-9]{2,3}$")] | None = Field(default=None, alias="from")
    labels: dict[Language, Labels] = {}
    any_language: list[Name] = []
    exclude: list[Name] = []
    require_near: Annotated[list[Near], BeforeValidator(_listed)] = []
    drop: list[Name] = []
    inflect: bool | None = None
    demonyms: bool | None = None
    confirm: bool | list[Name] | None = None
    nested: bool | None = None  # count a region's name inside another region's: Sudan in South Sudan
    replace: bool = False
    note: str | None = None
    distractor: bool | None = None  # an annotation of public test lists; it changes nothing


class Defaults(_Strict):
    """What holds for entities that do not say it themselves."""

    inflect: bool = True
    demonyms: bool = True


class WatchlistModel(_Strict):
    """One file."""

    version: Literal[1] = 1
    set: str | None = None  # a title, as public test lists bear it
    note: str | None = None
    include: list[Annotated[str, Field(pattern=r"^pack:\S+$")]] = []
    languages: list[Language] = []
    defaults: Defaults = Defaults()
    entities: list[EntityModel] = []


class Alias(NamedTuple):
    """One name of an entity; `language` is None for names searched in every language."""

    text: str
    via: Via
    language: str | None
    file: int = 0
    place: Place = ()


class Condition(NamedTuple):
    """A `require_near`: at least one of `any` within `within` characters; empty `only` and `languages` mean all."""

    any: tuple[str, ...]
    within: int
    languages: frozenset[str]
    only: frozenset[str]


class Entity(NamedTuple):
    """One watched organisation, region, person or topic, merged from all files."""

    id: str
    kind: str
    qid: str | None
    parents: tuple[str, ...]
    territory: str | None  # CLDR code whose names are added
    aliases: tuple[Alias, ...]
    drop: frozenset[str]
    exclude: tuple[str, ...]
    near: tuple[Condition, ...]
    inflect: bool
    demonyms: bool
    nested: bool
    confirm: bool | frozenset[str]
    file: int = 0
    place: Place = ()


class Watchlist(NamedTuple):
    """All entities of some files, and the files themselves for naming the line of a fault."""

    entities: tuple[Entity, ...]
    languages: tuple[str, ...]
    documents: tuple[Document, ...]

    def line(self, file: int, place: Place) -> int | None:
        """The line of a place in one of the files."""
        return self.documents[file].line(place) if file < len(self.documents) else None


def load_watchlist(paths: Sequence[Path]) -> Watchlist:
    """Read and merge files; later ones extend earlier ones. Raises ConfigError with file and line of the first fault."""
    return merge([Document.read(path) for path in paths])


def parse_watchlist(text: str, name: str = "watch list") -> Watchlist:
    """Read one watch list from a string; `name` stands for the file in faults."""
    return merge([Document(text, name)])


def merge(documents: Sequence[Document]) -> Watchlist:
    """Merge parsed documents into one list. Raises ConfigError."""
    entities: dict[str, Entity] = {}
    languages: set[str] = set()
    gathered = _gathered(documents)
    for file, (document, model) in enumerate(gathered):
        languages.update(code for language in model.languages if (code := base_language(language)))
        seen: set[str] = set()
        for index, entity in enumerate(model.entities):
            place: Place = ("entities", index)
            if entity.id in seen:
                raise document.fault(f"the id {entity.id!r} stands twice in this file", (*place, "id"), hint="merge the two entries")
            seen.add(entity.id)
            earlier = None if entity.replace else entities.get(entity.id)
            entities[entity.id] = _merged(earlier, entity, model.defaults, file, place)
            if not (entities[entity.id].aliases or entity.from_):
                raise document.fault(f"{entity.id}: no name to look for", place, hint="give labels, any_language or from: cldr:XX")
    merged = Watchlist(tuple(entities.values()), tuple(sorted(languages)), tuple(document for document, _ in gathered))
    _refuse_cycles(merged)
    return merged


def _gathered(documents: Sequence[Document]) -> list[tuple[Document, WatchlistModel]]:
    """The documents, each after the packs that it includes."""
    gathered: dict[str, tuple[Document, WatchlistModel]] = {}

    def take(document: Document) -> None:
        model = document.validate(WatchlistModel)
        if not (model.entities or model.include):
            raise document.fault("entities: there is none", hint="write at least one entity, or include: [pack:countries]")
        for index, pack in enumerate(model.include):
            try:
                file = pack_file(pack.removeprefix(PREFIX))
            except ConfigError as fault:
                raise document.fault(fault.message, ("include", index), hint=fault.hint) from fault
            if str(file) not in gathered:
                take(Document.read(file))
        gathered.setdefault(str(document.path), (document, model))

    for document in documents:
        if str(document.path) not in gathered:
            take(document)
    return list(gathered.values())


def _merged(earlier: Entity | None, model: EntityModel, defaults: Defaults, file: int, place: Place) -> Entity:
    old = earlier or _blank(model.id, defaults)
    conditions = tuple(Condition(tuple(near.any), near.within, frozenset(near.for_), frozenset(near.only)) for near in model.require_near)
    confirm = old.confirm if model.confirm is None else model.confirm
    return Entity(
        id=model.id,
        kind=model.kind or old.kind,
        qid=model.qid or old.qid,
        parents=_joined(old.parents, model.parents),
        territory=(model.from_ or "").removeprefix("cldr:") or old.territory,
        aliases=_joined(
            tuple(alias for alias in old.aliases if alias.text not in model.drop),
            (alias._replace(file=file, place=place + alias.place) for alias in _aliases(model)),
        ),
        drop=old.drop | frozenset(model.drop),
        exclude=_joined(old.exclude, model.exclude),
        near=_joined(old.near, conditions),
        inflect=old.inflect if model.inflect is None else model.inflect,
        demonyms=old.demonyms if model.demonyms is None else model.demonyms,
        nested=old.nested if model.nested is None else model.nested,
        confirm=frozenset(confirm) if isinstance(confirm, list) else confirm,
        file=file,
        place=place,
    )


def _blank(entity_id: str, defaults: Defaults) -> Entity:
    return Entity(entity_id, "organisation", None, (), None, (), frozenset(), (), (), defaults.inflect, defaults.demonyms, False, False)


def _aliases(model: EntityModel) -> Iterator[Alias]:
    kinds: tuple[tuple[str, Via], ...] = (("names", "name"), ("acronyms", "acronym"), ("demonyms", "demonym"))
    for language, labels in model.labels.items():
        for key, via in kinds:
            for index, text in enumerate(getattr(labels, key)):
                yield Alias(text, via, base_language(language), place=("labels", language, key, index))
    for index, text in enumerate(model.any_language):
        yield Alias(text, "acronym" if text.isupper() else "name", None, place=("any_language", index))


def _joined(old: tuple, new: Any) -> tuple:
    return tuple(dict.fromkeys((*old, *new)))


def _refuse_cycles(watchlist: Watchlist) -> None:
    parents = {entity.id: entity.parents for entity in watchlist.entities}
    for entity in watchlist.entities:
        if entity.id in ancestors(entity.id, parents):
            document = watchlist.documents[entity.file]
            raise document.fault(f"{entity.id}: is its own parent", (*entity.place, "parents"), hint="break the circle of parents")


def ancestors(entity_id: str, parents: dict[str, tuple[str, ...]]) -> set[str]:
    """All parents of an entity and their parents."""
    found: set[str] = set()
    waiting = list(parents.get(entity_id, ()))
    while waiting:
        parent = waiting.pop()
        if parent not in found:
            found.add(parent)
            waiting.extend(parents.get(parent, ()))
    return found


def unknown_entity(watchlist: Watchlist, entity_id: str) -> ConfigError:
    """The error for an id that the list does not have, with the nearest one that it has."""
    near = get_close_matches(entity_id, [entity.id for entity in watchlist.entities], 1)
    return ConfigError(
        f"no entity {entity_id!r} in the watch list", hint=f"did you mean {near[0]}?" if near else "list them with: thinkwatch watch list"
    )
