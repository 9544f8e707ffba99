"""What each datum stands on, and what is kept beside the text: signature, author box, dateline's parts, other languages."""

from datetime import UTC, datetime

import pytest

from assets.extraction.extract import extract
from assets.extraction.records import Extract, Hints
from assets.extraction.signatures import dateline_parts

NOW = datetime(2024, 11, 1, tzinfo=UTC)
BODY = "".join(
    f"<p>Paragraph {number} tells how the port was built, who paid for it, and why the ferries still run late in winter.</p>"
    for number in range(6)
)
HEAD = (
    "<title>The port of Aktau | Steppe Institute</title><meta property='og:title' content='The port of Aktau'>"
    "<meta property='og:site_name' content='Steppe Institute'><meta property='article:published_time' content='2024-03-12T09:30:00Z'>"
    '<script type="application/ld+json">{"@type": "Article", "headline": "The port of Aktau", "datePublished": "2024-03-12",'
    ' "author": {"name": "Dana Yesimova"}}</script>'
    "<link rel='alternate' hreflang='ru' href='/ru/port'><link rel='alternate' hreflang='x-default' href='/'>"
    "<link rel='alternate' hreflang='en' href='/port'>"
)


def read(head: str = HEAD, hints: Hints | None = None) -> Extract:
    page = (
        f"<html lang='en'><head>{head}</head><body><article><h1>The port of Aktau</h1><p>By Dana Yesimova | March 12, 2024</p>"
        f"<p>AKTAU, 12 Mar 2024, Steppe Institute.</p>{BODY}<p>Dana Yesimova – Director of the Steppe Institute</p></article>"
        "<div class='author-box'><h4>About the author</h4><p>Dana Yesimova has measured harbours for twenty years.</p></div></body></html>"
    )
    return extract(page.encode(), url="https://steppe.example/port", hints=hints or Hints(), now=NOW)


def test_each_datum_names_all_that_says_the_same():
    told = dict(line.split(": ", 1) for line in read().evidence)
    assert told["body"] == "zones"
    assert told["title"] == "heading, JSON-LD, og:title, title element"
    assert told["authors"] == "JSON-LD, shown beside the title, shown behind the text"
    assert told["published"] == "JSON-LD, article:published_time, shown beside the title, dateline"
    assert told["language"] == "text, html lang"
    assert told["site"] == "og:site_name"


def test_the_feed_is_named_where_it_says_the_same_and_only_there():
    same = Hints(title="The port of Aktau", published=datetime(2024, 3, 12, 9, 30, tzinfo=UTC), authors=("Dana Yesimova",))
    other = Hints(title="Another", published=datetime(2023, 1, 1, tzinfo=UTC), authors=("Somebody",))
    for hints, named in ((same, True), (other, False)):
        told = dict(line.split(": ", 1) for line in read(hints=hints).evidence)
        assert {datum: "feed" in told[datum].split(", ") for datum in ("title", "authors", "published")} == dict.fromkeys(
            ("title", "authors", "published"), named
        )


def test_what_is_no_text_is_kept_beside_it():
    found = read()
    assert found.signature == "Dana Yesimova – Director of the Steppe Institute"
    assert (found.dateline_place, found.dateline_desk) == ("AKTAU", "Steppe Institute")
    assert found.about_authors is not None
    assert "measured harbours" in found.about_authors
    assert "measured harbours" not in found.text
    assert found.translations == ("ru https://steppe.example/ru/port",)


@pytest.mark.parametrize(
    ("line", "place", "desk"),
    [
        ("MOSCOW, 19 Sep 2021, RUSSTRAT Institute.", "MOSCOW", "RUSSTRAT Institute"),
        ("МОСКВА, 19 сентября /ТАСС/.", "МОСКВА", "ТАСС"),
        ("BERLIN (Reuters) –", "BERLIN", "Reuters"),
        ("新华社北京9月19日电", "北京", "新华社"),
        ("NEW YORK, September 19, 2021 –", "NEW YORK", None),
    ],
)
def test_a_dateline_names_its_place_and_its_desk(line, place, desk):
    assert dateline_parts(line) == (place, desk)
