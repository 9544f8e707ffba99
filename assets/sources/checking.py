"""A live look at one source: each of its feeds, and the page of the newest entry, which a site may treat differently.

Asks through the fetcher that it is given, stores nothing and decides nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from assets.fetching.client import Fetcher
from assets.fetching.polling import ADVICE, Poll, PollState, after_poll
from assets.fetching.records import Request
from assets.parsing.records import Selectors
from assets.sources.probing import Probe, judge
from assets.sources.registry import FeedDefinition, Source

WELL = {"working"}


@dataclass(frozen=True)
class Checked:
    """What one address answered: `what` is feed or page, `state` one of the states of source health, `said` and `to_do` in words."""

    source_id: str
    what: str
    url: str
    final_url: str | None
    state: str
    said: str
    to_do: str

    @property
    def well(self) -> bool:
        """Whether nothing is to be done about it."""
        return self.state in WELL


async def check_source(source: Source, fetcher: Fetcher, now: datetime, show: Callable[[Checked], None], *, pages: bool = True) -> None:
    """Ask every address of a source, one after the other, and `show` each as it ends."""
    if not source.feeds:
        home = source.home or "URL"
        show(Checked(source.id, "feed", home, None, "failing", "no feed is known", f"look for one: thinkwatch sources discover {home}"))
    for feed in source.feeds:
        probe = await probe_feed(source, feed, fetcher, now)
        show(Checked(source.id, "feed", feed.url, probe.final_url, probe.state, probe.said, probe.to_do))
        if pages and probe.page:
            show(await _check_page(source, probe.page, fetcher, now))


async def probe_feed(source: Source, feed: FeedDefinition, fetcher: Fetcher, now: datetime) -> Probe:
    """Ask one feed of a source."""
    fetched = await fetcher.fetch(Request(feed.url, "feed"))
    language = next(iter(source.languages), None)
    selectors = Selectors(**feed.selectors.model_dump() if feed.selectors else {}) if feed.kind == "listing" else None
    return judge(fetched, now, language=language, timezone=source.timezone, listing=feed.kind == "sitemap", selectors=selectors)


async def _check_page(source: Source, url: str, fetcher: Fetcher, now: datetime) -> Checked:
    from assets.extraction.extract import extract  # noqa: PLC0415 - loads an extractor

    fetched = await fetcher.fetch(Request(url, "page"))
    if fetched.fault:
        poll = Poll(status=fetched.status, fault=fetched.fault.kind, error=fetched.fault.message)
        state = after_poll(PollState(), poll, now).state
        hint = "its feed's own text is kept meanwhile"
        return Checked(source.id, "page", url, fetched.final_url, state, fetched.fault.message, fetched.fault.hint or hint)
    found = extract(fetched.body, url=fetched.final_url, content_type=fetched.header("content-type"), now=now)
    if found.status == "ok":
        return Checked(
            source.id, "page", url, fetched.final_url, "working", f"an article of {len(found.text)} characters: {found.title}", ""
        )
    state = "blocked" if found.status == "blocked" else "failing"
    to_do = ADVICE["blocked"] if state == "blocked" else "Look at the page in a browser; see what was understood: thinkwatch extract"
    return Checked(source.id, "page", url, fetched.final_url, state, f"no article: {found.reason}", to_do)
