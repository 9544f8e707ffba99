"""Cleaned XML: what a strict parser would refuse is mended, and what is good stays as it is."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.parsing.cleaning import Cleaned, clean
from assets.parsing.items import MOST_TERMS, complete, count, limit, tame


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("<rss>good &amp; &lt; &#8212; <a b='c'/></rss>", "<rss>good &amp; &lt; &#8212; <a b='c'/></rss>"),
        ("<rss>a & b &c; &copy; &#151; &#8217 x</rss>", "<rss>a &amp; b &amp;c; &#169; &#8212; &#8217; x</rss>"),
        ("<rss>1 < 2 <3 << <a></a></rss>", "<rss>1 &lt; 2 &lt;3 &lt;&lt; <a></a></rss>"),
        ("<rss><![CDATA[1 < 2 & &nbsp; <b>]]></rss>", "<rss><![CDATA[1 < 2 & &nbsp; <b>]]></rss>"),
        ("<?xml version='1.0'?><rss>a<!-- & < --><?php echo '<b>' ?>b</rss>", "<rss>ab</rss>"),
        ("<rss>a<!-- never closed</rss>", "<rss>a never closed</rss>"),
        ("<rss>a\0\x08\x1f\ufffeb\x85c</rss>", "<rss>ab c</rss>"),
        ("<rss>a&#10;b</rss>", "<rss>a&#8232;b</rss>"),
        ("junk <rss>a</rss> junk </b>", "<rss>a</rss>"),
        ("<rss>a</rss><!-- x --><rss>b</rss>", "<rss>a</rss><rss>b</rss>"),
        ("<!DOCTYPE rss [<!ENTITY i 'Inst'><!ENTITY j '&i;'>]><rss>&i; &j;</rss>", "<rss>Inst &amp;j;</rss>"),
        ('<!DOCTYPE rss [<!-- \' ]> --> <!ENTITY i "]>">]><rss>&i;</rss>', "<rss>]></rss>"),
    ],
)
def test_only_what_is_wrong_is_changed(written, cleaned):
    assert clean(written).text == cleaned


def test_prefixes_that_nobody_declared_get_their_usual_meaning():
    text = clean("<rss><dc:date x:y='1'>2021</dc:date><atom:link xmlns:atom='urn:a'/></rss>").text
    root = ElementTree.fromstring(text)
    assert root[0].tag == "{http://purl.org/dc/elements/1.1/}date"
    assert root[0].attrib == {"{urn:undeclared:x}y": "1"}


@pytest.mark.parametrize("opening", ["<rss/>", "<rss />", "<rss attr='a>b'></rss>"])
def test_an_empty_document_stays_well_formed(opening):
    assert clean(opening).text.startswith("<rss")


def test_what_was_mended_is_said():
    assert clean("Warning: x <rss/>").problems == ["junk: there is text before the document"]
    assert clean("<rss><![CDATA[x</rss>").damaged
    assert clean("<!DOCTYPE r SYSTEM 'http://x.example/'><rss/>").problems == ["doctype: external definitions were not read"]
    assert clean("<!DOCTYPE r [<!ENTITY a 'x'><!ENTITY b '&a;&a;'>]><rss/>").problems[0].startswith("hostile")


@given(st.text("<>&;#!-[]/ax1'\"?CDAT \n", max_size=60))
def test_cleaning_settles_after_one_pass(text):
    once = clean(f"<rss>{text}</rss>").text
    assert clean(clean(once).text).text == clean(once).text


@given(st.text("<&> ;#x1ab", max_size=40))
def test_text_between_tags_becomes_well_formed(text):
    body = text.replace("<a", "< a").replace("<b", "< b").replace("<x", "< x")
    ElementTree.fromstring(clean(f"<rss><i>{body.replace(']]>', '')}</i></rss>").text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("<item/><item></item><entry a='1'></entry><atom:entry></atom:entry>", 4),
        ("<items><item></items>", 1),
        ("<![CDATA[<item><item>]]><ITEM>", 1),
    ],
)
def test_items_are_counted_by_their_beginnings(text, number):
    assert count(text) == number


@pytest.mark.parametrize(
    ("cut", "whole", "is_damaged"),
    [
        ("<rss><channel><item>1</item><item>2", "<rss><channel><item>1</item></channel></rss>", True),
        ("<rss><channel><item>1</item>", "<rss><channel><item>1</item></channel></rss>", True),
        ("<feed><entry>1</entry><entry>", "<feed><entry>1</entry></feed>", True),
        ("<rdf:RDF><channel></channel><item>1</item><it", "<rdf:RDF><channel></channel><item>1</item></rdf:RDF>", True),
        ("<rss><channel><item>1<item>2</item></channel></rss>", "<rss><channel><item>1<item>2</item></channel></rss>", False),
        ("<rss><channel><title>T", "<rss><channel><title>T</channel></rss>", False),
    ],
)
def test_a_cut_document_is_closed_behind_its_last_whole_item(cut, whole, is_damaged):
    cleaned = Cleaned(cut)
    complete(cleaned)
    assert (cleaned.text, cleaned.damaged) == (whole, is_damaged)


def test_a_limit_keeps_the_first_items():
    cleaned = Cleaned("<rss><channel><item>1</item><item>2</item><item>3</item></channel></rss>")
    limit(cleaned, 2)
    assert cleaned.text == "<rss><channel><item>1</item><item>2</item></channel></rss>"
    assert cleaned.problems == ["cut: the first 2 of 3 entries were read"]


def test_taming_leaves_ordinary_entries_alone():
    ordinary = (
        "<item a='1'><author>A. Petit</author><category>x</category><category domain='d'><![CDATA[y]]></category><p>"
        + "text " * 500
        + "</p></item>"
    )
    assert tame(ordinary) == ordinary


def test_taming_cuts_what_only_costs_time():
    assert len(tame(f"<dc:creator><![CDATA[{'a' * 9_000}]]></dc:creator>")) < 400
    assert tame("<a " + " ".join(f'b{n}="{n}"' for n in range(2_000)) + "/>").count("=") == 100
    terms = "".join(f"<category>{n}</category>" for n in range(MOST_TERMS + 50))
    assert tame(f"<item>{terms}<title>T</title></item><item><category>kept</category></item>").count("<category>") == MOST_TERMS + 1
