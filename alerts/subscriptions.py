"""Subscriptions, read from YAML and checked against the watch list.

Here: the files' shape and every fault that a person can make in them. Not here: what a rule means (rules.py), the store's
rows (enrolment.py).

    subscribers:
      - id: desk
        address: desk@institute.example
        name: Central Asia desk
        language: en
        timezone: Europe/Berlin
        digest: {at: "07:00", weekday: monday, group_by: region}   # of digests; the times are those of the zone
        quiet: {from: "22:00", to: "07:00"}                        # nothing is sent in between
    subscriptions:
      - id: csto-central-asia
        subscriber: desk
        watch:
          all: [csto, [central-asia, afghanistan]]   # each of these; a list in the list is «any of»
          none: [olympics]
        within: paragraph                            # sentence, paragraph, or such as «30 words»
        languages: [ru, en]                          # or {none: [zh]}; likewise sources, countries, authors
        first_mention_in_days: 90                    # only what the source has not named for so long
        volume: {times: 3, hours: 24, median_of_days: 30}   # only when it is named so much more than usual
        frequency: daily                             # immediate (when nothing is said), hourly, daily or weekly
"""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from alerts.phrases import describe
from alerts.records import Only, Rule, Subscription, Volume
from alerts.schedule import Frequency
from alerts.subscribers import DigestShape, Id, Location, Page, Shape, SubscriberShape, meant, read_subscribers
from warehouse.documents import Document

__all__ = ["describe", "load_subscriptions"]

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Author = Annotated[str, StringConstraints(pattern=r"\w", max_length=200)]
Zone = Literal["title", "body", "heading", "quote", "caption", "table", "notes"]

WITHIN = re.compile(r"sentence|paragraph|(\d{1,3}) words")
MOST_WORDS = 500


class _Watch(Shape):
    any: tuple[str, ...] = ()
    all: tuple[str | tuple[str, ...], ...] = ()
    none: tuple[str, ...] = ()


class _Limits(Shape):
    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()


class _Volume(Shape):
    times: Annotated[float, Field(ge=1, le=1000)]
    hours: Annotated[int, Field(ge=1, le=168)] = 24
    median_of_days: Annotated[int, Field(ge=7, le=366)] = 30
    at_least: Annotated[int, Field(ge=1)] = 3


class _Subscription(Shape):
    id: Id
    subscriber: str
    active: bool = True
    watch: _Watch = _Watch()
    include_children: bool = True
    within: str | None = None
    min_mentions: Annotated[int, Field(ge=1)] = 1
    or_in_title: bool = False
    min_salience: Annotated[float, Field(ge=0, le=1)] = 0.0
    zones: tuple[Zone, ...] = ()
    via: tuple[Literal["name", "acronym", "demonym"], ...] = ()
    sources: tuple[str, ...] | _Limits = ()
    countries: tuple[Country, ...] | _Limits = ()
    languages: tuple[Language, ...] | _Limits = ()
    authors: tuple[Author, ...] | _Limits = ()
    first_mention_in_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    volume: _Volume | None = None
    frequency: Frequency = "immediate"


class _File(Shape):
    version: Literal[1] = 1
    subscribers: tuple[SubscriberShape, ...] = ()
    subscriptions: tuple[_Subscription, ...] = ()


def load_subscriptions(
    paths: Sequence[Path],
    *,
    parents: Mapping[str, Sequence[str]],
    labels: Mapping[str, Mapping[str, str]] | None = None,
    sources: Collection[str] | None = None,
    default_channel: Literal["mail", "eml"] = "mail",
) -> tuple[Subscription, ...]:
    """Every subscription of the files, in their order; a subscriber may stand in another file than their subscriptions.

    Args:
        paths: YAML files.
        parents: every entity of the watch list, with the regions or groups that hold it.
        labels: names for people, by entity and language; an entity without one shows its id.
        sources: known source ids; None: any is taken.
        default_channel: for subscribers who name none.

    Raises ConfigError with the line of the first fault.
    """
    documents = [Document.read(path) for path in paths]
    files = [_read(document) for document in documents]
    subscribers = dict(read_subscribers(documents, files, default_channel))
    known = _Known(parents, labels or {}, sources)
    found: dict[str, Subscription] = {}
    for document, file in zip(documents, files, strict=True):
        for number, given in enumerate(file.subscriptions):
            place: Location = ("subscriptions", number)
            if given.id in found:
                raise document.fault(f"the subscription {given.id!r} stands twice", (*place, "id"), hint="give one of them another id")
            if given.subscriber not in subscribers:
                fault = f"{given.id}: no such subscriber: {given.subscriber}"
                raise document.fault(fault, (*place, "subscriber"), hint=meant(given.subscriber, subscribers))
            subscriber = subscribers[given.subscriber]
            rule = _rule(given, Page(document, place), known, subscriber.language)
            words = describe(rule, subscriber.language)
            found[given.id] = Subscription(given.id, subscriber, rule, words, given.active, frequency=given.frequency)
    return tuple(found.values())


class _Known:
    """What the files may refer to."""

    def __init__(
        self, parents: Mapping[str, Sequence[str]], labels: Mapping[str, Mapping[str, str]], sources: Collection[str] | None
    ) -> None:
        self.parents = parents
        self.labels = labels
        self.sources = sources

    def reach(self, entity: str) -> tuple[str, ...]:
        """The entity and all that it holds, at any depth."""
        found = [entity]
        for member in found:
            found += [child for child, parents in self.parents.items() if member in parents and child not in found]
        return tuple(found)

    def label(self, entity: str, language: str) -> str | None:
        names = self.labels.get(entity, {})
        return names.get(language) or names.get("en")


