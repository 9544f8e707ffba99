"""The `pages` asset: fetch the page of each entry that is due, archive it, plan the next visit."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from time import perf_counter
from urllib.parse import urlsplit

import dagster as dg

from assets.asking import ask
from assets.feeds import FetchConfig
from assets.fetching.polling import OFFLINE_FAULTS
from assets.fetching.records import Fetched, Request
from assets.fetching.visits import after_visit, is_withdrawn
from assets.flow import Flow
from assets.issues import offline_notice, record_issues
from assets.lineage import PAGES
from assets.recovery import addresses, as_fetched, belonging, fetch_row, take_up
from assets.showing import bars, link, table
from warehouse.archive import ascii_url
from warehouse.ids import hashed
from warehouse.transaction import Row, Transaction

BATCH = 50
FEWEST_HOSTS = 3  # of whom none can be reached, before we believe that it is our own network


@dg.asset(group_name="ingest", kinds={"html", "duckdb"}, code_version="1", deps=["entries"])
def pages(context: dg.AssetExecutionContext, config: FetchConfig, flow: dg.ResourceParam[Flow]) -> dg.MaterializeResult:
    """Visits the pages of new and changed entries, and known ones again after 1, 3 and 7 days to notice edits.

    A page that cannot be had is tried again, ever more slowly; meanwhile the article is made from its feed's own text.
    """
    begun = perf_counter()
    visited, put_off = ask_pages(flow, config.sources, context.run_id)
    seconds = perf_counter() - begun
    failed = [fetched for fetched in visited if fetched.fault]
    return dg.MaterializeResult(
        metadata={
            "visited": len(visited),
            "unchanged": sum(fetched.not_modified for fetched in visited),
            "failed": len(failed),
            "put off": len(put_off),
            "bytes": sum(fetched.size for fetched in visited),
            "seconds": round(seconds, 2),
            "dagster/row_count": flow.count("pages"),
            "dagster/column_lineage": PAGES,
            "failures": dg.MetadataValue.md(table([_failure(fetched) for fetched in failed])),
            "visits_by_source": dg.MetadataValue.md(bars(Counter(fetched.request.source or "" for fetched in visited))),
        }
    )


def visit_pages(flow: Flow, source_ids: Sequence[str] = (), run_id: str | None = None) -> list[Fetched]:
    """Fetch every page that is due (of the named sources only, if any are named) and store what came."""
    return ask_pages(flow, source_ids, run_id)[0]


def ask_pages(flow: Flow, source_ids: Sequence[str] = (), run_id: str | None = None) -> tuple[list[Fetched], list[Request]]:
    """As `visit_pages`, with what was put off to the next run because the time of this one was used up."""
    now = flow.now()
    with flow.warehouse.transaction() as transaction:
        _take_up(transaction, flow)
        _make_feed_pages(transaction, flow.mine, now)
        asked = {"source_ids": list(source_ids), "mine": flow.mine, "most_per_source": flow.pages_per_source}
        due = transaction.rows("due_pages", now=now, **asked)
    by_id = {entry["entry_id"]: entry for entry in due}
    keeper = _Keeper(flow, by_id)
    visited, put_off = ask([_request(entry) for entry in due], by_id, flow, run_id, keeper.add)
    keeper.finish()
    return visited, put_off


def _failure(fetched: Fetched) -> Row:
    fault = fetched.fault
    return {
        "source": fetched.request.source,
        "page": link("open", fetched.request.url),
        "what happened": fault.message if fault else "",
        "what to do": fault.hint if fault else "",
    }


class _Keeper:
    """Stores visits in batches: the answer, the page row and the plan for the next visit in one transaction."""

    def __init__(self, flow: Flow, entries: dict[str, Row]) -> None:
        self.flow, self.entries = flow, entries
        self.plans: list[Row] = []
        self.pages: list[Row] = []
        self.unreached: list[tuple[Fetched, Row]] = []
        self.reached = False

    def add(self, fetched: Fetched, fetch: Row) -> None:
        """Take up one visit."""
        if fetched.fault and fetched.fault.kind in OFFLINE_FAULTS:
            self.unreached.append((fetched, fetch))  # whether that is the site's fault shows at the end
            return
        self.reached = True
        self._plan(fetched, fetch)

    def finish(self) -> None:
        """Store the rest. If nobody at all could be reached, our own network is down, and that counts against no page."""
        hosts = {urlsplit(fetched.request.url).netloc for fetched, _ in self.unreached}
        if self.reached or len(hosts) < FEWEST_HOSTS:
            for fetched, fetch in self.unreached:
                self._plan(fetched, fetch)
        elif hosts:
            with self.flow.warehouse.transaction() as transaction:
                record_issues(transaction, [offline_notice(self.unreached[-1][1]["error"])], self.flow.now())
        self.flush()

    def _plan(self, fetched: Fetched, fetch: Row) -> None:
        entry, now = self.entries[fetched.request.ref], self.flow.now()
        self.plans.append(entry | after_visit(entry, fetched, now))
        if fetched.ok and fetched.body:
            self.pages.append(_page(entry, fetch, now))
        elif not fetched.ok and not entry["page_visits"]:
            self.pages.append(feed_page(entry, now))
        if len(self.plans) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Store what is in hand."""
        self.flow.archive.sync()
        with self.flow.warehouse.transaction() as transaction:
            _store(transaction, self.plans, self.pages, self.flow.now())
        self.plans, self.pages = [], []


