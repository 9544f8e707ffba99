"""The `feeds` asset: poll what is due, archive every answer, write down how each poll went.

Not here: how a request is made (fetching/), what an answer means (entries).
"""

from collections.abc import Sequence
from dataclasses import fields as dataclass_fields
from datetime import datetime
from time import perf_counter

import dagster as dg
from pydantic import Field

from assets.asking import ask
from assets.fetching.polling import PollState, conditional_allowed
from assets.fetching.records import Fetched, Request
from assets.flow import Flow
from assets.showing import bars, link, table, total_by
from assets.sources.groups import refuse_unpolled
from assets.sources.registry import Source, feed_rows, load_sources, source_row
from warehouse.transaction import Row, Transaction


class FetchConfig(dg.Config):
    """What to fetch in this run."""

    sources: list[str] = Field(default=[], description="Ids of sources to fetch now, due or not; empty: every source that is due.")


class PollConfig(FetchConfig):
    """What to poll in this run, and how."""

    full: bool = Field(default=False, description="Ask each feed for its whole document, and also those that are not due; as every Sunday.")


@dg.asset(group_name="ingest", kinds={"rss", "duckdb"}, code_version="1")
def feeds(context: dg.AssetExecutionContext, config: PollConfig, flow: dg.ResourceParam[Flow]) -> dg.MaterializeResult:
    """Polls the feeds that are due, politely and conditionally.

    Every answer goes into the archive before anything reads it; how each poll went is a row of `fetches`.
    One source's failure never fails the others: see `source_health`. Set `sources` in the Launchpad to poll some now.
    """
    begun = perf_counter()
    polled, put_off = ask_feeds(flow, config.sources, context.run_id, full=config.full)
    seconds = perf_counter() - begun
    count = sum(fetched.fault is None and not fetched.not_modified for fetched in polled)
    unchanged = sum(fetched.not_modified for fetched in polled)
    failed = [fetched for fetched in polled if fetched.fault]
    return dg.MaterializeResult(
        metadata={
            "polled": len(polled),
            "answered": count,
            "unchanged": unchanged,
            "failed": len(failed),
            "put off": len(put_off),
            "seconds": round(seconds, 2),
            "slowest_ms": max((fetched.elapsed_ms for fetched in polled), default=0),
            "dagster/row_count": flow.count("feeds"),
            "failures": dg.MetadataValue.md(_failures(failed)),
            "polls": dg.MetadataValue.md(table([_shown(fetched) for fetched in sorted(polled, key=_worst_first)])),
            "milliseconds_by_source": dg.MetadataValue.md(bars(total_by((one.request.source, one.elapsed_ms) for one in polled))),
        }
    )


def poll_feeds(flow: Flow, source_ids: Sequence[str] = (), run_id: str | None = None) -> list[Fetched]:
    """Poll the named sources, or all that are due, and return how each request ended.

    Raises ConfigError for a fault in a source's file or an unknown id, before anything is fetched.
    """
    return ask_feeds(flow, source_ids, run_id)[0]


def ask_feeds(
    flow: Flow, source_ids: Sequence[str] = (), run_id: str | None = None, *, full: bool = False
) -> tuple[list[Fetched], list[Request]]:
    """As `poll_feeds`, with what was put off to the next run because the time of this one was used up.

    With `full` every feed is asked that is not gone for good, due or not, and none conditionally.
    """
    sources = load_sources(flow.sources)
    refuse_unpolled(source_ids, sources)
    now = flow.now()
    with flow.warehouse.transaction() as transaction:
        sync_sources(transaction, sources, flow)
        due = transaction.rows("due_feeds", now=now, source_ids=list(source_ids), full=full, mine=flow.mine)
    return ask([_request(feed, now, full=full) for feed in due], {feed["feed_id"]: feed for feed in due}, flow, run_id)


def sync_sources(transaction: Transaction, sources: Sequence[Source], flow: Flow) -> None:
    """Make the tables `sources` and `feeds` say what the files say; what is gone from them is disabled, never deleted."""
    now = flow.now()
    rows, wanted = [source_row(source, now) for source in sources], feed_rows(sources)
    known = {row["feed_id"] for row in transaction.rows("known_feed_ids")}
    transaction.merge("sources", rows, key=["source_id"], keep=["added_at"])
    transaction.merge("feeds", [row for row in wanted if row["feed_id"] in known], key=["feed_id"], keep=["kind"])
    transaction.merge("feeds", [row | _fresh_feed(now) for row in wanted if row["feed_id"] not in known], key=["feed_id"])
    transaction.run("disable_missing_sources", source_ids=[row["source_id"] for row in rows])
    transaction.run("disable_missing_feeds", feed_ids=[row["feed_id"] for row in wanted])


def poll_state(feed: Row) -> PollState:
    """What a row of `feeds` remembers between polls."""
    known = {column.name: feed[column.name] for column in dataclass_fields(PollState)}
    return PollState(**known | {"gone_seen": feed["gone_seen"] or 0})


def _fresh_feed(now: datetime) -> Row:
    return {"state": "new", "state_since": now, "failures": 0, "permanent_seen": 0, "gone_seen": 0}


def _request(feed: Row, now: datetime, *, full: bool) -> Request:
    conditional = not full and conditional_allowed(poll_state(feed), now)
    return Request(
        url=feed["moved_url"] or feed["url"],
        purpose="feed",
        etag=feed["etag"] if conditional else None,
        last_modified=feed["last_modified"] if conditional else None,
        ref=feed["feed_id"],
        source=feed["source_id"],
    )


def _worst_first(fetched: Fetched) -> tuple[bool, int]:
    return fetched.fault is None, -fetched.elapsed_ms


def _shown(fetched: Fetched) -> Row:
    """A line of the table of polls."""
    outcome = fetched.fault.kind if fetched.fault else "unchanged" if fetched.not_modified else "answered"
    return {
        "source": fetched.request.source,
        "outcome": outcome,
        "status": fetched.status,
        "ms": fetched.elapsed_ms,
        "bytes": len(fetched.body),
        "feed": link("open", fetched.request.url),
    }


def _failures(failed: Sequence[Fetched]) -> str:
    return table(
        [
            {
                "feed": link(one.request.source or one.request.url, one.request.url),
                "what happened": one.fault.message,
                "what to do": one.fault.hint,
            }
            for one in failed
            if one.fault
        ]
    )
