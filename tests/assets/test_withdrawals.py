from datetime import timedelta

import pytest

from assets.articles import extract_pages
from assets.pages import visit_pages

DAY = timedelta(days=1)
PAGE = (
    "<html><body><article><h1>The port</h1>"
    + "<p>The port stands on the shore of the sea, and ferries cross from here.</p>" * 8
    + "</article></body></html>"
)


@pytest.fixture
def site(web, answers, installation):
    site = web.site("tank.example")
    item = "<item><title>The port</title><link>http://tank.example/1</link></item>"
    site.on("/feed", answers.reply(200, {}, f'<rss version="2.0"><channel><title>T</title>{item}</channel></rss>'.encode()))
    site.on("/1", answers.reply(200, {"Content-Type": "text/html"}, PAGE.encode()))
    installation.source("tank", "http://tank.example/feed")
    installation.poll()
    look(installation)
    assert installation.values("SELECT title FROM articles") == ["The port"]
    return site


def look(installation, later=timedelta()):
    installation.now += later
    flow = installation.flow()
    visit_pages(flow)
    extract_pages(flow)


def withdrawn(installation):
    return installation.values("SELECT withdrawn_at FROM articles")


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_is_gone_only_at_the_second_miss(site, answers, installation, status):
    site.on("/1", answers.reply(status, {}, b"gone"))
    look(installation, DAY)
    assert withdrawn(installation) == [None]
    look(installation, DAY)
    assert withdrawn(installation) == [installation.now]
    look(installation, DAY)
    assert installation.values("SELECT withdrawn_at FROM withdrawals") == [installation.now - DAY]
    assert installation.values("SELECT text FROM articles")[0].startswith("The port stands")


def test_one_miss_between_two_good_visits_is_nothing(site, answers, installation):
    gone, here = answers.reply(404, {}, b"gone"), answers.reply(200, {"Content-Type": "text/html"}, PAGE.encode())
    site.on("/1", gone, here, gone)
    for _ in range(3):
        look(installation, 3 * DAY)
    assert withdrawn(installation) == [None]


def test_a_server_that_is_down_withdraws_nothing(site, answers, installation):
    site.on("/1", answers.reply(503, {}, b"busy"))
    for _ in range(4):
        look(installation, DAY)
    assert withdrawn(installation) == [None]


def test_a_page_that_comes_back_is_restored_and_both_are_history(site, answers, installation):
    here = answers.reply(200, {"Content-Type": "text/html"}, PAGE.encode())
    site.on("/1", answers.reply(404, {}, b"gone"), answers.reply(404, {}, b"gone"), here)
    look(installation, DAY)
    look(installation, DAY)
    gone_at = installation.now
    look(installation, DAY)
    assert withdrawn(installation) == [None]
    assert installation.values("SELECT change_kind FROM article_history ORDER BY seen_from") == ["new", "withdrawn", "restored"]
    count = "SELECT count(*) FROM as_of($moment)"
    assert [installation.values(count, moment=gone_at + hours)[0] for hours in (-timedelta(hours=1), timedelta(hours=1), 2 * DAY)] == [
        1,
        0,
        1,
    ]


def test_an_article_that_stands_on_its_feed_alone_is_not_withdrawn_with_its_page(web, answers, installation):
    site = web.site("tank.example")
    text = "The port stands on the shore of the sea, and ferries cross from here. " * 8
    item = f"<item><title>The port</title><link>http://tank.example/1</link><description>{text}</description></item>"
    site.on("/feed", answers.reply(200, {}, f'<rss version="2.0"><channel><title>T</title>{item}</channel></rss>'.encode()))
    site.on("/1", answers.reply(404, {}, b"gone"))
    installation.source("tank", "http://tank.example/feed")
    installation.poll()
    for _ in range(4):
        look(installation, DAY)
    assert installation.rows("SELECT text_source, withdrawn_at FROM articles") == [{"text_source": "feed", "withdrawn_at": None}]


def test_a_text_that_came_by_the_feed_first_is_withdrawn_with_the_page_that_has_shown_the_same(web, answers, installation):
    site = web.site("tank.example")
    text = "The port stands on the shore of the sea, and ferries cross from here. Pilots wait for them. " * 8
    item = f"<item><title>The port</title><link>http://tank.example/1</link><description>{text}</description></item>"
    site.on("/feed", answers.reply(200, {}, f'<rss version="2.0"><channel><title>T</title>{item}</channel></rss>'.encode()))
    page = f"<html><body><article><h1>The port</h1><p>{text}</p></article></body></html>"
    site.on("/1", answers.reply(403, {}, b"not now"), answers.reply(200, {"Content-Type": "text/html"}, page.encode()), answers.reply(410))
    installation.source("tank", "http://tank.example/feed")
    installation.poll()
    for _ in range(4):
        look(installation, DAY)
    assert installation.values("SELECT count(*) FROM revisions") == [1]
    assert withdrawn(installation) != [None]
