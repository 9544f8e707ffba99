"""A wrong merge is seen and undone, and stays undone; on the real store, through the step that reads what was polled."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from assets.entries import read_fetches
from assets.feeds import sync_sources
from assets.fetching.records import Fetched, Request
from assets.ledger import FetchLedger
from assets.merging import undo_merge
from assets.sources.registry import Source
from warehouse.archive import Archive
from warehouse.errors import ConfigError

FEED = "https://institute.example/feed"
SOURCE = Source(id="institute", name="Institute", languages=["en"], feeds=[{"url": FEED}])
MONDAY = (
    "Weekly notes",
    "week-1",
    "w1",
    "What the committee said on the first Monday of the month, at some length and with much detail given.",
)
TUESDAY = (
    "Weekly notes",
    "week-2",
    "w1",
    "Quite another text on the railways of the north, which the editors published under the guid of the first one.",
)


class House:
    """A store whose one source is polled with whatever a test wants it to show, an hour after the other."""

    def __init__(self, warehouse, archive, now):
        self.warehouse = warehouse
        self.time = now
        self.flow = SimpleNamespace(warehouse=warehouse, archive=archive, now=lambda: self.time, mine=None)
        with warehouse.transaction() as transaction:
            sync_sources(transaction, [SOURCE], self.flow)

    def poll(self, *items):
        self.time += timedelta(hours=1)
        text = "".join(
            f"<item><title>{title}</title><link>https://institute.example/{slug}</link><guid isPermaLink='false'>{guid}</guid>"
            f"<description>{text}</description><enclosure url='https://institute.example/a.pdf' type='application/pdf'/></item>"
            for title, slug, guid, text in items
        )
        body = f"<rss version='2.0'><channel><title>Institute</title>{text}</channel></rss>".encode()
        with self.warehouse.transaction() as transaction:
            [feed] = transaction.rows("due_feeds", now=self.time + timedelta(days=9), source_ids=["institute"], full=False, mine=None)
        with FetchLedger(self.flow) as ledger:
            ledger.add(Fetched(Request(FEED, "feed"), FEED, status=200, body=body, requested_at=self.time), feed)
        read_fetches(self.flow)

    def rows(self, sql):
        with self.warehouse.transaction() as transaction:
            cursor = transaction.connection.execute(sql)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    @property
    def entries(self):
        return {row["url"].rpartition("/")[2]: row for row in self.rows("FROM entries")}

    @property
    def merges(self):
        return self.rows("FROM ops.merges ORDER BY merged_at, merge_id")

    def undo(self, merge_id):
        with self.warehouse.transaction() as transaction:
            return undo_merge(transaction, merge_id, self.time)


@pytest.fixture
def house(warehouse, tmp_path, now):
    with Archive(tmp_path / "archive") as archive:
        yield House(warehouse, archive, now)


@pytest.fixture
def merged(house):
    """A guid was used again for another article of the same heading: taken for an edited slug."""
    house.poll(MONDAY)
    house.poll(TUESDAY)
    return house


def test_a_repair_leaves_its_row(merged):
    [row] = merged.merges
    assert (row["rule"], row["proof"], row["entry_id"]) == ("slug edited", "same guid and title", merged.entries["week-2"]["entry_id"])
    assert row["before_url"].endswith("week-1")
    assert row["aliases"]
    assert len(merged.entries) == 1


def test_undone_it_becomes_an_entry_of_its_own_and_stays_one(merged):
    [row] = merged.merges
    undone = merged.undo(row["merge_id"][:8])
    entries = merged.entries
    assert entries.keys() == {"week-1", "week-2"}
    assert (entries["week-1"]["entry_id"], entries["week-2"]["entry_id"]) == (row["entry_id"], undone.entry_id)
    for shown in ([TUESDAY], [MONDAY, TUESDAY], [TUESDAY, MONDAY], [("Notes, retitled", *TUESDAY[1:])], [MONDAY]):
        merged.poll(*shown)
    after = merged.entries
    assert {slug: entry["entry_id"] for slug, entry in after.items()} == {slug: entry["entry_id"] for slug, entry in entries.items()}
    assert "first Monday" in after["week-1"]["content"] + (after["week-1"]["summary"] or "")
    assert after["week-2"]["title"] == "Notes, retitled"
    assert [merge["merge_id"] for merge in merged.merges] == [row["merge_id"]]


def test_what_was_parted_belongs_to_the_feed_that_showed_it(merged):
    with merged.warehouse.transaction() as transaction:
        transaction.connection.execute("UPDATE ops.merges SET feed_id = 'another'")
    undone = merged.undo(merged.merges[0]["merge_id"])
    [parted] = [entry for entry in merged.entries.values() if entry["entry_id"] == undone.entry_id]
    assert parted["feed_id"] == "another"


def test_what_was_parted_never_alerts_and_both_pages_are_due(merged):
    merged.undo(merged.merges[0]["merge_id"])
    entries = merged.entries
    assert (entries["week-1"]["baseline"], entries["week-2"]["baseline"]) == (True, True)
    assert all(entry["page_state"] == "due" and entry["page_due_at"] == merged.time for entry in entries.values())


def test_the_row_says_when_it_was_undone_and_a_second_time_is_refused(merged):
    merge_id = merged.merges[0]["merge_id"]
    undone = merged.undo(merge_id)
    [row] = merged.merges
    assert (row["undone_at"], row["undone_entry_id"]) == (merged.time, undone.entry_id)
    with pytest.raises(ConfigError, match="was undone on"):
        merged.undo(merge_id)


def test_an_entry_that_has_moved_on_keeps_what_it_bears_now(merged):
    first = merged.merges[0]["merge_id"]
    merged.poll(("Weekly notes", "week-3", "w1", TUESDAY[3]))
    assert not merged.undo(first).restored
    assert merged.entries.keys() == {"week-2", "week-3"}


@pytest.mark.parametrize("merge_id", ["", "abc", "0000000000", "nothing"])
def test_an_unknown_merge_is_refused_with_the_way_to_the_list(merged, merge_id):
    with pytest.raises(ConfigError) as fault:
        merged.undo(merge_id)
    assert "sources merges" in fault.value.hint


def test_http_and_https_are_one_page_and_cannot_be_parted(house):
    house.poll(MONDAY)
    with house.warehouse.transaction() as transaction:
        transaction.connection.execute("UPDATE entries SET url = replace(url, 'https:', 'http:')")
    house.poll(MONDAY)
    [row] = house.merges
    assert row["rule"] == "scheme changed"
    with pytest.raises(ConfigError, match="differ only in http or https"):
        house.undo(row["merge_id"])


def test_polls_leave_the_enclosures_as_they_are(house):
    house.poll(MONDAY)
    house.poll(MONDAY)
    [row] = house.rows("SELECT enclosures->0->>'url' AS url FROM entries")
    assert row["url"] == "https://institute.example/a.pdf"


@pytest.mark.fault("F20")
@pytest.mark.parametrize("moved", ["link", "guid"])
def test_f20_once_a_site_has_moved_what_it_bears_now_tells_its_articles(house, moved):
    def items(link, guid, text, numbers):
        return [(f"Notes on railway {n}", f"{link}/{n}", f"{guid}-{n}", f"{text} {n} " + MONDAY[3]) for n in numbers]

    house.poll(*items("old", "a", "As written on line", range(5)))
    anew = {"link": ("new", "a"), "guid": ("old", "b")}[moved]
    for _ in range(2):
        house.poll(*items(*anew, "As written on line", range(6)))  # one is published after the move
    # The archive announced anew: of what tells an article, only what moved is left, and its title.
    house.poll(*items(*{"link": ("new", "c"), "guid": ("other", "b")}[moved], "Rewritten on line", range(6)))
    assert len(house.rows("SELECT entry_id FROM entries")) == 6


def test_guids_made_anew_at_every_poll_stay_unremembered(house):
    sizes = []
    for poll in range(4):
        house.poll(*[(f"Notes on railway {n}", f"p/{n}", f"{poll}-{n}", f"{n} {MONDAY[3]}") for n in range(5)])
        sizes.append(len(house.rows("SELECT alias FROM ops.entry_keys")))
    assert sizes[-1] == sizes[1]  # once without its guid
