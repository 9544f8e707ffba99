"""How much of a run each source may take: a slow or huge one uses up its own share and nobody else's.

What is over the budget is not a failure: it is put off, stays due, and is asked in a later run.
"""

import time
from collections import defaultdict
from collections.abc import Callable


class Budget:
    """Seconds of the run and of each source in it; counted are answers and the pauses between them, not the wait for others."""

    def __init__(self, source_seconds: float, run_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._source_seconds = source_seconds
        self._run_seconds = run_seconds
        self._clock = clock
        self._began = clock()
        self._spent: defaultdict[str, float] = defaultdict(float)

    def admits(self, source: str) -> bool:
        """Whether one more request may begin for this source; "" stands for none, which only the run's end stops."""
        within_run = self._clock() - self._began < self._run_seconds
        return within_run and (not source or self._spent[source] < self._source_seconds)

    def spend(self, source: str, seconds: float) -> None:
        """Count what a request took."""
        self._spent[source] += seconds
