"""Subscriptions in the store: which are in force, and since when.

Here: the rows of `subscriptions`. Not here: the files that they come from (subscriptions.py).
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from alerts.records import Subscription
from warehouse.database import Row, Transaction


def enrol(transaction: Transaction, subscriptions: Iterable[Subscription], now: datetime) -> list[Subscription]:
    """Write the subscriptions to the store and return them with `added_at`: the time from which they alert.

    One that is gone from the files becomes inactive; one that comes back begins anew.
    """
    known = {row["subscription_id"]: row for row in transaction.rows("all_subscriptions")}
    enrolled = [replace(one, added_at=_added_at(known.get(one.id), now)) for one in subscriptions]
    present = {one.id for one in enrolled}
    rows = [_row(one, known.get(one.id), now) for one in enrolled]
    gone = [row for row in known.values() if row["subscription_id"] not in present and row["active"]]
    rows += [row | {"rule": json.loads(row["rule"]), "active": False, "changed_at": now} for row in gone]
    transaction.merge("subscriptions", rows, key=["subscription_id"])
    return enrolled


def _added_at(known: Row | None, now: datetime) -> datetime:
    return known["added_at"] if known and known["active"] else now


def _row(one: Subscription, known: Row | None, now: datetime) -> Row:
    row = {
        "subscription_id": one.id,
        "subscriber_id": one.subscriber.id,
        "subscriber_name": one.subscriber.name,
        "address": one.subscriber.address,
        "language": one.subscriber.language,
        "timezone": one.subscriber.timezone,
        "channel": one.subscriber.channel,
        "rule": one.rule.plain(),
        "rule_text": one.words,
        "active": one.active,
        "added_at": one.added_at,
    }
    before = {**known, "rule": json.loads(known["rule"])} if known else {}
    same = all(before.get(key) == value for key, value in row.items())
    return row | {"changed_at": before["changed_at"] if same else now}
