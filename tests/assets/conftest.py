"""A server on loopback that behaves as badly as a test wants, the means to fetch from it, and an installation that polls it."""

import asyncio
import contextlib
import json
import ssl
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

import httpcore2
import pytest

from alerts.render import MailSettings
from assets.backfills import fill_gaps
from assets.entries import read_fetches
from assets.extraction.workers import Limits
from assets.feeds import poll_feeds
from assets.fetching.fetcher import Fetcher, fetch_all
from assets.fetching.pacing import Pacing
from assets.fetching.records import Fetched, Policy, Request
from assets.flow import Flow
from warehouse.archive import Archive

Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Seen:
    """A request as it reached the server."""

    path: str
    headers: dict[str, str]
    connection: int
    at: float


@dataclass
class Site:
    """One virtual host: what it answers, path by path, and what it was asked."""

    host: str
    scheme: str = "http"
    steps: dict[str, list[bytes | Act]] = field(default_factory=dict)
    requests: list[Seen] = field(default_factory=list)

    def on(self, path: str, *steps: bytes | Act) -> str:
        """Answer `path` with one step after the other, the last one for ever; gives the address."""
        self.steps[path] = list(steps)
        return f"{self.scheme}://{self.host}{path}"

    def asked(self, path: str) -> list[Seen]:
        return [seen for seen in self.requests if seen.path == path]

    def step(self, path: str) -> bytes | Act:
        steps = self.steps.get(path) or [Answers.reply(404, body=b"no such page")]
        return steps.pop(0) if len(steps) > 1 else steps[0]


class Answers:
    """Ways to answer a request."""

    @staticmethod
    def reply(status: int = 200, headers: dict[str, str] | None = None, body: bytes = b"", *, length: int | None = None) -> bytes:
        """A whole answer; `length` overrides the Content-Length, -1 leaves it out."""
        fields = dict(headers or {})
        if status != 304 and length != -1:
            fields["Content-Length"] = str(len(body) if length is None else length)
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return f"HTTP/1.1 {status} Some Reason\r\n{head}\r\n".encode("latin-1") + body

    @staticmethod
    def closing(data: bytes, *, reset: bool = False) -> Act:
        """Send exactly this, then close the connection, or break it."""

        async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(data)
            await writer.drain()
            if reset:
                writer.get_extra_info("socket").setsockopt(1, 13, b"\1\0\0\0\0\0\0\0")  # SO_LINGER 0: close by RST

        return act

    @staticmethod
    def dripping(data: bytes) -> Act:
        """Send one byte at a time, with pauses that a limit for each read would never notice."""

        async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for byte in data:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.005)

        return act

    @staticmethod
    def endless(head: bytes, chunk: bytes) -> Act:
        """Send `chunk` for ever."""

        async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(head)
            while True:
                writer.write(chunk)
                await writer.drain()

        return act


class Web:
    """All sites of a test, on one port of 127.0.0.1 for each scheme."""

    def __init__(self) -> None:
        self.sites: dict[str, Site] = {}
        self.targets: dict[str, str] = {}
        self.clock: Callable[[], float] = lambda: 0.0
        self.connections = 0
        self.open_now: defaultdict[str, int] = defaultdict(int)
        self.most_open: defaultdict[str, int] = defaultdict(int)
        self.server_names: list[str | None] = []
        self._silent: list[asyncio.Event] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = self._listen(None)

    def site(self, host: str, *, tls: ssl.SSLContext | None = None) -> Site:
        self.targets[host] = f"127.0.0.1:{self.port if tls is None else self._listen(tls)}"
        self.sites[host] = Site(host, "http" if tls is None else "https")
        return self.sites[host]

    def silent(self, start: bytes = b"") -> Act:
        """Send `start` at most, and no more until `end_silence`."""
        event = asyncio.Event()
        self._silent.append(event)

        async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(start)
            await event.wait()

        return act

    def end_silence(self) -> None:
        for event in self._silent:
            self._loop.call_soon_threadsafe(event.set)

    def policy(self, **changes: object) -> Policy:
        settings = {"pace_seconds": 0, "total_seconds": 20, "connect_seconds": 20, "connect_to": dict(self.targets)} | changes
        return Policy(contact="https://thinkwatch.example/robot", **settings)

    def fetch(self, url: str | Request, *, purpose: str = "feed", seams: dict[str, object] | None = None, **policy: object) -> Fetched:
        """Fetch one address with a fetcher of its own."""
        return self.fetch_each([url], purpose=purpose, seams=seams, **policy)[0]

    def fetch_each(
        self, urls: list[str | Request], *, purpose: str = "feed", seams: dict[str, object] | None = None, **policy: object
    ) -> list[Fetched]:
        """Fetch addresses one after the other with one fetcher."""
        asked = [Request(url, purpose) if isinstance(url, str) else url for url in urls]

        async def run() -> list[Fetched]:
            async with Fetcher(self.policy(**policy), now=lambda: NOW, **(seams or {})) as fetcher:
                return [await fetcher.fetch(request) for request in asked]

        return asyncio.run(run())

    def fetch_all(self, urls: list[str], purpose: str = "feed", on_done: Callable[[Fetched], None] | None = None, **policy: object):
        """Fetch addresses side by side; results in the order in which they ended, unless `on_done` takes them."""
        done: list[Fetched] = []
        fetch_all([Request(url, purpose, ref=url) for url in urls], self.policy(**policy), on_done or done.append)
        return done

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _listen(self, tls: ssl.SSLContext | None) -> int:
        if tls is not None:
            tls.sni_callback = lambda _, name, __: self.server_names.append(name)
        start = asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        server = asyncio.run_coroutine_threadsafe(start, self._loop).result()
        self._servers.append(server)
        return server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._tasks.add(task)
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            await self._converse(reader, writer, self.connections)
        writer.close()
        with contextlib.suppress(ConnectionError, asyncio.CancelledError, ssl.SSLError):
            await writer.wait_closed()
        self._tasks.discard(task)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> None:
        while True:
            first = await reader.readexactly(1)
            if first == b"\x16":  # a TLS handshake, which means nothing to a plain server
                return
            line, *lines = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = dict(field.split(": ", 1) for field in lines if field)
            host, path = headers["Host"].partition(":")[0].rstrip("."), line.split(" ")[1]
            site = self.sites[host]
            site.requests.append(Seen(path, {name.lower(): value for name, value in headers.items()}, connection, self.clock()))
            self.open_now[host] += 1
            self.most_open[host] = max(self.most_open[host], self.open_now[host])
            step = site.step(path)
            try:
                if callable(step):
                    await step(reader, writer)
                    return
                # Counted as over before it is sent, as the client may ask again the moment it has the last byte.
                self.open_now[host] -= 1
                writer.write(step)
                await writer.drain()
                self.open_now[host] += 1
            finally:
                self.open_now[host] -= 1

    async def _end(self) -> None:
        for server in self._servers:
            server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class VirtualTime:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def pacing(self, **changes: float) -> Pacing:
        return Pacing(**{"pace_seconds": 1.0, "concurrency": 16, "patience_seconds": 60.0} | changes, clock=self, sleep=self.sleep)


