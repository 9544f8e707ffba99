"""What an attempt's reply means for its delivery: the next state, and when to try again.

Pure. Not here: sending (transports.py) and storing (outbox.py).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.transports import Reply

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
GIVE_UP = timedelta(hours=72)


@dataclass(frozen=True)
class Settled:
    """A delivery's columns after an attempt."""

    state: str
    next_attempt_at: datetime | None = None
    sent_at: datetime | None = None
    receipt: str | None = None
    error: str | None = None
    maybe_duplicate: bool = False


def settle(reply: Reply, *, attempts: int, queued_at: datetime, maybe_duplicate: bool, now: datetime) -> Settled:
    """The delivery after this reply; `attempts` counts the current one, `queued_at` is when the delivery was made."""
    if reply.kind == "sent":
        return Settled("sent", sent_at=now, receipt=reply.words, maybe_duplicate=maybe_duplicate)
    if reply.kind == "never":
        return Settled("new", error=reply.words, maybe_duplicate=maybe_duplicate)
    if reply.kind in ("refused", "permanent"):
        return Settled("suppressed" if reply.kind == "refused" else "parked", error=reply.words, maybe_duplicate=maybe_duplicate)
    maybe_duplicate = maybe_duplicate or reply.kind == "uncertain"
    # A relay that cannot be reached is not this mail's fault: it waits as long as that lasts.
    if reply.kind != "unreachable" and now - queued_at >= GIVE_UP and attempts > len(BACK_OFF):
        return Settled("parked", error=f"given up after {attempts} attempts: {reply.words}", maybe_duplicate=maybe_duplicate)
    waiting = "unknown" if maybe_duplicate else "new"
    return Settled(waiting, next_attempt_at=now + pause(attempts), error=reply.words, maybe_duplicate=maybe_duplicate)


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 1, 5, 15, 60 minutes, then hourly."""
    return BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
