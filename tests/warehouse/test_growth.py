"""Five years of data still fit into a run: what a run asks when nothing is due reads ids and marks, never the texts."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bench.made import UNTIL, make
from warehouse.queries import statements

COUNTED = Path("/proc/self/io")
ARTICLES = 20_000
SHARE = 0.25  # of the store's bytes; the texts alone are more than half of them
# What the steps ask to learn whether there is anything to do, and the checks after them.
ASKED = (
    "read_state", "due_feeds", "unhandled_feed_fetches", "unhandled_backfill_fetches", "open_backfills", "due_pages", "entries_without_page",
    "pages_to_extract", "count_revisions_to_match", "revisions_to_match", "select_candidates", "select_withdrawn", "held_sources",
    "check_entries_unique", "check_articles_whole", "check_mentions_stand_in_text", "check_alerts_proved", "check_deliveries_unique",
    "week_of_entries", "week_of_articles", "week_of_alerts", "week_of_deliveries",
)  # fmt: skip
PARAMETERS = {
    "name": "nothing", "now": UNTIL, "source_ids": [], "mine": None, "full": False, "most": 40, "most_per_source": 50, "watchlist_hash": "w",
    "known": False, "after": None, "after_id": "", "article_id": None, "limit": 200, "since": UNTIL - timedelta(hours=1),
}  # fmt: skip
pytestmark = pytest.mark.skipif(not COUNTED.exists(), reason="the system does not count what a process reads")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return make(tmp_path_factory.mktemp("made"), ARTICLES)


def bytes_read(work):
    before = _counter()
    work()
    return _counter() - before


def _counter():
    return int(re.search(r"rchar: (\d+)", COUNTED.read_text())[1])


def test_a_made_store_is_sound(store):
    with store.transaction() as transaction:
        assert transaction.row("count_flow")["mentions"] == 10 * ARTICLES + 9 * (ARTICLES // 50)
        everything = {"since": UNTIL - timedelta(days=4000)}
        assert transaction.rows("check_mentions_stand_in_text", **everything) == []
        assert transaction.rows("check_articles_whole", **everything) == []


@pytest.mark.fault("W117")
@pytest.mark.parametrize("name", ASKED)
def test_what_a_run_asks_when_nothing_is_due_reads_no_texts(store, name):
    sql = statements()[name]
    asked = {key: value for key, value in PARAMETERS.items() if re.search(rf"\${key}\b", sql)}
    found = []

    def ask():
        with store.transaction() as transaction:
            found.extend(transaction.rows(name, **asked))

    assert bytes_read(ask) < SHARE * store.path.stat().st_size
    assert name.startswith(("count_", "week_of_")) or not found  # nothing is due


@pytest.mark.fault("W117")
def test_reading_all_texts_would_be_noticed(store):
    def read_texts():
        with store.transaction() as transaction:
            transaction.connection.execute(
                "SELECT sum(length(a.text)) + sum(length(r.text)) FROM articles AS a JOIN revisions AS r USING (revision_id)"
            ).fetchall()

    assert bytes_read(read_texts) > SHARE * store.path.stat().st_size
