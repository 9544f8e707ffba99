"""The flood breaker: a source that suddenly yields far more than it ever does is held until the operator has looked.

Pure: a source's own history in, a verdict out. Not here: what becomes of its alerts (select.py, assembly.py).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil

FLOOR = 25
FACTOR = 5
WINDOW = timedelta(hours=24)
HISTORY = timedelta(days=28)
LONGEST_GAP_DAYS = 7


@dataclass(frozen=True)
class Yield:
    """What a source has yielded, without what was already old when it was first polled.

    Attributes:
        recent: articles first seen in the last 24 hours.
        by_day: articles first seen on each earlier day of the last four weeks; days without any may be missing.
        last_seen_at: when the last one before these 24 hours was first seen; None when there was none.
    """

    source_id: str
    recent: int
    by_day: dict[date, int]
    last_seen_at: datetime | None


@dataclass(frozen=True)
class Flood:
    """A source to be held: how many articles it yielded, and how many it may."""

    source_id: str
    seen: int
    most: int

    @property
    def reason(self) -> str:
        """In words."""
        return f"{self.seen} new articles in 24 hours; by its own last four weeks at most {self.most} were to be expected"


def flood(source: Yield, now: datetime) -> Flood | None:
    """Whether the source must be held: more than FACTOR times its busiest day, and more than FLOOR in any case.

    After a silence, such as our own days off, as many busy days are allowed for as the silence had.
    """
    silence = ceil((now - source.last_seen_at) / WINDOW) if source.last_seen_at else 1
    days = min(max(silence, 1), LONGEST_GAP_DAYS)
    most = max(FLOOR, FACTOR * max(source.by_day.values(), default=0)) * days
    return Flood(source.source_id, source.recent, most) if source.recent > most else None
