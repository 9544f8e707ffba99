"""Autodiscovery on sites of every make, over HTTP: which feed is taken, which never, and how little is asked for it."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from assets.fetching.fetcher import Fetcher
from assets.sources.choosing import why
from assets.sources.exploring import explore

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LONG = "The committee met for the third time this year and spoke of the river, its banks and those who live on them. " * 8


def item(number, text="A short teaser.", title="", enclosure="", date=NOW):
    when = f"{date - timedelta(days=number):%a, %d %b %Y %H:%M:%S +0000}"
    media = f"<enclosure url='https://cdn.example/{number}.mp3' type='{enclosure}' length='1'/>" if enclosure else ""
    return (
        f"<item><title>{title or f'Report {number} on the northern ports'}</title><link>http://institute.example/p/{number}</link>"
        f"<guid>http://institute.example/p/{number}</guid><pubDate>{when}</pubDate><description>{text}</description>{media}</item>"
    )


def rss(*items, title="Institute", language="en"):
    return f"<rss version='2.0'><channel><title>{title}</title><language>{language}</language>{''.join(items)}</channel></rss>".encode()


def page(head="", body="", language="en"):
    return f"<!doctype html><html lang='{language}'><head><title>Home – The Institute</title>{head}</head><body>{body}<p>{LONG}</p></body></html>".encode()


def link(href, title="", kind="rss"):
    return f'<link rel="alternate" type="application/{kind}+xml" title="{title}" href="{href}">'


@pytest.fixture
def site(web, answers):
    class Site:
        """An institute's site; `put` serves a document, `look` explores."""

        host = web.site("institute.example")

        def put(self, path, body, status=200, **headers):
            kind = {"Content-Type": "text/html; charset=utf-8" if body[:9] == b"<!doctype" else "application/xml"}
            return self.host.on(path, answers.reply(status, kind | headers, body))

        def look(self, url="http://institute.example/"):
            async def run():
                async with Fetcher(web.policy(), now=lambda: NOW) as fetcher:
                    return await explore(url, fetcher, NOW)

            return asyncio.run(run())

        @property
        def asked(self):
            return [seen.path for seen in self.host.requests]

    return Site()


def chosen(found):
    return found.chosen and found.chosen.probe.url.removeprefix("http://institute.example")


def roles(found):
    return {one.probe.url.removeprefix("http://institute.example"): one.role for one in found.tried}


def test_the_advertised_feed_is_taken_and_nothing_more_is_asked(site):
    site.put("/", page(link("/feed/", "Institute » Feed")))
    site.put("/feed/", rss(*map(item, range(10))))
    found = site.look()
    assert chosen(found) == "/feed/"
    assert site.asked == ["/robots.txt", "/", "/feed/"]
    assert (found.page.name, found.page.language) == ("The Institute", "en")
    assert "main feed" in why(found.chosen, found.tried, NOW)


def test_a_comments_feed_is_never_taken_and_not_even_asked(site):
    site.put("/", page(link("/comments/feed/", "Institute » Comments Feed") + link("/feed/", "Institute » Feed")))
    site.put("/feed/", rss(item(1)))
    found = site.look()
    assert chosen(found) == "/feed/"
    assert "/comments/feed/" not in site.asked
    assert [candidate.url for candidate, _ in found.skipped] == ["http://institute.example/comments/feed/"]


def test_a_comments_feed_in_disguise_is_known_by_its_entries(site):
    site.put("/", page(link("/one.xml") + link("/two.xml")))
    site.put("/one.xml", rss(*(item(number, LONG, title=f"By: Reader {number}") for number in range(5))))
    site.put("/two.xml", rss(item(1)))
    found = site.look()
    assert (chosen(found), roles(found)["/one.xml"]) == ("/two.xml", "comments")


def test_papers_that_are_called_comments_are_no_comments(site):
    site.put("/", page(link("/papers.xml", "Institute Comments")))
    site.put("/papers.xml", rss(item(1), title="Institute Comments"))
    assert chosen(site.look()) == "/papers.xml"


def test_a_podcast_is_never_taken_even_when_there_is_nothing_else(site):
    site.put("/", page(link("/audio.xml", "On air")))
    site.put("/audio.xml", rss(*(item(number, LONG, enclosure="audio/mpeg") for number in range(5))))
    found = site.look()
    assert (chosen(found), roles(found)["/audio.xml"]) == (None, "podcast")


