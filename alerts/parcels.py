"""One delivery with all that its mail shows, as a record read from the store.

Here: the record, how it is read, and what forbids its sending. Not here: how it looks (render.py) and how it leaves (outbox.py).
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from alerts.candidates import Mention, mention
from alerts.records import readable
from warehouse.database import Row, Transaction


@dataclass(frozen=True)
class Asked:
    """One rule that the alert answers, as it was when the alert was decided."""

    subscription_id: str
    words: str
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Parcel:
    """A delivery and its alert.

    Attributes:
        attempts: including the current one.
        created_at: of the alert; `queued_at` is that of the delivery.
        title, text: of the revision that is told, into which the mentions point.
        mentions: every counting mention of the alert's entities; `cause` holds the ids of those that raised it.
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

    def label(self, entity: str) -> str:
        """The entity's name for people, in the subscriber's language."""
        return next((asked.labels[entity] for asked in self.asked if entity in asked.labels), None) or readable(entity)


def read_parcel(transaction: Transaction, row: Row) -> Parcel:
    """The row of `next_delivery`, already claimed, with its mentions. Raises ValueError when its alert or article is gone."""
    for key, what in (("entities", "alert"), ("text", "revision"), ("source_name", "article"), ("language", "subscription")):
        if row[key] is None:
            raise ValueError(f"its {what} is not in the store")
    found = transaction.rows("delivery_mentions", alert_id=row["alert_id"], revision_id=row["revision_id"], entities=row["entities"])
    given: dict[str, Any] = {key: value for key, value in row.items() if key in Parcel.__dataclass_fields__}
    given["attempts"] = row["attempts"] + 1
    given["entities"] = tuple(row["entities"])
    given["asked"] = tuple(
        Asked(asked["subscription"], asked["words"], asked["rule"].get("labels", {})) for asked in json.loads(row["rule"])
    )
    return Parcel(**given, mentions=tuple(map(mention, found)), cause=frozenset(one["mention_id"] for one in found if one["cause"]))


def objection(row: Row) -> str | None:
    """Why the delivery of this row of `next_delivery` must not be sent any more; None when nothing forbids it."""
    if row["subscription_id"] and not row["active"]:
        return "the subscription was stopped before this was sent"
    if row["corrected"]:
        return "the article was corrected before this was sent and no longer names what was asked for"
    if row["barred"]:
        return f"mail to this address is suppressed: {row['barred']}"
    return None