class Wire(httpcore2.AsyncNetworkBackend):
    """Notes where a connection would go, and leads it to the test server: to `port`, or to one by the port asked for."""

    def __init__(self, port: int | dict[int, int], dead: tuple[str, ...] = ()) -> None:
        self.dialled: list[tuple[str, int]] = []
        self._port = port
        self._dead = dead

    async def connect_tcp(self, host, port, timeout=None, **_):
        self.dialled.append((host, port))
        if host in self._dead:
            raise httpcore2.ConnectError("no route to host")
        target = self._port[port] if isinstance(self._port, dict) else self._port
        return await httpcore2.AnyIOBackend().connect_tcp("127.0.0.1", target, timeout)


@pytest.fixture
def web():
    """The sites of one test."""
    running = Web()
    yield running
    running.close()


@pytest.fixture
def virtual_time():
    return VirtualTime()


@pytest.fixture
def answers():
    """The ways to answer: `answers.reply(...)`, `answers.dripping(...)` and so on."""
    return Answers


@pytest.fixture
def wire():
    """Makes a `Wire`."""
    return Wire


@pytest.fixture
def resolver():
    """Makes a resolver from host to successive lists of addresses; the last list repeats."""

    def make(names: dict[str, list[list[str]]]):
        async def resolve(host: str, port: int) -> list[str]:
            if host not in names:
                raise OSError(-2, "Name or service not known")
            rounds = names[host]
            return rounds.pop(0) if len(rounds) > 1 else rounds[0]

        return resolve

    return make


class Installation:
    """A whole installation in a folder, its sources on the test's `web`, its clock in the test's hand."""

    def __init__(self, folder, warehouse, web: Web) -> None:
        self.folder, self.warehouse, self.web = folder, warehouse, web
        self.now = datetime(2021, 9, 19, 18, 0, tzinfo=UTC)
        self.settings: dict[str, object] = {}
        (folder / "sources").mkdir()

    def source(self, source_id: str, *feeds: dict[str, object] | str, **fields: object) -> None:
        """Define a source; a feed is its address, or what its file says of it."""
        definition = {"id": source_id, "name": source_id, "feeds": [{"url": f} if isinstance(f, str) else f for f in feeds], **fields}
        (self.folder / "sources" / f"{source_id}.yaml").write_text(json.dumps(definition), encoding="utf-8")

    def flow(self, **changes: object) -> Flow:
        known = {
            "warehouse": self.warehouse,
            "archive": self.archive,
            "copy": self.folder / "copy.duckdb",
            "copies": 1,
            "sources": (self.folder / "sources",),
            "watchlists": (),
            "subscriptions": (),
            "policy": self.web.policy(),
            "transports": {},
            "channel": "eml",
            "mail": MailSettings(sender="a@x.example", sender_name="A", domain="x.example", unsubscribe_mailto="a@x.example"),
            "pages_per_source": 50,
            "attachments_per_source": 10,
            "cache": self.folder / "cache",
            "search": self.folder / "search.sqlite",
            "limits": Limits(),
            "now": lambda: self.now,
            "started_at": self.now,
        }
        return Flow(**known | self.settings | changes)

    @cached_property
    def archive(self) -> Archive:
        return Archive(self.folder / "archive")

    def poll(self, *, later: timedelta = timedelta(), source_ids: tuple[str, ...] = ()):
        """Move the clock, poll what is due, read it and fill the gaps; what was brought, by source."""
        self.now += later
        flow = self.flow()
        poll_feeds(flow, source_ids)
        return [*read_fetches(flow), *fill_gaps(flow)]

    def rows(self, sql: str, **parameters: object):
        with self.warehouse.transaction() as transaction:
            cursor = transaction.connection.execute(sql, parameters or None)
            return [dict(zip([column[0] for column in cursor.description], row, strict=True)) for row in cursor.fetchall()]

    def values(self, sql: str, **parameters: object):
        return [next(iter(row.values())) for row in self.rows(sql, **parameters)]


@pytest.fixture
def installation(tmp_path, warehouse, web):
    made = Installation(tmp_path, warehouse, web)
    yield made
    made.archive.close()
