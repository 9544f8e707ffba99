"""Broken, dirty and cut feeds: everything that can be read is read, and what was lost is said."""

import gzip

import pytest

TITLE = "Growth & trade"


@pytest.mark.parametrize(
    "before", ["\n\n  ", "\ufeff\ufeff", "<b>Notice</b>: Undefined variable in <b>/f.php</b><br />\n", "<!-- cache -->", "ok\n"]
)
@pytest.mark.fault("F4")
def test_f04_what_stands_before_the_document_is_skipped(rss, item, titles, before):
    assert titles(before + rss(item())) == ["A treaty signed"]


@pytest.mark.parametrize("after", ["<!-- cached 0.1s -->", "<script>ad()</script>", "\n<br>\nWarning", "\0\0"])
def test_what_stands_behind_the_document_is_skipped(rss, item, read, after):
    feed = read(rss(item()) + after)
    assert [entry.title for entry in feed.entries] == ["A treaty signed"]
    assert feed.verdict == "ok"


def test_two_documents_in_one_answer_lose_nothing(rss, item, titles):
    assert set(titles(rss(item(1, title="One")) + rss(item(2, title="Two")))) == {"One", "Two"}


def test_a_feed_inside_a_web_page_is_a_feed(item, titles):
    feed = f"<!DOCTYPE html><html><body><rss version='2.0'><channel>{item()}</channel></rss></body></html>"
    assert titles(feed) == ["A treaty signed"]


@pytest.mark.parametrize("dirt", ["\0", "\x0b", "\x1f", "\u202e", "\u2066", "\ufffe", "\x7f", "\u200b", "\u00ad"])
@pytest.mark.fault("F5")
def test_f05_characters_that_hide_or_break_are_gone(rss, item, read, dirt):
    entry = read(rss(item(title=f"A tre{dirt}aty signed", text=f"Two sta{dirt}tes"))).entries[0]
    assert entry.title == "A treaty signed"
    assert dirt not in entry.summary or dirt in "\u200b\u00ad"  # those two are invisible, and an editor's business, in a text


@pytest.mark.parametrize("gap", ["\u2028", "\u2029", "\x85", "\r\n", "\n\t ", "\u00a0", "&#10;", "&#8232;", "&nbsp;"])
@pytest.mark.fault("F5")
def test_f05_a_title_is_one_line(rss, item, titles, gap):
    assert titles(rss(item(title=f"A treaty{gap}signed"))) == ["A treaty signed"]


@pytest.mark.fault("F5")
def test_f05_the_id_does_not_depend_on_the_dirt(rss, item, read):
    from assets.parsing.identity import resolve

    ids = {
        resolve(read(rss(item(title=title))).entries, {}, scope="x")[0].entry_id
        for title in ("A treaty", "A\u202e treaty", "A &nbsp;treaty")
    }
    assert len(ids) == 1


@pytest.mark.parametrize(
    "reference", ["&#1114112;", "&#55296;", "&#xD800;", "&#0;", "&#x0;", "&#99999999;", "&#xFFFFFFF;", "&#xFFFE;", "&#8;"]
)
@pytest.mark.fault("F6")
def test_f06_references_to_no_character_cost_only_themselves(rss, item, titles, reference):
    assert titles(rss(item(1, title=f"A{reference} treaty"), item(2, title="Two"))) == ["A treaty", "Two"]
    assert titles(rss(item(1, text=f"&lt;p&gt;&amp;{reference[1:]}x&lt;/p&gt;"))) == ["A treaty signed"]


def test_references_of_windows_mean_what_was_meant(rss, item, titles):
    assert titles(rss(item(title="Erdogan&#146;s &#147;trap&#148;"))) == ["Erdogan’s “trap”"]


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE rss [<!ENTITY path "C:\\\\Users\\\\me \\1">]>',
        "<!DOCTYPE rss PUBLIC '-//N//DTD RSS 0.91//EN' 'http://n.example/rss.dtd'>",
    ],
)
@pytest.mark.fault("F7")
def test_f07_a_doctype_is_dropped(rss, item, titles, doctype):
    assert titles(rss(item(), start=f'<?xml version="1.0"?>{doctype}')) == ["A treaty signed"]


