"""An entry that comes back under another identity leaves a row that says so, once; everything else leaves none."""

from datetime import UTC, datetime

import pytest

from assets.parsing.identity import pins, resolve
from assets.parsing.intake import take_in
from assets.parsing.merges import note_merges
from assets.parsing.records import ParsedEntry

NOW = datetime(2021, 9, 19, 18, 0, tzinfo=UTC)
FEED = {"source_id": "s", "feed_id": "f", "kind": "rss", "first_good_at": NOW}
TITLES = ["Tajik border", "Arctic routes", "Baltic cables", "Grain exports", "Water treaty"]


def entry(number=1, **changes):
    fields = {
        "guid": f"id-{number}",
        "url": f"https://institute.example/p/{number}",
        "title": f"{TITLES[number % 5]}: report number {number}",
        "published": datetime(2021, 9, 1 + number % 18, number % 24, 5, tzinfo=UTC),
        "published_quality": "exact",
    }
    return ParsedEntry(**fields | changes)


class Ledger:
    """Polls of one source: what is known between them, and the merges of the last one."""

    def __init__(self):
        self.aliases, self.stored = {}, {}

    def poll(self, *entries):
        borne = {entry_id: (row["url"], row["guid"]) for entry_id, row in self.stored.items()}
        resolved = resolve(entries, self.aliases, scope="s", borne=lambda _: borne)
        rows = note_merges(resolved, known=self.stored, aliases=dict(self.aliases), feed=FEED, now=NOW)
        intake = take_in(resolved, known=self.stored, feed=FEED, now=NOW)
        self.stored |= {row["entry_id"]: row for row in intake.entries}
        for item in resolved:
            for key in item.keys:
                self.aliases.setdefault(key, item.entry_id)
        return rows


@pytest.fixture
def ledger():
    return Ledger()


@pytest.mark.parametrize(
    ("changes", "rule", "proof"),
    [
        ({"guid": "id-77"}, "guid changed", "same address and title"),
        ({"url": "https://institute.example/p/one"}, "slug edited", "same guid and title"),
        ({"url": "https://institute-new.example/p/1"}, "host changed", "same guid and title"),
        ({"url": "http://institute.example/p/1"}, "scheme changed", "same address and guid"),
        ({"guid": "id-77", "url": "https://new.example/q"}, "guid changed, host changed", "same title and date"),
    ],
)
@pytest.mark.fault("F20", "F22")
def test_each_repair_says_by_which_rule_and_on_what_proof(ledger, changes, rule, proof):
    assert ledger.poll(entry()) == []
    [row] = ledger.poll(entry(**changes))
    assert (row["rule"], row["proof"]) == (rule, proof)
    assert (row["before_url"], row["after_url"]) == (entry().url, entry(**changes).url)
    assert row["undone_at"] is None


def test_the_same_repair_is_said_once(ledger):
    ledger.poll(entry())
    assert len(ledger.poll(entry(guid="id-77"))) == 1
    assert ledger.poll(entry(guid="id-77")) == []
    assert ledger.poll(entry()) == []


def test_an_edited_title_or_date_is_no_merge(ledger):
    ledger.poll(entry())
    assert ledger.poll(entry(title="Tajik border, corrected", published=NOW)) == []


@pytest.mark.fault("F19")
def test_guids_made_anew_at_every_poll_leave_no_heap_of_rows(ledger):
    ledger.poll(*(entry(number, guid=f"monday-{number}") for number in range(10)))
    assert ledger.poll(*(entry(number, guid=f"tuesday-{number}") for number in range(10))) == []


def test_a_site_that_moves_whole_says_so_once_an_entry(ledger):
    ledger.poll(*(entry(number) for number in range(30)))
    moved = [entry(number, url=f"https://new.example/{number}") for number in range(30)]
    first, second = ledger.poll(*moved), ledger.poll(*moved)
    assert {row["rule"] for row in first} == {"host changed"}
    assert (len(first), second, len(ledger.stored)) == (30, [], 30)


def test_a_pin_decides_before_all_evidence(ledger):
    ledger.poll(entry())
    [row] = ledger.poll(entry(url="https://institute.example/p/other"))
    [pin] = row["pins"]
    [item] = resolve([entry(url="https://institute.example/p/other")], ledger.aliases | {pin: "apart"}, scope="s")
    [old] = resolve([entry()], ledger.aliases | {pin: "apart"}, scope="s")
    assert (item.entry_id, old.entry_id) == ("apart", row["entry_id"])
    assert len(pin) <= 19


def test_http_and_https_cannot_be_held_apart():
    assert pins("http://institute.example/p/1", "x") == pins("https://www.institute.example/p/1/", "x")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda n: {"guid": f"new-{n}"}, "guid changed"),
        (lambda n: {"url": f"https://institute.example/2021/{n}"}, "slug edited"),
    ],
)
def test_a_change_of_all_at_once_is_told_when_the_next_poll_bears_it_too_and_only_then(ledger, change, rule):
    before, after = [entry(n) for n in range(1, 6)], [entry(n, **change(n)) for n in range(1, 6)]
    ledger.poll(*before)
    assert ledger.poll(*after) == []
    rows = ledger.poll(*after)
    assert [row["rule"] for row in rows] == [rule] * 5
    assert [(row["before_guid"], row["before_url"], row["after_guid"], row["after_url"]) for row in rows] == [
        (old.guid, old.url, new.guid, new.url) for old, new in zip(before, after, strict=True)
    ]
    assert ledger.poll(*after) == []


def test_guids_that_are_made_anew_at_every_poll_are_told_never(ledger):
    for poll in range(4):
        assert ledger.poll(*(entry(n, guid=f"r{poll}-{n}") for n in range(1, 6))) == []
