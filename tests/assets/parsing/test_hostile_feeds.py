"""Feeds that attack: no file or address is opened, nothing grows, and the honest entries are still read."""

import socket
import tracemalloc

import pytest

from assets.parsing.items import LONGEST_SHORT, MOST_TERMS

DEEP = 20_000


@pytest.fixture
def no_doors(monkeypatch):
    """Any file that is opened for reading by name, and any connection, fails the test."""

    def refuse(*arguments, **_):
        raise AssertionError(f"opened {arguments}")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("name", "doctype"),
    [
        ("billion laughs", f'<!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]>'),
        ("quadratic", f'<!DOCTYPE rss [<!ENTITY l9 "{"A" * 200_000}">]>'),
        ("30,000 entities", "<!DOCTYPE rss [" + "".join(f'<!ENTITY e{n} "v">' for n in range(30_000)) + "]>"),
    ],
)
@pytest.mark.fault("F10")
def test_f10_entities_that_blow_up_are_not_expanded(rss, item, read, name, doctype):
    tracemalloc.start()
    feed = read(rss(item(1, title="&l9;" * 2_000), item(2, title="Two"), start=doctype))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [entry.title for entry in feed.entries][-1] == "Two"
    assert peak < 100_000_000
    assert "entities" in name or any(problem.startswith("hostile") for problem in feed.problems)


@pytest.mark.parametrize(
    "start",
    [
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "http://inside.example/">]>',
        '<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://inside.example/p.dtd"> %p; <!ENTITY x "y">]>',
        '<!DOCTYPE rss SYSTEM "http://inside.example/rss.dtd">',
        '<?xml-stylesheet href="http://inside.example/a.xsl"?>',
    ],
)
@pytest.mark.fault("F11")
def test_f11_nothing_outside_the_document_is_read(rss, item, read, no_doors, start):
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    feed = read(rss(item(1, title="&x;", text=include), item(2, title="Two"), start=start))
    assert [entry.title for entry in feed.entries][1] == "Two"
    assert "root:" not in str(feed)


@pytest.mark.parametrize(
    "field",
    [
        "<x>" * DEEP + "</x>" * DEEP,
        "<x>" * DEEP,
        "&lt;div&gt;" * DEEP,
        "<x " + " ".join(f'a{n}="1"' for n in range(DEEP)) + "/>",
        f'<x a="{"A" * 500_000}"/>',
        "".join(f'<p{n}:x xmlns:p{n}="urn:{n}"/>' for n in range(3_000)),
        "<!--" + "x" * 500_000 + "-->",
        "<!--" * 100_000,
        "a" + "\u0301\u0323" * 50_000,
        "&amp;" * 100_000,
    ],
    ids=["deep", "deep open", "deep html", "attributes", "long attribute", "namespaces", "comment", "comments open", "marks", "ampersands"],
)
@pytest.mark.fault("F12")
def test_f12_monsters_in_one_entry_cost_no_other_entry(rss, item, read, field):
    assert "Two" in [entry.title for entry in read(rss(item(1, text=field), item(2, title="Two"))).entries]


@pytest.mark.parametrize("name", ["author", "dc:creator", "category", "pubDate", "guid", "title", "itunes:keywords"])
@pytest.mark.fault("F12")
def test_f12_a_field_of_a_hundred_thousand_letters_is_no_trap(rss, item, read, name):
    """feedparser's patterns need minutes for some of these; a test that hangs is a test that fails."""
    feed = read(rss(item(1, extra=f"<{name}>{'a.' * 50_000}</{name}>"), item(2, title="Two")))
    assert "Two" in [entry.title for entry in feed.entries]


@pytest.mark.fault("F12")
def test_f12_twenty_thousand_categories_are_cut(rss, item, read):
    feed = read(rss(item(1, extra="".join(f"<category>c{n}</category>" for n in range(DEEP))), item(2, extra="<category>kept</category>")))
    assert len(feed.entries[0].categories) == MOST_TERMS
    assert feed.entries[1].categories == ("kept",)
    assert LONGEST_SHORT < 1_000


@pytest.mark.fault("F13")
def test_f13_of_fifty_thousand_entries_the_first_five_thousand_are_read_and_it_is_said(rss, read):
    feed = read(rss(*(f"<item><title>{n}</title></item>" for n in range(50_000))))
    assert [entry.title for entry in feed.entries] == [str(n) for n in range(5_000)]
    assert feed.problems[0] == "cut: the first 5000 of 50000 entries were read"


@pytest.mark.fault("F13")
def test_f13_a_document_that_would_take_feedparser_minutes_is_read_plainly(rss, item, read, monkeypatch):
    monkeypatch.setattr("assets.parsing.feed.MOST_EVENTS", 10)
    feed = read(rss(item(1, extra="<category>Security</category>"), item(2, title="Two")))
    assert [(entry.title, entry.url) for entry in feed.entries][1] == ("Two", "https://institute.example/p/2")
    assert (feed.entries[0].published.hour, feed.entries[0].categories) == (7, ("Security",))
    assert any(problem.startswith("size") for problem in feed.problems)


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "&#106;avascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://a.example/&#13;&#10;X: y"],
)
@pytest.mark.fault("U70")
def test_u70_a_forged_link_is_left_out_and_its_entry_stays(rss, item, read, link):
    feed = read(rss(item(1, link=link), item(2)))
    assert [entry.url for entry in feed.entries] == [None, "https://institute.example/p/2"]
    assert feed.entries[0].title == "A treaty signed"


def test_scripts_and_active_links_in_the_html_are_gone(rss, item, read):
    html = "<![CDATA[<p onclick='x'>Text <a href='javascript:x()'>a</a><script>steal()</script><style>p{}</style> <a href='/b'>b</a></p>]]>"
    summary = read(rss(item(text=html))).entries[0].summary
    assert "steal" not in summary
    assert "javascript:" not in summary
    assert 'href="https://institute.example/b"' in summary


def test_a_title_of_a_hundred_thousand_characters_is_cut_where_it_can_be_seen(rss, item, titles):
    title = titles(rss(item(title="A" * 100_000)))[0]
    assert len(title) <= 1_000
    assert title.endswith("…")