def test_short_entities_that_a_document_defines_are_used(rss, item, titles):
    start = "<!DOCTYPE rss [<!-- it's --><!ENTITY inst \"Institute\"><!ENTITY q '\"'>]>"
    assert titles(rss(item(title="&inst; &q;now&q;"), start=start)) == ['Institute "now"']


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("R&D & defence", "R&D & defence"),
        ("Growth < 2% expected", "Growth < 2% expected"),
        ("Growth <2% expected", "Growth <2% expected"),
        ("Oil&nbsp;&laquo;window&raquo; &mdash; now", "Oil «window» — now"),
        ("R&amp;amp;D &amp;#8211; 2 &amp;lt; 3", "R&D – 2 < 3"),
        ("&unknown; entity", "&unknown; entity"),
        ("a &#8211 b", "a – b"),
        ("<![CDATA[R&D &mdash; <b>now</b>]]>", "R&D — now"),
        ("<b>A</b> treaty<br/>signed", "A treaty signed"),
        ("&lt;b&gt;A&lt;/b&gt; treaty", "A treaty"),
        ("A treaty&lt;script&gt;alert(1)&lt;/script&gt;", "A treaty"),
    ],
)
@pytest.mark.fault("F8")
def test_f08_markup_that_is_none_is_text_and_text_is_complete(rss, item, titles, written, read_as):
    assert titles(rss(item(1, title=written), item(2, title="Two"))) == [read_as, "Two"]


@pytest.mark.fault("F8")
def test_f08_ampersands_in_links(rss, item, read):
    assert read(rss(item(link="https://institute.example/?p=1&x=2"))).entries[0].url == "https://institute.example/?p=1&x=2"


@pytest.mark.parametrize("cut", ["</description>", "</link>", "institute.example/p/3", "</pubDate>", "<guid"])
@pytest.mark.fault("F9")
def test_f09_a_cut_document_gives_its_complete_entries_and_comes_whole_next_time(rss, item, read, cut):
    from assets.parsing.identity import resolve

    whole = rss(item(1), item(2, title="Two"), item(3, title="Three"))
    part = read(whole[: whole.rindex(cut)])
    assert [entry.url for entry in part.entries] == ["https://institute.example/p/1", "https://institute.example/p/2"]
    assert part.verdict == "ok_degraded"
    assert part.problems[0].startswith("truncated")
    first = resolve(part.entries, {}, scope="x")
    known = {key: seen.entry_id for seen in first for key in seen.keys}
    assert [seen.is_new for seen in resolve(read(whole).entries, known, scope="x")] == [False, False, True]


def test_a_document_cut_between_entries_keeps_them_all(rss, item, read):
    whole = rss(item(1), item(2, title="Two"))
    assert len(read(whole.removesuffix("</channel></rss>")).entries) == 2
    assert len(read(whole.removesuffix(">")).entries) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("</item><item>", "<item>"),
        ("</title>", "</Title>"),
        ("</title><link>", "<link>"),
        ("<item>", "<ITEM>"),
        ("</description>", ""),
        ("<rss ", "<rss xmlns='http://unknown.example/' "),
        ("<link>", "<x:y z:a='1'>v</x:y><link>"),
        ('version="2.0"', "version=2.0"),
    ],
)
def test_wrong_nesting_case_and_prefixes_lose_no_entry(rss, item, read, old, new):
    feed = read(rss(item(1).replace(old, new, 1), item(2, title="Two")).replace(old, new, 1))
    assert [entry.title for entry in feed.entries] == ["A treaty signed", "Two"]
    assert [entry.url for entry in feed.entries] == ["https://institute.example/p/1", "https://institute.example/p/2"]


def test_cdata_may_hold_its_own_end_in_two_pieces(rss, item, read):
    feed = read(rss(item(1, text="<![CDATA[<p>a ]]]]><![CDATA[> b</p>]]>"), item(2)))
    assert feed.entries[0].summary == "<p>a ]]> b</p>"
    assert len(feed.entries) == 2


