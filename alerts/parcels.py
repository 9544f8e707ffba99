"""One delivery with all that its mail shows, as a record read from the store: of one alert, of a digest, or of a notice.

Here: the records, how they are read, and what forbids their sending. Not here: how they look (render.py, digest.py) and how they
leave (outbox.py).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from alerts.candidates import Mention, mention
from alerts.records import readable
from alerts.schedule import Schedule, after_quiet, quiet_hours
from warehouse.transaction import Row, Transaction


@dataclass(frozen=True)
class Asked:
    """One rule that the alert answers, as it was when the alert was decided."""

    subscription_id: str
    words: str
    labels: dict[str, str] = field(default_factory=dict)


class Outlet(NamedTuple):
    """Another article that carries the same story."""

    source: str
    url: str | None


class Weekly(NamedTuple):
    """How often an entity was named a week, the current one last; `usual` is the mean of those before, or None while too few are known."""

    entity: str
    label: str
    counts: tuple[int, ...]
    usual: float | None


@dataclass(frozen=True)
class Parcel:
    """A delivery of one alert, or one alert of a digest.

    Attributes:
        attempts: including the current one.
        created_at: of the alert; `queued_at` is that of the delivery.
        title, text: of the revision that is told, into which the mentions point.
        mentions: every counting mention of the alert's entities; `cause` holds the ids of those that raised it.
        kind: mention, removal or withdrawal; `removed` are names that the article no longer has.
        outlets: where else the same story stands.
        regions: those of the entities that are regions.
        group_by: how the subscriber wants digests ordered.
    """

    delivery_id: str
    alert_id: str
    subscriber_id: str
    subscription_id: str
    channel: str
    address: str | None
    message_id: str
    attempts: int
    maybe_duplicate: bool
    queued_at: datetime
    created_at: datetime
    entities: tuple[str, ...]
    asked: tuple[Asked, ...]
    watchlist_hash: str
    article_id: str
    revision_id: str
    revision_no: int
    title: str
    text: str
    article_language: str | None
    url: str | None
    published_at: datetime | None
    published_quality: str | None
    first_seen_at: datetime
    withdrawn_at: datetime | None
    source_name: str
    country: str | None
    language: str
    subscriber_name: str
    timezone: str
    mentions: tuple[Mention, ...]
    cause: frozenset[str]
    kind: str = "mention"
    removed: tuple[str, ...] = ()
    outlets: tuple[Outlet, ...] = ()
    regions: tuple[str, ...] = ()
    group_by: str = "story"

    @property
    def alert_ids(self) -> tuple[str, ...]:
        """The one alert."""
        return (self.alert_id,)

    @property
    def topic(self) -> str:
        """For a file name."""
        return self.entities[0] if self.entities else "alert"

    def label(self, entity: str) -> str:
        """The entity's name for people, in the subscriber's language."""
        return next((asked.labels[entity] for asked in self.asked if entity in asked.labels), None) or readable(entity)


@dataclass(frozen=True)
class Digest:
    """A delivery of several alerts, or of what became due at one time; `items` is never empty.

    Attributes:
        due_at: when it was; `delayed`: that is long ago, or the alerts have waited for the relay.
        weekly: for the chart of a weekly digest.
    """

    delivery_id: str
    subscriber_id: str
    channel: str
    address: str | None
    message_id: str
    attempts: int
    maybe_duplicate: bool
    queued_at: datetime
    frequency: str
    due_at: datetime | None
    delayed: bool
    items: tuple[Parcel, ...]
    weekly: tuple[Weekly, ...] = ()

    @property
    def created_at(self) -> datetime:
        """When it was put together."""
        return self.queued_at

    @property
    def alert_ids(self) -> tuple[str, ...]:
        """All of its alerts."""
        return tuple(item.alert_id for item in self.items)

    @property
    def topic(self) -> str:
        """For a file name."""
        return f"{self.frequency}-digest"


@dataclass(frozen=True)
class Notice:
    """A delivery that tells the operator of one cause."""

    delivery_id: str
    subscriber_id: str
    channel: str
    address: str | None
    message_id: str
    attempts: int
    maybe_duplicate: bool
    queued_at: datetime
    kind: str
    subject: str
    message: str
    hint: str
    alert_ids: tuple[str, ...] = ()

    @property
    def created_at(self) -> datetime:
        """When it was queued."""
        return self.queued_at

    @property
    def topic(self) -> str:
        """For a file name."""
        return f"notice-{self.kind}"


Letter = Parcel | Digest | Notice
WEEKS = 9
LEAST_WEEKS = 3


def read_parcel(transaction: Transaction, row: Row, content: Row) -> Parcel:
    """One row of `delivery_contents` in the delivery of this row of `next_delivery`, already claimed, with its mentions.

    Raises ValueError when its alert or article is gone.
    """
    for key, what in (("entities", "alert"), ("text", "revision"), ("source_name", "article"), ("language", "subscription")):
        if content[key] is None:
            raise ValueError(f"its {what} is not in the store")
    place = {"alert_id": content["alert_id"], "revision_id": content["revision_id"], "entities": content["entities"]}
    found = transaction.rows("delivery_mentions", **place)
    given: dict[str, Any] = {key: value for key, value in (row | content).items() if key in Parcel.__dataclass_fields__}
    given["attempts"] = row["attempts"] + 1
    for key in ("entities", "removed", "regions"):
        given[key] = tuple(content[key] or ())
    given["outlets"] = tuple(Outlet(one["source"], one["url"]) for one in content["outlets"] or ())
    given["asked"] = tuple(
        Asked(asked["subscription"], asked["words"], asked["rule"].get("labels", {})) for asked in json.loads(content["rule"])
    )
    return Parcel(**given, mentions=tuple(map(mention, found)), cause=frozenset(one["mention_id"] for one in found if one["cause"]))


def bind(transaction: Transaction, row: Row, items: Sequence[Parcel], now: datetime) -> Letter:
    """The delivery of this row of `next_delivery` with these alerts."""
    if row["delivery_kind"] == "alert":
        return items[0]
    given = {key: value for key, value in row.items() if key in Digest.__dataclass_fields__} | {"attempts": row["attempts"] + 1}
    weekly = read_weekly(transaction, items, now) if row["frequency"] == "weekly" else ()
    return Digest(**given, items=tuple(items), weekly=weekly)


def read_notice(transaction: Transaction, row: Row) -> Notice:
    """The notice of this row of `next_delivery`. Raises ValueError when it is gone."""
    found = transaction.row("notice_by_id", notice_id=row["first_alert_id"])
    if not found:
        raise ValueError("its notice is not in the store")
    given = {key: value for key, value in (row | found).items() if key in Notice.__dataclass_fields__}
    return Notice(**given | {"attempts": row["attempts"] + 1})


def read_weekly(transaction: Transaction, items: Sequence[Parcel], now: datetime) -> tuple[Weekly, ...]:
    """How often what these alerts name was named in each of the last weeks, the most named this week first."""
    labels = {entity: item.label(entity) for item in items for entity in item.entities}
    rows = transaction.rows("weekly_mentions", entities=list(labels), now=now, since=now - WEEKS * timedelta(days=7))
    began = transaction.value("oldest_article")
    return weekly(labels, rows, (now - began).days // 7 if began else 0)


def weekly(labels: Mapping[str, str], rows: Iterable[Row], known_weeks: int) -> tuple[Weekly, ...]:
    """Rows of `weekly_mentions` by entity; weeks before the store's first article are not known, which is not the same as zero."""
    counted = {(row["entity"], row["weeks_ago"]): row["mentions"] for row in rows}
    back = min(WEEKS - 1, known_weeks)
    found = []
    for entity, label in labels.items():
        counts = tuple(counted.get((entity, ago), 0) for ago in range(back, -1, -1))
        usual = sum(counts[:-1]) / back if back >= LEAST_WEEKS else None
        found.append(Weekly(entity, label, counts, usual))
    return tuple(sorted(found, key=lambda one: (-one.counts[-1], one.label)))


