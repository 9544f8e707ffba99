"""Which polls show a gap, which ways lead back, and how a search along them ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from assets.parsing.backfilling import Backfill, BackfillLimits, Found, after_answer
from assets.parsing.gaps import children, following, shape, shows_gap, ways
from assets.parsing.identity import Resolved
from assets.parsing.records import ParsedEntry, ParsedFeed
from assets.parsing.stretches import of_page, of_sitemap

NOW = datetime(2021, 9, 19, 18, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LIMITS = BackfillLimits(pages=4, entries=100, pages_per_run=2, days=7)


def listed(*ages):
    """Entries that were published so many days ago; their ids are the ages."""
    return [
        Resolved(ParsedEntry(url=f"https://x.example/{age}", published=NOW - age * DAY), str(age), is_new=True, keys=()) for age in ages
    ]


def known(*ages, seen=2 * DAY):
    return {str(age): {"first_seen_at": NOW - seen} for age in ages}


@pytest.mark.parametrize(
    ("shown", "known_ages", "gap"),
    [
        ((0, 1, 2), (2,), False),
        ((0, 1, 2), (), True),
        ((9, 0, 1, 2), (9,), True),  # one old post is pinned above the new ones
        ((2, 1, 0), (2,), False),  # oldest first
        ((1, 2), (1, 2), False),
        ((), (), False),
    ],
)
def test_a_poll_that_overlaps_nothing_known_shows_a_gap(shown, known_ages, gap):
    assert shows_gap(listed(*shown), known(*known_ages), NOW - DAY) is gap


def test_a_first_poll_shows_no_gap():
    assert not shows_gap(listed(0, 1), {}, None)


def test_what_another_feed_showed_since_the_last_poll_is_no_overlap():
    assert shows_gap(listed(0, 1), known(1, seen=timedelta(hours=3)), NOW - DAY)


def feed(url, kind="rss", **definition):
    return {"url": url, "moved_url": None, "kind": kind}, definition


def plan_of(url, *, kind="rss", guid=None, next_url=None, sitemaps=(), **definition):
    row, definition = feed(url, kind, **definition)
    parsed = ParsedFeed("ok", kind, entries=(ParsedEntry(guid=guid),), next_url=next_url)
    return [step.partition(" ")[::2] for step in ways(row, definition, parsed, sitemaps=sitemaps, since=NOW)]


def test_the_main_feed_of_a_wordpress_site_has_every_way():
    way, address = zip(*plan_of("https://x.example/blog/feed/", next_url="https://x.example/archive.xml"), strict=True)
    assert way == ("next", "paged", "wordpress", "sitemap")
    assert address[1] == "https://x.example/blog/feed/?paged=2"
    assert address[2].startswith("https://x.example/blog/wp-json/wp/v2/posts?per_page=100&after=2021-09-17T18%3A00%3A00")


@pytest.mark.parametrize("url", ["https://x.example/category/asia/feed/", "https://x.example/?cat=73&feed=rss2"])
def test_the_feed_of_a_section_does_not_bring_in_the_whole_site(url):
    assert [way for way, _ in plan_of(url)] == ["paged"]


def test_a_query_of_the_feed_stays_in_its_pages():
    assert plan_of("https://x.example/?cat=73&feed=rss2")[0][1] == "https://x.example/?cat=73&feed=rss2&paged=2"


def test_other_sites_have_the_sitemaps_that_robots_names_or_the_usual_one():
    assert plan_of("https://x.example/rss.xml") == [("sitemap", "https://x.example/sitemap.xml")]
    assert plan_of("https://x.example/rss.xml", sitemaps=["https://x.example/s.xml"]) == [("sitemap", "https://x.example/s.xml")]


@pytest.mark.parametrize(
    ("way", "asked", "total", "further"),
    [
        ("paged", "https://x.example/feed?paged=2", None, "https://x.example/feed?paged=3"),
        ("wordpress", "https://x.example/posts?page=1", 2, "https://x.example/posts?page=2"),
        ("wordpress", "https://x.example/posts?page=2", 2, None),
        ("pages", "https://x.example/list/page/9/", None, "https://x.example/list/page/10/"),
    ],
)
def test_the_next_page_is_counted(way, asked, total, further):
    definition = {"pages": "https://x.example/list/page/{n}/"}
    assert following(way, asked, ParsedFeed("ok", "rss"), definition, total) == further


def test_a_document_that_names_itself_as_the_next_ends_there():
    assert following("next", "https://x.example/a", ParsedFeed("ok", "atom", next_url="https://x.example/a"), {}, None) is None


def test_of_an_undated_index_the_likeliest_sitemaps_are_read():
    names = ["page-sitemap.xml", "post-sitemap1.xml", "post-sitemap12.xml", "post-sitemap2.xml", "tag.xml", "author.xml", "video.xml"]
    index = ParsedFeed("ok", "sitemap", entries=tuple(ParsedEntry(url=f"https://x.example/{name}") for name in names), is_index=True)
    assert [url.rpartition("/")[2] for url in children(index, None)[:3]] == ["post-sitemap12.xml", "post-sitemap2.xml", "post-sitemap1.xml"]


def test_articles_of_one_site_have_addresses_of_one_shape():
    assert shape("https://x.example/2021/09/first-post/") == shape("https://x.example/2019/12/other/")
    assert shape("https://x.example/about/") != shape("https://x.example/2019/12/other/")
    assert shape("https://x.example/news.php?id=7") == shape("https://x.example/news.php?id=8") != shape("https://x.example/?id=8")


START = Backfill(
    "b", "f", "s", "gap", due_at=NOW, started_at=NOW, since=NOW - DAY, plan=("paged p2", "wordpress w1", "sitemap m1", "sitemap m2")
)
PAGE = Found(entries=3, new=3, page="1", further="p3")


def test_a_search_goes_on_page_by_page_and_ends_where_it_meets_the_known():
    after = after_answer(START, PAGE, LIMITS, NOW)
    assert (after.plan[0], after.entries_found, after.state) == ("paged p3", 3, "open")
    done = after_answer(after, replace(PAGE, page="2", met=True), LIMITS, NOW)
    assert (done.state, done.plan, done.entries_found) == ("done", (), 6)


@pytest.mark.parametrize("found", [Found(lasting=True), Found(entries=3, page="0", further="p3"), Found(entries=0, further="p3")])
def test_a_way_that_leads_nowhere_is_left_for_the_next(found):
    after = after_answer(replace(START, last_page="0"), found, LIMITS, NOW)
    assert (after.state, after.plan[0]) == ("open", "wordpress w1")


def test_a_passing_failure_is_tried_three_times_ever_later():
    first = after_answer(START, Found(passing=True), LIMITS, NOW)
    second = after_answer(first, Found(passing=True), LIMITS, NOW)
    assert [first.plan[0], second.plan[0]] == ["paged p2"] * 2
    assert [first.due_at, second.due_at] == [NOW + timedelta(hours=1), NOW + timedelta(hours=2)]
    assert after_answer(second, Found(passing=True), LIMITS, NOW).plan[0] == "wordpress w1"


@pytest.mark.parametrize(
    ("change", "word"),
    [({"pages_read": 3}, "4 documents"), ({"entries_found": 98}, "100 entries"), ({"started_at": NOW - 8 * DAY}, "7 days")],
)
def test_limits_end_a_search_and_say_that_something_may_be_missing(change, word):
    after = after_answer(replace(START, **change), PAGE, LIMITS, NOW)
    assert after.state == "stopped"
    assert word in after.outcome
    assert "missing" in after.outcome


def test_no_date_ends_a_search():
    after = after_answer(START, replace(PAGE, latest=NOW - 3000 * DAY), LIMITS, NOW)
    assert (after.state, after.plan[0]) == ("open", "paged p3")


def test_the_end_of_one_way_is_no_end_as_long_as_nothing_known_was_met():
    after = after_answer(replace(START, entries_found=6), Found(lasting=True), LIMITS, NOW)
    assert (after.state, after.plan[0]) == ("open", "wordpress w1")
    last = replace(START, entries_found=6, plan=("wordpress w1",))
    done = after_answer(last, replace(PAGE, further=None), LIMITS, NOW)
    assert (done.state, done.outcome) == ("done", "reached the end of what the site lists, which shows nothing that was known")


def test_a_page_that_was_cut_at_the_limit_is_no_end():
    after = after_answer(replace(START, entries_found=97, plan=("sitemap m1",)), PAGE, LIMITS, NOW)
    assert (after.state, after.outcome) == ("stopped", "the limit of 100 entries was reached; older entries may be missing")


def test_what_is_pinned_above_each_page_closes_no_gap():
    page = listed(90, 3, 4, 5)
    pinned = of_page(page, known(90), NOW - DAY, found=0)
    assert (pinned.met, [item.entry_id for item in pinned.items]) == (False, ["3", "4", "5"])
    assert of_page(listed(3, 4, 5, 90), known(90), NOW - DAY, found=0).met


def test_undated_entries_are_news_until_they_are_an_archive():
    page = [replace(item, entry=replace(item.entry, published=None)) for item in listed(*range(9))]
    covers = lambda found: of_page(page, {}, NOW - DAY, found=found).bound.covers(None, 0)  # noqa: E731
    assert (covers(41), covers(42)) == (False, True)


def of_map(*ages, known_ages, most=99):
    stretch = of_sitemap(listed(*ages), known(*known_ages), NOW - DAY, most=most)
    old = [item.entry_id for item in stretch.items if stretch.bound.covers(item.entry.published, 0)]
    return [item.entry_id for item in stretch.items], old, stretch.met


def test_a_sitemap_is_read_down_to_what_was_known_and_has_not_changed():
    assert of_map(0, 0.5, 40, 90, 700, known_ages=(0.5, 90)) == (["0", "40"], ["40"], True)
    assert of_map(0, 0.5, 40, 90, 700, known_ages=(0.5,)) == (["0", "40", "90", "700"], ["40", "90", "700"], False)
    assert of_map(0, 0.5, 40, 90, 700, known_ages=(700,), most=2) == (["0", "0.5"], [], False)


def test_a_site_that_dates_everything_anew_announces_nothing():
    ages = [number / 100 for number in range(9)]
    taken, old, met = of_map(*ages, known_ages=ages[:3])
    assert (len(taken), taken == old, met) == (6, True, True)


def test_all_sitemaps_that_changed_are_read_whatever_they_show():
    start = replace(START, plan=("sitemap index",))
    opened = after_answer(start, Found(children=("sitemap m1", "sitemap m2", "older m3")), LIMITS, NOW)
    assert after_answer(opened, Found(entries=3), LIMITS, NOW).plan == ("sitemap m2", "older m3")
    second = after_answer(opened, Found(entries=3, met=True), LIMITS, NOW)
    assert second.plan == ("sitemap m2",)
    assert after_answer(second, Found(entries=1), LIMITS, NOW).state == "done"
