"""From a parsed feed to rows: which entries are new, which changed, which were only seen again.

Pure: takes what the store knows and `now`, returns rows. Who an entry is, is decided by `identity`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from assets.parsing.identity import Resolved
from assets.parsing.records import ParsedEntry
from warehouse.transaction import Row

BASELINE_AGE = timedelta(hours=48)
CLOCK_DATE = timedelta(minutes=5)
# More new posts than these in one poll, all from before the last one or all undated, are an archive announced anew.
MOST_LATE, MOST_UNDATED = 10, 50
# Where a poll shows nothing that was known, so few are enough: a feed has no room for more of its site's archive.
MOST_LATE_ALONE = 3
# An entry that its own feed has not shown for so long, while another one does, belongs to that one from now on.
ORPHANED_AFTER = timedelta(days=8)
PROPER = frozenset({"rss", "atom", "rdf", "jsonfeed"})  # feeds that a site makes for readers; the other kinds are what it has besides


@dataclass(frozen=True)
class Intake:
    """Rows for `entries` and `ops.entry_keys`, and how many entries are new, changed and unchanged.

    `old` of the new ones are stored and matched, but never alert.
    """

    entries: list[Row]
    aliases: list[Row]
    new: int
    changed: int
    unchanged: int
    old: int = 0


@dataclass(frozen=True)
class Bound:
    """Which new entries are old news: published before `before`, or undated from place `undated_from` on (both may be None)."""

    before: datetime | None = None
    undated_from: int | None = None

    def covers(self, published: datetime | None, place: int) -> bool:
        """Whether an entry with this date at this place of the document is old news."""
        if published is None:
            return self.undated_from is not None and place >= self.undated_from
        return self.before is not None and published < self.before


def bound_of_poll(resolved: Sequence[Resolved], known: Mapping[str, Row], feed: Row, now: datetime) -> Bound:
    """What is old news in a poll: at the first one, what is older than two days; later, an archive that is announced anew.

    A few late, back-dated or undated entries are news; an archive is not.
    """
    if feed["first_good_at"] is None:
        return Bound(now - BASELINE_AGE, undated_from=0)
    since = (feed.get("last_good_at") or feed["first_good_at"]) - BASELINE_AGE
    dates = {item.entry_id: _published(item.entry, now) for item in resolved if item.entry_id not in known}
    late = sum(date is not None and date < since for date in dates.values())
    undated = sum(date is None for date in dates.values())
    most_late = MOST_LATE if any(item.entry_id in known for item in resolved) else MOST_LATE_ALONE
    return Bound(since if late > most_late else None, 0 if undated > MOST_UNDATED else None)


def take_in(resolved: Iterable[Resolved], *, known: Mapping[str, Row], feed: Row, now: datetime, bound: Bound | None = None) -> Intake:
    """Decide the rows of one poll.

    Args:
        resolved: the feed's entries with their identity, in feed order.
        known: rows of `entries` by entry_id, for those that the store has already.
        feed: the row of `feeds`; its `first_good_at` is None at the first good poll, whose old entries are the baseline.
        now: time of the poll.
        bound: what is old news in it; default: as `bound_of_poll` says.
    """
    listed = list(resolved)
    bound = bound or bound_of_poll(listed, known, feed, now)
    rows: dict[str, Row] = {}
    aliases: dict[str, Row] = {}
    counts = {"new": 0, "changed": 0, "unchanged": 0, "old": 0}
    for place, item in enumerate(listed):
        if item.entry_id in rows:
            continue  # shown twice in one document: the first stands nearest to the top
        before = known.get(item.entry_id)
        is_old = before is None and bound.covers(_published(item.entry, now), place)
        row, what = _row(item, before, feed, now, is_old=is_old)
        rows[item.entry_id] = row | {"in_feed_at": row.get("in_feed_at") or (now if feed["kind"] in PROPER else None)}
        counts[what] += 1
        counts["old"] += is_old
        for alias in item.keys:
            aliases[alias] = {"source_id": feed["source_id"], "alias": alias, "entry_id": item.entry_id, "added_at": now}
    return Intake(list(rows.values()), list(aliases.values()), **counts)


def content_hash(entry: ParsedEntry) -> str:
    """Hash of what an editor can change; dates are left out because some servers write the time of the request."""
    parts = "\x1f".join((entry.title, entry.summary, entry.content))
    return blake2b(parts.encode("utf-8", "replace"), digest_size=10).hexdigest()


def _row(item: Resolved, before: Row | None, feed: Row, now: datetime, *, is_old: bool) -> tuple[Row, str]:
    fresh = _from_feed(item.entry, now)
    if before is None:
        return _new(item.entry_id, fresh, feed, now, is_old=is_old), "new"
    if before["feed_id"] != feed["feed_id"]:
        if now - before["last_seen_at"] < ORPHANED_AFTER:
            return before, "unchanged"  # two feeds word one article differently: that is no edit, poll after poll
        before = {**before, "feed_id": feed["feed_id"]}
    if before["content_hash"] == fresh["content_hash"]:
        return {**before, **_moved(before, fresh), "last_seen_at": now}, "unchanged"
    # The date of the first sight stands: servers move it on every edit.
    dates = {key: before[key] for key in ("published_at", "published_raw", "published_quality") if before["published_at"]}
    return {**before, **fresh, **dates, **_former(before, fresh), **_visit_again(fresh["url"], before, now), "last_seen_at": now}, "changed"


def _moved(before: Row, fresh: Row) -> Row:
    """The link and guid that an entry bears now; the validators of its page were those of the old link."""
    now_borne = {key: fresh[key] for key in ("guid", "url") if before[key] and fresh[key]}
    same_link = now_borne.get("url", before["url"]) == before["url"]
    moved = now_borne | _former(before, fresh)
    return moved if same_link else moved | {"page_etag": None, "page_last_modified": None}


def _former(before: Row, fresh: Row) -> Row:
    """What it bore before this poll, if that has changed now: a change that only the next poll confirms is told with it."""
    has_changed = any(before[key] and fresh[key] and before[key] != fresh[key] for key in ("guid", "url"))
    return {f"former_{key}": before[key] for key in ("guid", "url")} if has_changed else {}


def _new(entry_id: str, fresh: Row, feed: Row, now: datetime, *, is_old: bool) -> Row:
    return {
        "entry_id": entry_id,
        "source_id": feed["source_id"],
        "feed_id": feed["feed_id"],
        **fresh,
        "former_guid": None,
        "former_url": None,
        "baseline": is_old,
        "first_seen_at": now,
        "last_seen_at": now,
        "page_state": "due" if fresh["url"] else "none",
        "page_due_at": now,
        "page_visits": 0,
        "page_failures": 0,
        "page_misses": 0,
        "page_etag": None,
        "page_last_modified": None,
        "page_error": None,
    }


def _published(entry: ParsedEntry, now: datetime) -> datetime | None:
    """Its date, unless the server wrote the time of our request there; first_seen_at says as much."""
    return None if entry.published and abs(entry.published - now) < CLOCK_DATE else entry.published


def _from_feed(entry: ParsedEntry, now: datetime) -> Row:
    published = _published(entry, now)
    return {
        "guid": entry.guid,
        "url": entry.url,
        "title": entry.title,
        "published_at": published,
        "published_raw": entry.published_raw,
        "published_quality": entry.published_quality if published else None,
        "updated_at": entry.updated,
        "authors": list(entry.authors),
        "summary": entry.summary,
        "content": entry.content,
        "categories": list(entry.categories),
        "enclosures": [asdict(enclosure) for enclosure in entry.enclosures],
        "language": entry.language,
        "content_hash": content_hash(entry),
    }


def _visit_again(url: str | None, before: Row, now: datetime) -> Row:
    if not url:
        return {"page_state": "none", "page_due_at": now}
    return {"page_state": "due", "page_due_at": now, "page_failures": 0 if before["page_state"] == "done" else before["page_failures"]}
