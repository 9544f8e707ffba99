"""The score of a reading, and the test that tells a source whose pages are suddenly read otherwise from one that varies."""

from random import Random

import pytest

from assets.extraction.quality import find_jump, measure
from assets.extraction.records import Cut, Extract, Zone

TEXT = "The survey of the northern line goes on and will be finished in the autumn. " * 50
GOOD = Extract("ok", title="A title", text=TEXT, zones=(Zone("body", 0, len(TEXT)),), published_quality="exact", score=1.0)


def test_a_good_reading_has_a_high_score_and_no_article_has_none():
    assert measure(GOOD)["score"] == 1.0
    assert measure(GOOD)["zones"] == ["body"]
    assert measure(Extract("no_article", "empty"))["score"] == 0.0


@pytest.mark.parametrize(
    "worse",
    [
        {"text": TEXT[:80]},
        {"published_quality": "guess"},
        {"title": None},
        {"links": tuple(f"https://a.example/{number}" for number in range(90))},
        {"score": 0.2},
    ],
)
def test_each_loss_lowers_the_score(worse):
    fields = {"title": "A title", "text": TEXT, "published_quality": "exact", "score": 1.0} | worse
    assert measure(Extract("ok", **fields))["score"] < 0.95


def test_what_was_cut_is_measured():
    assert measure(Extract("ok", text="a" * 300, cut=(Cut("share", "x", "b" * 100),)))["cut_share"] == 0.25


def _series(random, count, centre=0.85, spread=0.05):
    return [min(1.0, max(0.0, random.gauss(centre, spread))) for _ in range(count)]


def test_a_source_that_goes_on_as_it_was_gives_no_alarm():
    random = Random(7)
    scores = _series(random, 90)
    assert [end for end in range(10, 90, 4) if find_jump(scores[max(0, end - 60) : end])] == []


def test_single_bad_pages_give_no_alarm():
    random = Random(8)
    scores = [0.0 if random.random() < 0.1 else score for score in _series(random, 90)]
    assert [end for end in range(10, 90, 4) if find_jump(scores[max(0, end - 60) : end])] == []


@pytest.mark.parametrize("after", [0.0, 0.5])
def test_a_parser_that_breaks_is_found_after_six_pages_with_the_page_where_it_began(after):
    random = Random(9)
    scores = [*_series(random, 40), *_series(random, 6, after, 0.03)]
    jump = find_jump(scores)
    assert jump is not None
    assert jump.place == 40
    assert jump.before > 0.8
    assert jump.after < 0.55


def test_too_few_scores_tell_nothing():
    assert find_jump([0.9] * 10 + [0.0] * 6) is None
    assert find_jump([]) is None
