from datetime import UTC, datetime, timedelta

from assets.parsing.identity import Resolved
from assets.parsing.intake import take_in
from assets.parsing.records import ParsedEntry
from assets.parsing.rerun import Rerun

NOW = datetime(2021, 9, 19, 18, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
FEED = {"source_id": "s", "feed_id": "f", "kind": "rss", "first_good_at": NOW - timedelta(days=30), "purpose": "feed"}


def shown(entry_id, text, **more):
    return Resolved(entry=ParsedEntry(url=f"https://site.example/{entry_id}", title="A title", summary=text), entry_id=entry_id, **more)


def rerun(*documents):
    """A rerun of one stored entry over (purpose, time, items)."""
    known = take_in([shown("e1", "text", is_new=True, keys=())], known={}, feed=FEED, now=NOW).entries[0]
    run = Rerun({"e1": known})
    for purpose, moment, items in documents:
        run.take(items, FEED | {"purpose": purpose}, moment, may_find=True)
    return run


FIRST = ("feed", NOW, [shown("e1", "text", is_new=False, keys=())])


def test_a_later_document_of_the_feed_says_what_an_entry_is_and_an_older_page_does_not():
    other = [shown("e1", "other text", is_new=False, keys=())]
    assert [changes["summary"] for _, changes in rerun(FIRST, ("feed", LATER, other)).changed([])] == ["other text"]
    assert rerun(FIRST, ("backfill", LATER, other)).changed([]) == []


def test_what_a_search_for_a_gap_left_alone_is_not_found_now():
    more = [shown("e2", "an old post", is_new=True, keys=())]
    assert list(rerun(FIRST, ("feed", LATER, more)).found) == ["e2"]
    assert rerun(FIRST, ("backfill", LATER, more)).found == {}
