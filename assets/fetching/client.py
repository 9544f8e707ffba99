"""Politely getting feeds and pages: turns, robots.txt, redirects and conditional requests, through one guarded gate.

What a server does wrong comes back as a `Fault` in the record; nothing here raises for it. Reading what was fetched,
storing it and deciding when to come back belong elsewhere (`parsing`, `warehouse.archive`, `polling`).
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Self
from urllib.parse import urlsplit

import httpcore2
import httpx2

from assets.fetching import faults
from assets.fetching.budgets import Budget
from assets.fetching.connections import Connections, trust
from assets.fetching.exchange import Answer, Headers, Limits, exchange
from assets.fetching.guard import GuardedBackend, RefusedError, Resolver, checked_url, host_of, system_resolver
from assets.fetching.pacing import Pacing
from assets.fetching.records import Fault, Fetched, Policy, Purpose, Request
from assets.fetching.robots import Answer as RobotsAnswer
from assets.fetching.robots import RobotsCache, RobotsNotes

ACCEPT: dict[Purpose, str] = {
    "feed": "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5",
    "page": "text/html, application/xhtml+xml, application/pdf;q=0.9, */*;q=0.5",
    "attachment": "application/pdf, */*;q=0.5",
    "backfill": "application/feed+json, application/json, application/xml;q=0.9, text/xml;q=0.9, text/html;q=0.9, */*;q=0.5",
}
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
IDLE_SECONDS = 15.0


@dataclass
class Trail:
    """One request on its way through redirects."""

    url: str
    answer: Answer = field(default_factory=Answer)
    redirects: list[tuple[int, str]] = field(default_factory=list)
    permanent: str | None = None
    seconds: float = 0.0
    asked_at: datetime | None = None
    sent: Headers = ()


class Fetcher:
    """Gets documents for one run: `async with Fetcher(policy) as fetcher: await fetcher.fetch(request)`.

    What it learns of hosts (rules, pauses, who is dead) and its connections are forgotten at the end.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        resolve: Resolver = system_resolver,
        network: httpcore2.AsyncNetworkBackend | None = None,
        pacing: Pacing | None = None,
        robots: RobotsNotes | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Fetch as `policy` says; `robots` is what is known of robots.txt from earlier runs, and takes up what is new.

        The other arguments replace network and time where nothing real may be touched.
        """
        self.policy = policy
        self.pacing = pacing or Pacing(
            pace_seconds=policy.pace_seconds, concurrency=policy.concurrency, patience_seconds=policy.patience_seconds
        )
        self._now = now
        self._backend = GuardedBackend(policy.connect_to, resolve, network)
        self._connections = Connections(self._pool)
        self._lone_hosts: set[str] = set()
        self._robot = policy.user_agent.partition("/")[0]
        self._robots = RobotsCache(self._robots_answer, self._robot, time.monotonic, robots)
        self._budget = Budget(policy.source_seconds, policy.run_seconds)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connections.close()

    def expect(self, requests: Iterable[Request]) -> None:
        """Say what is to come: a host that is only asked for one feed is spared the question for its robots.txt."""
        hosts = Counter(_host_asked(request.url) for request in requests)
        self._lone_hosts = {host for host, count in hosts.items() if count == 1}

    async def fetch(self, request: Request) -> Fetched:
        """Get one document; waits for its turn as long as it takes. Never raises for what a server does."""
        trail = Trail(request.url)
        fault = await self._follow(trail, request)
        answer = trail.answer
        not_modified = fault is None and answer.status == HTTPStatus.NOT_MODIFIED
        return Fetched(
            request=request,
            final_url=trail.url,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            requested_at=trail.asked_at,
            elapsed_ms=round(trail.seconds * 1000),
            not_modified=not_modified,
            fault=fault,
            redirects=tuple(trail.redirects),
            permanent_url=trail.permanent,
            request_headers=trail.sent,
        )

    def _pool(self) -> httpcore2.AsyncConnectionPool:
        return httpcore2.AsyncConnectionPool(
            ssl_context=trust(self.policy.ca_file), max_connections=1, keepalive_expiry=IDLE_SECONDS, network_backend=self._backend
        )

    async def _robots_answer(self, url: str) -> RobotsAnswer:
        trail = Trail(url)
        fault = await self._follow(trail, Request(url, "page"), for_robots=True)
        if fault is None or fault.kind in ("http_status", "challenge"):
            return trail.answer.status or 0, trail.answer.body
        # A redirect led to another host: that one is out of reach, not this one.
        return replace(fault, kind="robots") if trail.redirects and fault.kind != "redirects" else fault

    async def _follow(self, trail: Trail, request: Request, *, for_robots: bool = False) -> Fault | None:
        """Ask, and follow redirects; the outcome is in `trail`."""
        try:
            url = checked_url(trail.url, self.policy.connect_to)
            visited = {str(url)}
            while True:
                trail.url = str(url)
                fault = None if for_robots else await self._forbidden(url, request.purpose)
                fault = fault or await self._ask(trail, url, request)
                if fault is not None or trail.answer.status not in REDIRECTS:
                    return fault
                url = self._next(trail, url, visited)
        except RefusedError as refusal:
            return refusal.fault

    async def _forbidden(self, url: httpx2.URL, purpose: Purpose) -> Fault | None:
        """What robots.txt says against this address; its Crawl-delay is taken over on the way."""
        host = host_of(url)
        free = purpose == "feed" and not self.policy.robots_for_feeds
        if free and host in self._lone_hosts:
            return None  # only a Crawl-delay could matter, and there is nothing to delay
        rules = await self._robots.rules(f"{url.scheme}://{url.netloc.decode('ascii')}")
        self.pacing.slow_down(host, rules.crawl_delay)
        fault = rules.refusal(str(url), self._robot)
        return None if fault is not None and fault.kind == "robots" and free else fault

    async def _ask(self, trail: Trail, url: httpx2.URL, request: Request) -> Fault | None:
        """One exchange in its turn."""
        host, policy = host_of(url), self.policy
        async with self.pacing.turn(host):
            if refusal := self.pacing.refusal(host):
                return refusal
            if not self._budget.admits(request.source):
                return Fault("deferred", "put off to the next run: the time for this source, or for the run, is used up")
            trail.sent = self._headers(url, request)
            trail.asked_at = self._now()
            began = time.monotonic()
            limits = Limits(policy.connect_seconds, policy.total_seconds - trail.seconds, policy.max_bytes(request.purpose))
            dials = self._backend.dials[host]
            async with self._connections.of(host) as pool:
                trail.answer = await exchange(pool, url, trail.sent, limits, trail.asked_at)
                if _lost_before_answer(trail.answer) and self._backend.dials[host] == dials:
                    # The server closed the connection that it had kept for us just as we used it: that is no fault of it.
                    trail.answer = await exchange(pool, url, trail.sent, limits, trail.asked_at)
            took = time.monotonic() - began
            trail.seconds += took
            self._budget.spend(request.source, took + self.pacing.gap(host))
            fault = _judged(trail.answer, request)
            self.pacing.note(host, fault, busy=trail.answer.status == HTTPStatus.TOO_MANY_REQUESTS)
        return fault

    def _headers(self, url: httpx2.URL, request: Request) -> Headers:
        headers = [
            ("Host", url.netloc.decode("ascii")),
            ("User-Agent", self.policy.agent),
            ("Accept", ACCEPT[request.purpose]),
            ("Accept-Encoding", "gzip, deflate, br, zstd"),
        ]
        validators = (("If-None-Match", request.etag), ("If-Modified-Since", request.last_modified))
        return (*headers, *((name, value) for name, value in validators if value is not None and _sendable(value)))

    def _next(self, trail: Trail, url: httpx2.URL, visited: set[str]) -> httpx2.URL:
        """Where the redirect in `trail` leads. Raises RefusedError."""
        status = trail.answer.status or 0
        location = _as_utf8(faults.value_of(trail.answer.headers, "location") or "")
        trail.redirects.append((status, str(url)))
        if not location.strip():
            raise _astray(f"status {status} does not say where to go")
        if len(trail.redirects) > self.policy.max_redirects:
            raise _astray(f"more than {self.policy.max_redirects} redirects")
        target = checked_url(location.strip(), self.policy.connect_to, base=url)
        if str(target) in visited:
            raise _astray(f"redirects run in a circle to {target}")
        visited.add(str(target))
        if all(step in PERMANENT for step, _ in trail.redirects):
            trail.permanent = str(target)
        return target


def _host_asked(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _judged(answer: Answer, request: Request) -> Fault | None:
    """The fault of an answer in the light of what was asked."""
    if answer.status in REDIRECTS:
        return None
    if answer.status == HTTPStatus.NOT_MODIFIED and answer.fault is not None and answer.fault.kind == "http_status":
        if request.is_conditional:
            return None
        return Fault("protocol", "status 304, though we asked for the whole document", "it is asked for again in full")
    if answer.fault is None and not answer.body:
        return Fault("http_status", f"status {answer.status} with an empty document", "it is tried again later")
    return answer.fault


def _lost_before_answer(answer: Answer) -> bool:
    return answer.status is None and answer.fault is not None and answer.fault.kind == "protocol"


def _astray(message: str) -> RefusedError:
    return RefusedError(Fault("redirects", message, "open the address in a browser and set the one that it ends at"))


def _sendable(value: str) -> bool:
    """Whether a stored validator can stand in a header; without it the document is simply asked for in full."""
    return bool(re.fullmatch(r"[ -~\x80-\xff]+", value))


def _as_utf8(value: str) -> str:
    """Headers are read as Latin-1; servers that write addresses unescaped write them in UTF-8."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
