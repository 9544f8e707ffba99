from typing import NamedTuple

import pytest

from assets.matching.mentions import find_mentions


class Part(NamedTuple):
    kind: str
    start: int
    end: int


TITLE = "CSTO summit: what was agreed"
TEXT = "DUSHANBE, Tajikistan, 19 Sep.\n\nThe CSTO met. Turkey sent an observer.\n\nBy the Tajikistan desk"
ZONES = [Part("dateline", 0, 29), Part("body", 31, 70), Part("byline", 72, len(TEXT))]


@pytest.fixture
def mentions(matcher):
    return find_mentions(matcher, title=TITLE, text=TEXT, language="en", zones=ZONES)


def test_every_mention_is_a_slice_of_its_field(mentions):
    fields = {"title": TITLE, "text": TEXT}
    assert all(fields[mention.field][mention.start : mention.end] == mention.matched for mention in mentions)
    assert [mention.field for mention in mentions] == ["title", "text", "text", "text", "text"]


def test_datelines_and_bylines_are_kept_but_do_not_alert(mentions):
    assert [(mention.entity, mention.zone, mention.alerting) for mention in mentions] == [
        ("csto", "title", True),
        ("tajikistan", "dateline", False),
        ("csto", "body", True),
        ("turkey", "body", True),
        ("tajikistan", "byline", False),
    ]


@pytest.mark.parametrize("kind", ["body", "heading", "quote", "caption", "table", "notes"])
def test_every_zone_of_the_article_itself_alerts(matcher, kind):
    (mention,) = find_mentions(matcher, title="", text="The CSTO met", zones=[Part(kind, 0, 12)])
    assert (mention.zone, mention.alerting) == (kind, True)


def test_text_outside_every_zone_is_body(matcher):
    (mention,) = find_mentions(matcher, title="", text="The CSTO met", zones=[Part("heading", 0, 3)])
    assert mention.zone == "body"


def test_the_sentence_is_a_span_of_the_same_field(mentions):
    turkey = next(mention for mention in mentions if mention.entity == "turkey")
    assert TEXT[slice(*turkey.sentence)] == "Turkey sent an observer."
    assert TITLE[slice(*mentions[0].sentence)] == TITLE


def test_who_is_in_the_title_is_more_central_than_who_is_mentioned_in_passing(matcher):
    text = "The CSTO met. " + "Nothing else happened there. " * 30 + "Turkey sent an observer."
    scores = {mention.entity: mention.score for mention in find_mentions(matcher, title=TITLE, text=text, language="en")}
    assert 0 < scores["turkey"] < 0.3
    assert 0.7 < scores["csto"] < 1


def test_an_entity_that_only_the_byline_names_has_no_salience(mentions):
    assert {mention.score for mention in mentions if mention.entity == "tajikistan"} == {0.0}


def test_a_name_does_not_cross_from_title_to_text(matcher):
    assert find_mentions(matcher, title="Visit to Central", text="Asia is large", language="en") == []


def test_a_name_in_the_title_may_find_its_neighbour_in_the_lead(matcher):
    (mention,) = find_mentions(matcher, title="Georgia votes", text="Tbilisi is quiet.", language="en")
    assert (mention.entity, mention.field) == ("georgia", "title")


@pytest.mark.fault("M81")
def test_m81_what_was_cut_is_not_there_to_match(matcher):
    """Extraction hands over the article without its tail; nothing beyond the text is ever looked at."""
    assert find_mentions(matcher, title="", text="Rain fell all day.", language="en") == []


def test_empty_documents_have_no_mentions(matcher):
    assert find_mentions(matcher, title="", text="") == []
