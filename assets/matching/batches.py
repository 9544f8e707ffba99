"""Many texts matched at once, in this process or in several.

What belongs here: handing texts out and taking mentions back, a failure a text. What does not: which texts, the store.
"""

import multiprocessing
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from types import TracebackType
from typing import NamedTuple, Self

from assets.extraction.records import Zone
from assets.matching.changes import narrowed
from assets.matching.compiling import Compiled
from assets.matching.matcher import Matcher
from assets.matching.mentions import Mention, find_mentions

_FEW = 400  # texts that are matched sooner than a process is started
_CHUNK = 50


class Text(NamedTuple):
    """A text to match; `only` names the entities that are asked for, None all of the list."""

    revision_id: str
    title: str
    text: str
    language: str | None
    zones: tuple[Zone, ...] = ()
    only: frozenset[str] | None = None


class Matched(NamedTuple):
    """What a text mentions, or why that cannot be said."""

    revision_id: str
    mentions: list[Mention]
    error: str | None = None


class Reader:
    """A compiled list in one process: the whole matcher, and those of the parts that were asked for."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled
        self._matcher = lru_cache(maxsize=8)(self._make)

    def match(self, text: Text) -> Matched:
        """The mentions of one text. A text that breaks the matcher is given back with the reason; the others go on."""
        try:
            found = find_mentions(self._matcher(text.only), title=text.title, text=text.text, language=text.language, zones=text.zones)
        except Exception as fault:
            return Matched(text.revision_id, [], f"{type(fault).__name__}: {fault}")
        return Matched(text.revision_id, found)

    def _make(self, only: frozenset[str] | None) -> Matcher:
        return Matcher(self._compiled if only is None else narrowed(self._compiled, only))


class Matchers:
    """A compiled list in up to `processes` processes, which are started when there is much to do. Closes them at its end."""

    def __init__(self, compiled: Compiled, processes: int) -> None:
        self._compiled = compiled
        self._processes = processes
        self._reader = Reader(compiled)
        self._pool: ProcessPoolExecutor | None = None

    def match(self, texts: Sequence[Text]) -> Iterable[Matched]:
        """The mentions of each text, in the order of the texts."""
        if self._processes == 1 or (self._pool is None and len(texts) < _FEW):
            return [self._reader.match(text) for text in texts]
        if self._pool is None:
            # Started afresh, so that no thread or lock of this process comes along.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._processes, context, _prepare, (self._compiled,))
        return self._pool.map(_match, texts, chunksize=_CHUNK)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)


_reader: Reader | None = None


def _prepare(compiled: Compiled) -> None:
    """Build the tables once in each process."""
    global _reader  # noqa: PLW0603 - a process pool has no other place for what all its tasks share
    _reader = Reader(compiled)


def _match(text: Text) -> Matched:
    return _reader.match(text) if _reader else Matched(text.revision_id, [], "the process was not prepared")