def test_a_category_gives_way_to_the_whole_site_and_serves_when_there_is_nothing_else(site):
    site.put("/", page(link("/category/ports/feed/")))
    site.put("/category/ports/feed/", rss(item(1, LONG)))
    assert chosen(site.look()) == "/category/ports/feed/"
    site.put("/rss.xml", rss(item(1)))
    found = site.look()
    assert (chosen(found), roles(found)["/category/ports/feed/"]) == ("/rss.xml", "a part of the site")


def test_the_category_that_was_asked_for_is_the_main_feed_of_its_page(site):
    site.put("/category/ports/", page(link("/category/ports/feed/")))
    site.put("/category/ports/feed/", rss(item(1)))
    found = site.look("http://institute.example/category/ports/")
    assert (chosen(found), found.chosen.role) == ("/category/ports/feed/", "main")


def test_full_texts_win_over_teasers(site):
    site.put("/", page(link("/short.xml") + link("/long.xml")))
    site.put("/short.xml", rss(*(item(number) for number in range(10))))
    site.put("/long.xml", rss(*(item(number, LONG) for number in range(10))))
    found = site.look()
    assert chosen(found) == "/long.xml"
    assert "only teasers" in why(found.chosen, found.tried, NOW)


def test_the_language_of_the_page_decides(site):
    site.put("/", page(link("/en.xml") + link("/ru.xml"), language="ru-RU"))
    site.put("/en.xml", rss(item(1, LONG)))
    site.put("/ru.xml", rss(item(1), language="ru"))
    found = site.look()
    assert (chosen(found), roles(found)["/en.xml"]) == ("/ru.xml", "another language")


def test_a_feed_that_is_years_old_gives_way(site):
    site.put("/", page(link("/old.xml") + link("/new.xml")))
    site.put("/old.xml", rss(item(1, date=NOW - timedelta(days=3000))))
    site.put("/new.xml", rss(item(1)))
    assert chosen(site.look()) == "/new.xml"


def test_links_in_the_text_and_the_page_that_lists_feeds_are_followed(site):
    site.put("/", page(body="<a href='/subscribe-rss'>RSS</a> <a href='https://elsewhere.test/feed'>a friend</a>"))
    site.put("/subscribe-rss", page(body="<a href='/out/all.rss'>All publications (RSS)</a>"))
    site.put("/out/all.rss", rss(item(1)))
    found = site.look()
    assert chosen(found) == "/out/all.rss"
    assert found.chosen.candidate.how == "listed on http://institute.example/subscribe-rss"


def test_a_link_to_an_article_on_feeding_is_not_asked(site):
    site.put("/", page(body="<a href='/what-to-feed-a-puppy'>Puppies</a> <a href='/backend-development'>Jobs</a>"))
    site.put("/feed/", rss(item(1)))
    assert chosen(site.look()) == "/feed/"
    assert not {"/what-to-feed-a-puppy", "/backend-development"} & set(site.asked)


@pytest.mark.fault("H38")
def test_h38_looking_for_feeds_goes_through_the_same_gate_as_everything_else(site):
    site.put("/", page(link("http://169.254.169.254/latest/feed") + link("http://[::ffff:7f00:1]/feed") + link("http://10.0.0.1:22/feed")))
    site.put("/feed/", rss(item(1)))
    found = site.look()
    refused = [one.probe for one in found.tried if "institute.example" not in one.probe.url]
    assert len(refused) == 3
    assert all(probe.state == "failing" and not probe.entries for probe in refused)
    assert chosen(found) == "/feed/"
    inside = site.look("http://169.254.169.254/")
    assert (inside.tried, bool(inside.trouble)) == ([], True)


def test_a_feed_in_the_http_header_is_found(site):
    site.put("/", page(), Link='</x.atom>; rel="alternate"; type="application/atom+xml"')
    site.put("/x.atom", rss(item(1)))
    assert chosen(site.look()) == "/x.atom"


