"""The phrases around a candidate, ranked so that asking who covers it or stands near stays cheap in any text.

What belongs here: order and distance of places. What does not: what the answer means.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

Place = tuple[int, int, str]  # start, end, name


class Company:
    """Places in the order of their starts, each with the farthest end so far."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._starts: list[int] = []
        self._reach: list[tuple[int, str]] = []
        for start, end, name in sorted(places):
            self._starts.append(start)
            self._reach.append(max(self._reach[-1], (end, name)) if self._reach else (end, name))

    def covering(self, start: int, end: int) -> str:
        """The name of a place that covers a span whole, or ""."""
        index = bisect_right(self._starts, start)
        reach, name = self._reach[index - 1] if index else (-1, "")
        return name if reach >= end else ""

    def within(self, start: int, end: int, distance: int) -> bool:
        """Whether a place stands at most `distance` characters from a span."""
        index = bisect_left(self._starts, start)
        before = index > 0 and start - self._reach[index - 1][0] <= distance
        after = index < len(self._starts) and self._starts[index] - end <= distance
        return before or after


NOBODY = Company(())
