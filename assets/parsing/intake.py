"""From a parsed feed to rows: which entries are new, which changed, which were only seen again.

Pure: takes what the store knows and `now`, returns rows. Who an entry is, is decided by `identity`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from assets.parsing.identity import Resolved
from assets.parsing.records import ParsedEntry
from warehouse.database import Row

BASELINE_AGE = timedelta(hours=48)
CLOCK_DATE = timedelta(minutes=5)


@dataclass(frozen=True)
class Intake:
    """Rows for `entries` and `ops.entry_keys`, and how many entries are new, changed and unchanged."""

    entries: list[Row]
    aliases: list[Row]
    new: int
    changed: int
    unchanged: int


def take_in(resolved: Iterable[Resolved], *, known: Mapping[str, Row], feed: Row, now: datetime) -> Intake:
    """Decide the rows of one poll.

    Args:
        resolved: the feed's entries with their identity, in feed order.
        known: rows of `entries` by entry_id, for those that the store has already.
        feed: the row of `feeds`; its `first_good_at` is None at the first good poll, whose old entries are the baseline.
        now: time of the poll.
    """
    rows: dict[str, Row] = {}
    aliases: dict[str, Row] = {}
    counts = {"new": 0, "changed": 0, "unchanged": 0}
    for item in resolved:
        if item.entry_id in rows:
            continue  # shown twice in one document: the first stands nearest to the top
        before = known.get(item.entry_id)
        rows[item.entry_id], what = _row(item, before, feed, now)
        counts[what] += 1
        for alias in item.keys:
            aliases[alias] = {"source_id": feed["source_id"], "alias": alias, "entry_id": item.entry_id, "added_at": now}
    return Intake(list(rows.values()), list(aliases.values()), **counts)


def content_hash(entry: ParsedEntry) -> str:
    """Hash of what an editor can change; dates are left out because some servers write the time of the request."""
    parts = "\x1f".join((entry.title, entry.summary, entry.content))
    return blake2b(parts.encode("utf-8", "replace"), digest_size=10).hexdigest()


def _row(item: Resolved, before: Row | None, feed: Row, now: datetime) -> tuple[Row, str]:
    fresh = _from_feed(item.entry, now)
    if before is None:
        return _new(item.entry_id, fresh, feed, now), "new"
    if before["content_hash"] == fresh["content_hash"]:
        return {**before, **_moved(before, fresh), "last_seen_at": now}, "unchanged"
    # The date of the first sight stands: servers move it on every edit.
    dates = {key: before[key] for key in ("published_at", "published_raw", "published_quality") if before["published_at"]}
    return {**before, **fresh, **dates, **_visit_again(fresh["url"], before, now), "last_seen_at": now}, "changed"


def _moved(before: Row, fresh: Row) -> Row:
    """The link and guid that an entry bears now; the validators of its page were those of the old link."""
    now_borne = {key: fresh[key] for key in ("guid", "url") if before[key] and fresh[key]}
    same_link = now_borne.get("url", before["url"]) == before["url"]
    return now_borne if same_link else now_borne | {"page_etag": None, "page_last_modified": None}


def _new(entry_id: str, fresh: Row, feed: Row, now: datetime) -> Row:
    published = fresh["published_at"]
    first_poll = feed["first_good_at"] is None
    return {
        "entry_id": entry_id,
        "source_id": feed["source_id"],
        "feed_id": feed["feed_id"],
        **fresh,
        "baseline": first_poll and (published is None or published < now - BASELINE_AGE),
        "first_seen_at": now,
        "last_seen_at": now,
        "page_state": "due" if fresh["url"] else "none",
        "page_due_at": now,
        "page_visits": 0,
        "page_failures": 0,
        "page_etag": None,
        "page_last_modified": None,
        "page_error": None,
    }


def _from_feed(entry: ParsedEntry, now: datetime) -> Row:
    published, quality = entry.published, entry.published_quality
    if published and abs(published - now) < CLOCK_DATE:
        published, quality = None, None  # the server wrote the time of our request; first_seen_at says as much
    return {
        "guid": entry.guid,
        "url": entry.url,
        "title": entry.title,
        "published_at": published,
        "published_raw": entry.published_raw,
        "published_quality": quality,
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
