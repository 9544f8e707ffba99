from datetime import timedelta

import pytest

from assets.extraction.records import Extract
from assets.extraction.revise import MadeBy, revise
from assets.stories.placing import place_in_story

TEXT = " ".join(f"Sentence {number} tells of the port and of the sea beside it." for number in range(30))


@pytest.fixture
def desk(warehouse, now):
    """Stores new articles, each from a source of its own, as the `articles` asset does; knows their stories."""

    class Desk:
        def add(self, name, text, *, at=now, language="en", published=None, title=None, source=None):
            page = {
                "entry_id": name, "page_id": f"p-{name}", "source_id": source or f"s-{name}", "entry_title": name, "entry_url": f"https://{name}.example/",
                "url": f"https://{name}.example/", "warc_file": "x", "fetched_at": at, "first_seen_at": at, "baseline": False,
            }  # fmt: skip
            extracted = Extract(status="ok", title=title or name, text=text, language=language, published=published)
            revised = revise(extracted, page=page, current=None, earlier=(), made_by=MadeBy("zones/1"), now=at)
            with warehouse.transaction() as transaction:
                article, story = place_in_story(transaction, revised.article, revised.story, at)
                transaction.merge("articles", [article], key=["article_id"])
                transaction.merge("stories", [story] if story else [], key=["story_id"])
            return article["story_id"]

        def outlets(self, story):
            with warehouse.transaction() as transaction:
                cursor = transaction.connection.execute(
                    "SELECT article_id, is_first, reason FROM story_outlets WHERE story_id = ? ORDER BY place", [story]
                )
                return cursor.fetchall()

    return Desk()


def test_copies_of_an_article_share_its_story_and_say_why(desk, now):
    story = desk.add("first", TEXT)
    assert desk.add("copy", TEXT) == story
    assert desk.add("dressed", "From our partners: " + TEXT + " Read it on their own site as well.", at=now + timedelta(days=2)) == story
    assert desk.outlets(story) == [("copy", True, "same text"), ("first", False, "first"), ("dressed", False, "near copy")]


def test_the_first_publisher_is_known_by_its_own_date(desk, now):
    story = desk.add("reprint", TEXT, published=now - timedelta(hours=1))
    desk.add("origin", TEXT, at=now + timedelta(hours=3), published=now - timedelta(days=1))
    assert [article for article, is_first, _ in desk.outlets(story) if is_first] == ["origin"]


def test_other_texts_are_stories_of_their_own(desk, now):
    story = desk.add("first", TEXT)
    assert desk.add("other", TEXT.replace("port", "canal").replace("sea", "lock")) != story
    assert desk.add("translated", TEXT + " Прим.", language="ru") != story
    assert desk.add("much-later", TEXT + " It is news again.", at=now + timedelta(days=90)) != story


@pytest.mark.parametrize(
    ("title", "source", "is_joined"),
    [("Harbours of the River ", "b", True), ("More harbours", "b", False), ("Harbours of the river", "a", False)],
)
def test_a_short_reprint_is_known_by_its_title_at_another_source(desk, now, title, source, is_joined):
    body = " ".join(f"The {number}th harbour lies at kilometre {number * 7}." for number in range(8))
    printed = f"VIENNA, by our correspondent. {body} The picture shows the harbour in spring."
    story = desk.add("first", printed, title="Harbours of the river", source="a")
    later = now + timedelta(days=1)
    reprinted = desk.add("reprint", f"{body} Printed here by kind leave of its authors.", title=title, source=source, at=later)
    assert (reprinted == story) is is_joined


def test_the_copy_of_a_copy_belongs_to_the_same_story(desk):
    story = desk.add("first", TEXT)
    desk.add("second", TEXT + " " + " ".join(f"Addition {number} of some length." for number in range(8)))
    assert desk.add("third", TEXT + " " + " ".join(f"Addition {number} of some length." for number in range(9))) == story
