"""When to fetch an entry's page: at once, again after a failure, and a few times later to notice an edit. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from assets.fetching.records import Fetched
from warehouse.transaction import Row

RECHECK_DAYS = (1, 3, 7)
GIVE_UP_AFTER = 12
BLOCKING = {"challenge", "robots", "blocked_address"}
BLOCKING_STATUS = {401, 403, 451}
GONE_STATUS = {404, 410}
OLD = timedelta(days=30)  # before we first saw it: what a baseline or a history brings is read once
MISSES = 2  # in a row; one may be a mistake of an hour


def after_visit(entry: Row, fetched: Fetched, now: datetime, *, recheck_days: Sequence[int] = RECHECK_DAYS) -> Row:
    """The `page_*` columns of an entry after a visit to its page.

    A good visit plans the next look for an edit, unless the entry was old and silent when first seen; a failure is retried
    after 1, 2, 4 … at most 24 hours, twelve times.
    Validators change only with a body: what they stand for is stored in the same transaction.
    """
    if fetched.ok:
        return {**_good(entry, now, recheck_days), **(_validators(fetched) if fetched.body else {})}
    misses = (entry["page_misses"] or 0) + 1 if fetched.status in GONE_STATUS else 0
    return {**failed(entry, is_blocking(fetched), fetched.fault.message if fetched.fault else "no answer", now), "page_misses": misses}


def is_withdrawn(entry: Row) -> bool:
    """Whether the entry's page is gone: it was missing at two visits in a row."""
    return (entry["page_misses"] or 0) >= MISSES


def failed(entry: Row, blocking: bool, message: str, now: datetime) -> Row:
    """The `page_*` columns after a failure: a refused fetch, or a page that holds no article (a challenge, a consent wall)."""
    failures = entry["page_failures"] + 1
    delay = timedelta(hours=min(2 ** (failures - 1), 24))
    return {
        "page_state": "blocked" if blocking else "failing",
        "page_due_at": now + delay if failures < GIVE_UP_AFTER else None,
        "page_failures": failures,
        "page_error": message,
    }


def _good(entry: Row, now: datetime, recheck_days: Sequence[int]) -> Row:
    visits = entry["page_visits"] + 1
    recheck_days = () if _is_history(entry) else recheck_days
    later = [entry["first_seen_at"] + timedelta(days=days) for days in recheck_days[visits - 1 :]]
    return {
        "page_state": "done",
        "page_due_at": next((when for when in later if when > now), None),
        "page_visits": visits,
        "page_failures": 0,
        "page_misses": 0,
        "page_error": None,
    }


def _is_history(entry: Row) -> bool:
    published = entry["published_at"]
    return bool(entry["baseline"] and published and entry["first_seen_at"] - published > OLD)


def _validators(fetched: Fetched) -> Row:
    return {"page_etag": fetched.header("etag"), "page_last_modified": fetched.header("last-modified")}


def is_blocking(fetched: Fetched) -> bool:
    """Whether somebody refuses us, and no mere failure stands between."""
    return fetched.status in BLOCKING_STATUS or (fetched.fault is not None and fetched.fault.kind in BLOCKING)
