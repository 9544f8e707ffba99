"""Looking at a site for its feeds, through the same polite gate as every poll: the thin layer of asking around `discovery`.

A site is asked for as little as will do: its page, what that advertises, and only when none of it will serve the links in
its text, WordPress's own interface, the usual paths, the page itself as a list of articles and the sitemaps, each until something serves.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from assets.fetching.client import Fetcher
from assets.fetching.records import Fetched, Request
from assets.parsing.records import Selectors
from assets.sources.choosing import GIVEN, ROLES, Tried, choose, is_off_topic, tried
from assets.sources.discovery import Candidate, SitePage, read_page, sitemaps, usual_places
from assets.sources.probing import judge

MOST_FEEDS = 8  # advertised or linked feeds of one page that are asked
MOST_SITEMAPS = 3
MOST_REFUSALS = 4  # in a row from the first one on; a site may refuse its pages and let its feed be read
GOOD_ENOUGH = {"main", "posts"}
UNREACHABLE = {"dns", "connect", "tls", "blocked_address"}


@dataclass
class Exploration:
    """What was found on a site.

    Attributes:
        url: the address that was given; `asked_at` when.
        page: what its page says; its `name` and `language` are of use for a definition.
        tried: every address that was asked for a feed, in order.
        skipped: addresses that were not asked, and why.
        chosen: the main feed; None when none was found.
        trouble: why the page itself could not be read; empty when it could.
    """

    url: str
    asked_at: datetime
    page: SitePage
    tried: list[Tried] = field(default_factory=list)
    skipped: list[tuple[Candidate, str]] = field(default_factory=list)
    chosen: Tried | None = None
    trouble: str = ""


async def explore(url: str, fetcher: Fetcher, now: datetime, report: Callable[[str], None] = lambda _: None) -> Exploration:
    """Look for the feeds of the site at `url`, which may also be the address of a feed itself.

    `report` is told each address before it is asked. Nothing is raised for what a server does.
    """
    return await _Walk(url, fetcher, now, report).run()


class _Walk:
    def __init__(self, url: str, fetcher: Fetcher, now: datetime, report: Callable[[str], None]) -> None:
        self.found = Exploration(url, now, SitePage(url))
        self._fetcher = fetcher
        self._now = now
        self._report = report
        self._asked: set[str] = set()

    async def run(self) -> Exploration:
        """Take one step after the other until a feed of the whole site is found."""
        first = await self._get(self.found.url, "page")
        if first.fault and first.fault.kind in UNREACHABLE:
            self.found.trouble = first.fault.message
            return self.found
        if not await self._is_itself_a_feed(first):
            for step in self._steps(first):
                if self._serves():
                    break
                await step()
        self.found.chosen = choose(self.found.tried, self._now)
        return self.found

    def _steps(self, first: Fetched) -> Iterator[Callable[[], Awaitable[None]]]:
        yield lambda: self._read(first)
        yield lambda: self._try(self.found.page.feeds, MOST_FEEDS)
        root = urljoin(self.found.page.url, "/")
        if urlsplit(self.found.page.url).path.strip("/"):
            yield lambda: self._visit(root)
        yield self._try_posts
        yield lambda: self._try(usual_places(self.found.page.url), until_good=True)
        yield lambda: self._read_as_listing(first)
        yield lambda: self._try_sitemaps(root)

    async def _is_itself_a_feed(self, first: Fetched) -> bool:
        probe = judge(first, self._now)
        if probe.is_feed:
            self.found.page = SitePage(first.final_url, probe.title, probe.language)
            self.found.tried.append(tried(Candidate(self.found.url, GIVEN), probe, self.found.page))
        return probe.is_feed

    async def _read(self, first: Fetched) -> None:
        if first.fault:
            self.found.trouble = first.fault.message
        else:
            self.found.page = read_page(first)

    async def _visit(self, address: str) -> None:
        """Another page of the site, whose feeds are tried; what the first one says of name and language stands."""
        fetched = await self._get(address, "page")
        if fetched.fault is None:
            page, first = read_page(fetched), self.found.page
            self.found.page = SitePage(
                first.url, first.name or page.name, first.language or page.language, page.feeds, first.posts or page.posts
            )
            await self._try(page.feeds, MOST_FEEDS)

    async def _try_posts(self) -> None:
        if self.found.page.posts:
            await self._try([self.found.page.posts])

    async def _read_as_listing(self, first: Fetched) -> None:
        probe = judge(first, self._now, language=self.found.page.language, selectors=Selectors())
        if probe.is_feed:
            self.found.tried.append(tried(Candidate(first.final_url, "the page itself"), probe, self.found.page))

    async def _try_sitemaps(self, root: str) -> None:
        robots = await self._get(urljoin(root, "/robots.txt"), "page")
        await self._try(sitemaps(robots, root), MOST_SITEMAPS, until_good=True)

    async def _try(self, candidates: Iterable[Candidate], most: int = 99, *, until_good: bool = False) -> None:
        count = 0
        for candidate in candidates:
            if candidate.url in self._asked:
                continue
            if reason := self._needless(candidate, count, most):
                self._asked.add(candidate.url)
                self.found.skipped.append((candidate, reason))
                continue
            count += 1
            await self._probe(candidate)
            if until_good and self.found.tried[-1].usable:
                return

    def _needless(self, candidate: Candidate, count: int, most: int) -> str:
        """Why an address is not asked; empty when it is."""
        if is_off_topic(candidate):
            return "comments or a podcast by its name"
        if candidate.how == "linked" and self._serves():
            return "not needed: the page advertises its main feed"
        if any(one.role == "main" and one.probe.full > 1 / 2 for one in self.found.tried):
            return "not needed: a main feed with full texts was found before"
        if len(self.found.tried) >= MOST_REFUSALS and all(one.probe.state == "blocked" for one in self.found.tried):
            return "the site refuses our robot: it is not asked any further"
        return f"{most} were tried already" if count >= most else ""

    async def _probe(self, candidate: Candidate) -> None:
        fetched = await self._get(candidate.url, "feed")
        probe = judge(fetched, self._now, language=self.found.page.language, listing="sitemap" in candidate.how)
        one = tried(candidate, probe, self.found.page)
        self.found.tried.append(one)
        if candidate.how == "linked" and probe.state == "not_a_feed" and fetched.fault is None:
            # A page about feeds: those that it lists are one step further, and no step more.
            listed = [Candidate(feed.url, f"listed on {candidate.url}", feed.title) for feed in read_page(fetched).feeds]
            await self._try(listed, MOST_FEEDS)

    async def _get(self, url: str, purpose: str) -> Fetched:
        self._asked.add(url)
        self._report(url)
        return await self._fetcher.fetch(Request(url, "feed" if purpose == "feed" else "page"))

    def _serves(self) -> bool:
        return any(one.role in GOOD_ENOUGH for one in self.found.tried)


def best_others(found: Exploration) -> list[Tried]:
    """The other feeds that could be polled, the most useful first."""
    return sorted((one for one in found.tried if one.usable and one is not found.chosen), key=lambda one: ROLES[one.role])
