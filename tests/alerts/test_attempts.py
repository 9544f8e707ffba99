"""What a reply means for its delivery."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.attempts import settle
from alerts.transports import Reply

NOW = datetime(2021, 9, 19, 12, tzinfo=UTC)


def after(kind, *, attempts=1, age=timedelta(0), maybe_duplicate=False):
    return settle(Reply(kind, "words"), attempts=attempts, queued_at=NOW - age, maybe_duplicate=maybe_duplicate, now=NOW)


@pytest.mark.parametrize(
    ("kind", "state", "maybe_duplicate", "waits"),
    [
        ("sent", "sent", False, False),
        ("never", "new", False, False),
        ("temporary", "new", False, True),
        ("busy", "new", False, True),
        ("unreachable", "new", False, True),
        ("uncertain", "unknown", True, True),
        ("refused", "suppressed", False, False),
        ("permanent", "parked", False, False),
    ],
)
def test_reply_settles_the_state(kind, state, maybe_duplicate, waits):
    settled = after(kind)
    assert (settled.state, settled.maybe_duplicate, settled.next_attempt_at is not None) == (state, maybe_duplicate, waits)
    assert (settled.receipt, settled.error) == (("words", None) if kind == "sent" else (None, "words"))
    assert settled.sent_at == (NOW if kind == "sent" else None)
    assert after(kind, maybe_duplicate=True).maybe_duplicate  # what was unknown once stays marked


def test_back_off_grows_to_an_hour():
    waits = [after("temporary", attempts=attempts).next_attempt_at - NOW for attempts in (1, 2, 3, 4, 5, 50)]
    assert [wait // timedelta(minutes=1) for wait in waits] == [1, 5, 15, 60, 60, 60]


@pytest.mark.parametrize(
    ("kind", "attempts", "hours", "state"),
    [
        ("temporary", 70, 71.9, "new"),
        ("temporary", 70, 72, "parked"),
        ("busy", 70, 72, "parked"),
        ("uncertain", 70, 72, "parked"),
        ("temporary", 3, 200, "new"),  # it lay behind a relay that was down: it is tried as often as any other
        ("unreachable", 70, 200, "new"),
        ("sent", 70, 200, "sent"),
    ],
)
def test_three_days_are_enough(kind, attempts, hours, state):
    assert after(kind, attempts=attempts, age=timedelta(hours=hours)).state == state
