"""Web pages that list articles: by selectors of the source, by what repeats, and what is no list."""

import pytest

from assets.parsing.records import Selectors

URL = "https://institute.example/publications/"
HEAD = '<!doctype html><html lang="en"><head><title>Publications</title></head><body>'
NAV = (
    "<nav><ul>" + "".join(f'<li><a href="/programme-{n}/">Programme number {n} of the institute</a></li>' for n in range(9)) + "</ul></nav>"
)
FOOT = '<footer><a href="/privacy/">Our privacy notice in all its length</a></footer></body></html>'


def card(number, day=17):
    return (
        f'<article class="card post-{number}"><a href="/2021/09/p{number}/"><img alt=""></a>'
        f'<h3><a href="/2021/09/p{number}/?utm_source=list">The treaty of the year {number}</a></h3>'
        f'<time datetime="2021-09-{day}T10:00:00+03:00">17 September</time><p>Two states signed number {number}.</p></article>'
    )


@pytest.fixture
def listed(read):
    def entries(body, selectors=None, **options):
        feed = read(HEAD + NAV + body + FOOT, url=URL, selectors=selectors or Selectors(), **options)
        assert feed.verdict == "ok", feed.problems
        assert feed.kind == "listing"
        return feed.entries

    return entries


def test_a_list_of_cards_is_found_without_selectors(listed):
    first, *_ = entries = listed("".join(map(card, range(5))))
    assert len(entries) == 5
    assert (first.url, first.title) == ("https://institute.example/2021/09/p0/", "The treaty of the year 0")
    assert first.published.isoformat() == "2021-09-17T07:00:00+00:00"
    assert first.summary == "Two states signed number 0."


def test_titles_that_nothing_encloses_take_the_date_behind_them(listed):
    rows = "".join(
        f"<h2><a href='/a{n}.html'>Обзор событий недели {n}</a></h2><p class='news-date'>{n + 1}.09.2021</p><p>Коротко о главном.</p>"
        for n in range(4)
    )
    entries = listed(rows, language="ru")
    assert [entry.published.day for entry in entries] == [1, 2, 3, 4]
    assert entries[3].title == "Обзор событий недели 3"


def test_rows_of_a_table_are_a_list(listed):
    rows = "".join(f"<tr><td>2021-09-0{n}</td><td><a href='r{n}.htm'>Report on the harbour, part {n}</a></td></tr>" for n in range(1, 6))
    entries = listed(f"<table>{rows}</table>")
    assert [entry.published.day for entry in entries] == [1, 2, 3, 4, 5]
    assert entries[0].url == "https://institute.example/publications/r1.htm"


def test_short_titles_in_dense_scripts_count(listed):
    rows = "".join(f"<li><a href='/zh/{n}'>第{n}届上海合作组织峰会</a> <span>2021年9月1{n}日</span></li>" for n in range(4))
    assert [entry.published.day for entry in listed(f"<ul class=news>{rows}</ul>")] == [10, 11, 12, 13]


def test_selectors_of_the_source_win(listed):
    body = "<div class=teasers>" + "".join(map(card, range(4))) + "</div>"
    body += (
        "<ul class=reports>"
        + "".join(f"<li><b>Paper {n}</b> <i>0{n}/09/2021</i> <em>On it</em> <a href='/files/{n}.pdf'>PDF</a></li>" for n in (1, 2))
        + "</ul>"
    )
    selectors = Selectors(item="ul.reports li", link="a[href$=pdf]", title="b", date="i", summary="em")
    entries = listed(body, selectors, language="fr")
    assert [(entry.title, entry.url, entry.published.day, entry.summary) for entry in entries] == [
        ("Paper 1", "https://institute.example/files/1.pdf", 1, "On it"),
        ("Paper 2", "https://institute.example/files/2.pdf", 2, "On it"),
    ]


def test_the_page_with_older_ones_is_named(read):
    page = HEAD + "".join(map(card, range(3))) + '<a class="next" href="page/2/">Older</a>'
    assert read(page, url=URL, selectors=Selectors()).next_url == "https://institute.example/publications/page/2/"
    pager = page + "<p id=pager><a href='?p=3'>3</a></p>"
    assert read(pager, url=URL, selectors=Selectors(next="#pager")).next_url == "https://institute.example/publications/?p=3"


def test_links_to_other_sites_scripts_and_the_page_itself_are_no_articles(read):
    links = [
        "javascript:void('a long script')",
        "https://other.example/2021/a-long-address",
        "#the-top-of-this-long-page",
        "/",
        "mailto:x@y.example",
    ]
    rows = "".join(f"<li><a href='{link}'>A long title that says nothing</a></li>" for link in links * 3)
    feed = read(HEAD + f"<ul>{rows}</ul>", url=URL, selectors=Selectors())
    assert (feed.verdict, feed.entries) == ("reject", ())
    assert feed.problems[0] == "not_a_feed: a web page with no list of articles on it"


def test_selectors_that_find_nothing_say_so(read):
    feed = read(HEAD + card(1), url=URL, selectors=Selectors(item="div.gone"))
    assert feed.verdict == "reject"
    assert "'div.gone'" in feed.problems[0]


def test_a_web_page_is_no_feed_where_none_is_expected(read):
    assert read(HEAD + "".join(map(card, range(5))), url=URL).verdict == "reject"


def test_a_riddle_for_humans_is_never_a_listing(read):
    page = "<html><head><title>Just a moment...</title></head><body><script src='/cdn-cgi/challenge-platform/x.js'></script></body></html>"
    feed = read(page, url=URL, selectors=Selectors())
    assert feed.problems[0].startswith("blocked:")


def test_a_feed_behind_a_listings_address_is_read_as_the_feed_it_is(read, rss, item):
    assert read(rss(item()), url=URL, selectors=Selectors()).kind == "rss"


def test_a_page_of_three_thousand_links_ends(listed):
    rows = "".join(f"<li><a href='/p{n}'>Something that is long enough {n}</a></li>" for n in range(3_000))
    assert len(listed(f"<ul>{rows}</ul>")) == 500
