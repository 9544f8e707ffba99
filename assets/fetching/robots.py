"""What a host's robots.txt allows, after RFC 9309.

How the file is fetched is the fetcher's business: it goes through the same gate and the same turns as everything else.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from assets.fetching.records import Fault

if TYPE_CHECKING:
    from protego import Protego

READ_BYTES = 500 * 1024
KEPT_SECONDS = 24 * 3600.0
# What stops robots.txt in this way stops everything else on that host as well.
UNREACHABLE = frozenset({"dns", "connect", "tls", "blocked_address"})


@dataclass(frozen=True)
class Rules:
    """The rules of one origin. Without `parsed`, everything is allowed, or nothing when there is a `fault`."""

    parsed: "Protego | None" = None
    fault: Fault | None = None
    crawl_delay: float = 0.0

    def refusal(self, url: str, agent: str) -> Fault | None:
        """Why this address may not be asked, or None when it may."""
        if self.fault is not None:
            return self.fault
        if self.parsed is not None and not self.parsed.can_fetch(url, agent):
            return Fault("robots", "robots.txt does not allow this address", "ask the site, or read it by another feed")
        return None


# (status, body), or the fault that there was instead of an answer.
Answer = tuple[int, bytes] | Fault


def rules_of(answer: Answer, agent: str) -> Rules:
    """The rules that follow from an answer: what is not there allows all, what cannot be reached allows nothing."""
    if isinstance(answer, Fault):
        return _unanswered(answer)
    status, body = answer
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return _parsed(body, agent)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _unanswered(Fault("http_status", f"status {status}"))
    return Rules()


def _unanswered(fault: Fault) -> Rules:
    if fault.kind == "redirects":
        return Rules()
    if fault.kind in UNREACHABLE:
        return Rules(fault=fault)
    message = f"robots.txt cannot be read, which means: keep out for now ({fault.message})"
    return Rules(fault=Fault("robots", message, "it is tried again later", fault.retry_after_seconds))


def _parsed(body: bytes, agent: str) -> Rules:
    from protego import Protego  # noqa: PLC0415 - not needed to fetch feeds

    parsed = Protego.parse(body[:READ_BYTES].decode("utf-8-sig", "replace"))
    return Rules(parsed=parsed, crawl_delay=parsed.crawl_delay(agent) or 0.0)


@dataclass(frozen=True)
class RobotsNote:
    """What a host said in an earlier run: when, with which status, and the file itself."""

    asked_at: datetime
    status: int
    text: str


@dataclass
class RobotsNotes:
    """What is remembered of robots.txt between runs: `known` by origin, and what this run has `learnt`.

    Only answers are remembered. A host that failed to answer is asked again in the next run.
    """

    now: Callable[[], datetime]
    known: Mapping[str, RobotsNote] = field(default_factory=dict)
    learnt: dict[str, RobotsNote] = field(default_factory=dict)

    def recall(self, origin: str) -> Answer | None:
        """The answer of less than a day ago, if there is one."""
        note = self.known.get(origin)
        if note is None or not timedelta(0) <= self.now() - note.asked_at < timedelta(seconds=KEPT_SECONDS):
            return None
        return note.status, note.text.encode()

    def learn(self, origin: str, answer: Answer) -> None:
        """Take up an answer."""
        if not isinstance(answer, Fault) and answer[0] < HTTPStatus.INTERNAL_SERVER_ERROR:
            status, body = answer
            text = body[:READ_BYTES].decode("utf-8-sig", "replace") if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES else ""
            self.learnt[origin] = RobotsNote(self.now(), status, text.replace("\0", ""))


class RobotsCache:
    """Rules by origin, each fetched once and kept for a day."""

    def __init__(
        self, get: Callable[[str], Awaitable[Answer]], agent: str, clock: Callable[[], float], notes: RobotsNotes | None = None
    ) -> None:
        """Ask with `get(address of robots.txt)`; `agent` is the name that rules are looked up by, `notes` are of earlier runs."""
        self._get = get
        self._notes = notes
        self._agent = agent
        self._clock = clock
        self._kept: dict[str, tuple[float, Rules]] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def rules(self, origin: str) -> Rules:
        """The rules of an origin such as "https://x.example"."""
        async with self._locks[origin]:
            until, rules = self._kept.get(origin, (float("-inf"), Rules()))
            if self._clock() >= until:
                rules = rules_of(await self._answer(origin), self._agent)
                self._kept[origin] = (self._clock() + KEPT_SECONDS, rules)
            return rules

    async def _answer(self, origin: str) -> Answer:
        if self._notes is not None and (remembered := self._notes.recall(origin)):
            return remembered
        answer = await self._get(f"{origin}/robots.txt")
        if self._notes is not None:
            self._notes.learn(origin, answer)
        return answer
