"""Feeds, read by feedparser: the truth's entries, newest first, with the quirks that each kind is there for."""

import json
from datetime import UTC, datetime
from html import unescape

import feedparser
import lxml.etree
import lxml.html
import pytest

from pipelines.replay.clock import LAST_TICK, tick_time
from pipelines.replay.institutes import load_institutes
from pipelines.replay.truth import truth

SITES = load_institutes()
OLD_FEED = "/news.rdf"  # of static-table


def parsed(reader, name, tick, path=""):
    assert path or SITES[name].feed.kind in {"rss", "atom", "rdf"}
    answer = reader.get(SITES[name], path or SITES[name].feed.path, tick)
    assert answer.status == 200
    return feedparser.parse(answer.body, response_headers={"content-type": answer.header("Content-Type")})


@pytest.mark.parametrize("tick", [0, 5, LAST_TICK])
def test_a_feed_lists_what_is_out(institute, tick, reader, ill):
    tick = next(day for day in range(tick, -1, -1) if not ill(institute, institute.feed.path, day))
    languages = institute.feed.languages or institute.languages
    told = [article for article in truth(tick, institute.id) if article.language in languages][: institute.feed.window]
    assert listed(reader, institute, tick) == [(article.title, article.url) for article in told]


def listed(reader, institute, tick):
    """Title and address of every entry; of a sitemap, which has no titles, the truth's own in their place."""
    if institute.feed.kind == "jsonfeed":
        return [(item["title"], item["url"]) for item in json.loads(reader.get(institute, institute.feed.path, tick).body)["items"]]
    if institute.feed.kind == "sitemap":
        titles = {article.url: article.title for article in truth(tick, institute.id)}
        places = lxml.etree.fromstring(reader.get(institute, institute.feed.path, tick).body).iter("{*}loc")
        return [(titles[place.text], place.text) for place in places]
    if institute.feed.kind == "listing":
        page = lxml.html.fromstring(reader.get(institute, institute.feed.path, tick).body.decode(institute.charset_of("feed")))
        return [(link.text, institute.absolute(link.get("href"))) for link in page.xpath("//tr[td[@nowrap]]/td/a")]
    return [(entry.title, entry.link) for entry in parsed(reader, institute.id, tick).entries]


def test_a_feed_is_well_formed(institute, reader):
    if institute.feed.kind in {"jsonfeed", "sitemap", "listing"}:
        assert listed(reader, institute, LAST_TICK)
        return
    feed = parsed(reader, institute.id, 0)
    told = getattr(feed, "bozo_exception", None)
    assert told is None or isinstance(told, feedparser.CharacterEncodingOverride)


def test_titles_survive_the_encoding_of_the_feed(reader):
    assert "Где стоит двести первая" in [entry.title for entry in parsed(reader, "bitrix-ru", LAST_TICK).entries]
    assert "Роза ветров на старых картах" in [entry.title for entry in parsed(reader, "static-table", LAST_TICK, OLD_FEED).entries]


@pytest.mark.parametrize("name", ["elementor-old", "wp-classic"])
def test_wordpress_tells_the_moment_and_an_identity_that_is_no_link(name, reader):
    for entry, article in zip(parsed(reader, name, LAST_TICK).entries, truth(LAST_TICK, name), strict=False):
        assert datetime(*entry.published_parsed[:6], tzinfo=UTC) == article.published
        assert "?p=" in entry.id
        assert entry.author


def test_the_excerpt_feed_breaks_off_and_the_full_feed_does_not(reader):
    excerpts = parsed(reader, "elementor-old", LAST_TICK).entries
    assert all(unescape(entry.summary).endswith(" […]</p>") and "content" not in entry for entry in excerpts)
    (content,) = parsed(reader, "wp-classic", 0).entries[-1].content
    assert "lives from month to month on the last." in content.value
    assert "appeared first on" in content.value


def test_drupal_writes_the_date_in_words_and_the_host_into_its_ids(reader):
    entry = next(entry for entry in parsed(reader, "drupal", LAST_TICK).entries if "OPEC" in entry.title)
    assert entry.published == "Tuesday, September 21, 2021 - 11:00"
    assert entry.id.endswith(" at http://www.drupal.example")
    assert "Its first secretariat worked in" in entry.summary


def test_bitrix_gives_no_ids_the_full_text_and_the_time_of_the_request(reader):
    feed = parsed(reader, "bitrix-ru", 5)
    assert all("id" not in entry for entry in feed.entries)
    assert {datetime(*entry.published_parsed[:6], tzinfo=UTC) for entry in feed.entries} == {tick_time(5)}
    assert "в Таджикистане" in feed.entries[0]["yandex_full-text"]


def test_the_old_static_feed_has_titles_and_links_only_and_is_as_it_was_in_2009(reader):
    feed = parsed(reader, "static-table", LAST_TICK, OLD_FEED)
    assert feed.version == "rss091n"
    assert [entry.title for entry in feed.entries] == ["Масштаб и чего он не показывает", "Роза ветров на старых картах"]
    assert "2009" in reader.get(SITES["static-table"], OLD_FEED, LAST_TICK).header("Last-Modified")
    assert all(set(entry) == {"title", "title_detail", "link", "links"} for entry in feed.entries)


def test_a_title_only_edit_shows_in_the_feed(reader):
    before, after = ([entry.title for entry in parsed(reader, "wp-classic", tick).entries] for tick in (6, 7))
    assert "Svalbard: a treaty with many flags" in before
    assert "Svalbard: who may dig, fish and settle" in after
