"""The kinds of document: what each says, in the one form that all of them get."""

import json
from datetime import UTC, datetime

import pytest

from assets.parsing.records import Enclosure

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr" xml:base="https://institute.example/fr/">
 <title type="html">Institut &amp;amp; Cie</title><link rel="self" href="atom.xml"/><link rel="next" href="atom.xml?page=2"/>
 <entry><id>tag:institute.example,2021:1</id><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Un <em>traité</em></div></title>
  <link rel="self" href="self.atom"/><link rel="alternate" type="text/html" href="p/1"/>
  <link rel="enclosure" type="application/pdf" length="12" href="a.pdf"/>
  <published>2021-09-17T10:00:00+02:00</published><updated>2021-09-18T10:00:00Z</updated>
  <author><name>Anna Petit</name><email>a@institute.example</email></author><author><name>Jean Grand</name></author>
  <category term="otan" label="OTAN"/><summary type="text">2 &lt; 3</summary>
  <content type="html">&lt;p&gt;Texte &lt;a href="p/2"&gt;lié&lt;/a&gt;&lt;/p&gt;</content></entry>
 <entry xml:lang="en"><id>tag:institute.example,2021:2</id><title>Only updated</title>
  <link href="p/2"/><updated>2021-09-18T10:00:00Z</updated></entry>
