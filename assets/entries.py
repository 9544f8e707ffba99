"""The `entries` asset: read the polled documents as feeds, keep every entry, and move each feed's state.

One transaction a feed: its entries, their aliases, its validators and its health become visible together, so that a
validator never stands for entries that are not stored.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

import dagster as dg

from assets.feeds import poll_state
from assets.fetching.polling import Poll, after_poll
from assets.flow import Flow
from assets.issues import Issue, record_issues
from assets.parsing.feed import parse_feed
from assets.parsing.identity import resolve
from assets.parsing.intake import Intake, take_in
from assets.parsing.merges import note_merges
from assets.parsing.records import ParsedFeed
from warehouse.archive import ArchiveRef
from warehouse.database import Row, Transaction
from warehouse.errors import ArchiveError


@dg.asset(group_name="ingest", kinds={"rss", "duckdb"}, code_version="1", deps=["feeds"])
def entries(flow: dg.ResourceParam[Flow]) -> dg.MaterializeResult:
    """Reads what `feeds` fetched: one row an entry, for ever, whatever its feed does later.

    New entries are due for a page visit at once. A damaged feed gives the entries that can be read; what was wrong is
    a row of `issues`. Nothing is judged by date: late and back-dated entries are kept.
    """
    counts = {"new": 0, "changed": 0, "unchanged": 0}
    per_source: dict[str, int] = {}
    for source_id, intake in read_fetches(flow):
        for name in counts:
            counts[name] += getattr(intake, name)
        per_source[source_id] = per_source.get(source_id, 0) + intake.new
    return dg.MaterializeResult(metadata={**counts, "new_by_source": dg.MetadataValue.md(_table(per_source))})


def read_fetches(flow: Flow) -> list[tuple[str, Intake]]:
    """Take in every feed document that was fetched and not yet read; what each brought, by source id."""
    with flow.warehouse.transaction() as transaction:
        fetches = transaction.rows("unhandled_feed_fetches")
    return [(fetch["source_id"], _read_fetch(fetch, flow)) for fetch in fetches]


def _read_fetch(fetch: Row, flow: Flow) -> Intake:
    now = flow.now()
    parsed = _parse(fetch, flow)
    with flow.warehouse.transaction() as transaction:
        (feed,) = transaction.rows("feed_of_fetch", feed_id=fetch["feed_id"])
        intake = _take_in(transaction, parsed, feed, now) if parsed else Intake([], [], 0, 0, 0)
        transaction.merge("entries", intake.entries, key=["entry_id"])
        transaction.merge("ops.entry_keys", intake.aliases, key=["source_id", "alias"], update=False)
        transaction.merge("feeds", [_feed_after(transaction, feed, fetch, parsed)], key=["feed_id"])
        record_issues(transaction, _problems(parsed, fetch), now)
        transaction.run("mark_fetch_handled", fetch_id=fetch["fetch_id"], now=now)
    return intake


def _parse(fetch: Row, flow: Flow) -> ParsedFeed | None:
    if fetch["fault"] or fetch["not_modified"] or not fetch["warc_file"]:
        return None
    ref = ArchiveRef(fetch["warc_file"], fetch["warc_offset"], fetch["warc_length"], fetch["sha256"])
    try:
        body = flow.archive.read(ref)
    except ArchiveError as fault:
        return ParsedFeed("reject", "not_a_feed", problems=(f"its archived copy cannot be read: {fault}",))
    return parse_feed(
        body,
        url=fetch["final_url"],
        content_type=fetch["content_type"],
        language=next(iter(fetch["languages"] or ()), None),
        timezone=fetch["timezone"],
        # A list of addresses is a feed only where the source says that it has nothing better.
        listing=fetch["kind"] == "sitemap",
        now=fetch["requested_at"],
    )


def _take_in(transaction: Transaction, parsed: ParsedFeed, feed: Row, now: datetime) -> Intake:
    known: Mapping[str, str] = {row["alias"]: row["entry_id"] for row in transaction.rows("aliases_of_source", source_id=feed["source_id"])}
    resolved = resolve(parsed.entries, known, scope=feed["source_id"])
    rows = transaction.rows("entries_by_id", entry_ids=[item.entry_id for item in resolved])
    stored = {row["entry_id"]: row for row in rows}
    merges = note_merges(resolved, known=stored, aliases=known, feed=feed, now=now)
    transaction.merge("ops.merges", merges, key=["merge_id"], update=False)
    return take_in(resolved, known=stored, feed=feed, now=now)


def _feed_after(transaction: Transaction, feed: Row, fetch: Row, parsed: ParsedFeed | None) -> Row:
    """The feed's row after this poll: its state and, once its entries are in, the validators that stand for them."""
    now = fetch["requested_at"]
    recent = transaction.rows("recent_publications", source_id=feed["source_id"])
    poll = Poll(
        **{
            name: fetch[name]
            for name in ("status", "not_modified", "permanent_url", "fault", "error", "retry_after_seconds", "fresh_seconds")
        },
        verdict=parsed.verdict if parsed else None,
        entries=len(parsed.entries) if parsed else None,
        published=[row["published_at"] for row in recent],
        ttl_minutes=parsed.ttl_minutes if parsed else None,
    )
    after = asdict(after_poll(poll_state(feed), poll, now))
    if parsed and parsed.verdict != "reject":
        after |= {"etag": fetch["etag"], "last_modified": fetch["last_modified"], "kind": parsed.kind}
        after["first_good_at"] = feed["first_good_at"] or now
    return {key: feed[key] for key in ("feed_id", "source_id", "url", "enabled", "kind", "etag", "last_modified", "first_good_at")} | after


def _problems(parsed: ParsedFeed | None, fetch: Row) -> list[Issue]:
    if parsed is None:
        return []
    hint = "look at the document: thinkwatch feed " + fetch["url"]
    return [Issue("feed_problem", fetch["source_id"], fetch["url"], problem, hint) for problem in parsed.problems]


def _table(per_source: Mapping[str, int]) -> str:
    lines = [f"| {source} | {count} |" for source, count in sorted(per_source.items(), key=lambda item: -item[1])[:20]]
    return "\n".join(["| source | new |", "|---|---:|", *lines])
