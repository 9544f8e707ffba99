"""Gaps between two polls are noticed and filled, over a real server, until a known entry is met or there is no further way."""

import json
from datetime import timedelta

import pytest

from assets.backfills import fill_gaps
from assets.histories import Wanted, open_histories, stop_histories
from assets.parsing.backfilling import BackfillLimits
from warehouse.errors import ConfigError

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class Blog:
    """A site with numbered posts, half a day apart or as told; `newest` is the last one that it has published."""

    def __init__(self, site, answers, start, window=3, every=DAY / 2):
        self.site, self.answers, self.start, self.window, self.every = site, answers, start, window, every
        self.newest = 0

    def day(self, number):
        return self.start + number * self.every

    def items(self, page):
        return [n for n in range(self.newest - self.window * (page - 1), self.newest - self.window * page, -1) if n > 0]

    def rss(self, numbers):
        items = "".join(
            f"<item><title>The post of number {n}</title><link>http://blog.example/2021/09/p{n}/</link>"
            f'<guid isPermaLink="false">http://blog.example/?p={n}</guid>'
            f"<pubDate>{self.day(n):%a, %d %b %Y %H:%M:%S} GMT</pubDate><description>Text of number {n}.</description></item>"
            for n in numbers
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Blog</title>{items}</channel></rss>'.encode()

    def show(self, newest, *, pages=99, ignores_paging=False):
        """Publish up to `newest`; older pages answer, are missing beyond `pages`, or are the first one again."""
        self.newest = newest
        xml = {"Content-Type": "application/rss+xml", "ETag": f'"{newest}"'}
        self.site.on("/feed/", self.answers.reply(200, xml, self.rss(self.items(1))))
        for page in range(2, 12):
            number = 1 if ignores_paging else page
            missing = not self.items(number) or page > pages
            answer = self.answers.reply(404, {}, b"none") if missing else self.answers.reply(200, xml, self.rss(self.items(number)))
            self.site.on(f"/feed/?paged={page}", answer)

    def posts(self, numbers):
        """The same posts as the REST API lists them."""
        posts = [
            {
                "title": {"rendered": f"The post of number {n}"},
                "link": f"http://blog.example/2021/09/p{n}/",
                "guid": {"rendered": f"http://blog.example/?p={n}"},
                "date_gmt": f"{self.day(n):%Y-%m-%dT%H:%M:%S}",
                "content": {"rendered": "<p>Whole text.</p>", "protected": False},
            }
            for n in numbers
        ]
        return self.answers.reply(200, {"X-WP-TotalPages": "1"}, json.dumps(posts).encode())


@pytest.fixture
def blog(web, answers, installation):
    installation.source("blog", "http://blog.example/feed/")
    return Blog(web.site("blog.example"), answers, installation.now - 90 * HOUR)


@pytest.fixture
def started(blog, installation):
    """The blog with three posts, polled once."""
    blog.show(3)
    installation.poll()
    return blog


def titles(installation, where="true"):
    return sorted(int(title.split()[-1]) for title in installation.values(f"SELECT title FROM entries WHERE {where}"))


def test_what_no_poll_showed_is_found_on_older_pages(started, installation):
    started.show(14)
    installation.poll(later=6 * DAY)
    assert titles(installation) == list(range(1, 15))
    assert titles(installation, "NOT baseline") == list(range(4, 15))
    (backfill,) = installation.rows("FROM backfills")
    assert (backfill["state"], backfill["outcome"], backfill["pages_read"]) == ("done", "met an entry that was known", 3)
    assert backfill["entries_found"] == 8
    (issue,) = installation.rows("FROM issues WHERE kind = 'gap' AND message LIKE '%8 entries were found%'")
    assert issue["source_id"] == "blog"


def test_an_overlap_asks_for_nothing_more(started, installation):
    started.show(5)
    installation.poll(later=2 * DAY)
    assert installation.rows("FROM backfills") == []
    assert not started.site.asked("/feed/?paged=2")


def test_a_search_stops_at_the_limit_of_a_run_and_goes_on_in_the_next(started, installation):
    started.show(14)
    installation.settings["backfill"] = BackfillLimits(pages_per_run=1)
    installation.poll(later=6 * DAY)
    assert titles(installation) == [1, 2, 3, *range(9, 15)]
    for _ in range(3):
        installation.poll(later=timedelta(minutes=1))
    assert titles(installation) == list(range(1, 15))
    assert installation.values("SELECT state FROM backfills") == ["done"]
    assert len(started.site.asked("/feed/?paged=3")) == 1


def test_a_site_that_ignores_the_page_number_is_read_through_its_rest_api(started, installation):
    started.show(14, ignores_paging=True)
    started.site.on("/wp-json/wp/v2/posts?per_page=100&orderby=date&order=desc&page=1", started.posts(range(14, 0, -1)))
    installation.poll(later=6 * DAY)
    assert titles(installation) == list(range(1, 15))
    assert installation.values("SELECT outcome FROM backfills") == ["met an entry that was known"]


def test_a_sitemap_serves_where_nothing_else_does(web, answers, installation):
    site = web.site("plain.example")
    installation.source("plain", "http://plain.example/news.xml")
    blog = Blog(site, answers, installation.now)
    blog.newest = 3
    xml = {"Content-Type": "text/xml"}
    to = lambda text: text.replace(b"http://blog.example", b"http://plain.example").replace(b"/?p=", b"/id/")  # noqa: E731
    site.on("/news.xml", answers.reply(200, xml, to(blog.rss([3, 2, 1]))))
    installation.poll()
    site.on("/news.xml", answers.reply(200, xml, to(blog.rss([14, 13, 12]))))
    listed = "".join(
        f"<url><loc>http://plain.example{path}</loc><lastmod>2021-09-24</lastmod></url>"
        for path in ("/2021/09/p9/", "/2021/09/p10/", "/about/", "/2021/09/p14/", "/2021/09/p2/")
    )
    old = "".join(
        f"<url><loc>http://plain.example/{path}/</loc><lastmod>{date}</lastmod></url>"
        for path, date in (("2021/08/p5", "2021-08-01"), ("2021/09/p1", "2021-07-19"), ("2019/09/p0", "2019-09-24"))
    )
    index = (
        "<sitemapindex><sitemap><loc>http://plain.example/s1.xml</loc><lastmod>2021-09-24</lastmod></sitemap>"
        "<sitemap><loc>http://plain.example/s0.xml</loc><lastmod>2018-01-01</lastmod></sitemap></sitemapindex>"
    )
    site.on("/sitemap.xml", answers.reply(200, xml, index.encode()))
    site.on("/s1.xml", answers.reply(200, xml, f"<urlset>{listed}{old}</urlset>".encode()))
    installation.poll(later=6 * DAY)
    found = installation.values("SELECT url FROM entries WHERE title = '' ORDER BY url")
    assert found == [f"http://plain.example/2021/{path}/" for path in ("08/p5", "09/p10", "09/p9")]
    assert installation.values("SELECT baseline FROM entries WHERE title = '' ORDER BY url") == [True, False, False]
    assert installation.values("SELECT outcome FROM backfills") == ["the sitemaps were read"]
    assert not site.asked("/s0.xml")


def test_where_no_way_leads_back_it_is_said_and_not_asked_again_every_time(started, installation):
    started.show(14, pages=1)
    installation.poll(later=6 * DAY)
    (backfill,) = installation.rows("FROM backfills")
    assert (backfill["state"], backfill["plan"]) == ("stopped", [])
    assert "some may be missing" in backfill["outcome"]
    asked = len(started.site.requests)
    started.show(20, pages=1)
    installation.poll(later=3 * DAY)
    assert len(started.site.requests) - asked <= 2  # the feed itself, and its robots.txt
    assert len(installation.rows("FROM issues WHERE kind = 'gap'")) >= 2


def test_posts_from_before_the_gap_are_stored_and_never_alert(started, installation):
    """What was deeper in the archive than the first poll saw comes up with the page that closes the gap."""
    started.show(9, pages=99)
    started.window = 3
    old = started.rss([6, 5, 4, 3, -40, -41])
    started.site.on("/feed/?paged=2", started.answers.reply(200, {}, old))
    installation.poll(later=4 * DAY)
    assert titles(installation, "baseline") == [-41, -40, 1, 2, 3]
    assert titles(installation, "NOT baseline") == [4, 5, 6, 7, 8, 9]
    (backfill,) = installation.rows("FROM backfills")
    assert backfill["entries_old"] == 2
    assert installation.rows("FROM issues WHERE message LIKE '%2 of them older than that or undated, and never mailed%'")


@pytest.mark.parametrize("way", ["paged", "wordpress", "sitemap"])
def test_posts_that_are_dated_months_apart_are_all_found_and_old_ones_alert_nobody(web, answers, installation, way):
    """No date ends a search: 28 posts behind a feed of ten, all but the last two dated long before the last poll."""
    site = web.site("blog.example")
    installation.source("blog", "http://blog.example/feed/")
    blog = Blog(site, answers, installation.now - 27 * 30 * DAY, window=10, every=30 * DAY)
    blog.show(3)
    installation.poll()
    blog.show(28, pages=99 if way == "paged" else 1)
    if way == "wordpress":
        site.on("/wp-json/wp/v2/posts?per_page=100&orderby=date&order=desc&page=1", blog.posts(range(28, 0, -1)))
    if way == "sitemap":
        urls = (f"<url><loc>http://blog.example/2021/09/p{n}/</loc><lastmod>{blog.day(n):%Y-%m-%d}</lastmod></url>" for n in range(1, 29))
        site.on("/sitemap.xml", answers.reply(200, {}, f"<urlset>{''.join(urls)}</urlset>".encode()))
    installation.poll(later=30 * DAY)
    addresses = [f"http://blog.example/2021/09/p{n}/" for n in range(1, 29)]
    assert sorted(installation.values("SELECT url FROM entries")) == sorted(addresses)
    found = installation.rows("SELECT state, entries_found, entries_old FROM backfills")
    assert found == [{"state": "done", "entries_found": 15, "entries_old": 15}]
    assert installation.values("SELECT url FROM entries WHERE NOT baseline ORDER BY url") == addresses[26:]


def test_two_weeks_without_a_poll_lose_nothing_and_all_of_it_is_news(started, installation):
    started.show(30)
    installation.settings["backfill"] = BackfillLimits(pages_per_run=20)
    installation.poll(later=15 * DAY)
    assert titles(installation, "NOT baseline") == list(range(4, 31))


def test_a_failing_page_is_asked_again_later(started, installation, answers):
    started.show(14)
    good = started.site.steps["/feed/?paged=3"][0]
    started.site.on("/feed/?paged=3", answers.reply(503, {}, b"busy"), good)
    installation.poll(later=6 * DAY)
    assert 8 not in titles(installation)
    installation.poll(later=timedelta(minutes=5))
    assert len(started.site.asked("/feed/?paged=3")) == 1
    installation.poll(later=timedelta(hours=2))
    assert titles(installation) == list(range(1, 15))


def test_another_overflow_while_one_is_being_filled_is_covered_too(started, installation):
    installation.settings["backfill"] = BackfillLimits(pages_per_run=1)
    started.show(14)
    installation.poll(later=6 * DAY)
    started.show(26)
    installation.poll(later=6 * DAY)
    for _ in range(10):
        installation.poll(later=timedelta(minutes=1))
    assert titles(installation) == list(range(1, 27))
    assert installation.values("SELECT state FROM backfills") == ["done"]


def test_a_source_can_forbid_it(web, answers, installation):
    blog = Blog(web.site("blog.example"), answers, installation.now)
    installation.source("blog", {"url": "http://blog.example/feed/", "backfill": False})
    blog.show(3)
    installation.poll()
    blog.show(14)
    installation.poll(later=6 * DAY)
    assert installation.rows("FROM backfills") == []


def test_a_json_feed_is_followed_along_its_next_url(web, answers, installation):
    site = web.site("json.example")
    installation.source("json", "http://json.example/feed.json")

    def document(numbers, next_url=None):
        items = [
            {"id": str(n), "url": f"http://json.example/{n}", "title": f"The item of number {n}", "date_published": "2021-09-20T10:00:00Z"}
            for n in numbers
        ]
        return answers.reply(
            200, {}, json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items, "next_url": next_url}).encode()
        )

    site.on("/feed.json", document([2, 1]))
    installation.poll()
    site.on("/feed.json", document([6, 5], "http://json.example/feed.json?page=2"))
    site.on("/feed.json?page=2", document([4, 3], "http://json.example/feed.json?page=3"))
    site.on("/feed.json?page=3", document([2, 1]))
    installation.poll(later=2 * DAY)
    assert titles(installation) == [1, 2, 3, 4, 5, 6]


