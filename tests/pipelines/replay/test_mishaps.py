"""Everything that goes wrong on the replay's servers, as whoever asks would see it."""

import gzip
import http.client
from email.utils import parsedate_to_datetime

import feedparser
import pytest

from pipelines.replay.clock import STEP, TICKS, tick_time
from pipelines.replay.institutes import load_institutes
from pipelines.replay.mishaps import EFFECTS, HUGE, path_of
from pipelines.replay.site import ReplaySite
from pipelines.replay.state import shown

HOSTILE = load_institutes()["hostile"]
EN, RU = "/feeds/en.xml", "/ru/feed.xml"


def days(does, path):
    """The ticks at which something befalls a path."""
    return sorted(tick for mishap in HOSTILE.mishaps if (mishap.does, path_of(HOSTILE, mishap)) == (does, path) for tick in mishap.ticks)


def at(reader, path, tick, **headers):
    return reader.get(HOSTILE, path, tick, **headers)


def test_every_mishap_that_can_happen_does_and_befalls_something_that_is_there(reader):
    assert {mishap.does for mishap in HOSTILE.mishaps} == {*EFFECTS, "unchanged"}
    for mishap in HOSTILE.mishaps:
        assert mishap.ticks <= set(TICKS)
        assert reader.get(HOSTILE.model_copy(update={"mishaps": ()}), path_of(HOSTILE, mishap), min(mishap.ticks)).status != 404


def test_all_feeds_are_well_again_on_the_last_day(reader):
    for feed in HOSTILE.feeds:
        if feed.path != "/feed.xml":
            told = feedparser.parse(at(reader, feed.path, TICKS[-1]).body)
            languages = feed.languages or HOSTILE.languages
            assert len(told.entries) == sum(article.language in languages for article in shown("hostile", TICKS[-1]))


def test_a_feed_moves_for_good(reader):
    answers = [at(reader, "/feed.xml", tick) for tick in days("redirect", "/feed.xml")]
    assert {(answer.status, answer.header("Location")) for answer in answers} == {(301, "http://hostile.example/feeds/en.xml")}


def test_a_feed_is_sent_to_another_host_of_its_own_in_a_circle_and_into_a_private_network(reader):
    assert at(reader, RU, 2).header("Location") == "http://mirror.hostile.example/ru/rss.xml"
    assert at(reader, EN, 10).header("Location") == f"http://hostile.example{EN}"
    assert at(reader, RU, 13).header("Location").startswith("http://10.0.0.1/")


def test_a_challenge_stands_where_the_feed_and_a_page_were(reader):
    for path, tick in ((EN, 5), ("/notes/ice-class", 2)):
        answer = at(reader, path, tick)
        assert (answer.status, answer.header("cf-mitigated")) == (403, "challenge")
        assert b"Just a moment" in answer.body


def test_the_server_asks_for_patience_in_seconds_and_as_a_date(reader):
    assert (at(reader, EN, 6).status, at(reader, EN, 6).header("Retry-After")) == (429, "3600")
    assert (at(reader, EN, 7).status, parsedate_to_datetime(at(reader, EN, 7).header("Retry-After")) > tick_time(7)) == (503, True)


def test_a_truncated_feed_lacks_the_end_of_its_last_item(reader):
    assert b"</rss>" not in at(reader, EN, 8).body
    assert at(reader, EN, 8).body.count(b"<item>") == at(reader, EN, 14).body.count(b"<item>") - 1  # one came later
    assert at(reader, EN, 8).body.count(b"</item>") == at(reader, EN, 8).body.count(b"<item>") - 1


def test_an_entity_bomb_is_put_before_the_feed_and_used_in_it(reader):
    body = at(reader, EN, 9).body
    assert b"<!ENTITY k " in body
    assert b"&k;" in body


def test_the_cyrillic_feed_says_utf8_and_is_not(reader):
    answer = at(reader, RU, 3)
    assert "utf-8" in answer.header("Content-Type")
    with pytest.raises(UnicodeDecodeError):
        answer.body.decode()
    assert "Маяк на вулкане" in answer.body.decode("windows-1251")


def test_a_feed_comes_with_a_wrong_type_without_items_with_one_guid_and_with_new_ones(reader):
    assert at(reader, RU, 4).header("Content-Type") == "text/plain"
    assert b"<item>" not in at(reader, RU, 6).body
    guids = [{entry.id for entry in feedparser.parse(at(reader, RU, tick).body).entries} for tick in (4, 5, 11, 14)]
    assert len(guids[1]) == 1
    assert not guids[2] & guids[3]


def test_a_consent_wall_stands_where_the_feed_and_a_page_were(reader):
    for path, tick in ((RU, 7), ("/notes/lost-buoys", 9)):
        answer = at(reader, path, tick)
        assert (answer.status, "text/html" in answer.header("Content-Type")) == (200, True)
        assert b"Accept all cookies" in answer.body


def test_packed_bodies_break_off(reader):
    answer = at(reader, EN, 11)
    assert answer.header("Content-Encoding") == "gzip"
    with pytest.raises(EOFError):
        gzip.decompress(answer.body)


def test_huge_bodies_are_huge(reader):
    assert len(at(reader, EN, 12).body) == len(at(reader, "/notes/mayaki-na-vulkanah", 3).body) == HUGE


def test_the_servers_clock_is_a_day_ahead(reader):
    assert parsedate_to_datetime(at(reader, RU, 10).header("Date")) == tick_time(10) + STEP


def test_one_feed_says_that_nothing_has_changed_whatever_has(reader):
    assert at(reader, "/all.xml", 9, If_None_Match='"anything"').status == 304
    assert at(reader, "/all.xml", 9).status == 200


def test_robots_disallows_one_page_sets_a_pace_and_fails_for_a_day(reader):
    assert b"Disallow: /notes/radio-silence" in at(reader, "/robots.txt", 0).body
    assert b"Crawl-delay" in at(reader, "/robots.txt", 0).body
    assert at(reader, "/robots.txt", 6).status == 500


def test_an_article_is_deleted_and_another_leads_into_a_private_network(reader):
    assert [at(reader, "/notes/storm-warnings", tick).status for tick in (2, 3)] == [200, 410]
    assert b"http://10.0.0.1/notes/pilot-ladders" in at(reader, EN, 14).body


def test_a_site_that_has_moved_sends_its_old_addresses_on(reader):
    drupal = load_institutes()["drupal"]
    with ReplaySite(tick=5) as site:
        answer = asked(site, "drupal.example", "/rss.xml")
        assert (answer.status, answer.headers["Location"]) == (301, "http://www.drupal.example/rss.xml")
        assert asked(site, "www.drupal.example", "/rss.xml").status == 200
    assert b" at http://drupal.example<" in reader.get(drupal, "/rss.xml", 4).body
    assert b" at http://www.drupal.example<" in reader.get(drupal, "/rss.xml", 5).body


def test_a_short_body_ends_before_what_was_announced(reader):
    with ReplaySite(tick=8) as site, pytest.raises(http.client.IncompleteRead):
        asked(site, "hostile.example", RU)


def test_the_mirror_shows_what_the_host_shows():
    with ReplaySite(tick=2) as site:
        assert asked(site, "mirror.hostile.example", "/ru/rss.xml").body == asked(site, "hostile.example", "/ru/rss.xml").body


def test_waiting_and_dripping_are_told_to_the_server(reader):
    assert at(reader, RU, 9).wait > 0
    assert at(reader, EN, 13).drip > 0


def asked(site, host, path):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        answer.body = answer.read()
        return answer
    finally:
        connection.close()
