import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.matching.normalise import fold
from assets.matching.tokens import (
    PARAGRAPH,
    addresses,
    gap_fits,
    gap_kind,
    is_letter,
    places,
    split_words,
    word_after,
    word_before,
    words_in,
)


@pytest.mark.parametrize(
    ("gap", "kind"),
    [
        ("", ""),
        ("  ", " "),
        ("\n", " "),
        (" \n\n ", PARAGRAPH),
        ("-", "-"),
        (" - ", " - "),
        (" «", " "),
        (". ", "."),
        (", ", ","),
        ("'", "'"),
    ],
)
def test_gaps_are_reduced_to_what_matters(gap, kind):
    assert gap_kind(gap) == kind


@pytest.mark.parametrize(
    ("name", "text", "fits"),
    [
        (" ", "-", True),
        (" ", " - ", False),
        (" ", ",", False),
        (" ", PARAGRAPH, False),
        ("-", " ", True),
        ("-", " - ", True),
        (".", " ", True),
        (",", " ", False),
    ],
)
def test_a_gap_may_be_written_otherwise_but_not_lost(name, text, fits):
    assert gap_fits(name, text) is fits


def test_apostrophes_and_hyphens_part_words():
    assert split_words("l'onu et qu'oman, us-led") == (["l", "onu", "et", "qu", "oman", "us", "led"], ["'", " ", " ", "'", ", ", "-"])


@given(st.text(max_size=40) | st.text(alphabet="aбZé_1 .'-\n\u00a0中ア\U0001d400\u0301\u0967क़²½ªⅣ\u200b", max_size=40))
def test_the_words_of_any_folded_text_are_runs_of_its_letters(text):
    low = fold(text).low
    runs = "".join(letter if is_letter(letter) else " " for letter in low)
    assert words_in(low) == frozenset(runs.split(" ")) - {""}


def test_latin_letters_beside_ideographs_are_words():
    assert words_in("由fbi调查") == {"fbi"}


def test_places_are_whole_words():
    assert list(places("us bus us_east us", "us")) == [0, 15]


def test_neighbours_of_a_word():
    text = "the «central» asian"
    before, after = word_before(text, 5), word_after(text, 12)
    assert before is not None
    assert after is not None
    assert (text[before.start : before.end], before.gap) == ("the", " «")
    assert (text[after.start : after.end], after.gap) == ("asian", "» ")
    assert word_before(text, 0) is None
    assert word_after(text, len(text)) is None


@pytest.mark.parametrize(
    "address",
    ["https://example.org/us/turkey", "www.example.org/us", "press@csto.example.org", "csto.org", "nato.int/cps/en", "report-us.pdf"],
)
def test_addresses(address):
    assert addresses(f"see {address} now") == [(4, 4 + len(address))]


def test_a_full_stop_without_a_space_is_no_address():
    assert addresses("they met.turkey left") == []
