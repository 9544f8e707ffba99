"""Who wants to be told what: subscribers, rules and subscriptions as frozen records.

Here: their shape. Not here: the YAML that they come from (subscriptions.py), what a rule decides (rules.py).
"""

import json
import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, time
from typing import Any, Literal

from alerts.schedule import Frequency, Schedule


@dataclass(frozen=True)
class Subscriber:
    """A person or a desk.

    Attributes:
        address: None where the channel is a folder or a feed.
        language: of the mail.
        digest_at, digest_weekday: when daily and weekly digests are due, in `timezone`; 0 is Monday.
        quiet: from and to, in `timezone`: nothing is sent in between.
        group_by: how digests are ordered.
    """

    id: str
    name: str
    address: str | None
    language: str
    timezone: str
    channel: str
    digest_at: time = time(7)
    digest_weekday: int = 0
    quiet: tuple[time, time] | None = None
    group_by: Literal["story", "region"] = "story"

    def schedule(self, frequency: Frequency) -> Schedule:
        """When mails of this frequency are due."""
        return Schedule(frequency, self.timezone, self.digest_at, self.digest_weekday, self.quiet)


@dataclass(frozen=True)
class Only:
    """A limit on one property: one of `any` (when given) and none of `none`."""

    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()

    def admits(self, value: str | None) -> bool:
        """Whether the value may pass; an unknown one (None) passes only where nothing is demanded."""
        return (not self.any or value in self.any) and value not in self.none

    def __bool__(self) -> bool:
        return bool(self.any or self.none)


@dataclass(frozen=True)
class Volume:
    """More than usual: as many articles in so many `hours` as `times` their median over `days`, and at least `least`."""

    times: float
    hours: int
    days: int
    least: int

    @property
    def windows(self) -> int:
        """How many spans of `hours` the median is taken of."""
        return max(1, self.days * 24 // self.hours)


AUTHOR = "author:"  # what stands before an author's name where an entity is expected


@dataclass(frozen=True)
class Rule:
    """What must be in an article. All of its conditions hold together.

    Attributes:
        groups: each group must be named, by any one of its entities; none where the rule is about authors.
        none: entities that must not be named.
        reach: for each entity above, the entities whose mentions count for it: itself and, if wished, its children.
        labels: names for people of every entity in reach, in the subscriber's language.
        within: sentence, paragraph or "<n> words": how near the groups must stand; empty: anywhere in the article.
        min_mentions: how often each group must be named.
        or_in_title: being named in the title is as good as `min_mentions`.
        min_salience: 0..1; how central each group must be.
        zones: where a mention counts; empty: everywhere.
        via: by what kind of name (name, acronym, demonym); empty: by each.
        authors: names of people whose articles are asked for or barred.
        first_mention_days: only what the source has not named for so many days; 0: no matter.
        volume: only the article with which the number of articles becomes unusual; None: no matter.
    """

    groups: tuple[tuple[str, ...], ...]
    none: tuple[str, ...] = ()
    reach: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    within: str = ""
    min_mentions: int = 1
    or_in_title: bool = False
    min_salience: float = 0.0
    zones: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    sources: Only = Only()
    countries: Only = Only()
    languages: Only = Only()
    authors: Only = Only()
    first_mention_days: int = 0
    volume: Volume | None = None

    def reached(self, entities: Iterable[str]) -> frozenset[str]:
        """The entities whose mentions count for these."""
        return frozenset(member for entity in entities for member in self.reach.get(entity, (entity,)))

    @property
    def most_words(self) -> int | None:
        """How many words may stand between the groups; None where `within` does not count words."""
        return int(self.within.split()[0]) if self.within.endswith(" words") else None

    def key(self) -> Hashable:
        """The same for rules that say the same."""
        return tuple({**vars(self), "reach": tuple(self.reach.items()), "labels": tuple(self.labels.items())}.values())

    def label(self, entity: str) -> str:
        """The entity's name for people."""
        return self.labels.get(entity) or readable(entity)

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it: tuples as lists."""
        return json.loads(json.dumps(asdict(self)))


def read_rule(plain: Mapping[str, Any]) -> Rule:
    """The rule that `Rule.plain` wrote; what an earlier version did not write is as if it asked for nothing."""
    given: dict[str, Any] = {key: value for key, value in plain.items() if key in Rule.__dataclass_fields__}
    given["groups"] = tuple(map(tuple, given.get("groups", ())))
    given["reach"] = {entity: tuple(reached) for entity, reached in given.get("reach", {}).items()}
    given |= {key: tuple(given.get(key, ())) for key in ("none", "zones", "via")}
    for key in ("sources", "countries", "languages", "authors"):
        limits = given.get(key, {})
        given[key] = Only(tuple(limits.get("any", ())), tuple(limits.get("none", ())))
    given["volume"] = Volume(**given["volume"]) if given.get("volume") else None
    return Rule(**given)


@dataclass(frozen=True)
class Subscription:
    """One rule of one subscriber.

    Attributes:
        words: the rule in words.
        active: False when it was stopped, by the file or by the subscriber.
        added_at: None until it is enrolled in the store.
        frequency: of its mails, as the file says or as the subscriber has chosen since.
        paused_until: its alerts wait until then.
    """

    id: str
    subscriber: Subscriber
    rule: Rule
    words: str
    active: bool = True
    added_at: datetime | None = None
    frequency: Frequency = "immediate"
    paused_until: datetime | None = None


def readable(slug: str) -> str:
    """A slug as a name: central-asia → Central Asia; an author's is written out."""
    if slug.startswith(AUTHOR):
        return slug.removeprefix(AUTHOR)
    return slug.replace("-", " ").replace("_", " ").title()


def slug(text: str) -> str:
    """A text as part of a file name or a mail header: lower-case ASCII letters, digits and hyphens, at most 40 of them."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40] or "x"
