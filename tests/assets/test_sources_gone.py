"""A source that is taken out of the configuration: what was kept of it stays, and it is polled no more."""

from types import SimpleNamespace

import pytest

from assets.feeds import sync_sources
from assets.sources.registry import Source

KEPT = Source(id="kept", name="Kept", feeds=[{"url": "https://kept.example/feed"}])
GONE = Source(id="gone", name="Gone", feeds=[{"url": "https://gone.example/feed"}, {"url": "https://gone.example/old"}])
ENTRY = {
    "entry_id": "e1", "source_id": "gone", "feed_id": "f", "title": "A report", "content_hash": "x", "baseline": False, "page_state": "done",
    "page_visits": 1, "page_failures": 0, "page_misses": 0,
}  # fmt: skip


@pytest.fixture
def sync(warehouse, now):
    flow = SimpleNamespace(now=lambda: now)

    def run(*sources):
        with warehouse.transaction() as transaction:
            sync_sources(transaction, sources, flow)
            feeds = transaction.rows("due_feeds", now=now, source_ids=[], full=False, mine=None)
            entries = transaction.connection.execute("SELECT count(*) FROM entries").fetchone()[0]
            rows = transaction.connection.execute("SELECT source_id, enabled FROM sources ORDER BY source_id").fetchall()
        return sorted(feed["url"] for feed in feeds), entries, rows

    return run


@pytest.mark.fault("C125")
def test_c125_a_source_that_was_removed_is_polled_no_more_and_its_archive_is_kept(sync, warehouse, now):
    sync(KEPT, GONE)
    with warehouse.transaction() as transaction:
        transaction.merge("entries", [ENTRY | {"first_seen_at": now, "last_seen_at": now}], key=["entry_id"])
    polled, entries, rows = sync(KEPT)
    assert polled == ["https://kept.example/feed"]
    assert (entries, rows) == (1, [("gone", False), ("kept", True)])
    assert len(sync(KEPT, GONE)[0]) == 3


def test_a_feed_that_was_removed_from_its_source_is_polled_no_more(sync):
    sync(GONE)
    assert sync(GONE.model_copy(update={"feeds": GONE.feeds[:1]}))[0] == ["https://gone.example/feed"]
    assert len(sync(GONE)[0]) == 2