@pytest.mark.parametrize("path", ["/feed/", "/rss.xml", "/?feed=rss2", "/?format=feed&type=rss"])
def test_the_usual_paths_are_tried_when_the_page_says_nothing(site, path):
    site.put("/", page())
    site.put(path, rss(item(1)))
    assert chosen(site.look()) == path


def test_the_feed_of_a_language_comes_before_that_of_the_root(site):
    site.put("/en/", page())
    site.put("/en/rss.xml", rss(item(1)))
    site.put("/rss.xml", rss(item(1), language="ru"))
    assert chosen(site.look("http://institute.example/en/")) == "/en/rss.xml"


def test_an_address_that_is_a_feed_is_taken_as_it_is(site):
    site.put("/feed/?cat=73", rss(item(1)))
    found = site.look("http://institute.example/feed/?cat=73")
    assert (chosen(found), site.asked) == ("/feed/?cat=73", ["/robots.txt", "/feed/?cat=73"])


def test_a_page_answered_at_every_path_is_no_feed(site):
    site.put("/", page())
    for path in ("/feed/", "/rss.xml", "/rss"):
        site.put(path, page())
    found = site.look()
    assert chosen(found) is None
    assert roles(found)["/feed/"] == "no feed"
    assert next(one.probe for one in found.tried if one.probe.url.endswith("/feed/")).state == "not_a_feed"


def test_a_page_that_keeps_robots_out_does_not_keep_its_feed_from_being_found(site):
    site.put("/", b"<!doctype html><title>Access denied</title>", status=403)
    site.put("/feed/", rss(item(1)))
    found = site.look()
    assert (chosen(found), found.trouble) == ("/feed/", "status 403 Forbidden")


def test_a_site_that_cannot_be_reached_is_left_alone_at_once(site):
    found = site.look("http://nowhere.test/")
    assert (found.chosen, found.tried) == (None, [])
    assert found.trouble


def test_a_sitemap_that_robots_txt_names_is_the_last_resort(site):
    site.put("/robots.txt", b"User-agent: *\nDisallow: /private\nSitemap: http://institute.example/map-posts.xml\n")
    site.put("/", page())
    site.put(
        "/map-posts.xml",
        b"<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
        b"<url><loc>http://institute.example/p/1</loc><lastmod>2026-02-01</lastmod></url></urlset>",
    )
    found = site.look()
    assert (chosen(found), found.chosen.role) == ("/map-posts.xml", "sitemap")


def test_wordpress_posts_come_before_the_usual_paths(site):
    posts = [
        {"id": n, "link": f"http://institute.example/p/{n}", "date_gmt": "2026-02-01T10:00:00", "modified_gmt": "2026-02-01T10:00:00",
         "title": {"rendered": f"Report {n}"}, "content": {"rendered": LONG}, "excerpt": {"rendered": ""}, "guid": {"rendered": f"?p={n}"}}
        for n in range(5)
    ]  # fmt: skip
    site.put("/", page('<link rel="https://api.w.org/" href="/wp-json/">'))
    site.put("/wp-json/wp/v2/posts?per_page=20", json.dumps(posts).encode())
    found = site.look()
    assert (chosen(found), found.chosen.role) == ("/wp-json/wp/v2/posts?per_page=20", "posts")


def test_the_page_itself_serves_as_a_list_when_the_site_has_no_feed(site):
    listed = "".join(
        f"<div class='card'><h3><a href='/p/{n}'>Report number {n} on the northern ports</a></h3><span class='date'>2026-02-{n:02}</span></div>"
        for n in range(1, 13)
    )
    site.put("/publications/", page(body=listed))
    found = site.look("http://institute.example/publications/")
    assert (chosen(found), found.chosen.role, found.chosen.probe.kind) == ("/publications/", "listing", "listing")
    assert found.chosen.probe.entries == 12


def test_a_site_that_refuses_every_path_is_not_asked_for_all_of_them(site):
    for path in ("/", "/feed/", "/feed", "/rss.xml", "/rss", "/atom.xml", "/feed.xml", "/index.xml", "/rss/", "/feed.json"):
        site.put(path, b"<!doctype html><title>Just a moment</title>", status=403)
    found = site.look()
    assert found.chosen is None
    assert len(site.asked) <= 7
    assert any("refuses our robot" in reason for _, reason in found.skipped)
