"""Which of several dates is the article's: the order of the evidence, and what is no evidence."""

import json
from datetime import UTC, datetime

import pytest

from assets.extraction.extract import extract
from assets.extraction.records import Hints

NOW = datetime(2024, 11, 1, tzinfo=UTC)
BODY = "".join(
    f"<p>Paragraph {number} tells how the port was built, who paid for it, and why the ferries still run late in winter.</p>"
    for number in range(8)
)
DAY = "2024-03-12"


def day(
    head: str = "",
    top: str = "",
    bottom: str = "",
    lang: str = "en",
    url: str = "https://institute.example/analysis/port",
    title: str = "<h1>The port</h1>",
    **hints,
) -> str | None:
    page = (
        f'<html lang="{lang}"><head><title>The port</title>{head}</head><body><article>{title}{top}{BODY}</article>{bottom}</body></html>'
    )
    found = extract(page.encode(), url=url, hints=Hints(**hints), now=NOW)
    return found.published.date().isoformat() if found.published else None


def linked_data(*things: dict) -> str:
    return f'<script type="application/ld+json">{json.dumps([{"@type": "NewsArticle", **thing} for thing in things])}</script>'


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        ("en", "Published March 12, 2024"),
        ("en", "12 March 2024, 10:30 GMT"),
        ("ru", "Опубликовано: 12 марта 2024 г."),
        ("ru", "12.03.2024 в 10:30"),
        ("uk", "Опубліковано 12 березня 2024"),
        ("fr", "Publié le 12 mars 2024"),
        ("de", "Veröffentlicht am 12. März 2024"),
        ("es", "Publicado el 12 de marzo de 2024"),
        ("zh", "发布时间：2024年3月12日"),
    ],
)
def test_a_shown_date_is_read_in_the_language_of_the_page_above_and_below_the_text(lang, line):
    assert day(top=f"<p>{line}</p>", lang=lang) == DAY
    assert day(bottom=f"<div><p>Institute</p></div><div><p>{line}</p></div>", lang=lang) == DAY


@pytest.mark.parametrize(
    ("line", "evidence"),
    [
        ("12/03/2024", {"head": linked_data({"datePublished": "2024-03-12"})}),
        ("03/12/2024", {"head": linked_data({"datePublished": "2024-03-12"})}),
        ("12.03.2024", {"head": linked_data({"datePublished": "2024-03-12T09:00:00Z"})}),
        ("03.12.2024", {"head": linked_data({"datePublished": "2024-03-12T09:00:00Z"})}),
        ("03/12/2024", {"url": "https://institute.example/2024/03/12/port"}),
        ("12/03/2024", {"url": "https://institute.example/2024/march/12/port"}),
        ("12-03-2024", {"bottom": "<aside><h4><a href='/port'>The port, as listed</a></h4><span>March 12, 2024</span></aside>"}),
        ("03/12/2024", {"bottom": "<aside><h4><a href='/port'>The port, as listed</a></h4><span>2024-03-12</span></aside>"}),
    ],
)
def test_day_and_month_are_told_apart_by_what_else_the_page_says(line, evidence):
    assert day(top=f"<p>{line}</p>", **evidence) == DAY


def test_a_date_that_can_be_read_in_two_ways_is_no_date():
    assert day(top="<p>03/12/2024</p>") is None
    assert day(top="<p>03/12/2024</p>", bottom="<aside>March 12, 2024 and December 3, 2024</aside>") is None


def test_of_several_shown_days_the_one_that_is_stated_counts():
    top = "<ul><li>October 20, 2024</li><li>March 12, 2024</li></ul>"
    assert day(head=linked_data({"datePublished": "2024-03-12T09:00:00Z"}), top=top) == DAY


def test_what_is_stated_goes_before_a_log_of_changes_when_the_address_says_the_same():
    top = "<ul><li>2024-10-20 a link was mended</li></ul>"
    head = "<meta property='article:published_time' content='2024-03-12T19:55+01:00'>"
    assert day(head=head, top=top, url="https://institute.example/2024/03/12/port") == DAY


def test_a_statement_with_its_time_goes_before_midnight_of_the_day_before():
    head = linked_data({"datePublished": "2024-03-11T00:00:00+0000"}) + linked_data({"datePublished": "2024-03-12T04:39:05+00:00"})
    assert day(head=head) == DAY


def test_of_two_names_for_publication_the_earlier_is_the_first_publication():
    assert day(head="<meta name='published-time' content='2024-10-09T08:45:32Z'><meta name='x-published-date' content='2024-03-12'>") == DAY


def test_the_articles_of_other_pages_do_not_date_this_one():
    others = [{"url": f"https://institute.example/analysis/{name}", "datePublished": "2024-10-20"} for name in ("ferry", "canal")]
    own = {"url": "https://institute.example/analysis/port", "datePublished": DAY}
    assert day(head=linked_data(*others, own)) == DAY
    assert day(head=linked_data(own, *others)) == DAY


@pytest.mark.parametrize("kind", ["VideoObject", "Event", "Product", "Book"])
def test_a_film_an_event_or_a_book_that_the_page_is_about_does_not_date_it(kind):
    assert day(head=linked_data({"@type": kind, "datePublished": "2019-01-01", "uploadDate": "2019-01-01"})) is None


