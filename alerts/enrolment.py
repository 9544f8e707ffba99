"""Subscriptions in the store: which are in force, since when, and what their subscribers have chosen.

Here: the rows of `subscriptions` and `ops.preferences`. Not here: the files that they come from (subscriptions.py), the
pages on which a subscriber chooses (the command line's `serve`).
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import lru_cache
from typing import Any

from alerts.records import Subscriber, Subscription, read_rule
from alerts.schedule import Frequency, quiet_hours
from warehouse.transaction import Row, Transaction


@dataclass(frozen=True)
class Preference:
    """What a subscriber has chosen for one subscription; it wins over the file. A None says nothing."""

    subscriber_id: str
    subscription_id: str
    stopped_at: datetime | None = None
    paused_until: datetime | None = None
    frequency: Frequency | None = None


def enrol(
    transaction: Transaction,
    subscriptions: Iterable[Subscription],
    now: datetime,
    *,
    may_be_there: Callable[[str], bool] = lambda _: False,
) -> list[Subscription]:
    """Write the subscriptions to the store and return them as they are in force, with `added_at`: the time from which they alert.

    One that is gone from the files becomes inactive, as does one that its subscriber has stopped; one that comes back begins anew.
    One that is not among them and `may_be_there`, where the files have a fault, goes on as the store knows it.
    """
    known = {row["subscription_id"]: row for row in transaction.rows("all_subscriptions")}
    chosen = read_preferences(transaction)
    read = list(subscriptions)
    read += [_stored(known[one]) for one in going_on(known.values(), read, may_be_there)]
    in_force = [prefer(one, chosen.get((one.subscriber.id, one.id))) for one in read]
    enrolled = [replace(one, added_at=_added_at(known.get(one.id), now)) for one in in_force]
    present = {one.id for one in enrolled}
    distinct = {one.rule.key(): one.rule for one in enrolled}
    plain = {key: rule.plain() for key, rule in distinct.items()}
    rows = [row for one in enrolled if (row := _changed(_row(one, plain[one.rule.key()]), known.get(one.id), now))]
    gone = [row for row in known.values() if row["subscription_id"] not in present and row["active"]]
    rows += [row | {"rule": json.loads(row["rule"]), "active": False, "changed_at": now} for row in gone]
    transaction.merge("subscriptions", rows, key=["subscription_id"])
    return enrolled


def going_on(rows: Iterable[Row], read: Iterable[Subscription], may_be_there: Callable[[str], bool]) -> list[str]:
    """The subscriptions that the store has in force and that the files could still hold where they cannot be read."""
    present = {one.id for one in read}
    return [
        row["subscription_id"]
        for row in rows
        if row["active"] and row["subscription_id"] not in present and may_be_there(row["subscription_id"])
    ]


def prefer(subscription: Subscription, chosen: Preference | None) -> Subscription:
    """The subscription as its subscriber wants it."""
    if chosen is None:
        return subscription
    return replace(
        subscription,
        active=subscription.active and chosen.stopped_at is None,
        frequency=chosen.frequency or subscription.frequency,
        paused_until=chosen.paused_until,
    )


def read_preferences(transaction: Transaction) -> dict[tuple[str, str], Preference]:
    """Every choice, by subscriber and subscription."""
    rows = transaction.rows("all_preferences")
    return {(row["subscriber_id"], row["subscription_id"]): Preference(**row) for row in rows}


def choose(transaction: Transaction, choices: Iterable[Preference], now: datetime, *, by: str) -> None:
    """Write choices down and put them in force at once, for what is already queued too; the same choice again changes nothing.

    `by` says who chose: one-click, page, operator or complaint.
    """
    before = read_preferences(transaction)
    changed = [one for one in choices if before.get((one.subscriber_id, one.subscription_id)) != one]
    rows: list[dict[str, Any]] = [{**vars(one), "changed_at": now, "changed_by": by} for one in changed]
    transaction.merge("ops.preferences", rows, key=["subscriber_id", "subscription_id"])
    for one in changed:
        transaction.run(
            "apply_preference",
            subscriber_id=one.subscriber_id,
            subscription_id=one.subscription_id,
            stopped=one.stopped_at is not None,
            resumed=one.stopped_at is None and bool((known := before.get((one.subscriber_id, one.subscription_id))) and known.stopped_at),
            paused_until=one.paused_until,
            frequency=one.frequency,
            now=now,
        )


def _added_at(known: Row | None, now: datetime) -> datetime:
    return known["added_at"] if known and known["active"] else now


def _stored(row: Row) -> Subscription:
    """What `_row` wrote."""
    subscriber = Subscriber(
        id=row["subscriber_id"],
        name=row["subscriber_name"],
        address=row["address"],
        language=row["language"],
        timezone=row["timezone"],
        channel=row["channel"],
        digest_at=time.fromisoformat(row["digest_time"]),
        digest_weekday=row["digest_weekday"],
        quiet=quiet_hours(row),
        group_by=row["group_by"],
    )
    rule = read_rule(json.loads(row["rule"]))
    return Subscription(row["subscription_id"], subscriber, rule, row["rule_text"], frequency=row["frequency"])


def _changed(row: Row, known: Row | None, now: datetime) -> Row | None:
    """The row to be written; None where the store has it as it is, so that a run writes what has changed and not all of them."""
    before = {**known, "rule": _rule(known["rule"])} if known else {}
    same = bool(known) and all(before.get(key) == value for key, value in row.items())
    return None if same else row | {"changed_at": now}


@lru_cache(maxsize=4096)
def _rule(text: str) -> dict[str, Any]:
    return json.loads(text)


def _row(one: Subscription, rule: dict[str, Any]) -> Row:
    subscriber = one.subscriber
    return {
        "subscription_id": one.id,
        "subscriber_id": subscriber.id,
        "subscriber_name": subscriber.name,
        "address": subscriber.address,
        "language": subscriber.language,
        "timezone": subscriber.timezone,
        "channel": subscriber.channel,
        "rule": rule,
        "rule_text": one.words,
        "active": one.active,
        "added_at": one.added_at,
        "frequency": one.frequency,
        "paused_until": one.paused_until,
        "digest_time": f"{subscriber.digest_at:%H:%M}",
        "digest_weekday": subscriber.digest_weekday,
        "quiet_from": f"{subscriber.quiet[0]:%H:%M}" if subscriber.quiet else None,
        "quiet_to": f"{subscriber.quiet[1]:%H:%M}" if subscriber.quiet else None,
        "group_by": subscriber.group_by,
    }
