"""No bytes whatever make the parser raise, hang or hand on what cannot be stored."""

import gzip
import json
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.parsing.feed import parse_feed
from assets.parsing.identity import resolve

NOW = datetime(2021, 9, 19, 18, tzinfo=UTC)
VERDICTS = {"ok", "ok_degraded", "reject"}
FEED = """<?xml version="1.0" encoding="utf-8"?><!DOCTYPE rss [<!ENTITY a "b">]>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Институт</title><link>https://institute.example/</link><ttl>60</ttl>
<item><title>A &amp; <![CDATA[<b>B</b>]]> &a;</title><link>/p/1</link><guid>1</guid><pubDate>Fri, 17 Sep 2021 10:00:00 MSK</pubDate>
<dc:creator>a@b.example (A B)</dc:creator><category>x</category><enclosure url='/a.pdf' length='1'/>
<description>&lt;p&gt;Text &amp;#55296; &lt;a href='/x'&gt;y&lt;/a&gt;</description></item>
<!-- c --><item><title>Two</title></item></channel></rss>""".encode()
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title type="html">T</title>
<entry><id>1</id><title type="xhtml"><div>U</div></title><link href="/p"/><updated>2021-09-17T10:00:00Z</updated>
<content type="html">&lt;p&gt;x</content><author><name>N</name></author></entry></feed>"""
JSON = json.dumps(
    {"version": "https://jsonfeed.org/version/1", "items": [{"id": "1", "title": "T", "date_published": "2021-09-17T10:00:00Z"}]}
).encode()
SITEMAP = b"<urlset><url><loc>https://institute.example/p</loc><lastmod>2021-09-17</lastmod></url></urlset>"
SCRAPS = [
    b"<",
    b">",
    b"&",
    b"&#",
    b"&#x110000;",
    b"]]>",
    b"<![CDATA[",
    b"<!--",
    b"<!DOCTYPE",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"<item>",
    b"</item>",
    b"</rss>",
]
SCRAPS += [
    b'"',
    b"<x:y>",
    b"xmlns:",
    b"\xd0",
    b"%",
    b"<?xml",
    b"<entry>",
    b"<html>",
    b"\x1f\x8b\x08",
    b"\xff\xfe",
    b"{",
    b"[",
    b"&lt;",
    b"base='http://[::1'",
]


def _check(body):
    feed = parse_feed(body, url="https://institute.example/feed.xml", now=NOW)
    assert feed.verdict in VERDICTS
    assert feed.problems or feed.verdict == "ok"
    assert not any(problem.startswith("error:") for problem in feed.problems)
    json.dumps([str(entry) for entry in feed.entries]).encode("utf-8")
    str(feed).encode("utf-8")
    assert len(resolve(feed.entries, {}, scope="fuzz")) == len(feed.entries)


@given(st.binary(max_size=300))
def test_any_bytes(body):
    _check(body)


@st.composite
def _mutated(draw):
    """A good document with pieces cut out, doubled, or replaced by scraps."""
    body = draw(st.sampled_from([FEED, ATOM, JSON, SITEMAP]))
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 40)))
        piece = draw(st.one_of(st.just(b""), st.sampled_from(SCRAPS), st.just(body[start:end] * 3), st.binary(max_size=6)))
        body = body[:start] + piece + body[end:]
    return body


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(_mutated())
def test_good_documents_gone_bad(body):
    _check(body)


@settings(max_examples=60)
@given(_mutated(), st.sampled_from(["utf-16", "utf-16-le", "cp1251", "koi8-r", "utf-32"]))
def test_gone_bad_in_other_encodings_and_packed(body, encoding):
    text = body.decode("utf-8", "replace")
    _check(text.encode(encoding, "replace"))
    _check(gzip.compress(body)[:-3])


@settings(max_examples=100)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_of_any_shape(value):
    _check(json.dumps({"version": "https://jsonfeed.org/version/1", "items": value, "title": value, "next_url": value}).encode())
    keys = ("id", "url", "title", "content_html", "date_published", "authors", "tags", "attachments")
    _check(json.dumps({"version": "https://jsonfeed.org/version/1", "items": [dict.fromkeys(keys, value)]}).encode())
