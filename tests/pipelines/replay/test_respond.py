"""What the institutes' servers answer: pure, conditional where they are, 404 where nothing is."""

from html import unescape

import pytest

from pipelines.replay.clock import LAST_TICK, TICKS
from pipelines.replay.institutes import load_institutes
from pipelines.replay.respond import respond
from pipelines.replay.state import shown

SITES = load_institutes()


def test_the_same_question_at_the_same_tick_has_the_same_answer(institute, reader):
    paths = ["/", institute.feed.path, "/robots.txt", *(institute.path_of(article) for article in shown(institute.id, LAST_TICK))]
    first = [reader.get(institute, path, LAST_TICK) for path in paths]
    reader.get(institute, "/", 0)
    assert [reader.get(institute, path, LAST_TICK) for path in paths] == first


def test_an_article_is_not_found_until_it_is_out(institute, reader, ill):
    whole = (
        article for article in shown(institute.id, LAST_TICK) if not any(ill(institute, institute.path_of(article), tick) for tick in TICKS)
    )
    newest = next(whole)
    statuses = [reader.get(institute, institute.path_of(newest), tick).status for tick in TICKS]
    assert statuses == [404] * newest.tick + [200] * (len(TICKS) - newest.tick)


def test_what_is_not_there_is_not_found(institute, reader):
    answer = reader.get(institute, "/no-such-page", LAST_TICK)
    assert answer.status == 404
    assert b"Not Found" in answer.body


def test_the_home_page_links_to_every_article_that_is_out(institute, reader):
    body = reader.get(institute, "/", 6).body.decode(institute.charset_of(institute.languages[0]))
    linked = [institute.path_of(article).replace("&", "&amp;") in body for article in shown(institute.id, LAST_TICK)]
    assert linked == [article.tick <= 6 for article in shown(institute.id, LAST_TICK)]


def test_home_page_advertises_the_feed(institute, reader):
    body = unescape(reader.get(institute, "/", 0).body.decode(institute.charset_of(institute.languages[0])))
    assert 'type="application/' in body
    assert any(feed.path in body for feed in institute.feeds)


def test_robots_style_and_pictures_are_served(institute, reader):
    assert b"User-agent: *" in reader.get(institute, "/robots.txt", 0).body
    assert reader.get(institute, institute.style, 0).header("content-type") == "text/css"
    picture = reader.get(institute, f"{institute.uploads}some.svg", 0)
    assert picture.header("content-type") == "image/svg+xml"
    assert picture.body != reader.get(institute, f"{institute.uploads}other.svg", 0).body


@pytest.mark.parametrize("name", ["elementor-old", "wp-classic", "drupal"])
def test_an_etag_that_still_holds_gives_304_and_one_that_does_not_gives_the_feed(name, reader):
    site = SITES[name]
    etag = reader.get(site, site.feed.path, 1).header("ETag")
    assert etag.startswith('W/"') == (name == "elementor-old")
    unchanged = reader.get(site, site.feed.path, 1, If_None_Match=etag)
    assert (unchanged.status, unchanged.body, unchanged.header("etag")) == (304, b"", etag)
    assert reader.get(site, site.feed.path, 1, If_None_Match=f'"else", {etag}').status == 304
    assert reader.get(site, site.feed.path, LAST_TICK, If_None_Match=etag).status == 200


@pytest.mark.parametrize("name", ["wp-classic", "static-table"])
def test_a_last_modified_that_still_holds_gives_304(name, reader):
    site = SITES[name]
    modified = reader.get(site, site.feed.path, 5).header("Last-Modified")
    assert modified.endswith("GMT")
    assert reader.get(site, site.feed.path, 5, If_Modified_Since=modified).status == 304
    assert reader.get(site, site.feed.path, 13, If_Modified_Since=modified).status == 200
    assert reader.get(site, site.feed.path, 5, If_Modified_Since="not a date").status == 200


def test_an_etag_outranks_a_date(reader):
    site = SITES["wp-classic"]
    modified = reader.get(site, site.feed.path, 5).header("Last-Modified")
    assert reader.get(site, site.feed.path, 5, If_None_Match='"old"', If_Modified_Since=modified).status == 200


def test_a_feed_without_new_articles_is_unchanged_and_an_edit_changes_it(reader):
    site = SITES["wp-classic"]
    marks = [reader.get(site, site.feed.path, tick).header("ETag") for tick in (6, 7, 8, 9, 10)]
    assert marks[0] != marks[1] == marks[2] != marks[3] == marks[4]


def test_bitrix_never_says_unchanged(reader):
    site = SITES["bitrix-ru"]
    answers = [reader.get(site, site.feed.path, tick) for tick in (5, 6)]
    assert answers[0].header("ETag") is answers[0].header("Last-Modified") is None
    assert answers[0].body != answers[1].body


def test_a_static_page_stays_byte_for_byte_the_same(reader):
    site = SITES["static-table"]
    path = site.path_of(shown("static-table", 0)[0])
    assert len({reader.get(site, path, tick).body for tick in TICKS}) == 1
    assert reader.get(site, path, 0).header("Last-Modified")


def test_a_page_that_is_made_anew_differs_from_tick_to_tick(reader):
    site = SITES["elementor-old"]
    path = site.path_of(shown("elementor-old", 0)[0])
    assert len({reader.get(site, path, tick).body for tick in TICKS}) > 5


def test_an_unknown_institute_and_an_impossible_tick_are_refused():
    with pytest.raises(KeyError):
        respond("nobody", "/", {}, 0)
    with pytest.raises(ValueError, match="not one of"):
        respond("drupal", "/", {}, 99)


def test_the_whole_replay_is_small(reader):
    bodies = 0
    for site in SITES.values():
        paths = ["/", site.feed.path, *(site.path_of(article) for article in shown(site.id, LAST_TICK))]
        bodies += sum(len(reader.get(site, path, LAST_TICK).body) for path in paths)
    assert bodies < 1_500_000
