"""One subscription as a file gives it: its shape, the faults that a person can make in it, and the rule that it becomes.

Not here: reading the files and what stands between their entries (subscriptions.py), what a rule decides (rules.py).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from alerts.records import Only, Rule, Volume
from alerts.schedule import Frequency
from alerts.subscribers import Id, Page, Shape, meant

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Author = Annotated[str, StringConstraints(pattern=r"\w", max_length=200)]
Zone = Literal["title", "body", "heading", "quote", "caption", "table", "notes"]

WITHIN = re.compile(r"sentence|paragraph|(\d{1,3}) words")
MOST_WORDS = 500


def _in_words(value: Any) -> Any:
    return f"{value} words" if isinstance(value, int) and not isinstance(value, bool) else value


Within = Annotated[str, BeforeValidator(_in_words)]


class Watch(Shape):
    """What is watched: all of the groups, any of these, none of those."""

    any: tuple[str, ...] = ()
    all: tuple[str | tuple[str, ...], ...] = ()
    none: tuple[str, ...] = ()


class Limits(Shape):
    """A limit on one property."""

    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()


class VolumeShape(Shape):
    """More than usual."""

    times: Annotated[float, Field(ge=1, le=1000)]
    hours: Annotated[int, Field(ge=1, le=168)] = 24
    median_of_days: Annotated[int, Field(ge=7, le=366)] = 30
    at_least: Annotated[int, Field(ge=1)] = 3


class SubscriptionShape(Shape):
    """One subscription."""

    id: Id
    subscriber: str
    active: bool = True
    watch: Watch = Watch()
    include_children: bool = True
    within: Within | None = None
    min_mentions: Annotated[int, Field(ge=1)] = 1
    or_in_title: bool = False
    min_salience: Annotated[float, Field(ge=0, le=1)] = 0.0
    zones: tuple[Zone, ...] = ()
    via: tuple[Literal["name", "acronym", "demonym"], ...] = ()
    sources: tuple[str, ...] | Limits = ()
    countries: tuple[Country, ...] | Limits = ()
    languages: tuple[Language, ...] | Limits = ()
    authors: tuple[Author, ...] | Limits = ()
    first_mention_in_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    volume: VolumeShape | None = None
    frequency: Frequency = "immediate"


class Known:
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
        """The entity's name for people; English where the language has none."""
        names = self.labels.get(entity, {})
        return names.get(language) or names.get("en")


def rule_of(given: SubscriptionShape, page: Page, known: Known, language: str) -> Rule:
    """The rule of a subscription. Raises ConfigError with the line of the first fault."""
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


def _groups(given: SubscriptionShape, page: Page) -> tuple[tuple[str, ...], ...]:
    watch = given.watch
    groups = [(entry,) if isinstance(entry, str) else entry for entry in watch.all]
    if watch.any:
        groups.append(watch.any)
    about_authors = not groups and (given.authors if isinstance(given.authors, tuple) else given.authors.any)
    if not all(groups) or not (groups or about_authors):
        raise page.fault("watch: nothing is asked for", "watch", hint="name entities under any: or all:, or people under authors:")
    return tuple(groups)


def _check_entities(watch: Watch, page: Page, known: Known) -> None:
    for key in ("any", "all", "none"):
        for number, entry in enumerate(getattr(watch, key)):
            for inner, entity in enumerate([entry] if isinstance(entry, str) else entry):
                if entity not in known.parents:
                    place = ("watch", key, number) if isinstance(entry, str) else ("watch", key, number, inner)
                    raise page.fault(f"no such entity in the watch list: {entity}", *place, hint=meant(entity, known.parents))


def _check_timing(given: SubscriptionShape, page: Page, groups: int) -> None:
    if given.within is None:
        return
    form = WITHIN.fullmatch(given.within)
    if not form or (form[1] and not 0 < int(form[1]) <= MOST_WORDS):
        hint = f"sentence, paragraph, or 1 to {MOST_WORDS} words, such as: 30 words"
        raise page.fault(f"within: cannot be {given.within!r}", "within", hint=hint)
    if groups < 2:  # noqa: PLR2004 - nearness is between two
        hint = "put each thing under all:, or leave within: out"
        raise page.fault("within: needs two things to be near each other", "within", hint=hint)


def _check_conditions(given: SubscriptionShape, page: Page, groups: int) -> None:
    """Conditions on mentions need something that is mentioned."""
    on_mentions = ("within", "min_mentions", "min_salience", "zones", "via", "first_mention_in_days", "volume")
    for key in on_mentions if not groups else ():
        if getattr(given, key) != SubscriptionShape.model_fields[key].default:
            raise page.fault(f"{key}: nothing is watched that it could be about", key, hint="name entities under watch:, or leave it out")
    if given.or_in_title and given.min_mentions <= 1:
        raise page.fault("or_in_title: says something only beside min_mentions", "or_in_title", hint="add min_mentions: 3")


def _only(given: Sequence[str] | Limits, key: str, page: Page, known: Collection[str] | None) -> Only:
    limits = given if isinstance(given, Limits) else Limits(any=tuple(given))
    if known is not None:
        for value in (*limits.any, *limits.none):
            if value not in known:
                raise page.fault(f"{key}: no such one: {value}", key, hint=meant(value, known))
    return Only(limits.any, limits.none)