def _read(document: Document) -> _File:
    _refuse_unknown_keys(document, _File, document.data, ())
    return document.validate(_File)


def _refuse_unknown_keys(document: Document, shape: type[BaseModel], data: Any, place: Location) -> None:
    """Before anything else, because «did you mean» helps more than «extra inputs are not permitted»."""
    inner = {"subscribers": SubscriberShape, "subscriptions": _Subscription, "watch": _Watch, "sources": _Limits}
    inner |= {"countries": _Limits, "languages": _Limits, "authors": _Limits, "volume": _Volume, "digest": DigestShape}
    for key, value in data.items() if isinstance(data, dict) else ():
        if key not in shape.model_fields:
            raise document.fault(f"unknown key: {key}", (*place, key), hint=meant(str(key), shape.model_fields))
        below = enumerate(value) if isinstance(value, list) else [(None, value)]
        for number, item in below:
            if key in inner:
                _refuse_unknown_keys(document, inner[key], item, (*place, key, *([] if number is None else [number])))


def _rule(given: _Subscription, page: Page, known: _Known, language: str) -> Rule:
    groups = _groups(given, page)
    entities = [entity for group in groups for entity in group] + list(given.watch.none)
    _check_entities(given.watch, page, known)
    _check_timing(given, page, len(groups))
    _check_conditions(given, page, len(groups))
    # The children of what is excluded are excluded: «not Central Asia» means none of it.
    reach = {entity: known.reach(entity) if given.include_children else (entity,) for entity in entities}
    members = dict.fromkeys(member for reached in reach.values() for member in reached)
    return Rule(
        groups=groups,
        none=given.watch.none,
        reach=reach,
        labels={member: label for member in members if (label := known.label(member, language))},
        within=given.within or "",
        min_mentions=given.min_mentions,
        or_in_title=given.or_in_title,
        min_salience=given.min_salience,
        zones=given.zones,
        via=given.via,
        sources=_only(given.sources, "sources", page, known.sources),
        countries=_only(given.countries, "countries", page, None),
        languages=_only(given.languages, "languages", page, None),
        authors=_only(given.authors, "authors", page, None),
        first_mention_days=given.first_mention_in_days or 0,
        volume=Volume(volume.times, volume.hours, volume.median_of_days, volume.at_least) if (volume := given.volume) else None,
    )


def _groups(given: _Subscription, page: Page) -> tuple[tuple[str, ...], ...]:
    watch = given.watch
    groups = [(entry,) if isinstance(entry, str) else entry for entry in watch.all]
    if watch.any:
        groups.append(watch.any)
    about_authors = not groups and (given.authors if isinstance(given.authors, tuple) else given.authors.any)
    if not all(groups) or not (groups or about_authors):
        raise page.fault("watch: nothing is asked for", "watch", hint="name entities under any: or all:, or people under authors:")
    return tuple(groups)


def _check_entities(watch: _Watch, page: Page, known: _Known) -> None:
    for key in ("any", "all", "none"):
        for number, entry in enumerate(getattr(watch, key)):
            for inner, entity in enumerate([entry] if isinstance(entry, str) else entry):
                if entity not in known.parents:
                    place = ("watch", key, number) if isinstance(entry, str) else ("watch", key, number, inner)
                    raise page.fault(f"no such entity in the watch list: {entity}", *place, hint=meant(entity, known.parents))


def _check_timing(given: _Subscription, page: Page, groups: int) -> None:
    if given.within is None:
        return
    form = WITHIN.fullmatch(given.within)
    if not form or (form[1] and not 0 < int(form[1]) <= MOST_WORDS):
        hint = f"sentence, paragraph, or 1 to {MOST_WORDS} words, such as: 30 words"
        raise page.fault(f"within: cannot be {given.within!r}", "within", hint=hint)
    if groups < 2:  # noqa: PLR2004 - nearness is between two
        hint = "put each thing under all:, or leave within: out"
        raise page.fault("within: needs two things to be near each other", "within", hint=hint)


def _check_conditions(given: _Subscription, page: Page, groups: int) -> None:
    """Conditions on mentions need something that is mentioned."""
    on_mentions = ("within", "min_mentions", "min_salience", "zones", "via", "first_mention_in_days", "volume")
    for key in on_mentions if not groups else ():
        if getattr(given, key) != _Subscription.model_fields[key].default:
            raise page.fault(f"{key}: nothing is watched that it could be about", key, hint="name entities under watch:, or leave it out")
    if given.or_in_title and given.min_mentions <= 1:
        raise page.fault("or_in_title: says something only beside min_mentions", "or_in_title", hint="add min_mentions: 3")


def _only(given: Sequence[str] | _Limits, key: str, page: Page, known: Collection[str] | None) -> Only:
    limits = given if isinstance(given, _Limits) else _Limits(any=tuple(given))
    if known is not None:
        for value in (*limits.any, *limits.none):
            if value not in known:
                raise page.fault(f"{key}: no such one: {value}", key, hint=meant(value, known))
    return Only(limits.any, limits.none)
