"""The `entries` asset: read the polled documents as feeds, keep every entry, and move each feed's state.

One transaction a feed: its entries, their aliases, its validators and its health become visible together, so that a
validator never stands for entries that are not stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import dagster as dg

from assets.backfills import fill_gaps, open_backfill
from assets.feeds import poll_state
from assets.fetching.polling import Poll, after_poll, looks_offline
from assets.flow import Flow
from assets.issues import Issue, offline_notice, record_issues
from assets.lineage import ENTRIES
from assets.parsing.intake import Intake, take_in
from assets.parsing.merges import note_merges
from assets.parsing.records import ParsedFeed
from assets.reading import definition_of, identify, problems, read_document, store
from assets.recovery import take_up_feeds
from assets.showing import bars, table
from warehouse.transaction import Row, Transaction

BATCH = 20  # documents that are parsed before they are stored, so that the store is opened once for them and not for long


@dg.asset(group_name="ingest", kinds={"rss", "duckdb"}, code_version="2", deps=["feeds"])
def entries(context: dg.AssetExecutionContext, flow: dg.ResourceParam[Flow]) -> dg.MaterializeResult:
    """Reads what `feeds` fetched: one row an entry, for ever, whatever its feed does later.

    New entries are due for a page visit at once. A damaged feed gives the entries that can be read; what was wrong is
    a row of `issues`. Nothing is judged by date: late and back-dated entries are kept. Where a poll shows nothing that an
    earlier one had shown, the older pages of the site are asked too, until they do: see `backfills`.
    """
    counts = {"new": 0, "changed": 0, "unchanged": 0, "old": 0}
    per_source: dict[str, dict[str, int]] = {}
    polled = read_fetches(flow)
    filled = fill_gaps(flow, context.run_id)
    for source_id, intake in [*polled, *filled]:
        for name in counts:
            counts[name] += getattr(intake, name)
            of_source = per_source.setdefault(source_id, dict.fromkeys(counts, 0))
            of_source[name] += getattr(intake, name)
    backfilled = sum(intake.new for _, intake in filled)
    return dg.MaterializeResult(
        metadata={
            **counts,
            "backfilled": backfilled,
            "backfill_pages": len(filled),
            "dagster/row_count": flow.count("entries"),
            "dagster/column_lineage": ENTRIES,
            "by_source": dg.MetadataValue.md(table(_most_new_first(per_source))),
            "new_by_source": dg.MetadataValue.md(bars({source: found["new"] for source, found in per_source.items()})),
            "last_seven_days": dg.MetadataValue.md(bars(flow.week("entries"))),
        }
    )


def read_fetches(flow: Flow) -> list[tuple[str, Intake]]:
    """Take in every feed document that was fetched and not yet read; what each brought, by source id."""
    with flow.warehouse.transaction() as transaction:
        take_up_feeds(transaction, flow.mine, flow.now())
        fetches = transaction.rows("unhandled_feed_fetches", mine=flow.mine)
        before = {feed["feed_id"]: poll_state(feed) for feed in transaction.rows("feeds_by_id", feed_ids=[f["feed_id"] for f in fetches])}
        offline = looks_offline([_poll(fetch) for fetch in fetches], [before[fetch["feed_id"]] for fetch in fetches])
        if offline:
            record_issues(transaction, [offline_notice(fetches[-1]["error"])], flow.now())
    return [read for start in range(0, len(fetches), BATCH) for read in _read_batch(fetches[start : start + BATCH], flow, offline=offline)]


def _read_batch(fetches: Sequence[Row], flow: Flow, *, offline: bool) -> list[tuple[str, Intake]]:
    """Parse some documents, then store them one by one, with the file opened once for all."""
    documents = [read_document(fetch, flow) for fetch in fetches]
    with flow.warehouse.session():
        return [
            (fetch["source_id"], _read_fetch(fetch, parsed, flow, offline=offline))
            for fetch, parsed in zip(fetches, documents, strict=True)
        ]


def _read_fetch(fetch: Row, parsed: ParsedFeed | None, flow: Flow, *, offline: bool) -> Intake:
    intake, shown = Intake([], [], 0, 0, 0), []
    # What a poll shows was first seen when it was made, not when it was read: a later poll is held against that.
    seen_at = fetch["requested_at"]
    with flow.warehouse.transaction() as transaction:
        (feed,) = transaction.rows("feeds_by_id", feed_ids=[fetch["feed_id"]])
        if parsed and not parsed.is_index:
            found = identify(transaction, parsed.entries, feed["source_id"])
            merges = note_merges(found.resolved, known=found.known, aliases=found.aliases, feed=feed, now=seen_at)
            transaction.merge("ops.merges", merges, key=["merge_id"], update=False)
            intake = take_in(found.resolved, known=found.known, feed=feed | {"kind": parsed.kind}, now=seen_at)
            store(transaction, intake)
            shown = [item.entry_id for item in found.resolved]
            open_backfill(transaction, feed, parsed, found.resolved, found.known, seen_at)
        elif parsed:
            open_backfill(transaction, feed, parsed, [], {}, seen_at)
        after = _feed_after(transaction, feed, fetch, parsed, shown, offline=offline)
        transaction.merge("feeds", [after], key=["feed_id"])
        record_issues(transaction, [*problems(parsed, fetch, intake), *_moves(feed, after)], flow.now())
        transaction.run("mark_fetch_handled", fetch_id=fetch["fetch_id"], now=flow.now())
    return intake


def _feed_after(transaction: Transaction, feed: Row, fetch: Row, parsed: ParsedFeed | None, shown: Sequence[str], *, offline: bool) -> Row:
    """The feed's row after this poll: its state and, once its entries are in, the validators that stand for them.

    How often it publishes is told from the entries that it has `shown`: one feed of a source may be dead and another alive.
    """
    now = fetch["requested_at"]
    recent = transaction.rows("recent_publications", source_id=feed["source_id"], entry_ids=list(shown))
    poll = _poll(fetch, parsed, [row["published_at"] for row in recent])
    state = after_poll(poll_state(feed), poll, now, offline=offline)
    after = asdict(state)
    if not definition_of(feed).get("follow_moves", True):
        after["moved_url"] = None
    if parsed and parsed.verdict != "reject":
        after |= {"etag": fetch["etag"], "last_modified": fetch["last_modified"], "kind": parsed.kind}
        after["first_good_at"] = feed["first_good_at"] or now
    return {key: feed[key] for key in ("feed_id", "source_id", "url", "enabled", "kind", "etag", "last_modified", "first_good_at")} | after


def _poll(fetch: Row, parsed: ParsedFeed | None = None, published: Sequence = ()) -> Poll:
    names = ("status", "not_modified", "permanent_url", "fault", "error", "retry_after_seconds", "fresh_seconds")
    return Poll(
        **{name: fetch[name] for name in names},
        verdict=parsed.verdict if parsed else None,
        entries=len(parsed.entries) if parsed else None,
        published=published,
        ttl_minutes=parsed.ttl_minutes if parsed else None,
    )


def _moves(before: Row, after: Row) -> list[Issue]:
    old, new = before["moved_url"], after["moved_url"]
    if old == new:
        return []
    if new is None:
        message = f"is asked at its own address again, as {old} no longer answers well"
        return [Issue("feed_moved", before["source_id"], before["url"], message, "see whether the site has a newer address for it")]
    message = f"has moved for good, the server says: it is asked at {new} from now on"
    hint = f"set `url: {new}` in the file of {before['source_id']}, or `follow_moves: false` to go back"
    return [Issue("feed_moved", before["source_id"], before["url"], message, hint)]


def _most_new_first(per_source: Mapping[str, Mapping[str, int]]) -> list[Row]:
    rows = [{"source": source, **counts} for source, counts in per_source.items()]
    return sorted(rows, key=lambda row: (-row["new"], -row["changed"], row["source"]))