def test_a_listing_is_followed_along_the_pattern_of_its_source(web, answers, installation):
    site = web.site("list.example")
    installation.source("list", {"url": "http://list.example/papers", "kind": "listing", "pages": "http://list.example/papers?page={n}"})

    def page(numbers):
        rows = "".join(f"<li><a href='/papers/{n}'>A paper on the harbour, number {n}</a></li>" for n in numbers)
        return answers.reply(200, {"Content-Type": "text/html"}, f"<!doctype html><html><body><ul>{rows}</ul></body></html>".encode())

    site.on("/papers", page([3, 2, 1]))
    installation.poll()
    site.on("/papers", page([9, 8, 7]))
    site.on("/papers?page=2", page([6, 5, 4]))
    site.on("/papers?page=3", page([3, 2, 1]))
    installation.poll(later=2 * DAY)
    assert titles(installation) == list(range(1, 10))
    assert titles(installation, "baseline") == [1, 2, 3]


class Maps:
    """A site whose articles stand in sitemaps that an index names, each with its date or without."""

    def __init__(self, site, answers):
        self.site, self.answers = site, answers

    def index(self, *dates):
        parts = "".join(
            f"<sitemap><loc>http://maps.example/s{n}.xml</loc>{f'<lastmod>{date}</lastmod>' if date else ''}</sitemap>"
            for n, date in enumerate(dates)
        )
        self.site.on("/sitemap_index.xml", self.answers.reply(200, {}, f"<sitemapindex>{parts}</sitemapindex>".encode()))

    def urls(self, path, *numbers):
        parts = "".join(f"<url><loc>http://maps.example/a{n}</loc><lastmod>2021-09-1{n}</lastmod></url>" for n in numbers)
        self.site.on(path, self.answers.reply(200, {}, f"<urlset>{parts}</urlset>".encode()))

    def asked(self, *paths):
        return [len(self.site.asked(path)) for path in paths]


