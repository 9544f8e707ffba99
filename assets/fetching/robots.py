"""What a host's robots.txt allows, after RFC 9309.

How the file is fetched is the fetcher's business: it goes through the same gate and the same turns as everything else.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
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


class RobotsCache:
    """Rules by origin, each fetched once and kept for a day."""

    def __init__(self, get: Callable[[str], Awaitable[Answer]], agent: str, clock: Callable[[], float]) -> None:
        """Ask with `get(address of robots.txt)`; `agent` is the name that rules are looked up by."""
        self._get = get
        self._agent = agent
        self._clock = clock
        self._kept: dict[str, tuple[float, Rules]] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def rules(self, origin: str) -> Rules:
        """The rules of an origin such as "https://x.example"."""
        async with self._locks[origin]:
            until, rules = self._kept.get(origin, (float("-inf"), Rules()))
            if self._clock() >= until:
                rules = rules_of(await self._get(f"{origin}/robots.txt"), self._agent)
                self._kept[origin] = (self._clock() + KEPT_SECONDS, rules)
            return rules
