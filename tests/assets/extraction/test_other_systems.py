"""What content systems do that had not been met before: tools and cards between paragraphs, authors and titles in odd places."""

import json
from datetime import UTC, datetime

import pytest

from assets.extraction.extract import extract
from assets.extraction.records import Extract
from assets.extraction.templates import learn, read_page

NOW = datetime(2024, 11, 1, tzinfo=UTC)
TITLE = "The port and its ferries"
BODY = [
    "The port stands on the eastern shore of the sea, and ferries cross from here to the other side in about a day and a half.",
    "Grain, metals and oil products leave the country by this way. Containers from the east have joined them over the last years.",
    "The sea itself sets a limit. Its level has been falling for years, and ships can load less than what they were built for.",
    "Customs work is the second limit: a wagon that crosses three borders is inspected three times unless states agree on papers.",
]


def paragraphs(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def read(inside: str, *, head: str = "", below: str = "", title: str = TITLE, heading: str = f"<h1>{TITLE}</h1>") -> Extract:
    """An article with something between its paragraphs."""
    page = f"<html><head><title>{title}</title>{head}</head><body><div>{heading}{below}<div>{paragraphs(BODY[:2])}{inside}{paragraphs(BODY[2:])}</div></div></body></html>"
    return extract(page.encode(), url="https://institute.example/p/1", now=NOW)


CARD = '<a href="/p/7">A trap on the Bosporus strait</a><p>The straits convention sets rules by which warships of others pass.</p>'


@pytest.mark.parametrize(
    ("inside", "gone"),
    [
        (f'<div class="sqs-block summary-v2-block"><div>Featured</div>{CARD}</div>', "Bosporus"),
        (f'<div class="digest-post-embed">{CARD}</div>', "Bosporus"),
        (f'<div class="paragraph paragraph--type--related-content"><h3>Further texts</h3>{CARD}</div>', "Bosporus"),
        ('<p><strong>İlgili Haber:</strong> <a href="/p/7">Boğazda bir tuzak</a></p>', "tuzak"),
        ('<p>Сондай-ақ оқыңыз: <a href="/p/7">Су келісімі не туралы үндемейді</a></p>', "үндемейді"),
        ('<div><a href="/r.pdf">Download the full brief (PDF, 1.2 MB)</a></div>', "brief"),
        ('<div><a href="/r.pdf">Raporu indir (PDF)</a></div>', "indir"),
        ("<div>1,204 views 3 comments</div>", "1,204"),
        ('<p><a href="/print">Версия для печати</a> | <a href="/mail">Отправить другу</a> | Прочитано 431 раз</p>', "печати"),
    ],
)
def test_furniture_between_paragraphs_goes_and_the_text_around_it_stays(inside: str, gone: str) -> None:
    found = read(inside)
    assert gone not in found.text
    assert all(paragraph in found.text for paragraph in BODY)


@pytest.mark.parametrize(
    ("inside", "kept"),
    [
        ('<aside class="pullquote"><p>We built the quay for ships that never came.</p></aside>', "never came"),
        ('<ul><li><a href="/r.pdf">Download figures of 2023, ministry of transport (PDF)</a></li></ul>', "ministry of transport"),
        (
            '<div class="paragraph paragraph-published"><p>The text of a paragraph that a system calls published.</p></div>',
            "calls published",
        ),
        ("<p>1,204 wagons waited at the border in March.</p>", "1,204 wagons"),
        ("<p>Left | Right: two columns of a ledger that nobody has read since.</p>", "ledger"),
    ],
)
def test_what_only_looks_like_furniture_stays(inside: str, kept: str) -> None:
    assert kept in read(inside).text


GRAPH = {
    "@graph": [
        {"@type": "Person", "@id": "#p", "name": "Helen Marsh"},
        {"@type": "NewsArticle", "headline": TITLE, "author": {"@id": "#p"}},
    ]
}


@pytest.mark.parametrize(
    ("head", "below", "author"),
    [
        (f'<script type="application/ld+json">{json.dumps(GRAPH)}</script>', "", "Helen Marsh"),
        (
            "",
            '<div class="details"><span itemprop="author"><span itemprop="name">Ирина Соколова</span></span><span>Регион</span></div>',
            "Ирина Соколова",
        ),
        (
            "",
            '<div><a href="/author/l">ليلى حداد</a> <span>12 يونيو 2023</span> <span>دقيقة واحدة للقراءة في هذا الموقع</span></div>',
            "ليلى حداد",
        ),
        ("", "<div><span>12 червня 2023</span> <span>Оксана Кравчук</span> <span>Переглядів: 512</span></div>", "Оксана Кравчук"),
    ],
)
def test_authors_are_found_where_systems_put_them(head: str, below: str, author: str) -> None:
    assert read("", head=head, below=below).authors == (author,)


def test_who_remarks_is_no_author() -> None:
    name = '<span itemprop="author"><span itemprop="name">Tom Reader</span></span>'
    page = f'<div><h1>{TITLE}</h1>{paragraphs(BODY)}<div id="comments"><div itemprop="comment">{name}<p>Well said.</p></div></div></div>'
    assert extract(page.encode(), now=NOW).authors == ()


@pytest.mark.parametrize("heading", [f'<h1><img src="/logo.png" alt=""></h1><h2>{TITLE}</h2>', f"<p>12.03.2023<br><b>{TITLE}</b></p>"])
def test_the_name_of_a_site_before_the_bar_is_no_title(heading: str) -> None:
    assert read("", title=f"Institute of Regional Problems :: {TITLE}", heading=heading).title == TITLE


def test_numbers_in_tables_and_notes_are_an_articles_own_on_every_page() -> None:
    def page(n: int) -> bytes:
        table = (
            f"<table><tr><th>Year</th><th>Mt</th></tr><tr><td>2021</td><td>{n}1,4</td></tr><tr><td>2022</td><td>{n}2,9</td></tr></table>"
        )
        text = paragraphs([f"{paragraph} This is said for case {'abcdef'[n] * 3}." for paragraph in BODY])
        return f"<div><h1>Case {'abcdef'[n] * 3}</h1><div class='t'>{text}{table}<p class='n'>Ibid., p. {n}7</p></div><p class='z'>Read {n} times</p></div>".encode()

    pages = [known for n in range(1, 6) if (known := read_page(page(n)))]
    found = extract(page(0), url="https://institute.example/p/0", rules=learn(pages, NOW).rules, now=NOW)
    assert "Year | Mt" in found.text
    assert "2021 | 01,4" in found.text
    assert "Ibid., p. 07" in found.text
    assert "Read 0" not in found.text


@pytest.mark.parametrize("name", ["td-post-sub-title", "gh-article-excerpt", "subtitle", "standfirst"])
def test_a_deck_below_the_title_is_part_of_the_text(name: str) -> None:
    deck = "How one annex came to decide the fate of a corridor"
    head = f'<header><h1>{TITLE}</h1><p class="{name}">{deck}</p><div class="meta">By Helen Marsh, 12 March 2024</div></header>'
    page = f'<article>{head}<section class="entry-content">{paragraphs(BODY)}</section></article>'
    found = extract(page.encode(), now=NOW)
    assert found.text.split("\n\n") == [deck, *BODY]
    assert found.authors == ("Helen Marsh",)