@pytest.fixture
def maps(web, answers, installation):
    installation.source("maps", {"url": "http://maps.example/sitemap_index.xml", "kind": "sitemap"})
    return Maps(web.site("maps.example"), answers)


def addresses(installation):
    return [url.removeprefix("http://maps.example/") for url in installation.values("SELECT url FROM entries ORDER BY url")]


def test_an_index_of_sitemaps_is_followed_and_only_what_changed_is_asked(maps, installation):
    maps.index("2021-09-15", "2021-09-18")
    maps.urls("/s0.xml", 1, 2)
    maps.urls("/s1.xml", 8)
    installation.poll()
    assert addresses(installation) == ["a1", "a2", "a8"]
    assert installation.values("SELECT url FROM entries WHERE NOT baseline ORDER BY url") == ["http://maps.example/a8"]
    maps.index("2021-09-15", "2021-09-22")
    maps.urls("/s1.xml", 8, 9)
    installation.poll(later=4 * DAY)
    assert maps.asked("/s0.xml", "/s1.xml") == [1, 2]
    assert len(addresses(installation)) == 4
    assert installation.values("SELECT DISTINCT state FROM backfills") == ["done"]
    # Its sitemap bears the date of its latest post: one that is dated back does not make it later than the last poll.
    maps.index("2021-09-16", "2021-09-22")
    maps.urls("/s0.xml", 1, 2, 6)
    installation.poll(later=8 * DAY)
    assert "a6" in addresses(installation)
    assert maps.asked("/s0.xml", "/s1.xml") == [2, 2]