def _store(transaction: Transaction, plans: Sequence[Row], pages: Sequence[Row], now: datetime) -> None:
    transaction.merge("entries", plans, key=["entry_id"])
    _withdraw(transaction, [plan for plan in plans if is_withdrawn(plan)], now)
    back = [plan["entry_id"] for plan in plans if plan["page_state"] == "done"]
    returned = [row["article_id"] for row in transaction.rows("articles_to_restore", article_ids=back)]
    if returned:
        transaction.run("restore_articles", article_ids=returned, now=now)
        transaction.run("end_withdrawals", article_ids=back, now=now)
    known = {row["entry_id"]: row for row in transaction.rows("latest_pages", entry_ids=[page["entry_id"] for page in pages])}
    fresh = [_returned(page, known.get(page["entry_id"])) for page in pages]
    transaction.merge("pages", {page["page_id"]: page for page in fresh}.values(), key=["page_id"], update=False)


def _returned(page: Row, known: Row | None) -> Row:
    """The page under an id of its own when it is again what it was before the latest: an edit that was taken back is an edit."""
    if known is None or page["sha256"] in {None, known["sha256"]} or page["page_id"] not in known["page_ids"]:
        return page
    return page | {"page_id": hashed(page["page_id"], page["fetched_at"].isoformat())}


def _take_up(transaction: Transaction, flow: Flow) -> None:
    """Store the visits whose answers were found in the archive, oldest first, as though they had just been made."""
    found = transaction.rows("recovered")
    if not found:
        return
    entries = {ascii_url(entry["url"]): entry for entry in transaction.rows("entries_at", urls=addresses(found), mine=flow.mine)}
    for answer, entry in belonging(found, entries):
        then = answer["requested_at"]
        fetched = as_fetched(answer, _request(entry), flow.archive) if entry["asked_at"] is None or then > entry["asked_at"] else None
        if fetched is None:
            continue
        fetch = fetch_row(answer, "page", entry, entry_id=entry["entry_id"], handled_at=then)
        take_up(transaction, [fetch])
        entry.update(after_visit(entry, fetched, then))
        plan = {name: value for name, value in entry.items() if name != "asked_at"}
        _store(transaction, [plan], [_page(entry, fetch, then)], flow.now())


def _withdraw(transaction: Transaction, gone: Sequence[Row], now: datetime) -> None:
    ids = [row["article_id"] for row in transaction.rows("articles_to_withdraw", article_ids=[plan["entry_id"] for plan in gone])]
    if ids:
        transaction.run("withdraw_articles", article_ids=ids, now=now)
    rows = [{"article_id": article_id, "withdrawn_at": now, "restored_at": None} for article_id in ids]
    transaction.merge("withdrawals", rows, key=["article_id", "withdrawn_at"])


def _make_feed_pages(transaction: Transaction, mine: list[str] | None, now: datetime) -> None:
    """Entries without an address have no page to wait for: their article is made from the feed's text at once."""
    rows = [feed_page(entry, now) for entry in transaction.rows("entries_without_page", mine=mine)]
    transaction.merge("pages", rows, key=["page_id"], update=False)
    transaction.run("feed_pages_made", entry_ids=[row["entry_id"] for row in rows])


def _request(entry: Row) -> Request:
    return Request(
        url=entry["url"],
        purpose="page",
        etag=entry["page_etag"],
        last_modified=entry["page_last_modified"],
        ref=entry["entry_id"],
        source=entry["source_id"],
    )


def _page(entry: Row, fetch: Row, now: datetime) -> Row:
    return {
        "page_id": hashed(entry["entry_id"], fetch["sha256"]),
        "entry_id": entry["entry_id"],
        "source_id": entry["source_id"],
        "url": fetch["final_url"],
        "fetched_at": now,
        "status": fetch["status"],
        "content_type": fetch["content_type"],
        "bytes": fetch["bytes"],
        "sha256": fetch["sha256"],
        "warc_file": fetch["warc_file"],
        "warc_offset": fetch["warc_offset"],
        "warc_length": fetch["warc_length"],
    }


def feed_page(entry: Row, now: datetime) -> Row:
    """The entry's own text in place of a page that cannot be had."""
    empty = dict.fromkeys(("url", "status", "content_type", "sha256", "warc_file", "warc_offset", "warc_length"))
    return {
        "page_id": hashed(entry["entry_id"], "feed", entry["content_hash"]),
        "entry_id": entry["entry_id"],
        "source_id": entry["source_id"],
        "fetched_at": now,
        "bytes": len((entry["content"] or entry["summary"] or "").encode()),
        **empty,
    }
