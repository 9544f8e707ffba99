"""Worker processes: what reads other people's pages runs beside the flow, so that one that hangs, crashes or grows is ended alone.

Here: starting workers, giving them calls one at a time, ending those that exceed their limits. What is called is the caller's
business: any function of a module with arguments that can be pickled. Workers are started when they are first needed and are
used again for all later calls of this process; they end with it, even when it is killed.

A worker is never forked from this process, which may have threads: a server process without any forks it (or, where there is
none, a fresh interpreter is started).
"""

import atexit
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Literal

Call = tuple[Callable[..., Any], dict[str, Any]]

_PRELOADED = ["assets.extraction.warm"]
_RETIRES_AFTER = 500  # calls; libraries in C lose memory
_GRACE = 3  # seconds after which a worker ends itself when nobody else did
_LONGEST_START = 60  # seconds until a new worker must have said that it is there


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may cost.

    Attributes:
        seconds: of wall time.
        megabytes: of address space, the interpreter's own 350 included.
        workers: how many calls run at the same time; with 0 they run in this process, unprotected.
    """

    seconds: float = 60.0
    megabytes: int = 1024
    workers: int = 2


@dataclass(frozen=True, slots=True)
class Ended:
    """A call without a result: it took too long, its process died, or it needed too much memory."""

    kind: Literal["hung", "crashed", "memory"]
    message: str


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection
    place: int = -1  # of the call that it works on
    deadline: float = 0.0
    calls: int = 0
    ready: bool = False


@dataclass
class Workers:
    """Some processes under the same limits."""

    limits: Limits = Limits()
    _idle: list[_Worker] = field(default_factory=list)

    def run(self, calls: Sequence[Call]) -> list[Any]:
        """The results in the order of the calls; in place of one that was ended stands an `Ended`, for one that raised its exception."""
        found = dict(self.stream(calls))
        return [found[place] for place in range(len(calls))]

    def stream(self, calls: Iterable[Call]) -> Iterator[tuple[int, Any]]:
        """Results as they come, each with the place of its call."""
        if not self.limits.workers:
            yield from ((place, _outcome(function, arguments)) for place, (function, arguments) in enumerate(calls))
            return
        waiting = enumerate(calls)
        busy: list[_Worker] = []
        try:
            while True:
                self._assign(waiting, busy)
                if not busy:
                    return
                yield from self._collect(busy)
        finally:
            for worker in busy:  # the caller went away in the middle
                _kill(worker)

    def close(self) -> None:
        """End all workers."""
        while self._idle:
            _kill(self._idle.pop())

    def _assign(self, waiting: Iterator[tuple[int, Call]], busy: list[_Worker]) -> None:
        while len(busy) < self.limits.workers:
            following = next(waiting, None)
            if following is None:
                return
            worker = self._idle.pop() if self._idle else self._start()
            if not _give(worker, following[1], self.limits.seconds):
                worker = self._start()  # it died while it was idle
                _give(worker, following[1], self.limits.seconds)
            worker.place = following[0]
            busy.append(worker)

    def _start(self) -> _Worker:
        ours, theirs = multiprocessing.Pipe()
        process = _context().Process(target=_serve, args=(theirs, self.limits), daemon=True, name="thinkwatch-extraction")
        with _without_main():
            process.start()  # type: ignore[attr-defined] - BaseProcess has it
        theirs.close()
        return _Worker(process, ours)

    def _collect(self, busy: list[_Worker]) -> Iterator[tuple[int, Any]]:
        """Wait for the next answer, death or deadline."""
        left = min(worker.deadline for worker in busy) - time.monotonic()
        heard = set(wait([worker.pipe for worker in busy], timeout=max(0.0, left)))
        for worker in list(busy):
            outcome = _hear(worker, self.limits) if worker.pipe in heard else _overdue(worker, self.limits)
            if outcome is None:
                continue
            busy.remove(worker)
            if isinstance(outcome, Ended) or worker.calls >= _RETIRES_AFTER:
                _kill(worker)
            else:
                self._idle.append(worker)
            yield worker.place, outcome


@cache
def shared(limits: Limits) -> Workers:
    """The workers of this process under these limits, the same ones for every caller."""
    workers = Workers(limits)
    atexit.register(workers.close)
    return workers


@cache
def _context() -> Any:
    """How workers are started: by a server that has read the extractor once, where the system has such a thing."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    return context