def test_of_an_index_that_dates_some_of_its_sitemaps_the_others_are_asked_too(maps, installation):
    maps.index("2021-09-15", "")
    maps.urls("/s0.xml", 1)
    maps.urls("/s1.xml", 2)
    installation.poll()
    assert addresses(installation) == ["a1", "a2"]
    maps.index("2021-09-18", "")
    maps.urls("/s0.xml", 1, 5)
    maps.urls("/s1.xml", 2, 6)
    installation.poll(later=4 * DAY)
    assert addresses(installation) == ["a1", "a2", "a5", "a6"]


@pytest.fixture
def half(maps, answers, installation):
    """Of the two sitemaps of an index one has been read, the other did not answer."""
    maps.index("2021-09-15", "2021-09-16")
    maps.urls("/s0.xml", 1)
    maps.site.on("/s1.xml", answers.reply(503, {}, b"busy"))
    installation.poll()
    return maps


def test_a_sitemap_that_fails_for_long_is_asked_until_it_answers_though_its_index_says_nothing_new(half, installation):
    for _ in range(4):
        installation.poll(later=5 * HOUR)
    assert half.asked("/s0.xml") == [1]
    assert half.asked("/s1.xml")[0] >= 4
    assert installation.values("SELECT state FROM backfills") == ["open"]
    half.urls("/s1.xml", 3)
    installation.poll(later=5 * HOUR)
    assert addresses(installation) == ["a1", "a3"]
    assert installation.values("SELECT state FROM backfills") == ["done"]


def test_a_sitemap_that_a_search_did_not_get_through_is_asked_for_when_its_index_is_read_again(half, installation):
    for _ in range(3):
        installation.poll(later=3 * DAY)
    assert installation.values("SELECT state FROM backfills") == ["stopped"]
    assert any("not all of its sitemaps were read" in said for said in installation.values("SELECT message FROM issues"))
    half.urls("/s1.xml", 3)
    installation.poll(later=3 * DAY)
    assert addresses(installation) == ["a1", "a3"]


