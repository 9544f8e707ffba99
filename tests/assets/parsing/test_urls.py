"""Links: one spelling for one page, and never another page than the one that was linked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.parsing.urls import canonical_url, is_home_page, url_key

BASE = "https://institute.example/en/feed.xml"


@pytest.mark.parametrize(
    "link",
    [
        "https://institute.example/p/1?utm_source=rss&utm_medium=feed",
        "https://institute.example/p/1?fbclid=abc#comments",
        "https://institute.example/p/1?yclid=1&_openstat=x&from=rss",
        "https://institute.example/p/1;jsessionid=A0F0.1234",
        "https://institute.example/p/1?PHPSESSID=0123456789abcdef0123456789abcdef",
        "https://institute.example/p/1?sid=0123456789abcdef0123456789abcdef",
        "HTTPS://Institute.Example:443/p/1",
        "https://institute.example./p/1",
        "  https://institute.example/p/1\n",
        "https://institute.example/x/../p/./1",
        "//institute.example/p/1",
        "/p/1",
        "../p/1",
        "https:/institute.example/p/1",
        "https://institute.example/%70/1",
    ],
)
@pytest.mark.fault("U66", "U69")
def test_u66_u69_one_page_has_one_spelling(link):
    assert canonical_url(link, BASE) == "https://institute.example/p/1"


@pytest.mark.parametrize(
    "query", ["id=7", "cat=73&feed=rss2", "p=1&x=2", "sid=123", "source=12", "ref=oilprices", "31415", "q=a+b", "t=%26"]
)
@pytest.mark.fault("U67")
def test_u67_parameters_that_may_choose_the_article_stay_as_they_are(query):
    assert canonical_url(f"https://institute.example/?{query}") == f"https://institute.example/?{query}"


@pytest.mark.fault("U67")
def test_u67_two_numbers_are_two_articles():
    assert url_key(canonical_url("https://institute.example/?id=7")) != url_key(canonical_url("https://institute.example/?id=8"))


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://пример.example/новости", "https://xn--e1afmkfd.example/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8"),
        (
            "https://institute.example/каспий итоги",
            "https://institute.example/%D0%BA%D0%B0%D1%81%D0%BF%D0%B8%D0%B9%20%D0%B8%D1%82%D0%BE%D0%B3%D0%B8",
        ),
        ("https://institute.example/%d0%ba", "https://institute.example/%D0%BA"),
        ("https://institute.example/к", "https://institute.example/%D0%BA"),
        ("https://faß.example/", "https://xn--fa-hia.example/"),
        ("https://institute.example/a%2Fb", "https://institute.example/a%2Fb"),
    ],
)
@pytest.mark.fault("U68")
def test_u68_every_script_becomes_ascii(link, expected):
    assert canonical_url(link) == expected


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)", "JaVaScript:alert(1)", "&#106;avascript:alert(1)", "data:text/html,hi", "file:///etc/passwd",
        "https://institute.example/a\r\nSet-Cookie: x", "https://institute.example/a\u2028b", "https://user:pw@institute.example/",
        "http://inside.example\\@institute.example/", "http://[::1", "https://institute.example:99999/", "https://exa mple/", "https:///",
        "https://institute.example/\ud800", "https://" + "a." * 200 + "\u0430.example/", "tel:+1", "mailto:a@b.example", "", None,
    ],
)  # fmt: skip
@pytest.mark.fault("U70")
def test_u70_what_is_no_web_address_is_no_link(link):
    assert canonical_url(link, BASE) is None


@pytest.mark.fault("U70")
def test_u70_a_relative_link_needs_a_base():
    assert canonical_url("/p/1") is None
    assert canonical_url("www.institute.example/p/1") == "https://www.institute.example/p/1"


@pytest.mark.fault("U72")
def test_u72_a_long_address_is_kept_whole_and_an_absurd_one_is_none():
    assert len(canonical_url("https://institute.example/" + "a" * 10_000)) > 10_000
    assert canonical_url("https://institute.example/" + "a" * 20_000) is None


def test_a_fragment_stays_only_where_scripts_choose_the_article_by_it():
    assert canonical_url("https://institute.example/#!/news/7") == "https://institute.example/#!/news/7"
    assert canonical_url("https://institute.example/p/1#section") == "https://institute.example/p/1"


def test_keys_forget_what_a_site_changes_when_it_moves_house():
    links = ["http://institute.example/p/1", "https://www.institute.example/p/1/", "https://institute.example/p/1/index.html"]
    assert {url_key(link) for link in links} == {"institute.example/p/1"}
    assert url_key("https://institute.example/?b=2&a=1") == url_key("https://institute.example/?a=1&b=2")


def test_the_home_page_is_no_article():
    assert is_home_page("https://institute.example/")
    assert not is_home_page("https://institute.example/?p=1")
    assert not is_home_page("https://institute.example/#!/news/7")


@given(st.text(max_size=80), st.sampled_from(["", "https://", "http://institute.example/", "//", "?"]))
def test_any_text_gives_an_ascii_address_or_none_and_twice_the_same(text, start):
    address = canonical_url(start + text, BASE)
    assert address is None or (address.isascii() and address.startswith(("http://", "https://")))
    assert address is None or canonical_url(address) == address
