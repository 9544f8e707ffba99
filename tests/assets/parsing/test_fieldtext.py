"""Fields as they are stored: plain, clean and comparable."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.parsing.fieldtext import body_html, one_line, person, plain_text, title_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Oil &amp;amp; gas", "Oil & gas"),
        ("<p>First</p><p>Second</p>", "First Second"),
        ("<a href='x'>Linked</a> word", "Linked word"),
        ("2 < 3 > 1", "2 < 3 > 1"),
        ("Use of <uranium> in reactors", "Use of <uranium> in reactors"),
        ("<script>x</script>Title<style>y", "Title"),
        ("e\u0301tude", "étude"),
        ("A\u202eb\u2066c", "Abc"),
        ("\u200bзаго\u00adловок", "заголовок"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # this joiner is spelling, not dirt
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("\ud800x\ufffe", "x"),
    ],
)
def test_titles_are_plain_text_as_a_reader_sees_it(markup, text):
    assert title_text(markup) == text


@pytest.mark.parametrize(
    ("name", "bare"),
    [("By <b>A. Petit</b>", "By A. Petit"), ("x@y.example (A. Petit)", "A. Petit"), ("A. Petit (RUSI)", "A. Petit (RUSI)")],
)
def test_names_lose_addresses_and_nothing_else(name, bare):
    assert person(name) == bare


def test_html_keeps_its_text_and_gets_absolute_links():
    html = '<p>a <img src=\'/i.png\'> <a class="x" href="?p=1&amp;q=2">b</a>\u2028c</p>'
    assert body_html(html, "https://institute.example/f/") == (
        '<p>a <img src="https://institute.example/i.png"> <a class="x" href="https://institute.example/f/?p=1&amp;q=2">b</a>\nc</p>'
    )


def test_plain_text_is_for_comparing():
    assert plain_text("<p>a&nbsp;b</p>\n<script>x</script><p>c") == "a b c"


@given(st.text())
def test_whatever_comes_in_is_one_clean_line_that_json_and_mail_can_carry(text):
    line = one_line(title_text(text))
    assert line == line.strip()
    assert line == unicodedata.normalize("NFC", line)
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in line)
    line.encode("utf-8")


@given(st.text())
def test_html_can_always_be_stored(text):
    stored = body_html(text, "https://institute.example/")
    stored.encode("utf-8")
    assert "\0" not in stored
    assert "\u2028" not in stored
