"""A search for entries that no poll has shown: what it asks next, and when it has found enough. Pure.

It fills a gap between two polls, reads the sitemaps that a sitemap lists, or brings a history that a person asked for.

A backfill is a plan, the next address first; each answer shortens or lengthens it. A gap is closed by an entry that was known
before it and by nothing else: what a page is dated says nothing of what was missed, as posts are dated back and archives put
online late. Which addresses may lead to older entries is `gaps`' business; asking and storing is that of `assets.backfills`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

SITEMAPS = ("sitemap", "older")  # `older` ones are asked only as long as nothing known was met
MOST_FAILURES = 3  # of one way, before the next one is tried
RETRY_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class BackfillLimits:
    """How far a backfill goes: documents and new entries in all, documents in one run, days until it is given up."""

    pages: int = 50
    entries: int = 2000
    pages_per_run: int = 10
    days: int = 7


@dataclass(frozen=True)
class Backfill:
    """A row of `backfills`; `plan` holds "way address", the next one first, `last_page` a hash of what the last page listed."""

    backfill_id: str
    feed_id: str
    source_id: str
    reason: Literal["gap", "index", "history"]
    due_at: datetime
    started_at: datetime
    since: datetime | None = None
    plan: tuple[str, ...] = ()
    state: Literal["open", "done", "stopped"] = "open"
    outcome: str | None = None
    pages_read: int = 0
    entries_found: int = 0
    entries_old: int = 0
    last_page: str | None = None
    failures: int = 0
    ended_at: datetime | None = None
    back_to: datetime | None = None
    most_pages: int | None = None
    most_entries: int | None = None

    @property
    def way(self) -> str:
        """How the next address is meant."""
        return self.plan[0].partition(" ")[0] if self.plan else ""

    @property
    def address(self) -> str:
        """What to ask next."""
        return self.plan[0].partition(" ")[2] if self.plan else ""

    @property
    def asks_sitemap(self) -> bool:
        """Whether the next document is a sitemap of the site."""
        return self.way in SITEMAPS


@dataclass(frozen=True)
class Found:
    """What one answer brought.

    Attributes:
        entries: that the document lists.
        new: of them that were not known.
        old: of the new ones, those from before the gap.
        met: whether it lists an entry that was known before the gap.
        page: hash of which entries it lists.
        latest: the latest date of what it lists; None when nothing is dated.
        further: address of the next page, None when this was the last.
        children: what it lists in place of entries, as steps of a plan.
        lasting: there was no such document, and asking again will not help.
        passing: it could not be had just now.
    """

    entries: int = 0
    new: int = 0
    old: int = 0
    met: bool = False
    page: str | None = None
    latest: datetime | None = None
    further: str | None = None
    children: tuple[str, ...] = ()
    lasting: bool = False
    passing: bool = False


def after_answer(backfill: Backfill, found: Found, limits: BackfillLimits, now: datetime) -> Backfill:
    """The backfill after one answer: what it asks next, or how it ended."""
    after = replace(
        backfill,
        pages_read=backfill.pages_read + 1,
        entries_found=backfill.entries_found + found.new,
        entries_old=backfill.entries_old + found.old,
        last_page=found.page or backfill.last_page,
        failures=0,
        due_at=now,
    )
    if found.passing and backfill.failures + 1 < MOST_FAILURES:
        failures = backfill.failures + 1
        after = replace(after, failures=failures, due_at=now + RETRY_AFTER * 2 ** (failures - 1))
    elif found.met or room(after, limits):  # where no room is left, a page may have been cut: that is no end, whatever it shows
        after = _continued(after, found, now, is_repeated=found.page is not None and found.page == backfill.last_page)
    if after.state == "open" and (spent := _spent(after, limits, now)):
        return _ended(after, "stopped", f"{spent}; older entries may be missing", now)
    return after


def _continued(backfill: Backfill, found: Found, now: datetime, *, is_repeated: bool) -> Backfill:
    way, rest = backfill.way, backfill.plan[1:]
    if found.children:
        return replace(backfill, plan=(*found.children, *rest))
    if found.passing and backfill.reason == "index":  # nothing else asks for it before its index says something else of it
        return replace(backfill, plan=(*rest, backfill.plan[0]), due_at=now if rest else now + RETRY_AFTER * 2 ** (MOST_FAILURES - 1))
    if backfill.asks_sitemap:
        return _after_sitemap(replace(backfill, plan=rest), found, now)
    if outcome := _outcome(backfill, found):
        return _ended(backfill, "done", outcome, now)
    if found.further and found.entries and not is_repeated:  # a site that ignores the page's number shows one page for ever
        return replace(backfill, plan=(f"{way} {found.further}", *rest))
    return _after_last_page(backfill, found, now, is_repeated=is_repeated)


def _outcome(backfill: Backfill, found: Found) -> str:
    """Why this document is the last that need be read; empty when it is not."""
    if found.met:
        return "met an entry that was known"
    too_old = backfill.back_to and found.latest and found.latest < backfill.back_to
    return "reached entries from before the day that was asked for" if too_old else ""


def _after_last_page(backfill: Backfill, found: Found, now: datetime, *, is_repeated: bool) -> Backfill:
    """A history is whole where one way has led to its end; a gap is not, as long as another way may lead to something known."""
    led_somewhere = backfill.entries_found or backfill.last_page  # all may be known already
    is_end = backfill.way == "wordpress" or not found.entries
    if backfill.reason == "history" and led_somewhere and is_end and not (found.passing or is_repeated):
        return _ended(backfill, "done", "reached the end of what the site lists", now)
    return _next_way(backfill, backfill.way, found, now)


def in_vain(backfill: Backfill, now: datetime) -> Backfill:
    """A backfill that has nothing left to ask."""
    return _ended(backfill, "stopped", "the site offers no way to its older entries; some may be missing", now)


def _after_sitemap(backfill: Backfill, found: Found, now: datetime) -> Backfill:
    """A site divides its sitemaps by kind or by time: all that may have changed are read, older ones until something is known."""
    plan = tuple(step for step in backfill.plan if not (found.met and step.startswith("older ")))
    if plan:
        return replace(backfill, plan=plan)
    if backfill.reason == "index":
        return _ended(backfill, "done", "the sitemaps that changed were read", now)
    if (found.entries or backfill.entries_found) and not found.passing:
        return _ended(backfill, "done", "the sitemaps were read", now)
    return in_vain(backfill, now)


def _next_way(backfill: Backfill, failed: str, found: Found, now: datetime) -> Backfill:
    plan = tuple(step for step in backfill.plan if step.partition(" ")[0] != failed)
    if plan:
        return replace(backfill, plan=plan)
    if backfill.entries_found and not found.passing:
        return _ended(backfill, "done", "reached the end of what the site lists, which shows nothing that was known", now)
    return in_vain(backfill, now)


def given_up(backfill: Backfill, now: datetime) -> Backfill:
    """A backfill that a person has stopped."""
    return _ended(backfill, "stopped", "stopped by hand", now)


def room(backfill: Backfill, limits: BackfillLimits) -> int:
    """How many entries it may still find."""
    return max(0, (backfill.most_entries or limits.entries) - backfill.entries_found)


def _ended(backfill: Backfill, state: Literal["done", "stopped"], outcome: str, now: datetime) -> Backfill:
    return replace(backfill, state=state, outcome=outcome, ended_at=now, plan=())


def _spent(backfill: Backfill, limits: BackfillLimits, now: datetime) -> str:
    pages = backfill.most_pages or limits.pages
    if backfill.pages_read >= pages:
        return f"the limit of {pages} documents was reached"
    if not room(backfill, limits):
        return f"the limit of {backfill.most_entries or limits.entries} entries was reached"
    if backfill.reason == "history":
        return ""  # nobody waits for it; its documents are counted
    return f"not finished within {limits.days} days" if now - backfill.started_at > timedelta(days=limits.days) else ""
