from datetime import UTC, datetime, timedelta

import pytest

from assets.parsing.identity import Resolved
from assets.parsing.intake import take_in
from assets.parsing.records import ParsedEntry

NOW = datetime(2021, 9, 19, 18, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
POLLED = {"source_id": "s", "feed_id": "f", "kind": "rss", "first_good_at": NOW - timedelta(days=30)}
FRESH = POLLED | {"first_good_at": None}


def shown(entry_id="e1", **fields):
    fields = {"url": "https://site.example/a", "title": "A title", "summary": "text"} | fields
    return Resolved(entry=ParsedEntry(**fields), entry_id=entry_id, is_new=True, keys=(f"url:{fields['url']}",))


def stored(**fields):
    return take_in([shown(**fields)], known={}, feed=POLLED, now=NOW).entries[0]


def test_a_new_entry_is_due_for_a_visit_at_once():
    row = stored()
    assert (row["page_state"], row["page_due_at"], row["first_seen_at"], row["baseline"]) == ("due", NOW, NOW, False)


def test_an_entry_without_an_address_has_no_page_but_is_kept():
    row = stored(url=None)
    assert (row["page_state"], row["page_due_at"]) == ("none", NOW)


@pytest.mark.parametrize(
    ("published", "feed", "baseline"),
    [
        (NOW - timedelta(days=400), FRESH, True),
        (None, FRESH, True),
        (NOW - timedelta(hours=3), FRESH, False),
        (NOW - timedelta(days=400), POLLED, False),  # late and back-dated entries are news
        (None, POLLED, False),
    ],
)
@pytest.mark.fault("F25")
def test_f25_what_was_old_at_the_first_poll_is_the_baseline(published, feed, baseline):
    intake = take_in([shown(published=published)], known={}, feed=feed, now=NOW)
    assert intake.entries[0]["baseline"] is baseline


def test_an_entry_seen_again_keeps_everything_but_its_last_sight():
    before = stored()
    intake = take_in([shown()], known={"e1": before}, feed=POLLED, now=LATER)
    assert intake.entries == [before | {"last_seen_at": LATER}]
    assert (intake.new, intake.changed, intake.unchanged) == (0, 0, 1)


@pytest.mark.fault("F23")
def test_f23_an_edit_is_a_change_and_a_visit_and_never_new():
    before = stored() | {"page_state": "done", "page_due_at": None, "page_etag": '"v1"'}
    intake = take_in([shown(summary="other text")], known={"e1": before}, feed=POLLED, now=LATER)
    (row,) = intake.entries
    assert (intake.new, intake.changed) == (0, 1)
    assert (row["page_state"], row["page_due_at"], row["first_seen_at"], row["page_etag"]) == ("due", LATER, NOW, '"v1"')


def test_an_edit_does_not_move_the_date_of_publication():
    published = NOW - timedelta(days=3)
    before = stored(published=published, published_quality="exact")
    intake = take_in([shown(summary="edited", published=LATER - timedelta(hours=1))], known={"e1": before}, feed=POLLED, now=LATER)
    assert intake.entries[0]["published_at"] == published


def test_a_date_that_is_the_time_of_the_request_is_no_date():
    row = stored(published=NOW - timedelta(seconds=3), published_quality="exact", published_raw="Sun, 19 Sep 2021 18:00:00 +0000")
    assert (row["published_at"], row["published_quality"], row["published_raw"]) == (None, None, "Sun, 19 Sep 2021 18:00:00 +0000")


def test_a_moving_date_alone_is_no_edit():
    before = stored(published=NOW - timedelta(hours=1))
    intake = take_in([shown(published=LATER - timedelta(hours=1))], known={"e1": before}, feed=POLLED, now=LATER)
    assert intake.changed == 0


def test_an_entry_shown_twice_in_one_document_is_one_entry():
    intake = take_in([shown(title="first"), shown(title="second")], known={}, feed=POLLED, now=NOW)
    assert [row["title"] for row in intake.entries] == ["first"]


def test_every_alias_leads_to_its_entry():
    intake = take_in([shown()], known={}, feed=POLLED, now=NOW)
    assert intake.aliases == [{"source_id": "s", "alias": "url:https://site.example/a", "entry_id": "e1", "added_at": NOW}]


@pytest.mark.fault("F22")
def test_f22_a_link_that_was_edited_is_taken_over_without_another_visit():
    before = stored(guid="id-1")
    intake = take_in([shown(guid="id-1", url="https://site.example/a-corrected")], known={"e1": before}, feed=POLLED, now=LATER)
    [row] = intake.entries
    assert (intake.unchanged, row["url"], row["page_due_at"]) == (1, "https://site.example/a-corrected", NOW)