</feed>"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel rdf:about="https://institute.example/"><title>研究所</title><dc:language>zh</dc:language></channel>
 <item rdf:about="https://institute.example/p/1"><title>上海合作组织</title><link>https://institute.example/p/1</link><dc:date>2021-09-17T10:00+08:00</dc:date>
 <dc:creator>王芳</dc:creator><dc:subject>安全</dc:subject><description>摘要</description><content:encoded>&lt;p&gt;全文&lt;/p&gt;</content:encoded></item></rdf:RDF>"""

JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Institute",
    "home_page_url": "https://institute.example/",
    "language": "de",
    "next_url": "/feed.json?page=2",
    "items": [
        {
            "id": 1, "url": "p/1", "title": "Ein <b>Vertrag</b>",
            "content_html": "<p>Text <a href='/q'>q</a></p>", "summary": "1 < 2", "tags": ["NATO", 7],
            "date_published": "2021-09-17T10:00:00+02:00", "date_modified": "2021-09-18T10:00:00Z",
            "authors": [{"name": "Eva Klein"}, {"name": "Uwe Lang"}],
            "attachments": [{"url": "/a.pdf", "mime_type": "application/pdf", "size_in_bytes": 12}],
        },
        {"id": "2", "external_url": "https://other.example/x", "content_text": "A < B", "author": {"name": "Old Style"}},
        "rubbish",
    ],
}  # fmt: skip


def test_atom(read):
    feed = read(ATOM)
    first, second = feed.entries
    assert (feed.verdict, feed.kind, feed.title, feed.language) == ("ok", "atom", "Institut & Cie", "fr")
    assert feed.next_url == "https://institute.example/fr/atom.xml?page=2"
    assert (first.title, first.url, first.guid) == ("Un traité", "https://institute.example/fr/p/1", "tag:institute.example,2021:1")
    assert first.published == datetime(2021, 9, 17, 8, tzinfo=UTC)
    assert first.updated == datetime(2021, 9, 18, 10, tzinfo=UTC)
    assert (first.authors, first.categories) == (("Anna Petit", "Jean Grand"), ("OTAN",))
    assert first.summary == "2 &lt; 3"
    assert 'href="https://institute.example/fr/p/2"' in first.content
    assert first.enclosures == (Enclosure("https://institute.example/fr/a.pdf", "application/pdf", 12),)
    assert (second.published, second.language) == (datetime(2021, 9, 18, 10, tzinfo=UTC), "en")


def test_atom_with_a_prefix_everywhere(read):
    entry = '<a:entry><a:id>1</a:id><a:title>One</a:title><a:link href="/p/1"/></a:entry>'
    prefixed = f'<a:feed xmlns:a="http://www.w3.org/2005/Atom">{entry}</a:feed>'
    assert [(entry.title, entry.url) for entry in read(prefixed).entries] == [("One", "https://institute.example/p/1")]


def test_an_atom_entry_alone_is_a_feed_of_one(read):
    feed = read('<?xml version="1.0"?><entry xmlns="http://www.w3.org/2005/Atom"><title>Alone</title><link href="/p/1"/></entry>')
    assert (feed.kind, [entry.title for entry in feed.entries]) == ("atom", ["Alone"])


def test_rdf(read):
    feed = read(RDF)
    entry = feed.entries[0]
    assert (feed.kind, feed.title, feed.language) == ("rdf", "研究所", "zh")
    assert entry.published == datetime(2021, 9, 17, 2, tzinfo=UTC)
    assert (entry.authors, entry.categories, entry.summary, entry.content) == (("王芳",), ("安全",), "摘要", "<p>全文</p>")


@pytest.mark.fault("F16")
def test_f16_json_feed(read):
    feed = read(json.dumps(JSON_FEED))
    first, second = feed.entries
    assert (feed.verdict, feed.kind, feed.language, feed.next_url) == ("ok", "jsonfeed", "de", "https://institute.example/feed.json?page=2")
    assert (first.guid, first.url, first.title, first.summary) == ("1", "https://institute.example/p/1", "Ein Vertrag", "1 &lt; 2")
    assert (first.published.hour, first.updated.day, first.authors) == (8, 18, ("Eva Klein", "Uwe Lang"))
    assert 'href="https://institute.example/q"' in first.content
    assert first.enclosures == (Enclosure("https://institute.example/a.pdf", "application/pdf", 12),)
    assert (second.url, second.content, second.authors) == ("https://other.example/x", "A &lt; B", ("Old Style",))


@pytest.mark.fault("F16")
def test_f16_a_cut_json_feed_gives_its_whole_entries(read):
    text = json.dumps(JSON_FEED)
    feed = read(text[: text.index('{"id": "2"') + 30])
    assert (feed.verdict, len(feed.entries), feed.entries[0].guid) == ("ok_degraded", 1, "1")


@pytest.mark.parametrize(
    "value", [None, 7, [], {}, {"items": {}}, {"version": "https://jsonfeed.org/version/1", "items": [[], None, {"id": None}]}]
)
def test_json_of_any_shape_is_safe(read, value):
    assert read(json.dumps(value)).entries == ()


SITEMAP = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://institute.example/p/1</loc><lastmod>2021-09-17</lastmod></url></urlset>'
OPML = """<opml version="2.0"><head><title>Sources</title></head><body><outline text="East"><outline type="rss" text="Institute" htmlUrl="https://institute.example/"
 xmlUrl="https://institute.example/feed.xml"/></outline></body></opml>"""


@pytest.mark.parametrize(("document", "kind"), [(SITEMAP, "sitemap"), (OPML, "opml")])
@pytest.mark.fault("F16")
def test_f16_a_list_of_addresses_is_no_feed_unless_one_is_wanted(read, document, kind):
    refused = read(document)
    assert (refused.verdict, refused.kind, refused.entries) == ("reject", kind, ())
    assert refused.problems[0].startswith("not_a_feed")
    listed = read(document, listing=True)
    assert (listed.verdict, listed.kind, len(listed.entries)) == ("ok", kind, 1)


def test_a_sitemap_gives_addresses_and_their_last_change(read):
    entry = read(SITEMAP, listing=True).entries[0]
    assert (entry.url, entry.published_quality, entry.updated) == (
        "https://institute.example/p/1",
        "day",
        datetime(2021, 9, 17, tzinfo=UTC),
    )


def test_a_sitemap_index_lists_sitemaps(read):
    index = "<sitemapindex><sitemap><loc>https://institute.example/s1.xml</loc></sitemap></sitemapindex>"
    assert read(index, listing=True).entries[0].url == "https://institute.example/s1.xml"


def test_a_long_sitemap_that_begins_with_the_oldest_gives_the_latest(read):
    url = "<url><loc>https://institute.example/p/{0}</loc><lastmod>{1}</lastmod></url>"
    pages = (url.format(n, f"20{n // 336:02}-{n // 28 % 12 + 1:02}-{n % 28 + 1:02}") for n in range(5_007))
    feed = read(f"<urlset>{''.join(pages)}</urlset>", listing=True)
    assert [feed.entries[place].url.rpartition("/")[2] for place in (0, -1)] == ["7", "5006"]
    assert feed.problems == ("cut: the latest 5000 of 5007 addresses were read",)


def test_a_news_sitemap_is_a_feed(read):
    news = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url>
     <loc>https://institute.example/p/1</loc><news:news><news:publication><news:name>Institute</news:name><news:language>en</news:language></news:publication>
     <news:publication_date>2021-09-17T10:00:00Z</news:publication_date><news:title>A treaty</news:title>
     <news:keywords>NATO, CSTO</news:keywords></news:news></url></urlset>"""
    entry = read(news).entries[0]
    assert (entry.title, entry.language, entry.categories) == ("A treaty", "en", ("NATO", "CSTO"))
    assert entry.published_quality == "exact"


def test_opml_outlines_keep_their_folders():
    from assets.parsing.listings import outlines
    from assets.parsing.rescue import parse_tree

    found = next(outlines(parse_tree(OPML)))
    assert (found.title, found.feed_url, found.site_url, found.folders) == (
        "Institute", "https://institute.example/feed.xml", "https://institute.example/", ("East",),
    )  # fmt: skip


