"""When a mail is due by the subscriber's own clock."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.schedule import Schedule, after_quiet, due, next_due

HOUR = timedelta(hours=1)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def windows(schedule: Schedule, start: datetime, end: datetime, every: timedelta = HOUR / 2) -> list[datetime]:
    """Every time at which a run, every half hour, finds a digest due."""
    found, looked = [], start
    while looked < end:
        now = looked + every
        if due(schedule, looked, now):
            found.append(now)
        looked = now
    return found


@pytest.mark.fault("E101")
@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        (Schedule("daily", "Europe/Berlin", time(7)), utc(2021, 9, 19, 4, 59), utc(2021, 9, 19, 5)),
        (Schedule("daily", "Europe/Berlin", time(7)), utc(2021, 9, 19, 5), utc(2021, 9, 20, 5)),
        (Schedule("daily", "Asia/Kolkata", time(7)), utc(2021, 9, 19), utc(2021, 9, 19, 1, 30)),
        (Schedule("weekly", "America/New_York", time(7), 4), utc(2021, 9, 19), utc(2021, 9, 24, 11)),
        (Schedule("hourly", "Asia/Kathmandu"), utc(2021, 9, 19, 12, 0), utc(2021, 9, 19, 12, 15)),
        (Schedule("hourly"), utc(2021, 9, 19, 12, 0), utc(2021, 9, 19, 13)),
        (Schedule("immediate"), utc(2021, 9, 19, 12), utc(2021, 9, 19, 12)),
    ],
)
def test_due_times_are_those_of_the_subscribers_clock(schedule, after, expected):
    assert next_due(schedule, after) == expected


@pytest.mark.fault("D77", "E101")
@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (utc(2021, 3, 28), [utc(2021, 3, 28, 1, 30), utc(2021, 3, 29, 0, 30)]),  # 02:30 does not exist: 03:30
        (utc(2021, 10, 31), [utc(2021, 10, 31, 0, 30), utc(2021, 11, 1, 1, 30)]),  # 02:30 comes twice: the first
    ],
)
def test_d77_window_at_half_past_two_when_the_clock_changes(day, expected):
    schedule = Schedule("daily", "Europe/Berlin", time(2, 30))
    assert windows(schedule, day - HOUR, day + 30 * HOUR) == expected


@pytest.mark.fault("E101")
@pytest.mark.parametrize(
    ("schedule", "moment", "expected"),
    [
        (Schedule(quiet=(time(22), time(7))), utc(2021, 9, 19, 23), utc(2021, 9, 20, 7)),
        (Schedule(quiet=(time(22), time(7))), utc(2021, 9, 19, 3), utc(2021, 9, 19, 7)),
        (Schedule(quiet=(time(22), time(7))), utc(2021, 9, 19, 7), utc(2021, 9, 19, 7)),
        (Schedule(quiet=(time(12), time(13))), utc(2021, 9, 19, 12, 30), utc(2021, 9, 19, 13)),
        (Schedule(timezone="Europe/Moscow", quiet=(time(22), time(7))), utc(2021, 9, 19, 20), utc(2021, 9, 20, 4)),
        # The night in which 02:30 does not exist still ends.
        (Schedule(timezone="Europe/Berlin", quiet=(time(22), time(2, 30))), utc(2021, 3, 28, 0, 30), utc(2021, 3, 28, 1, 30)),
    ],
)
def test_e101_quiet_hours_end(schedule, moment, expected):
    assert after_quiet(schedule, moment) == expected


@pytest.mark.fault("E101")
def test_e101_a_digest_that_falls_into_the_quiet_hours_comes_at_their_end():
    daily = Schedule("daily", "UTC", time(6), quiet=(time(22), time(7)))
    assert next_due(daily, utc(2021, 9, 19, 6, 30)) == utc(2021, 9, 19, 7)
    hourly = Schedule("hourly", quiet=(time(22), time(7, 30)))
    found = windows(hourly, utc(2021, 9, 19, 20), utc(2021, 9, 20, 9))
    assert found == [utc(2021, 9, 19, 21), utc(2021, 9, 20, 7, 30), utc(2021, 9, 20, 8), utc(2021, 9, 20, 9)]


@pytest.mark.fault("O126")
def test_o126_three_days_without_a_run_are_one_delayed_digest():
    schedule = Schedule("daily", "Europe/Berlin", time(7))
    found = due(schedule, utc(2021, 9, 16, 12), utc(2021, 9, 19, 15))
    assert found == (utc(2021, 9, 17, 5), True, None)
    assert due(schedule, utc(2021, 9, 19, 15), utc(2021, 9, 19, 16)) is None
    assert due(schedule, utc(2021, 9, 19, 4), utc(2021, 9, 19, 5, 29)) == (utc(2021, 9, 19, 5), False, None)


@pytest.mark.fault("E101", "O126")
def test_a_late_digest_still_keeps_the_quiet_hours():
    schedule = Schedule("daily", "UTC", time(18), quiet=(time(22), time(7)))
    assert due(schedule, utc(2021, 9, 18, 12), utc(2021, 9, 18, 23)) == (utc(2021, 9, 18, 18), True, utc(2021, 9, 19, 7))


@pytest.mark.fault("D78")
def test_d78_a_clock_that_jumps_finds_each_window_once():
    schedule = Schedule("daily", "UTC", time(7))
    assert due(schedule, utc(2021, 9, 19, 7, 10), utc(2021, 9, 19, 5, 10)) is None  # back two hours
    assert due(schedule, utc(2021, 9, 19, 6), utc(2021, 9, 20, 6)) == (utc(2021, 9, 19, 7), True, None)  # forward a day


@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
    st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    st.integers(0, 4 * 365 * 24).map(lambda hours: utc(2020, 1, 1) + hours * HOUR),
)
def test_every_local_day_has_one_window(zone, at, start):
    schedule = Schedule("daily", zone, at)
    first = next_due(schedule, start)
    second = next_due(schedule, first)
    assert start < first < second
    assert timedelta(hours=22) <= second - first <= timedelta(hours=26)
