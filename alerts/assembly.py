"""Putting what waits into deliveries: digests at their subscribers' times, and the ends of pauses, quiet hours and outages.

`plan` is pure; `assemble` reads and writes in the caller's transaction. Not here: when something is due (schedule.py), how a
digest looks (digest.py), sending (outbox.py).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby

from alerts.queueing import delivery_row, supersede
from alerts.schedule import FREQUENCIES, Due, Frequency, Schedule, due, quiet_hours
from warehouse.ids import hashed
from warehouse.transaction import Row, Transaction

LOOKED = "digests_looked_at"
LONG_WAIT = timedelta(hours=3)
MERGED_FROM = 3
STOPPED = "the subscription was stopped before this was sent"


@dataclass(frozen=True)
class Rhythm:
    """One subscription that a waiting alert answers, as it is in force now."""

    active: bool
    paused_until: datetime | None
    channel: str
    address: str | None
    schedule: Schedule


@dataclass(frozen=True)
class Waiting:
    """An alert that waits."""

    alert_id: str
    subscriber_id: str
    rhythms: tuple[Rhythm, ...]


@dataclass(frozen=True)
class Planned:
    """A mail that is due."""

    subscriber_id: str
    channel: str
    address: str | None
    frequency: Frequency
    alert_ids: tuple[str, ...]
    due: Due


def plan(waiting: Iterable[Waiting], looked: datetime, now: datetime) -> tuple[list[Planned], list[str]]:
    """What is due since `looked`, and the alerts whose subscriptions were all stopped.

    The most urgent subscription that is not paused decides when an alert is due; one whose subscriptions are all paused waits on.
    """
    groups: dict[tuple[str, str, str | None, Schedule], list[str]] = defaultdict(list)
    stopped: list[str] = []
    for one in waiting:
        active = [rhythm for rhythm in one.rhythms if rhythm.active]
        if not active:
            stopped.append(one.alert_id)
            continue
        awake = [rhythm for rhythm in active if not (rhythm.paused_until and rhythm.paused_until > now)]
        if awake:
            urgent = min(awake, key=lambda rhythm: FREQUENCIES.index(rhythm.schedule.frequency))
            groups[one.subscriber_id, urgent.channel, urgent.address, urgent.schedule].append(one.alert_id)
    return [
        Planned(subscriber, channel, address, schedule.frequency, tuple(alerts), found)
        for (subscriber, channel, address, schedule), alerts in groups.items()
        if (found := _due(schedule, looked, now))
    ], stopped


def assemble(transaction: Transaction, now: datetime, *, domain: str, told: Callable[[str], object] = lambda _alert_id: None) -> int:
    """Make deliveries of what is due, in the caller's transaction; how many mails were made or grew.

    Args:
        transaction: the one in which everything is written.
        now: aware UTC.
        domain: of the Message-IDs.
        told: whether an alert is known to have been accepted already (the sender's journal); such ones are not merged.
    """
    looked = _looked(transaction, now)
    planned, stopped = plan(_waiting(transaction.rows("waiting_alerts")), looked, now)
    for alert_id in stopped:
        supersede(transaction, alert_id, STOPPED)
    digests = {(row["subscriber_id"], row["channel"], row["address"], row["frequency"]): row for row in transaction.rows("open_digests")}
    for one in planned:
        _write(transaction, one, digests.get((one.subscriber_id, one.channel, one.address, one.frequency)), now, domain)
    merged = _merge_overdue(transaction, now, told)
    transaction.merge("ops.state", [{"name": LOOKED, "value": now.isoformat()}], key=["name"])
    return len(planned) + merged


def is_something_due(transaction: Transaction, now: datetime, *, channels: Sequence[str]) -> bool:
    """Whether a sender would have anything to do now: a digest to put together, or a mail to send by one of these channels."""
    planned, stopped = plan(_waiting(transaction.rows("waiting_alerts")), _looked(transaction, now), now)
    return bool(planned or stopped or transaction.row("next_delivery", channels=list(channels), now=now))


def _looked(transaction: Transaction, now: datetime) -> datetime:
    stored = transaction.value("read_state", name=LOOKED)
    # A clock that was wrong may have left a time to come.
    return min(datetime.fromisoformat(stored), now) if stored else now


def _due(schedule: Schedule, looked: datetime, now: datetime) -> Due | None:
    # An immediate alert that waited (a pause, quiet hours, a flood) is due as soon as it may be sent.
    return due(schedule, now if schedule.frequency == "immediate" else looked, now)


def _waiting(rows: Iterable[Row]) -> Iterable[Waiting]:
    for (alert_id, subscriber_id), group in groupby(rows, key=lambda row: (row["alert_id"], row["subscriber_id"])):
        yield Waiting(alert_id, subscriber_id, tuple(_rhythm(row) for row in group if row["subscription_id"]))


def _rhythm(row: Row) -> Rhythm:
    at, weekday = time.fromisoformat(row["digest_time"] or "07:00"), row["digest_weekday"] or 0
    schedule = Schedule(row["frequency"] or "immediate", row["timezone"] or "UTC", at, weekday, quiet_hours(row))
    return Rhythm(row["active"], row["paused_until"], row["channel"], row["address"], schedule)


def _write(transaction: Transaction, one: Planned, waiting: Row | None, now: datetime, domain: str) -> None:
    alerts = list(one.alert_ids)
    first = 0
    if waiting:
        delivery_id, first = waiting["delivery_id"], waiting["alerts"]
    elif one.frequency == "immediate" and len(alerts) == 1:
        delivery_id = hashed(alerts[0], one.channel)
    else:
        delivery_id = hashed(one.subscriber_id, one.channel, one.frequency, *sorted(alerts))
    if not waiting:
        row = delivery_row(delivery_id, alerts[0], one.subscriber_id, one.channel, one.address, now, domain=domain)
        row |= {"frequency": one.frequency, "due_at": one.due.at, "delayed": one.due.delayed, "next_attempt_at": one.due.not_before}
        if one.frequency != "immediate" or alerts[1:]:
            row["kind"] = "digest"
        transaction.merge("deliveries", [row], key=["delivery_id"], update=False)
    contents = [
        {"delivery_id": delivery_id, "alert_id": alert, "position": place, "left_out": None} for place, alert in enumerate(alerts, first)
    ]
    transaction.merge("delivery_alerts", contents, key=["delivery_id", "alert_id"])
    transaction.run("mark_queued", alert_ids=alerts)


def _merge_overdue(transaction: Transaction, now: datetime, told: Callable[[str], object]) -> int:
    """Several alerts that one subscriber should have had since long go out as one mail; how many such mails."""
    rows = [row for row in transaction.rows("overdue_deliveries", before=now - LONG_WAIT) if not told(row["alert_id"])]
    readers: dict[tuple[str, str, str | None], list[Row]] = defaultdict(list)
    for row in rows:
        readers[row["subscriber_id"], row["channel"], row["address"]].append(row)
    many = [group for group in readers.values() if len(group) >= MERGED_FROM]
    for group in many:
        _merge(transaction, group)
    return len(many)


def _merge(transaction: Transaction, group: Sequence[Row]) -> None:
    keeper, *others = group
    gone = [row["delivery_id"] for row in others]
    transaction.run("forget_delivery_alerts", delivery_ids=gone)
    transaction.run("forget_deliveries", delivery_ids=gone)
    contents = [
        {"delivery_id": keeper["delivery_id"], "alert_id": row["alert_id"], "position": place, "left_out": None}
        for place, row in enumerate(others, 1)
    ]
    transaction.merge("delivery_alerts", contents, key=["delivery_id", "alert_id"])
    transaction.run("turn_into_digest", delivery_id=keeper["delivery_id"])
