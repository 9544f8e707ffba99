"""What the UI shows of numbers: tables that stay tables, and charts that Dagster still draws in place."""

import re
from base64 import b64decode
from datetime import UTC, datetime
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from assets.showing import bars, link, table, unlinked

SVG = "{http://www.w3.org/2000/svg}"
names = st.text(max_size=60)
counts = st.dictionaries(names, st.integers(min_value=0, max_value=10**9), max_size=60)


def drawn(markdown):
    found = re.fullmatch(r"!\[\w+\]\(data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)\)", markdown)
    return ElementTree.fromstring(b64decode(found[1]))


@settings(deadline=None, max_examples=60)
@given(counts)
def test_a_chart_is_drawn_in_place_whatever_the_names_and_numbers(counts):
    markdown = bars({name: count for name, count in counts.items() if name.isprintable()})
    assert len(markdown) < 1000
    if markdown != "nothing to draw":
        assert len(drawn(markdown).findall(f"{SVG}text")) >= 1


def test_the_largest_bar_is_first_and_nothing_is_no_chart():
    shown = drawn(bars({"small": 1, "none": 0, "<large>": 30}))
    assert [text.text for text in shown.findall(f"{SVG}text")] == ["<large> 30", "small 1"]
    assert shown.find(f"{SVG}path").get("d") == "M0 8h150M0 23h5"
    assert bars({"none": 0}) == "nothing to draw"


def test_a_table_keeps_its_cells_apart_and_counts_what_it_leaves_out():
    rows = [{"a": "one | two\nthree", "b": datetime(2026, 3, 2, 12, 0, tzinfo=UTC)}, {"a": 0.126, "b": None}, {"a": 3, "b": 4}]
    assert table(rows, most=2).splitlines() == [
        "| a | b |",
        "|---|---|",
        "| one ¦ two three | 2026-03-02 12:00 |",
        "| 0.13 |  |",
        "",
        "… and 1 more",
    ]
    assert table([]) == "none"


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.fixed_dictionaries({"source": names, "why": st.text(max_size=200), "to do": st.text(max_size=200)}), min_size=1, max_size=40
    )
)
def test_a_table_stays_short_enough_to_be_shown_in_place(rows):
    shown = table(rows, ["source", "why", "to do"])
    assert len(shown) < 1000
    assert shown.splitlines()[0] == "| source | why | to do |"
    assert len(shown.splitlines()) >= 3


def test_only_an_address_of_the_web_becomes_a_link():
    assert link("see [it]", "https://s.example/a") == "[see (it)](https://s.example/a)"
    assert link("open", "javascript:alert(1)") == link("open", None) == link("open", "https://s.example/a)b") == "open"


def test_a_table_without_markdown_has_words_for_links_and_the_addresses_apart():
    rows = [{"source": link("rand", "https://rand.example/f"), "when": datetime(2026, 3, 2, 12, tzinfo=UTC), "n": 3, "why": None}]
    plain, links = unlinked(rows)
    assert plain == [{"source": "rand", "when": "2026-03-02 12:00", "n": 3, "why": None}]
    assert links == {"rand": "https://rand.example/f"}