def test_rss_links_in_all_their_forms(rss, read):
    forms = {
        "<link> https://institute.example/p/1 </link>": 1,
        "<link><![CDATA[https://institute.example/p/2]]></link>": 2,
        '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="/feed.xml"/><link>/p/3</link>': 3,
        "<guid>https://institute.example/p/4</guid>": 4,
        '<guid isPermaLink="false">https://institute.example/p/5</guid>': 5,
        "<link>https://feeds.example/~r/i/1</link><feedburner:origLink>https://institute.example/p/6</feedburner:origLink>": 6,
        '<link>http://institute.example/p/7</link><link href="https://other.example/"/>': 7,
    }
    for form, number in forms.items():
        url = read(rss(f"<item><title>T</title>{form}</item>")).entries[0].url
        assert url.removeprefix("https://").removeprefix("http://") in {f"institute.example/p/{number}", "other.example/"}


def test_a_bare_number_as_guid_is_no_link(rss, read):
    entry = read(rss("<item><title>T</title><guid>26736</guid></item>")).entries[0]
    assert (entry.guid, entry.url) == ("26736", None)


def test_full_text_from_wherever_a_system_puts_it(rss, item, read):
    for extra in (
        "<content:encoded><![CDATA[<p>FULL</p>]]></content:encoded>",
        '<yandex:full-text xmlns:yandex="http://news.yandex.ru">&lt;p&gt;FULL&lt;/p&gt;</yandex:full-text>',
        "<turbo:content xmlns:turbo='http://turbo.yandex.ru'><![CDATA[<p>FULL</p>]]></turbo:content>",
    ):
        entry = read(rss(item(extra=extra))).entries[0]
        assert (entry.content, entry.summary) == ("<p>FULL</p>", "Two states signed.")


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("<dc:creator>Anna Petit</dc:creator>", ("Anna Petit",)),
        ("<author>a@institute.example (Anna Petit)</author>", ("Anna Petit",)),
        ("<author>Anna Petit &lt;a@institute.example&gt;</author>", ("Anna Petit",)),
        ("<author>a@institute.example</author>", ()),
        ("<dc:creator>Anna Petit</dc:creator><dc:creator>Jean Grand</dc:creator>", ("Anna Petit", "Jean Grand")),
    ],
)
def test_authors_are_names(rss, item, read, author, name):
    assert read(rss(item(extra=author))).entries[0].authors == name


def test_the_feed_says_how_often_it_changes(rss, read):
    assert read(rss(head="<title>T</title><ttl>90</ttl>")).ttl_minutes == 90
    syndication = "<title>T</title><sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"
    assert read(rss(head=syndication)).ttl_minutes == 360
    assert read(rss(head="<title>T</title><ttl>soon</ttl>")).ttl_minutes is None


def test_dates_keep_their_text_and_the_unread_ones_are_counted(rss, item, read):
    feed = read(rss(item(1), item(2, date="next week"), item(3, date=False)))
    assert [entry.published_raw for entry in feed.entries] == ["Fri, 17 Sep 2021 10:00:00 +0300", "next week", None]
    assert [entry.published for entry in feed.entries][1:] == [None, None]
    assert any(problem.startswith("dates: 1 not understood") for problem in feed.problems)


@pytest.mark.fault("D76")
def test_d76_an_entry_without_date_has_none_and_not_the_time_of_the_poll(rss, item, read):
    assert read(rss(item(date=False))).entries[0].published is None


def test_the_source_helps_with_language_and_zone(rss, item, read):
    entry = read(rss(item(date="17 сентября 2021 10:00")), language="ru", timezone="Europe/Moscow").entries[0]
    assert (entry.published, entry.published_quality, entry.language) == (datetime(2021, 9, 17, 7, tzinfo=UTC), "exact", "ru")


@pytest.mark.parametrize(
    ("written", "tag"), [("en-us", "en-US"), ("RU", "ru"), ("zh_CN", "zh-CN"), ("English", None), ("", None), ("x" * 50, None)]
)
def test_language_tags_have_one_spelling(rss, read, written, tag):
    assert read(rss(head=f"<language>{written}</language>")).language == tag


def test_relative_links_follow_the_feed_or_its_home(rss, item, read):
    assert read(rss(item(link="/p/1"))).entries[0].url == "https://institute.example/p/1"
    assert read(rss(item(link="/p/1")), url=None).entries[0].url == "https://institute.example/p/1"


@pytest.mark.parametrize(
    ("file", "kind", "address"), [("r.pdf", "", True), ("get?id=3", "application/pdf", True), ("a.mp3", "audio/mpeg", False)]
)
def test_a_report_stands_for_the_page_of_an_entry_that_has_none(rss, item, read, file, kind, address):
    extra = f'<enclosure url="https://institute.example/{file}" type="{kind}" length="9"/>'
    (entry,) = read(rss(item(link=False, extra=extra))).entries
    assert entry.url == (f"https://institute.example/{file}" if address else None)
    (entry,) = read(rss(item(extra=extra))).entries
    assert entry.url == "https://institute.example/p/1"