def test_the_time_at_which_a_page_was_made_anew_gives_way_to_the_date_that_says_published():
    stamp = "2024-10-29T12:28:31Z"
    head = linked_data({"datePublished": stamp, "dateModified": stamp})
    assert day(head=head, bottom="<div><div>Published March 12, 2024</div></div>") == DAY
    assert day(head=head) == "2024-10-29"


@pytest.mark.parametrize(
    "bottom",
    [
        "<div class='box'><h4>Published</h4><div>March 12, 2024</div></div>",
        "<div class='article-published'>March 12, 2024</div>",
        "<div class='end'>Posted on March 12, 2024 by <a href='/authors/jane'>Jane Doe</a></div>",
        "<div>Last updated: March 12, 2024</div>",
    ],
)
def test_a_date_that_says_what_it_is_counts_wherever_it_stands(bottom):
    assert day(bottom=f"<div><p>Institute</p><p>Address</p></div>{bottom}") == DAY


@pytest.mark.parametrize(
    "bottom",
    [
        "<div><h4><a href='/x'>Another article of ours on ferries</a></h4><div>Published March 12, 2024</div></div>",
        "<div><div>Published March 12, 2024</div><div>Published October 20, 2024</div></div>",
        "<div>Address</div>" * 12 + "<div>March 12, 2024</div>",
        "<div>© 2019–2024 Steppe Institute, founded on 12 March 2004</div>",
    ],
)
def test_dates_of_teasers_and_dates_that_contradict_each_other_say_nothing(bottom):
    assert day(bottom=f"<div><p>Institute</p><p>Address</p></div>{bottom}") is None


def test_a_time_inside_the_heading_is_the_articles():
    assert day(title=f"<h1><a href='/port'><time datetime='{DAY}T13:21:19Z'>Mar 12</time> The port</a></h1>") == DAY


def test_a_heading_that_the_head_calls_differently_is_still_the_heads_place():
    page = "<div>Skip to content</div>" + "".join(f"<div>Menu {number}</div>" for number in range(12))
    assert day(title=f"{page}<h1>Which ferry should you take?</h1>", top="<time datetime='2024-03-12'>March 12, 2024</time>") == DAY


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        ("ar", "١٢ آذار/مارس ٢٠٢٤"),
        ("ar", "الثلاثاء 12 مارس، 2024"),
        ("zh", "二〇二四年三月十二日"),
        ("it", "12 marzo 2024"),
        ("pt", "12 de março de 2024"),
        ("pl", "12 marca 2024 r."),
        ("tr", "12 Mart 2024 Salı"),
        ("hu", "2024. március 12."),
    ],
)
def test_a_date_is_read_in_the_other_languages_of_the_registry(lang, line):
    assert day(top=f"<p>{line}</p>", lang=lang) == DAY


@pytest.mark.parametrize(
    "top",
    [
        "<p><span property='dc:date dc:created' content='2024-03-12T09:00:00+01:00'>Tuesday</span></p>",
        "<p><abbr class='published' title='2024-03-12T09:00:00+01:00'>last week</abbr></p>",
        "<div itemprop='datePublished' content='2024-03-12'>this spring</div>",
        (
            "<time class='updated' datetime='2024-10-20T09:00:00+00:00'>October 20, 2024</time>"
            "<time class='entry-date published' datetime='2024-03-12T09:00:00+00:00'>March 12, 2024</time>"
        ),
        "<p>Updated <time datetime='2024-10-20'>October 20, 2024</time> | Published <time datetime='2024-03-12'>March 12, 2024</time></p>",
    ],
)
def test_a_time_that_an_element_states_is_read_for_what_the_element_says(top):
    assert day(top=top) == DAY


def test_a_moment_in_utc_lies_on_the_day_that_its_element_shows():
    assert day(top="<p><time datetime='2024-03-13T04:13:00Z'>March 12, 2024</time></p>") == DAY
    assert day(top="<p><time datetime='2024-03-11T21:30:00Z'>12 March 2024 - 00:30</time></p>") == DAY


def test_the_exact_moment_of_the_feed_goes_before_a_time_of_the_page_without_a_zone():
    head = "<meta name='date' content='2024-03-12 09:00'>"
    page = f"<html><head><title>The port</title>{head}</head><body><h1>The port</h1><p>12 March 2024</p>{BODY}</body></html>"
    moment = datetime(2024, 3, 12, 6, 0, tzinfo=UTC)
    found = extract(page.encode(), hints=Hints(published=moment, published_quality="exact"), now=NOW)
    assert (found.published, found.published_quality) == (moment, "exact")


def test_the_order_of_day_and_month_is_that_of_other_dates_of_the_site():
    cards = "<aside><div><h4><a href='/ferry'>The ferry and its late winter</a></h4><span>25/10/2024</span></div></aside>"
    assert day(top="<p>12/03/2024</p>", bottom=cards) == DAY
    assert day(top="<p>03/12/2024</p>", bottom=cards.replace("25/10", "10/25")) == DAY


def test_a_page_goes_on_behind_its_end():
    page = f"<html><body><header>Menu</header></body></html><article><h1>The port</h1><p>12 March 2024</p>{BODY}</article></body></html>"
    found = extract(page.encode(), now=NOW)
    assert found.status == "ok"
    assert found.text.count("Paragraph") == 8
    assert found.published is not None