class _without_main:  # noqa: N801 - reads as a block
    """Hides the main module while a worker starts: its process needs none of it, and may not run it a second time."""

    def __enter__(self) -> None:
        self.main = sys.modules.get("__main__")
        sys.modules["__main__"] = type(sys)("__main__")

    def __exit__(self, *_: object) -> None:
        if self.main is not None:
            sys.modules["__main__"] = self.main


def _give(worker: _Worker, call: Call, seconds: float) -> bool:
    """Send a call; False when there is nobody to take it."""
    try:
        worker.pipe.send(call)
    except (BrokenPipeError, ConnectionResetError):
        _kill(worker)
        return False
    worker.calls += 1
    worker.deadline = time.monotonic() + (seconds if worker.ready else _LONGEST_START)
    return True


def _hear(worker: _Worker, limits: Limits) -> Any:
    """What a worker says; None when it only says that it is there and begins."""
    try:
        word, outcome = worker.pipe.recv()
    except (EOFError, ConnectionResetError):
        worker.process.join(1)
        code = worker.process.exitcode
        if code == -signal.SIGALRM:
            return _hung(limits)
        return Ended("crashed", f"its process died ({_signal_name(code)})")
    except Exception as fault:
        return Ended("crashed", f"its answer cannot be read: {type(fault).__name__}: {fault}")
    if word == "begins":
        worker.ready = True
        worker.deadline = time.monotonic() + limits.seconds
        return None
    if isinstance(outcome, MemoryError):
        return Ended("memory", f"it needed more than {limits.megabytes} MB")
    return outcome


def _overdue(worker: _Worker, limits: Limits) -> Ended | None:
    return _hung(limits) if time.monotonic() >= worker.deadline else None


def _hung(limits: Limits) -> Ended:
    return Ended("hung", f"it took longer than {limits.seconds:g} s")


def _signal_name(code: int | None) -> str:
    try:
        return signal.Signals(-(code or 0)).name
    except ValueError:
        return f"exit status {code}"


def _kill(worker: _Worker) -> None:
    worker.process.kill()
    worker.process.join(5)
    worker.pipe.close()


def _outcome(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    try:
        return function(**arguments)
    except Exception as fault:
        return fault


def _serve(pipe: Connection, limits: Limits) -> None:
    """The life of a worker: one call after the other, until nobody is at the other end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who pressed Ctrl-C meant the command, which ends its workers
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _cap_memory(limits.megabytes)
    # PDFium and lxml say on stderr what they think of a page; nobody reads it there.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    while True:
        try:
            function, arguments = pipe.recv()
            pipe.send(("begins", None))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return
        signal.setitimer(signal.ITIMER_REAL, limits.seconds + _GRACE)
        outcome = _outcome(function, arguments)
        signal.setitimer(signal.ITIMER_REAL, 0)
        with suppress(BrokenPipeError, ConnectionResetError):
            _answer(pipe, outcome)


def _answer(pipe: Connection, outcome: Any) -> None:
    try:
        pipe.send(("done", outcome))
    except (TypeError, AttributeError) as fault:  # what cannot be pickled
        pipe.send(("done", RuntimeError(f"{type(outcome).__name__} cannot be handed over: {fault}")))


def _cap_memory(megabytes: int) -> None:
    with suppress(ImportError, OSError, ValueError):  # where the system knows no such limit, the deadline still holds
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20, megabytes * 2**20))