@pytest.mark.parametrize("others", ["", "<![CDATA[<p>closed</p>]]>"])
def test_a_cdata_section_that_is_never_closed_swallows_nothing_else(rss, item, read, others):
    feed = read(rss(item(1, text="<![CDATA[<p>never closed"), item(2, title="Two", text=others or "x")))
    assert [entry.title for entry in feed.entries] == ["A treaty signed", "Two"]
    assert feed.verdict == "ok_degraded"


@pytest.mark.fault("F15")
def test_f15_an_empty_feed_is_fine(rss, read):
    feed = read(rss())
    assert (feed.verdict, feed.entries, feed.title) == ("ok", (), "Institute")


def test_items_that_hold_nothing_are_left_out_and_counted(rss, item, read):
    feed = read(rss("<item/>", "<item></item>", item()))
    assert len(feed.entries) == 1
    assert any("2 entries hold neither" in problem for problem in feed.problems)


CHALLENGE = "<!DOCTYPE html><title>Just a moment...</title><body><script src='/cdn-cgi/challenge-platform/h/b.js'></script>"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n\t\0", "empty"),
        (b"%PDF-1.7\n\x93\x8c", "not_a_feed: a PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + bytes(range(256)), "not_a_feed: binary"),
        (b'{"error": "forbidden"}', "not_a_feed: JSON"),
        (b"[1, 2", "not_a_feed: JSON"),
        (b"Too many requests", "not_a_feed"),
        (b"<!DOCTYPE html><html><head><title>Institute</title></head><body><p>Hello</p></body></html>", "not_a_feed: a web page"),
        (CHALLENGE.encode(), "blocked"),
        ("<html><body><h1>Доступ ограничен</h1>Проверка браузера</body></html>".encode(), "blocked"),
    ],
)
@pytest.mark.fault("F14", "F16")
def test_f14_f16_what_is_no_feed_is_refused_with_a_reason(read, body, reason):
    feed = read(body)
    assert (feed.verdict, feed.kind, feed.entries) == ("reject", "not_a_feed", ())
    assert feed.problems[0].startswith(reason)


def test_a_long_page_that_only_mentions_a_captcha_is_no_challenge(read):
    page = (
        "<html><head><script src='/recaptcha/api.js'></script></head><body>"
        + "<p>The council met and spoke of trade.</p>" * 80
        + "</body></html>"
    )
    assert read(page).problems[0].startswith("not_a_feed: a web page")


def test_a_web_page_that_names_its_feed_is_refused_with_a_hint(read):
    page = "<html><head><link rel='alternate' type='application/rss+xml' href='/rss.xml'></head><body></body></html>"
    assert "https://institute.example/rss.xml" in read(page).problems[0]


@pytest.mark.parametrize("content_type", ["text/plain", "text/html; charset=utf-8", "application/octet-stream", None, "rubbish;;"])
def test_what_the_server_calls_it_does_not_matter(rss, item, titles, content_type):
    assert titles(rss(item()), content_type=content_type) == ["A treaty signed"]


@pytest.mark.fault("F16")
def test_f16_gzip_without_a_word_is_unpacked(rss, item, read):
    assert len(read(gzip.compress(rss(item()).encode())).entries) == 1


@pytest.mark.fault("F27")
def test_f27_a_parser_that_raises_gives_a_reason_and_not_an_exception(rss, item, read, monkeypatch):
    monkeypatch.setattr("assets.parsing.xmlfeed.read_with_feedparser", lambda *_, **__: 1 / 0)
    feed = read(rss(item()))
    assert (feed.verdict, [entry.title for entry in feed.entries]) == ("ok_degraded", ["A treaty signed"])
    monkeypatch.setattr("assets.parsing.rescue.read_tree", lambda *_, **__: 1 / 0)
    assert (read(rss(item())).verdict, read(rss(item())).problems[0][:6]) == ("reject", "error:")
