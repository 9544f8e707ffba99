"""Filling gaps: where a poll overlaps nothing known, the older pages of the site are asked until they do.

So are those of a history that a person asked for (`assets.histories`). Called by the `entries` asset. Every answer is archived,
and what it brought is committed together with what is asked next, so a run that is killed goes on where it was. What to ask,
and when it is enough, is decided in `parsing.gaps` and `parsing.backfilling`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from assets.asking import ask
from assets.fetching.records import Request
from assets.flow import Flow
from assets.issues import Issue, record_issues
from assets.parsing.backfilling import Backfill, BackfillLimits, Found, after_answer, in_vain, room
from assets.parsing.gaps import children, fitting, following, meets, of_history, shape, shows_gap, ways
from assets.parsing.identity import Resolved
from assets.parsing.intake import BASELINE_AGE, Bound, Intake, bound_of_poll, take_in
from assets.parsing.records import ParsedFeed
from assets.reading import definition_of, identify, read_document, store
from warehouse.ids import hashed
from warehouse.transaction import Row, Transaction

# Where no way led to older entries, the site is not searched again for so long.
QUIET = timedelta(days=7)
NOT_THERE = frozenset({400, 401, 403, 404, 405, 410, 451})
LASTING = frozenset({"robots", "challenge", "redirects", "too_large", "blocked_address"})


def open_backfill(
    transaction: Transaction, feed: Row, parsed: ParsedFeed, resolved: Sequence[Resolved], known: Mapping[str, Row], now: datetime
) -> None:
    """Plan a backfill if this poll calls for one: it overlaps nothing known, or lists other documents in place of entries.

    Args:
        transaction: of the poll.
        feed: its row before the poll.
        parsed: the document.
        resolved: its entries, with `known` the rows of those that the store had before.
        known: see there.
        now: time of the poll.
    """
    plan = _plan(transaction, feed, parsed, resolved, known)
    if plan is None:
        return
    since, earlier = feed["last_good_at"], transaction.row("last_search", feed_id=feed["feed_id"])
    if not parsed.is_index and earlier and earlier["state"] == "stopped" and now - earlier["ended_at"] < QUIET:
        record_issues(transaction, [_gap_issue(feed, since, "the search of the last days found no way to them")], now)
        return
    opened = Backfill(
        backfill_id=hashed(feed["feed_id"], now.isoformat()),
        feed_id=feed["feed_id"],
        source_id=feed["source_id"],
        reason="index" if parsed.is_index else "gap",
        since=since,
        due_at=now,
        started_at=now,
    )
    if earlier and earlier["state"] == "open":
        opened = backfill_of(earlier)  # it has not got through its own gap: one search from the newest page on covers both
    opened = replace(opened, plan=plan, last_page=_page_hash(resolved), due_at=now, failures=0)
    save(transaction, opened if plan else in_vain(opened, now), feed, now)


def fill_gaps(flow: Flow, run_id: str | None = None) -> list[tuple[str, Intake]]:
    """Ask for the next page of every open backfill, again and again within the limits of a run; what each brought, by source id."""
    filled = _read_answers(flow)  # of a run that was killed
    for _ in range(flow.backfill.pages_per_run):
        with flow.warehouse.transaction() as transaction:
            due = transaction.rows("open_backfills", now=flow.now(), mine=flow.mine)
        if not due:
            break
        _ask({row["feed_id"]: row for row in due}, flow, run_id)
        filled += _read_answers(flow)
    return filled


def _plan(
    transaction: Transaction, feed: Row, parsed: ParsedFeed, resolved: Sequence[Resolved], known: Mapping[str, Row]
) -> tuple[str, ...] | None:
    """What to ask because of this poll; None when there is no reason to."""
    since, definition = feed["last_good_at"], definition_of(feed)
    if parsed.is_index:
        return tuple(f"sitemap {address}" for address in children(parsed, since)) or None
    if not definition.get("backfill", True) or feed["kind"] == "sitemap" or not shows_gap(resolved, known, since):
        return None
    return ways(feed, definition, parsed, sitemaps=sitemaps_of(transaction, feed), since=since)


def _ask(due: Mapping[str, Row], flow: Flow, run_id: str | None) -> None:
    """Fetch the next page of each of these backfills, by feed."""
    requests = [Request(backfill_of(row).address, "backfill", ref=feed_id, source=row["source_id"]) for feed_id, row in due.items()]
    ask(requests, due, flow, run_id)


def _read_answers(flow: Flow) -> list[tuple[str, Intake]]:
    with flow.warehouse.transaction() as transaction:
        fetches = transaction.rows("unhandled_backfill_fetches", mine=flow.mine)
    return [(fetch["source_id"], _read_answer(fetch, flow)) for fetch in fetches]


def _read_answer(fetch: Row, flow: Flow) -> Intake:
    """Take in one page, and move the backfill on, in one transaction."""
    now, intake = fetch["requested_at"], Intake([], [], 0, 0, 0)
    with flow.warehouse.transaction() as transaction:
        searches = [backfill_of(row) for row in transaction.rows("open_searches", feed_id=fetch["feed_id"])]
    backfill = next((one for one in searches if one.address == fetch["url"]), None)
    parsed = read_document(fetch, flow, listing=backfill.way == "sitemap") if backfill else None
    with flow.warehouse.transaction() as transaction:
        (feed,) = transaction.rows("feeds_by_id", feed_ids=[fetch["feed_id"]])
        if backfill:
            intake, found = _take_in(transaction, backfill, feed, fetch, parsed, flow.backfill)
            save(transaction, after_answer(backfill, found, flow.backfill, now), feed, now)
        transaction.run("mark_fetch_handled", fetch_id=fetch["fetch_id"], now=flow.now())
    return intake


def _take_in(
    transaction: Transaction, backfill: Backfill, feed: Row, fetch: Row, parsed: ParsedFeed | None, limits: BackfillLimits
) -> tuple[Intake, Found]:
    nothing = Intake([], [], 0, 0, 0)
    if parsed is None:
        lasting = fetch["status"] in NOT_THERE or fetch["fault"] in LASTING
        return nothing, Found(lasting=lasting, passing=not lasting)
    if parsed.verdict == "reject":
        return nothing, Found(lasting=True)
    if parsed.is_index:
        return nothing, Found(children=_children(parsed, backfill, limits))
    listed = parsed.entries
    if backfill.way == "sitemap" and backfill.reason != "index" and feed["kind"] != "sitemap":
        bound = backfill.back_to if backfill.reason == "history" else backfill.since
        listed = fitting(listed, _shapes(transaction, feed["source_id"]), bound)
    identified = identify(transaction, listed, feed["source_id"])
    resolved, known = identified.resolved, identified.known
    anchor = None if backfill.reason == "history" else meets(resolved, known, backfill.since)
    intake = take_in(
        _fresh(backfill, resolved, known, feed, limits),
        known=known,
        feed=feed,
        now=fetch["requested_at"],
        bound=_bound(backfill, resolved, known, anchor, feed, fetch["requested_at"]),
    )
    store(transaction, intake)
    dates = [entry.published for entry in listed if entry.published]
    found = Found(
        entries=len(resolved),
        new=intake.new,
        old=intake.old,
        met=anchor is not None,
        page=_page_hash(resolved),
        latest=max(dates, default=None),
        further=following(backfill.way, backfill.address, parsed, definition_of(feed), fetch["total_pages"]),
    )
    return intake, found


def _children(parsed: ParsedFeed, backfill: Backfill, limits: BackfillLimits) -> tuple[str, ...]:
    if backfill.reason == "history":
        return children(parsed, backfill.back_to, backfill.most_pages or limits.pages)
    return children(parsed, backfill.since)


def _fresh(
    backfill: Backfill, resolved: Sequence[Resolved], known: Mapping[str, Row], feed: Row, limits: BackfillLimits
) -> Sequence[Resolved]:
    """What of a page is taken in."""
    if backfill.reason == "index":
        return resolved
    if backfill.reason == "gap":
        return [item for item in resolved if item.entry_id not in known]
    return of_history(resolved, known, back_to=backfill.back_to, last_good_at=feed["last_good_at"], most=room(backfill, limits))


def _page_hash(resolved: Sequence[Resolved]) -> str:
    return hashed(*sorted({item.entry_id for item in resolved}))


def _bound(
    backfill: Backfill, resolved: Sequence[Resolved], known: Mapping[str, Row], anchor: int | None, feed: Row, now: datetime
) -> Bound:
    """What a page of the archive shows that is old news: from before the gap, or undated and below what was known; a history is all."""
    if backfill.reason == "history":
        return Bound(backfill.since or now, undated_from=0)
    if backfill.reason == "index" or backfill.since is None:
        return bound_of_poll(resolved, known, feed | {"first_good_at": backfill.since, "last_good_at": backfill.since}, now)
    below = None if anchor is None else sum(item.is_new for item in resolved[:anchor])
    return Bound(backfill.since - BASELINE_AGE, undated_from=below)


def save(transaction: Transaction, backfill: Backfill, feed: Row, now: datetime) -> None:
    """Write a search as it is now, and say of a gap, or of a history that was stopped, what it means."""
    transaction.merge("backfills", [asdict(backfill) | {"plan": list(backfill.plan)}], key=["backfill_id"])
    if backfill.reason == "history" and backfill.state == "stopped":
        record_issues(transaction, [_history_issue(feed, backfill)], now)
    if backfill.reason != "gap":
        return
    if backfill.state == "open" and not backfill.pages_read:
        record_issues(transaction, [_gap_issue(feed, backfill.since, "older pages of the site are being read")], now)
    if backfill.state != "open":
        old = f", {backfill.entries_old} of them older than that and never mailed" if backfill.entries_old else ""
        how = f"{backfill.outcome}; {backfill.entries_found} entries were found{old}"
        record_issues(transaction, [_gap_issue(feed, backfill.since, how)], now)


def _gap_issue(feed: Row, since: datetime | None, how: str) -> Issue:
    message = f"a poll showed nothing that was known since {since:%Y-%m-%d %H:%M}: {how}" if since else how
    hint = f"see: thinkwatch sql \"FROM backfills WHERE source_id = '{feed['source_id']}'\""
    return Issue("gap", feed["source_id"], feed["url"], message, hint)


def _history_issue(feed: Row, backfill: Backfill) -> Issue:
    message = f"its history may not be whole: {backfill.outcome}; {backfill.entries_found} entries were found"
    return Issue("history", feed["source_id"], feed["url"], message, f"go on with: thinkwatch backfill {feed['source_id']}")


def backfill_of(row: Row) -> Backfill:
    """The record of a row of `backfills`."""
    return Backfill(**{field.name: row[field.name] for field in fields(Backfill)} | {"plan": tuple(row["plan"] or ())})


def sitemaps_of(transaction: Transaction, feed: Row) -> list[str]:
    """What robots.txt names as sitemaps, if it was read."""
    parts = urlsplit(feed["moved_url"] or feed["url"])
    text = transaction.value("robots_text", origin=f"{parts.scheme}://{parts.netloc}") or ""
    return re.findall(r"(?im)^\s*sitemap\s*:\s*(https?://\S+)", text)


def _shapes(transaction: Transaction, source_id: str) -> frozenset[str]:
    return frozenset(shape(row["url"]) for row in transaction.rows("addresses_of_source", source_id=source_id))
