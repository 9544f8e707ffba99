"""Open connections: one for each host, kept for its next request, and not too many in all.

A pool for each host, as a common one looks at every connection for every request.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from ssl import SSLContext, create_default_context

import httpcore2

MOST_KEPT = 256


class Connections:
    """The pools of one run. `make` opens a new one; beyond `most_kept`, those unused for longest are closed."""

    def __init__(self, make: Callable[[], httpcore2.AsyncConnectionPool], most_kept: int = MOST_KEPT) -> None:
        self._make = make
        self._most_kept = most_kept
        self._pools: dict[str, httpcore2.AsyncConnectionPool] = {}  # least recently used first
        self._busy: set[str] = set()

    @asynccontextmanager
    async def of(self, host: str) -> AsyncIterator[httpcore2.AsyncConnectionPool]:
        """The pool of a host, whose turn it must be."""
        pool = self._pools[host] = self._pools.pop(host, None) or self._make()
        self._busy.add(host)
        try:
            yield pool
        finally:
            self._busy.discard(host)
            await self._trim(self._most_kept)

    async def close(self) -> None:
        """Close all; nothing may be under way."""
        await self._trim(0)

    async def _trim(self, most: int) -> None:
        while len(self._pools) > most and (idle := next((host for host in self._pools if host not in self._busy), None)):
            await self._pools.pop(idle).aclose()


@cache
def trust(ca_file: str | None) -> SSLContext:
    """Whose certificates are believed: the authorities of the file, else the usual ones."""
    return create_default_context(cafile=ca_file) if ca_file else httpcore2.default_ssl_context()
