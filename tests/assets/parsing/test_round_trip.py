"""Whatever a publisher writes comes out as it was meant, in every format, in both readers."""

import json
from datetime import UTC, datetime
from html import escape
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.parsing.cleaning import clean
from assets.parsing.feed import parse_feed
from assets.parsing.rescue import read_tree
from assets.parsing.xmlfeed import read_with_feedparser

NOW = datetime(2026, 11, 23, tzinfo=UTC)
URL = "https://institute.example/feed"
# Titles of visible characters; "<" and "&" are among them, and what would be a tag or a reference of HTML is not.
WORDS = st.text("abcXYZ АБвгЁё éçñ 中亚安全 عربي &<>'\"-–«»!?.,:;1234567890", min_size=1, max_size=40).map(
    lambda text: " ".join(text.split())
)
TITLES = WORDS.filter(
    lambda text: text and not any(sign in text for sign in ("&a", "&b", "&c", "&X", "&Y", "&Z", "&1", "&2", "<a", "<b", "<c", "<X"))
)


@st.composite
def _articles(draw):
    titles = draw(st.lists(TITLES, max_size=5))
    moments = st.datetimes(min_value=datetime(1990, 1, 2), max_value=datetime(2026, 11, 22))  # noqa: DTZ001 - hypothesis wants naive bounds
    return [
        SimpleNamespace(title=title, number=number, moment=draw(moments).replace(microsecond=0, tzinfo=UTC), text=draw(TITLES))
        for number, title in enumerate(titles)
    ]


def _text(value, *, cdata=False):
    return f"<![CDATA[{escape(value, quote=False)}]]>" if cdata and "]]>" not in value else escape(value, quote=False)


def _rss(articles, *, cdata=False):
    items = "".join(
        f"<item><title>{_text(a.title, cdata=cdata)}</title><link>https://institute.example/p/{a.number}</link><guid>{a.number}</guid>"
        f"<pubDate>{a.moment:%a, %d %b %Y %H:%M:%S} GMT</pubDate><description>{escape('<p>' + escape(a.text) + '</p>')}</description></item>"
        for a in articles
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'


def _rss_cdata(articles):
    return _rss(articles, cdata=True)


def _atom(articles):
    entries = "".join(
        f'<entry><id>{a.number}</id><title>{_text(a.title)}</title><link href="/p/{a.number}"/><updated>{a.moment:%Y-%m-%dT%H:%M:%SZ}</updated>'
        f'<content type="html">{escape("<p>" + escape(a.text) + "</p>")}</content></entry>'
        for a in articles
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{entries}</feed>'


def _rdf(articles):
    items = "".join(
        f"<item><title>{_text(a.title)}</title><link>https://institute.example/p/{a.number}</link><dc:date>{a.moment:%Y-%m-%dT%H:%M:%S+00:00}</dc:date>"
        f"<description>{escape('<p>' + escape(a.text) + '</p>')}</description></item>"
        for a in articles
    )
    spaces = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return f"<rdf:RDF {spaces}><channel><title>T</title></channel>{items}</rdf:RDF>"


def _json(articles):
    items = [
        {
            "id": a.number,
            "url": f"/p/{a.number}",
            "title": a.title,
            "date_published": a.moment.isoformat(),
            "content_html": f"<p>{escape(a.text)}</p>",
        }
        for a in articles
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": items}, ensure_ascii=False)


FORMATS = [_rss, _rss_cdata, _atom, _rdf, _json]


@settings(max_examples=150)
@given(_articles(), st.sampled_from(FORMATS), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_every_format_and_encoding_gives_what_was_written(articles, form, encoding):
    feed = parse_feed(form(articles).encode(encoding), url=URL, now=NOW)
    assert feed.verdict == "ok"
    assert [entry.title for entry in feed.entries] == [a.title for a in articles]
    assert [entry.url for entry in feed.entries] == [f"https://institute.example/p/{a.number}" for a in articles]
    assert [entry.published for entry in feed.entries] == [a.moment for a in articles]
    assert [entry.content or entry.summary for entry in feed.entries] == [f"<p>{escape(a.text)}</p>" for a in articles]


@settings(max_examples=80)
@given(_articles(), st.sampled_from([_rss, _rss_cdata, _atom, _rdf]))
def test_the_plain_reader_reads_good_feeds_as_feedparser_does(articles, form):
    text = clean(form(articles)).text
    plain, full = read_tree(text, url=URL), read_with_feedparser(text, url=URL)
    assert [entry.title for entry in plain.entries] == [entry.title for entry in full.entries]
    assert [entry.content or entry.summary for entry in plain.entries] == [entry.content or entry.summary for entry in full.entries]
    assert [entry.guid for entry in plain.entries] == [entry.guid for entry in full.entries]
    assert (plain.title, plain.kind) == (full.title, full.kind)


@settings(max_examples=60)
@given(_articles().filter(bool), st.sampled_from([_rss, _rss_cdata]))
def test_a_second_parser_agrees_on_how_many_entries_there_are(articles, form):
    import fastfeedparser

    document = form(articles).encode()
    assert len(fastfeedparser.parse(document).entries) == len(parse_feed(document, url=URL, now=NOW).entries)


@pytest.mark.parametrize(
    ("broken", "title", "url"),
    [
        ("<item><title>One<link>/p/1</link><guid>1</guid></item>", "One", "/p/1"),
        ("<ITEM><Title>One</TITLE><Link>/p/1</lINK></item>", "One", "/p/1"),
        ("<item><title>One</title><link href='/p/1'/></item>", "One", "/p/1"),
        ("<item><title>One <b>bold</b> word</title><link>/p/1</link></item>", "One bold word", "/p/1"),
        ("<x:item><x:title>One</x:title><x:link>/p/1</x:link></x:item>", "One", "/p/1"),
    ],
)
def test_the_plain_reader_forgives(broken, title, url):
    entry = read_tree(f"<rss><channel><title>T</title>{broken}</channel></rss>").entries[0]
    assert (entry.title, next(link for link in entry.links if link)) == (title, url)


def test_the_plain_reader_knows_people_terms_and_files():
    item = "<item><author>a@b.example (A. Petit)</author><creator>J. Grand</creator><category>x</category><category term='y'/><enclosure url='/a.pdf'/>"
    entry = read_tree(f"<rss><channel>{item}<description><p>One <b>two</b></p></description></item></channel></rss>").entries[0]
    assert (entry.authors, entry.categories, entry.enclosures[0].url) == (("A. Petit", "J. Grand"), ("x", "y"), "/a.pdf")
    assert entry.summary == "<p>One <b>two</b></p>"


def test_the_plain_reader_says_when_there_is_no_tree():
    assert read_tree("").kind is None
    assert read_tree("no markup").entries == []
