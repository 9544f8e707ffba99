"""Whose turn it is: one request at a time to a host, a pause between two, and no slow host that holds up others.

Knows hosts and time, not HTTP. What is remembered here (pauses, hosts that were given up) lasts one run.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from assets.fetching.records import Fault

LONGEST_GAP_SECONDS = 60.0
MISSES_BEFORE_GIVING_UP = 2
MISSES = frozenset({"dns", "connect", "tls", "timeout"})


@dataclass
class Host:
    """What this run knows of one host; times are of the monotonic clock."""

    gap: float
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = float("-inf")
    misses: int = 0
    closed: Fault | None = None


class Pacing:
    """Hands out turns. `clock` gives seconds, `sleep` waits for them; both are only replaced in tests."""

    def __init__(
        self,
        *,
        pace_seconds: float,
        concurrency: int,
        patience_seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._hosts: defaultdict[str, Host] = defaultdict(lambda: Host(gap=pace_seconds))
        self._places = asyncio.Semaphore(concurrency)
        self._patience = patience_seconds
        self._clock = clock
        self._sleep = sleep
        self._running = asyncio.Event()
        self._running.set()

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Wait until this host may be asked; nobody else asks it before the block is left."""
        host = self._hosts[name]
        async with host.turn:
            wait = host.free_at + host.gap - self._clock()
            if wait > 0 and host.closed is None:
                await self._sleep(wait)
            async with self._place():
                try:
                    yield
                finally:
                    host.free_at = self._clock()

    def slow_down(self, name: str, seconds: float) -> None:
        """Keep at least this pause for the host, as its robots.txt asks; more than a minute is cut to a minute."""
        host = self._hosts[name]
        host.gap = max(host.gap, min(seconds, LONGEST_GAP_SECONDS))

    def gap(self, name: str) -> float:
        """Seconds between two requests to this host."""
        return self._hosts[name].gap

    def refusal(self, name: str) -> Fault | None:
        """Why this host is not asked again in this run, if it is not."""
        return self._hosts[name].closed

    def note(self, name: str, fault: Fault | None, *, busy: bool = False) -> None:
        """Learn from an outcome: a host that is dead or asks to be left alone is not asked again in this run.

        Args:
            name: the host.
            fault: of the answer, None when it was good.
            busy: the host said that it gets too many requests.
        """
        host = self._hosts[name]
        missed = fault is not None and fault.kind in MISSES
        host.misses = host.misses + 1 if missed else 0
        if fault is None or host.closed is not None:
            return
        if busy or fault.retry_after_seconds or host.misses >= MISSES_BEFORE_GIVING_UP:
            host.closed = replace(fault, message=f"not asked again in this run, as {name} gave: {fault.message}")

    def pause(self) -> None:
        """Begin no further request until `resume`."""
        self._running.clear()

    def resume(self) -> None:
        """Go on after `pause`."""
        self._running.set()

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """One of the limited places, given back early by those that are slow."""
        await self._places.acquire()
        taken = True

        def give_back() -> None:
            nonlocal taken
            if taken:
                taken = False
                self._places.release()

        try:
            await self._running.wait()
            timer = asyncio.get_running_loop().call_later(self._patience, give_back)
            try:
                yield
            finally:
                timer.cancel()
        finally:
            give_back()
