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
from assets.parsing.gaps import changed_children, children, following, shape, shows_gap, sitemap_steps, ways
from assets.parsing.identity import Resolved
from assets.parsing.intake import Intake, bound_of_poll, take_in
from assets.parsing.records import ParsedEntry, ParsedFeed
from assets.parsing.stretches import Stretch, fitting, of_history, of_page, of_sitemap
from assets.reading import Identified, definition_of, identify, read_document, store
from warehouse.ids import hashed
from warehouse.transaction import Row, Transaction

# Where no way led to older entries, the site is not searched again for so long.
QUIET = timedelta(days=7)
NEWS_WINDOW = timedelta(days=2)  # a news sitemap lists so much, so that it need not overlap with an older one
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
    plan = _plan(transaction, feed, parsed, resolved, known, now)
    if plan is None:
        return
    since, earlier = feed["last_good_at"], transaction.row("last_search", feed_id=feed["feed_id"])
    in_vain_of_late = earlier and earlier["state"] == "stopped" and not earlier["entries_found"] and now - earlier["ended_at"] < QUIET
    if not parsed.is_index and in_vain_of_late:
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
        if parsed.is_index:
            plan = (*plan, *(step for step in opened.plan if step not in plan))
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
    transaction: Transaction, feed: Row, parsed: ParsedFeed, resolved: Sequence[Resolved], known: Mapping[str, Row], now: datetime
) -> tuple[str, ...] | None:
    """What to ask because of this poll; None when there is no reason to."""
    since, definition = feed["last_good_at"], definition_of(feed)
    if parsed.is_index:
        return _changed_children(transaction, feed, parsed) or None
    if not definition.get("backfill", True) or not shows_gap(resolved, known, since):
        return None
    if feed["kind"] == "sitemap" and now - since <= NEWS_WINDOW:
        return None
    return ways(feed, definition, parsed, sitemaps=sitemaps_of(transaction, feed), since=None)


def _changed_children(transaction: Transaction, feed: Row, parsed: ParsedFeed) -> tuple[str, ...]:
    """The sitemaps of an index that may list something new, as steps of a plan; remembers what it says of them."""
    before = {row["url"]: row["changed"] for row in transaction.rows("listed_sitemaps", feed_id=feed["feed_id"])}
    listed = {entry.url: entry.published_raw for entry in parsed.entries if entry.url}
    fresh = [{"feed_id": feed["feed_id"], "url": url, "changed": changed} for url, changed in (listed.items() - before.items())]
    transaction.merge("ops.listed_sitemaps", fresh, key=["feed_id", "url"])
    return tuple(f"sitemap {address}" for address in changed_children(parsed, before))


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
    parsed = read_document(fetch, flow, listing=backfill.asks_sitemap) if backfill else None
    with flow.warehouse.transaction() as transaction:
        (feed,) = transaction.rows("feeds_by_id", feed_ids=[fetch["feed_id"]])
        if backfill:
            intake, found = _take_in(transaction, backfill, feed, fetch, parsed, flow.backfill)
            after = after_answer(backfill, found, flow.backfill, now)
            if after.state == "stopped":
                transaction.run(
                    "forget_sitemaps", feed_id=feed["feed_id"], urls=[step.partition(" ")[2] for step in (*backfill.plan, *found.children)]
                )
            save(transaction, after, feed, now)
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
        return nothing, Found(children=_children(transaction, feed, parsed, backfill, limits))
    identified = identify(transaction, _listed(transaction, backfill, feed, parsed), feed["source_id"])
    resolved, now = identified.resolved, fetch["requested_at"]
    stretch = _stretch(backfill, identified, feed, limits, now)
    intake = take_in(stretch.items, known=identified.known, feed=feed, now=now, bound=stretch.bound)
    store(transaction, intake)
    dates = [item.entry.published for item in resolved if item.entry.published]
    found = Found(
        entries=len(resolved),
        new=intake.new,
        old=intake.old,
        met=stretch.met,
        page=_page_hash(resolved),
        latest=max(dates, default=None),
        further=following(backfill.way, backfill.address, parsed, definition_of(feed), fetch["total_pages"]),
    )
    return intake, found


def _children(transaction: Transaction, feed: Row, parsed: ParsedFeed, backfill: Backfill, limits: BackfillLimits) -> tuple[str, ...]:
    """The sitemaps that an index names, as steps of the plan."""
    if backfill.reason == "gap" and backfill.since:
        return sitemap_steps(parsed, backfill.since, limits.pages)
    if backfill.reason == "index":
        return _changed_children(transaction, feed, parsed)
    return tuple(f"sitemap {address}" for address in children(parsed, backfill.back_to, backfill.most_pages or limits.pages))


def _listed(transaction: Transaction, backfill: Backfill, feed: Row, parsed: ParsedFeed) -> Sequence[ParsedEntry]:
    """What a document lists of this feed: a sitemap that is not its own lists the whole site."""
    is_own = backfill.reason == "index" or (backfill.reason == "history" and feed["kind"] == "sitemap")
    if is_own or not backfill.asks_sitemap:
        return parsed.entries
    return fitting(parsed.entries, _shapes(transaction, feed["source_id"]), backfill.back_to)


def _stretch(backfill: Backfill, identified: Identified, feed: Row, limits: BackfillLimits, now: datetime) -> Stretch:
    resolved, known, since = identified.resolved, identified.known, backfill.since
    if backfill.reason == "history":
        bounds = {"back_to": backfill.back_to, "last_good_at": feed["last_good_at"], "news_since": since}
        return of_history(resolved, known, **bounds, most=room(backfill, limits))
    if backfill.reason == "index" or since is None:
        return Stretch(resolved, bound_of_poll(resolved, known, feed | {"first_good_at": since, "last_good_at": since}, now))
    if backfill.asks_sitemap:
        return of_sitemap(resolved, known, since, most=room(backfill, limits))
    return of_page(resolved, known, since, found=backfill.entries_found)


def _page_hash(resolved: Sequence[Resolved]) -> str:
    return hashed(*sorted({item.entry_id for item in resolved}))


def save(transaction: Transaction, backfill: Backfill, feed: Row, now: datetime) -> None:
    """Write a search as it is now, and say of a gap, or of another search that was stopped, what it means."""
    transaction.merge("backfills", [asdict(backfill) | {"plan": list(backfill.plan)}], key=["backfill_id"])
    if issue := _issue_of(backfill, feed):
        record_issues(transaction, [issue], now)


def _issue_of(backfill: Backfill, feed: Row) -> Issue | None:
    is_stopped = backfill.state == "stopped"
    if backfill.reason == "history":
        return _history_issue(feed, backfill) if is_stopped else None
    if backfill.reason == "index":
        return _gap_issue(feed, None, f"not all of its sitemaps were read: {backfill.outcome}") if is_stopped else None
    if backfill.state == "open":
        return None if backfill.pages_read else _gap_issue(feed, backfill.since, "older pages of the site are being read")
    old = f", {backfill.entries_old} of them older than that or undated, and never mailed" if backfill.entries_old else ""
    return _gap_issue(feed, backfill.since, f"{backfill.outcome}; {backfill.entries_found} entries were found{old}")


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
