"""A source's history, read because a person asked for it: which older pages are asked, how far back, and how it is stopped.

Here a search is opened or stopped in the table `backfills`; the runs go on with it as with any other (`assets.backfills`), a
few documents each, after what is news. What it finds is stored and matched, and alerts nobody unless a day was named.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from assets.backfills import backfill_of, save, sitemaps_of
from assets.feeds import sync_sources
from assets.flow import Flow
from assets.parsing.backfilling import Backfill, given_up
from assets.parsing.gaps import ways
from assets.parsing.records import ParsedFeed
from assets.reading import definition_of, read_document
from assets.sources.registry import Source, load_sources, unknown_source
from warehouse.errors import ConfigError
from warehouse.ids import hashed
from warehouse.transaction import Row, Transaction


@dataclass(frozen=True)
class Wanted:
    """What a person asks for.

    Attributes:
        sources: ids.
        back_to: nothing that was published before; None: all that the site lists.
        pages: documents a feed at most; None: as in the settings.
        entries: the same for entries.
        notify_since: what was published since then is held against the subscriptions; None: nobody is told anything.
    """

    sources: Sequence[str]
    back_to: datetime | None = None
    pages: int | None = None
    entries: int | None = None
    notify_since: datetime | None = None


@dataclass(frozen=True)
class Planned:
    """What is to be asked for one feed's history: "way address" each, surest first; `obstacle` says why nothing is."""

    source_id: str
    feed: str
    plan: tuple[str, ...] = ()
    obstacle: str = ""


def open_histories(flow: Flow, wanted: Wanted, *, dry_run: bool = False) -> list[Planned]:
    """Open a search for the history of each feed of these sources; what each will ask. With `dry_run` none is opened.

    Raises ConfigError for a source that is not polled, before anything is written.
    """
    sources = load_sources(flow.sources)
    _refuse(wanted, sources)
    now = flow.now()
    with flow.warehouse.transaction() as transaction:
        sync_sources(transaction, sources, flow)
        feeds = transaction.rows("feeds_with_history", source_ids=list(wanted.sources))
    documents = {feed["feed_id"]: read_document(feed, flow) for feed in feeds if feed["fetch_id"]}
    with flow.warehouse.transaction() as transaction:
        planned = [_planned(transaction, feed, documents.get(feed["feed_id"]), wanted) for feed in feeds]
        for feed, found in zip(feeds, planned, strict=True):
            if found.plan and not dry_run:
                save(transaction, _opened(feed, found, wanted, now), feed, now)
    return planned


def stop_histories(flow: Flow, source_ids: Sequence[str]) -> int:
    """Stop the searches for the history of these sources; how many were open. What they have found stays."""
    now = flow.now()
    with flow.warehouse.transaction() as transaction:
        feeds = [feed for feed in transaction.rows("feeds_with_history", source_ids=list(source_ids)) if feed["backfill_id"]]
        for feed in feeds:
            searches = transaction.rows("open_searches", feed_id=feed["feed_id"])
            (history,) = [backfill_of(row) for row in searches if row["backfill_id"] == feed["backfill_id"]]
            save(transaction, given_up(history, now), feed, now)
    return len(feeds)


def _refuse(wanted: Wanted, sources: Sequence[Source]) -> None:
    known = {source.id: source for source in sources}
    if not wanted.sources:
        raise ConfigError("whose history? no source is named", hint="their ids: thinkwatch sources list")
    for source_id in wanted.sources:
        if source_id not in known:
            raise unknown_source(source_id, known)
        if not known[source_id].enabled:
            raise ConfigError(f"the source {source_id} is not enabled", hint="set `enabled: true` in its file")


def _planned(transaction: Transaction, feed: Row, document: ParsedFeed | None, wanted: Wanted) -> Planned:
    found = Planned(feed["source_id"], feed["url"])
    if feed["backfill_id"]:
        return replace(found, obstacle=f"its history is being read already ({feed['pages_read']} documents so far)")
    if feed["last_good_at"] is None:
        return replace(found, obstacle=f"it was never polled well; first: thinkwatch run --source {feed['source_id']}")
    url = feed["moved_url"] or feed["url"]
    known = document if document and document.verdict != "reject" else ParsedFeed("reject", feed["kind"])
    plan = (
        (f"sitemap {url}",)
        if feed["kind"] == "sitemap"
        else ways(feed, definition_of(feed), known, sitemaps=sitemaps_of(transaction, feed), since=wanted.back_to)
    )
    return replace(found, plan=plan, obstacle="" if plan else "its site offers no way to older entries that we know")


def _opened(feed: Row, found: Planned, wanted: Wanted, now: datetime) -> Backfill:
    return Backfill(
        backfill_id=hashed(feed["feed_id"], now.isoformat(), "history"),
        feed_id=feed["feed_id"],
        source_id=feed["source_id"],
        reason="history",
        due_at=now,
        started_at=now,
        since=wanted.notify_since,
        plan=found.plan,
        back_to=wanted.back_to,
        most_pages=wanted.pages,
        most_entries=wanted.entries,
    )
