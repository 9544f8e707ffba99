"""What is known of an article: titles as shown, persons as signed, dates as stated or shown and never invented."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from assets.extraction.extract import extract
from assets.extraction.naming import names
from assets.extraction.records import Hints

NOW = datetime(2024, 11, 1, tzinfo=UTC)
BODY = "".join(
    f"<p>Paragraph {number} tells how the port was built, who paid for it, and why the ferries still run late in winter.</p>"
    for number in range(8)
)


def read(
    head: str = "",
    top: str = "<h1>The port</h1>",
    bottom: str = "",
    url: str | None = "https://institute.example/analysis/port",
    lang: str = "en",
    **hints,
):
    page = f'<html lang="{lang}"><head>{head}</head><body><nav><a href="/">Home</a></nav><article>{top}{BODY}{bottom}</article><footer>© 2024 Institute</footer></body></html>'
    return extract(page.encode(), url=url, hints=Hints(**hints), now=NOW)


def linked_data(**thing) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@context": "https://schema.org", "@type": "NewsArticle", **thing})}</script>'


@pytest.mark.parametrize(
    ("head", "top", "title"),
    [
        (
            "<title>The port of Aktau - Steppe Institute</title><meta property='og:site_name' content='Steppe Institute'>",
            "<h1>The port of Aktau</h1>",
            "The port of Aktau",
        ),
        ("<title>The port of Aktau | Steppe Institute</title>", "<h2>Something else</h2>", "The port of Aktau"),
        (
            "<title>Steppe Institute: The port of Aktau</title><meta property='og:site_name' content='Steppe Institute'>",
            "",
            "The port of Aktau",
        ),
        ("<title>The port of Aktau » Steppe</title>", "<h1>Steppe</h1><h2>The port of Aktau</h2>", "The port of Aktau"),
        (
            "<meta property='og:title' content='The port of Aktau'><title>Top stories</title>",
            "<h1>The port of Aktau: a gate</h1>",
            "The port of Aktau: a gate",
        ),
        (linked_data(headline="The port of Aktau"), "", "The port of Aktau"),
        ("<title>Порт Актау — Институт Степи</title><meta property='og:site_name' content='Институт Степи'>", "", "Порт Актау"),
        ("<title>Ports &amp;amp; ferries</title>", "", "Ports & ferries"),
        ("", "<h1>The port of Aktau</h1>", "The port of Aktau"),
    ],
)
def test_titles(head, top, title):
    assert read(head, top).title == title


def test_the_title_is_not_in_the_text():
    found = read("<title>The port of Aktau</title>", "<h1>The port of Aktau</h1><h2>The port of Aktau</h2>")
    assert "The port of Aktau" not in found.text


def test_the_feed_names_a_page_without_a_title():
    assert read("", "", title="The port, as the feed says").title == "The port, as the feed says"


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("By Jane Doe", ["Jane Doe"]),
        ("By Jane Doe and John Smith", ["Jane Doe", "John Smith"]),
        ("March 12, 2024 By Jane Doe", ["Jane Doe"]),
        ("12.03.2024 Автор: Дана Есимова", ["Дана Есимова"]),
        ("Автор: Дана Есимова и Тимур Каримов", ["Дана Есимова", "Тимур Каримов"]),
        ("Written by: Jane Doe, PhD | 5 min read", ["Jane Doe, PhD"]),
        ("Von Anna Müller und Karl-Heinz Schmidt", ["Anna Müller", "Karl-Heinz Schmidt"]),
        ("Par Élise Martin", ["Élise Martin"]),
        ("Por María José Pérez", ["María José Pérez"]),
        ("Jane Doe, Senior Fellow", ["Jane Doe"]),
        ("By Jane Doe. Reviewed by Mary Major", ["Jane Doe"]),
        ("By the Editorial Board", ["the Editorial Board"]),
    ],
)
def test_bylines(line, authors):
    markup = f'<p class="byline">{line}</p>'
    assert list(read(top=f"<h1>The port</h1>{markup}").authors) == authors


def test_a_byline_above_the_text_is_not_in_the_text():
    found = read(top="<h1>The port</h1><p>By Jane Doe</p><p>March 12, 2024</p>")
    assert found.text.startswith("Paragraph 0")
    assert {cut.kind for cut in found.cut} >= {"meta"}


@pytest.mark.parametrize(
    ("head", "authors"),
    [
        (linked_data(author={"@type": "Person", "name": "Jane Doe"}), ["Jane Doe"]),
        (linked_data(author=[{"name": "Jane Doe"}, {"name": "John Smith"}]), ["Jane Doe", "John Smith"]),
        (linked_data(author="Jane Doe"), ["Jane Doe"]),
        ("<meta name='author' content='Jane Doe'>", ["Jane Doe"]),
        ("<meta name='citation_author' content='Jane Doe'><meta name='citation_author' content='John Smith'>", ["Jane Doe", "John Smith"]),
        ("<meta property='article:author' content='https://facebook.com/jane'><meta name='dc.creator' content='Jane Doe'>", ["Jane Doe"]),
        ("<meta name='twitter:label1' content='Written by'><meta name='twitter:data1' content='Jane Doe'>", ["Jane Doe"]),
        ("<meta name='author' content='admin'>", []),
        ("<meta name='author' content='jane@institute.example (Jane Doe)'>", ["Jane Doe"]),
    ],
)
def test_stated_authors(head, authors):
    assert list(read(head).authors) == authors


def test_the_name_that_is_shown_goes_before_the_name_of_an_account():
    assert read("<meta name='author' content='jdoe82'>", "<h1>The port</h1><p>By <a href='/author/jane-doe'>Jane Doe</a></p>").authors == (
        "Jane Doe",
    )


def test_menus_and_teasers_name_no_authors():
    menu = "<nav><ul><li>By Topic</li><li>By Region</li></ul></nav>"
    teaser = "<div class='related-posts'><h3><a href='/x'>Another article of ours</a></h3><p>By Mary Major</p></div>"
    assert read(top=f"{menu}<h1>The port</h1>", bottom=teaser).authors == ()


def test_the_feed_names_the_authors_of_a_page_that_names_none():
    assert read(authors=("Jane Doe",)).authors == ("Jane Doe",)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("Jane Doe; John Smith", ["Jane Doe", "John Smith"]),
        ("https://a.example/jane", []),
        ("", []),
        ("Posted by Jane Doe on March 3, 2024", ["Jane Doe"]),
        ("作者：王小明", ["王小明"]),
        ("Maria & Katerina", ["Maria & Katerina"]),
    ],
)
def test_names_in_a_line(raw, found):
    assert names(raw) == found


@pytest.mark.parametrize(
    ("head", "top", "published", "quality"),
    [
        (
            linked_data(datePublished="2024-03-12T09:30:00+05:00"),
            "<h1>The port</h1>",
            datetime(2024, 3, 12, 9, 30, tzinfo=timezone(timedelta(hours=5))),
            "exact",
        ),
        (
            "<meta property='article:published_time' content='2024-03-12T04:30:00Z'>",
            "<h1>The port</h1>",
            datetime(2024, 3, 12, 4, 30, tzinfo=UTC),
            "exact",
        ),
        ("<meta name='DC.date.issued' content='2024-03-12'>", "<h1>The port</h1>", datetime(2024, 3, 12, tzinfo=UTC), "day"),
        (
            "",
            "<h1>The port</h1><time datetime='2024-03-12T09:30:00+05:00'>yesterday</time>",
            datetime(2024, 3, 12, 4, 30, tzinfo=UTC),
            "exact",
        ),
        ("", "<h1>The port</h1><p class='date'>March 12, 2024</p>", datetime(2024, 3, 12, tzinfo=UTC), "day"),
        ("", "<h1>The port</h1><div>12 марта 2024 г.</div>", datetime(2024, 3, 12, tzinfo=UTC), "day"),
        ("", "<h1>The port</h1><div>2024年3月12日</div>", datetime(2024, 3, 12, tzinfo=UTC), "day"),
        ("", "<h1>The port</h1><p>ASTANA, 12 March 2024, Steppe Institute.</p>", datetime(2024, 3, 12, tzinfo=UTC), "day"),
        ("", "<h1>The port</h1><p>Updated March 12, 2024</p>", datetime(2024, 3, 12, tzinfo=UTC), "guess"),
        ("<meta itemprop='datePublished' content='2024-03-12'>", "<h1>The port</h1>", datetime(2024, 3, 12, tzinfo=UTC), "day"),
    ],
)
def test_dates(head, top, published, quality):
    found = read(head, top, lang="ru" if "марта" in top else "en")
    assert (found.published, found.published_quality) == (published, quality)


def test_the_address_dates_a_page_that_shows_no_date():
    found = read(url="https://institute.example/2024/03/12/port")
    assert (found.published, found.published_quality) == (datetime(2024, 3, 12, tzinfo=UTC), "day")


@pytest.mark.parametrize(
    "bottom",
    [
        "<div class='related-posts'><h3><a href='/x'>Another article of ours</a></h3><p>October 24, 2024</p></div>",
        "<p>The treaty was signed on October 24, 2021, and it entered into force only years later.</p>",
        "<div id='comments'><p>Jane, October 24, 2024</p></div>",
        "<p>© 2024 Steppe Institute</p>",
        "<ul><li><a href='/2024/10/24/x'>Another article</a></li></ul>",
    ],
)
def test_no_date_is_invented_from_what_is_not_the_articles(bottom):
    found = read(bottom=bottom)
    assert (found.published, found.published_quality) == (None, None)


def test_the_shown_day_goes_before_a_stated_day_that_contradicts_it():
    found = read(linked_data(datePublished="2024-10-20"), "<h1>The port</h1><p>March 12, 2024</p>")
    assert found.published == datetime(2024, 3, 12, tzinfo=UTC)


def test_publication_and_change_are_told_apart():
    found = read(
        linked_data(datePublished="2024-03-12T10:00:00Z", dateModified="2024-04-01T10:00:00Z"),
        "<h1>The port</h1><p>Updated April 1, 2024</p>",
    )
    assert found.published == datetime(2024, 3, 12, 10, tzinfo=UTC)
    assert found.modified == datetime(2024, 4, 1, 10, tzinfo=UTC)


def test_the_feed_dates_a_page_that_has_no_date_and_makes_a_shown_day_exact():
    moment = datetime(2024, 3, 12, 7, 30, tzinfo=UTC)
    assert read(published=moment, published_quality="exact").published == moment
    found = read(top="<h1>The port</h1><p>March 12, 2024</p>", published=moment, published_quality="exact")
    assert (found.published, found.published_quality) == (moment, "exact")


@pytest.mark.parametrize(("country", "day"), [("US", 5), ("GB", 6)])
def test_the_country_orders_day_and_month(country, day):
    found = read(top="<h1>The port</h1><p class='date'>05/06/2024</p>", country=country)
    assert found.published == (datetime(2024, 5, 6, tzinfo=UTC) if day == 5 else datetime(2024, 6, 5, tzinfo=UTC))


def test_links_attachments_tags_and_description():
    top = '<h1>The port</h1><p>As <a href="/2023/sea">an earlier paper</a> and <a href="https://b.example/map.pdf">a map</a> show, the sea has been falling for many years now.</p>'
    bottom = '<div class="post-tags"><a href="/tag/ports">ports</a> <a href="javascript:x()">ferries</a></div>'
    found = read("<meta name='description' content='On ports.'><meta property='article:tag' content='Caspian'>", top, bottom)
    assert found.links == ("https://institute.example/2023/sea", "https://b.example/map.pdf")
    assert found.attachments == ("https://b.example/map.pdf",)
    assert found.description == "On ports."
    assert "Caspian" in found.tags


@pytest.mark.parametrize(
    ("text", "declared", "code"),
    [
        ("Порт Актау стоит на восточном берегу Каспийского моря, и паромы идут отсюда в Баку около суток. " * 3, "en", "ru"),
        ("Порт Актау стоїть на східному березі Каспійського моря, і пороми йдуть звідси до Баку близько доби. " * 3, "ru", "uk"),
        ("The port stands on the eastern shore of the sea, and ferries cross from here in about a day. " * 3, "ru", "en"),
        ("Le port se trouve sur la rive orientale de la mer, et les ferries partent d'ici chaque jour. " * 3, "en-US", "fr"),
        ("Der Hafen liegt am östlichen Ufer des Meeres, und die Fähren brauchen von hier etwa einen Tag. " * 3, "", "de"),
        ("El puerto está en la orilla oriental del mar, y los transbordadores salen de aquí cada día. " * 3, "", "es"),
        ("港口位于里海东岸，渡轮从这里出发前往巴库大约需要一天时间。粮食、金属和石油产品由此出口。" * 3, "en", "zh"),
    ],
)
def test_the_language_is_that_of_the_text(text, declared, code):
    page = f'<html lang="{declared}"><body><article><p>{text}</p></article></body></html>'
    assert extract(page.encode(), now=NOW).language == code


def test_broken_linked_data_is_passed_over():
    head = '<script type="application/ld+json">{"@type": "Article", "headline": "x",,}</script><script type="application/ld+json">[[[{"@graph": [1, null, {"@type": ["Article"], "author": 7}]}]]]</script>'
    assert read(head).status == "ok"
