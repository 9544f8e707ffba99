"""Fetching many documents from code that is not asynchronous; one document is the business of `client`.

The network runs in a thread of its own, so that slow work on one document makes no other request late.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterable
from functools import partial

from assets.fetching.client import Fetcher
from assets.fetching.records import Fetched, Policy, Request
from assets.fetching.robots import RobotsNotes

__all__ = ["Fetcher", "fetch_all"]


def fetch_all(
    requests: Iterable[Request],
    policy: Policy,
    on_done: Callable[[Fetched], None],
    *,
    robots: RobotsNotes | None = None,
    fetcher: Callable[..., Fetcher] = Fetcher,
) -> list[Request]:
    """Fetch all `requests`, hosts side by side, and call `on_done` in this thread as each one ends.

    Returns what was put off because the time for its source or for the run was used up: it was not asked at all.

    When `on_done` falls behind by more than the policy's `concurrency`, no new request begins until it has caught up.
    If it raises, the open requests are dropped and the error goes to the caller.
    """
    run = _Run(list(requests), policy, partial(fetcher, policy, robots=robots) if robots else partial(fetcher, policy))
    thread = threading.Thread(target=run.work, name="fetching", daemon=True)
    thread.start()
    try:
        while (done := run.finished.get()) is not None:
            if isinstance(done, BaseException):
                raise done
            on_done(done)
            run.tell(run.handled)
    finally:
        run.tell(run.stop)
        thread.join()
    return run.deferred


class _Run:
    """The thread's side. `finished` gives the results, then None, or the error that ended the run."""

    def __init__(self, requests: list[Request], policy: Policy, fetcher: Callable[[], Fetcher]) -> None:
        self.deferred: list[Request] = []
        self.finished: queue.SimpleQueue[Fetched | BaseException | None] = queue.SimpleQueue()
        self._requests = requests
        self._policy = policy
        self._make = fetcher
        self._backlog = 0
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._fetcher: Fetcher | None = None

    def work(self) -> None:
        """Run to the end, in the thread."""
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._fetch_all())
        except asyncio.CancelledError:
            self.finished.put(None)
        except BaseException as fault:  # the waiting thread must learn of anything
            self.finished.put(fault)
        else:
            self.finished.put(None)

    def tell(self, what: Callable[[], None]) -> None:
        """Have the network's thread call `what`, if it still runs."""
        try:
            self._loop.call_soon_threadsafe(what)
        except RuntimeError:
            return  # it has ended

    def handled(self) -> None:
        """One result was taken care of."""
        self._backlog -= 1
        if self._fetcher is not None and self._backlog < self._policy.concurrency:
            self._fetcher.pacing.resume()

    def stop(self) -> None:
        """Drop what is still open."""
        if self._task is not None:
            self._task.cancel()

    async def _fetch_all(self) -> None:
        self._task = asyncio.current_task()
        async with self._make() as self._fetcher, asyncio.TaskGroup() as group:
            self._fetcher.expect(self._requests)
            for request in self._requests:
                group.create_task(self._fetch(self._fetcher, request))

    async def _fetch(self, fetcher: Fetcher, request: Request) -> None:
        fetched = await fetcher.fetch(request)
        if fetched.fault is not None and fetched.fault.kind == "deferred":
            self.deferred.append(request)
            return
        self._backlog += 1
        if self._backlog >= self._policy.concurrency:
            fetcher.pacing.pause()
        self.finished.put(fetched)
