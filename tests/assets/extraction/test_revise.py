from datetime import UTC, datetime

import pytest

from assets.extraction.records import Cut, Extract, Zone
from assets.extraction.revise import MadeBy, needs_reread, revise, text_hash

NOW = datetime(2021, 9, 19, 18, 0, tzinfo=UTC)
NOW_READ = MadeBy()
LONG = "The basin reaches far beyond the shore. " * 8
PAGE = {
    "page_id": "p1",
    "entry_id": "e1",
    "source_id": "s",
    "url": "https://site.example/a",
    "entry_url": "https://site.example/a",
    "entry_title": "Feed title",
    "fetched_at": NOW,
    "first_seen_at": NOW,
    "baseline": False,
    "warc_file": "x.warc.gz",
}


def read(text=LONG, title="A title"):
    return Extract(status="ok", title=title, text=text, zones=(Zone("body", 0, len(text)),), cut=(Cut("share", "line", "Share on x"),))


def revised(extracted, current=None, earlier=(), made_by=NOW_READ, reread=None, **page):
    return revise(extracted, page=PAGE | page, current=current, earlier=earlier, made_by=made_by, reread=reread, now=NOW)


def as_current(result, **changes):
    keys = ("text_hash", "page_id", "extractor", "template_id", "site_rules", "revision_no")
    return result.article | {key: result.revision[key] for key in keys} | changes


FIRST = revised(read())


def test_the_first_page_makes_article_revision_and_story():
    assert (FIRST.revision["revision_no"], FIRST.revision["change_kind"]) == (1, "new")
    assert FIRST.article["revision_id"] == FIRST.revision["revision_id"]
    assert FIRST.article["story_id"] == FIRST.story["story_id"]
    assert FIRST.revision["zones"] == [{"kind": "body", "start_char": 0, "end_char": len(LONG)}]
    assert FIRST.revision["cut"] == [{"kind": "share", "rule": "line", "text": "Share on x"}]


def test_the_same_text_on_another_page_body_is_nothing_new():
    again = revised(read(), as_current(FIRST), page_id="p2")
    assert (again.article, again.revision, again.story) == (None, None, None)


@pytest.mark.fault("P65")
@pytest.mark.parametrize(
    ("changes", "page", "kind"),
    [
        ({}, {"page_id": "p2"}, "edited"),
        ({}, {"page_id": "p1"}, "re-extracted"),
        ({"text_source": "feed"}, {"page_id": "p2"}, "completed"),
    ],
)
def test_p65_an_edit_of_theirs_is_told_from_a_better_reading_of_ours(changes, page, kind):
    again = revised(read(LONG + "One more."), as_current(FIRST, **changes), **page)
    assert (again.revision["revision_no"], again.revision["change_kind"]) == (2, kind)
    assert again.article["article_id"] == FIRST.article["article_id"]
    assert again.article["story_id"] == FIRST.article["story_id"]


def test_a_text_that_the_page_before_gives_as_well_when_it_is_read_as_now_is_no_edit():
    better = read(LONG + "One more.")
    ours = revised(better, as_current(FIRST), page_id="p2", reread=text_hash(better, PAGE))
    theirs = revised(better, as_current(FIRST), page_id="p2", reread=text_hash(read(), PAGE))
    assert (ours.revision["change_kind"], theirs.revision["change_kind"]) == ("re-extracted", "edited")


@pytest.mark.parametrize(
    ("text", "page", "made_by", "needed"),
    [
        (LONG + "More.", {"page_id": "p2"}, MadeBy("zones/9"), True),
        (LONG + "More.", {"page_id": "p2"}, MadeBy(template_id="t2"), True),
        (LONG + "More.", {"page_id": "p2"}, MadeBy(site_rules="{}"), True),
        (LONG + "More.", {"page_id": "p2"}, NOW_READ, False),
        (LONG + "More.", {"page_id": "p1"}, MadeBy("zones/9"), False),
        (LONG + "More.", {"page_id": "p2", "warc_file": None}, MadeBy("zones/9"), False),
        (LONG, {"page_id": "p2"}, MadeBy("zones/9"), False),
    ],
)
def test_the_page_before_is_read_again_only_where_it_is_open_who_changed_the_text(text, page, made_by, needed):
    assert needs_reread(read(text), PAGE | page, as_current(FIRST), made_by) is needed


def test_a_text_that_comes_back_is_restored_and_still_a_revision_of_its_own():
    edited = revised(read("Quite another text. " * 12), as_current(FIRST), page_id="p2")
    hashes = [FIRST.revision["text_hash"], edited.revision["text_hash"]]
    back = revised(read(), as_current(edited), hashes, page_id="p3")
    assert back.revision["change_kind"] == "restored"
    assert back.revision["revision_id"] != FIRST.revision["revision_id"]


def test_the_feeds_excerpt_never_replaces_the_pages_text():
    assert revised(read("An excerpt …"), as_current(FIRST), warc_file=None).revision is None


def test_a_page_without_a_title_takes_the_feeds():
    assert revised(read(title=None)).article["title"] == "Feed title"


def test_the_same_text_elsewhere_is_the_same_story():
    copy = revised(read(), entry_id="e2", source_id="other")
    assert copy.article["story_id"] == FIRST.article["story_id"]
    assert copy.article["article_id"] != FIRST.article["article_id"]


def test_two_short_notes_alike_are_two_stories():
    note = read("Read the report.")
    assert revised(note).article["story_id"] != revised(note, entry_id="e2").article["story_id"]