@pytest.mark.fault("H47")
def test_a_run_that_dies_between_two_pages_loses_none_and_asks_for_none_twice(started, installation, monkeypatch):
    import assets.backfills

    started.show(14)
    original, calls = assets.backfills._read_answer, iter(range(9))

    def dying(*arguments):
        if next(calls) == 1:
            raise KeyboardInterrupt
        return original(*arguments)

    monkeypatch.setattr(assets.backfills, "_read_answer", dying)
    with pytest.raises(KeyboardInterrupt):
        installation.poll(later=6 * DAY)
    monkeypatch.undo()
    installation.poll(later=timedelta(minutes=1))
    assert titles(installation) == list(range(1, 15))
    assert [len(started.site.asked(f"/feed/?paged={page}")) for page in (2, 3, 4)] == [1, 1, 1]
    assert installation.values("SELECT entries_found FROM backfills") == [8]


def history(installation, **wanted):
    return open_histories(installation.flow(), Wanted(("blog",), **wanted))


def test_a_history_asked_for_by_hand_is_stored_silently_page_by_page(blog, installation):
    blog.show(14)
    installation.poll(later=5 * DAY)
    (planned,) = history(installation)
    assert planned.plan[0] == "paged http://blog.example/feed/?paged=2"
    installation.poll(later=HOUR)
    assert titles(installation) == titles(installation, "baseline OR title LIKE '%14'") == list(range(1, 15))
    (search,) = installation.rows("FROM backfills")
    assert (search["reason"], search["state"], search["entries_found"], search["entries_old"]) == ("history", "done", 11, 11)
    assert search["outcome"] == "reached the end of what the site lists"
    assert installation.rows("FROM issues WHERE kind IN ('gap', 'history')") == []


def test_a_history_ends_at_its_day_and_at_its_limits_and_leaves_the_pages_of_news_to_the_polls(blog, installation):
    blog.show(14)
    installation.poll(later=5 * DAY)
    assert history(installation, back_to=blog.day(6))
    blog.show(18)  # before it is read: what it meets of these on an older page is news, and the polls' business
    fill_gaps(installation.flow())
    assert titles(installation) == list(range(6, 15))
    assert installation.values("SELECT outcome FROM backfills") == ["reached entries from before the day that was asked for"]
    installation.poll(later=2 * DAY)
    assert titles(installation, "NOT baseline") == list(range(14, 19))
    history(installation, entries=2)
    fill_gaps(installation.flow())
    assert titles(installation) == list(range(4, 19))
    (issue,) = installation.rows("FROM issues WHERE kind = 'history'")
    assert (
        issue["message"]
        == "its history may not be whole: the limit of 2 entries was reached; older entries may be missing; 2 entries were found"
    )


def test_what_a_history_finds_alerts_from_the_day_that_was_named(blog, installation):
    blog.show(14)
    installation.poll(later=5 * DAY)
    history(installation, notify_since=blog.day(8))
    fill_gaps(installation.flow())
    assert titles(installation, "NOT baseline") == [*range(8, 12), 14]


def test_a_gap_goes_before_a_history_and_both_are_read(started, installation):
    started.show(14)
    installation.settings["backfill"] = BackfillLimits(pages_per_run=1)
    assert history(installation)
    installation.poll(later=6 * DAY)
    assert installation.values("SELECT state FROM backfills ORDER BY reason") == ["open", "open"]
    for _ in range(9):
        installation.poll(later=timedelta(minutes=1))
    assert installation.values("SELECT state FROM backfills ORDER BY reason") == ["done", "done"]
    assert titles(installation, "NOT baseline") == list(range(4, 15))


def test_a_history_is_read_once_at_a_time_and_can_be_stopped(started, installation):
    started.show(14)
    assert open_histories(installation.flow(), Wanted(("blog",)), dry_run=True)[0].plan
    assert installation.rows("FROM backfills") == []
    history(installation)
    (again,) = history(installation)
    assert again.obstacle.startswith("its history is being read already")
    assert stop_histories(installation.flow(), ["blog"]) == 1
    assert installation.rows("SELECT state, outcome, plan FROM backfills") == [
        {"state": "stopped", "outcome": "stopped by hand", "plan": []}
    ]
    fill_gaps(installation.flow())
    assert not started.site.asked("/feed/?paged=2")


def test_a_history_needs_a_source_that_is_polled(blog, installation):
    (planned,) = history(installation)
    assert planned.obstacle == "it was never polled well; first: thinkwatch run --source blog"
    for wanted in (("blogg",), ()):
        with pytest.raises(ConfigError):
            open_histories(installation.flow(), Wanted(wanted))
