"""When a subscriber's mail is due, by their own clock: pure functions of a schedule, the last look and now.

Not here: what is put into a digest (assembly.py) and how it looks (digest.py).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

Frequency = Literal["immediate", "hourly", "daily", "weekly"]
FREQUENCIES: tuple[Frequency, ...] = get_args(Frequency)  # the most urgent first
LATE = timedelta(hours=2)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Schedule:
    """How often, and when by the subscriber's clock.

    Attributes:
        frequency: of the mails.
        timezone: IANA zone of all the times below.
        at: when daily and weekly digests are due; where the clock skips that time, as much later as it skips.
        weekday: of weekly digests, 0 is Monday.
        quiet: from and to: what falls between is due at the end; it may span midnight.
    """

    frequency: Frequency = "immediate"
    timezone: str = "UTC"
    at: time = time(7)
    weekday: int = 0
    quiet: tuple[time, time] | None = None


class Due(NamedTuple):
    """A digest is due: the time at which it was, whether that is long ago, and before when it must not be sent (quiet hours)."""

    at: datetime
    delayed: bool
    not_before: datetime | None


def due(schedule: Schedule, looked: datetime, now: datetime) -> Due | None:
    """Whether a mail became due after `looked`, the last time that this was asked, and by `now`; None when not.

    However many windows have passed in between, they are one digest, due at the first of them.
    """
    first = next_due(schedule, looked)
    if first > now:
        return None
    allowed = after_quiet(schedule, now)
    return Due(first, now - first > LATE, allowed if allowed > now else None)


def next_due(schedule: Schedule, after: datetime) -> datetime:
    """The first time after `after` (aware UTC) at which a mail is due; for immediate ones `after` itself, or the end of the quiet hours."""
    if schedule.frequency == "immediate":
        return after_quiet(schedule, after)
    return next(moment for moment in _windows(schedule, after) if moment > after)


def quiet_hours(row: Mapping[str, Any]) -> tuple[time, time] | None:
    """Those of a row of `subscriptions`."""
    return (time.fromisoformat(row["quiet_from"]), time.fromisoformat(row["quiet_to"])) if row["quiet_from"] else None


@lru_cache(maxsize=4096)
def after_quiet(schedule: Schedule, moment: datetime) -> datetime:
    """The moment itself, or the end of the quiet hours that it falls into (UTC)."""
    if schedule.quiet is None:
        return moment
    start, end = schedule.quiet
    local = moment.astimezone(ZoneInfo(schedule.timezone))
    clock = local.time()
    inside = start <= clock < end if start < end else clock >= start or clock < end
    if not inside:
        return moment
    day = local.date() if clock < end else local.date() + _DAY
    return max(datetime.combine(day, end, local.tzinfo).astimezone(UTC), moment)


def _windows(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    """Due times in order, from the one before `after` on: the quiet hours may have moved that one past it."""
    local = after.astimezone(ZoneInfo(schedule.timezone))
    if schedule.frequency == "hourly":
        # By elapsed hours, so that an hour that the clock repeats is not skipped.
        moment = (local - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)).astimezone(UTC)
        while True:
            yield after_quiet(schedule, moment)
            moment += _HOUR
    day = local.date() - _DAY
    while True:
        if schedule.frequency == "daily" or day.weekday() == schedule.weekday:
            # A time that the clock shows twice is meant the first time; one that it skips becomes that much later.
            yield after_quiet(schedule, datetime.combine(day, schedule.at, local.tzinfo).astimezone(UTC))
        day += _DAY