class PutOff(NamedTuple):
    """Until when a delivery waits for its reader's sake, and why."""

    until: datetime
    reason: str


def put_off(contents: Sequence[Row], now: datetime) -> PutOff | None:
    """Whether the delivery with these rows of `delivery_contents` must wait: its subscriptions are all paused, or it is their quiet hours.

    Both may have begun after it was queued: while the relay was down, or before a parked one was let go.
    """
    paused = [content["paused_until"] for content in contents if content["paused_until"]]
    if paused and len(paused) == len(contents):
        return PutOff(min(paused), "paused by the subscriber")
    clocks = [content for content in contents if content["quiet_from"]]
    ends = [after_quiet(Schedule(timezone=one["timezone"], quiet=quiet_hours(one)), now) for one in clocks]
    return PutOff(max(ends), "the subscriber's quiet hours") if ends and max(ends) > now else None


def objection(content: Row) -> str | None:
    """Why the alert of this row of `delivery_contents` must not be sent any more; None when nothing forbids it."""
    if content["alert_state"] == "suppressed":
        return "the alert was suppressed"
    if content["subscription_id"] and not content["active"]:
        return "the subscription was stopped before this was sent"
    if content["corrected"]:
        return "the article was corrected before this was sent and no longer names what was asked for"
    return None
