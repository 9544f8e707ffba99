import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.matching.normalise import fold, fold_name, without_accents

any_text = st.text(max_size=60)
# Letters and marks that compose, expand or vanish: where offsets go wrong first.
odd_text = st.text(
    alphabet="aeIİıßẞﬁ½Ё\u0301\u0308\u0307\u00ad\u200b\u2060ＣＳ…№²™ʼ’—\u00a0\n каСШAΣς각ᄀ\u1161한क़\u09c7\u09be", max_size=40
)


@given(any_text | odd_text)
def test_folded_forms_have_one_length_and_spans_lie_in_the_text(text):
    folded = fold(text)
    assert len(folded.low) == len(folded.plain)
    edge = 0
    for at in range(len(folded.plain)):
        start, end = folded.span(at, at + 1)
        assert edge <= end <= len(text)
        assert start < end
        edge = start


@given(any_text | odd_text)
def test_composed_and_decomposed_text_fold_alike(text):
    composed = unicodedata.normalize("NFC", text)
    assert fold(composed).low == fold(unicodedata.normalize("NFD", composed)).low


@given(any_text | odd_text, st.integers(0, 60), st.sampled_from("\u00ad\u200b\u200d\u2060\ufeff"))
def test_invisible_characters_change_nothing(text, at, invisible):
    at = min(at, len(text))
    left, right = text[:at], text[at:]
    if unicodedata.normalize("NFC", left) + unicodedata.normalize("NFC", right) != unicodedata.normalize("NFC", text):
        return  # a mark that loses its letter is another text
    if not fold(right[:1]).plain.isalnum():
        return
    assert fold(text[:at] + invisible + text[at:]).low == fold(text).low


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Соединённые", "соединенные"),
        ("здоров’я здоровʼя здоров`я", "здоров'я здоров'я здоров'я"),
        ("ＣＳＴＯ", "csto"),
        ("TAJİKİSTAN", "tajikistan"),
        ("Straße", "strasse"),
        ("США¹", "сша "),
        ("Газпром™", "газпром "),
        ("Ту\u0301рция", "турция"),
        ("и\u0306", "й"),
        ("تُركيا", "تركيا"),
        ("إيران", "ايران"),
        ("Россия‑ЕС", "россия-ес"),
    ],
)
def test_spellings_of_one_name_fold_to_one(written, folded):
    assert fold(written).low == folded


@pytest.mark.parametrize(
    ("mixed", "pure"),
    [("CШA", "США"), ("СSTO", "CSTO"), ("OДКБ", "ОДКБ"), ("IT-компания", "IT-компания"), ("BBC и ВВС", "BBC и ВВС"), ("ФSБ", "ФSБ")],
)
def test_only_words_that_mix_scripts_are_repaired(mixed, pure):
    assert fold(f"и {mixed} or").plain == f"и {pure} or"


def test_the_way_back_covers_what_was_joined():
    text = "в Geor\u00adgia\u0301!"
    folded = fold(text)
    at = folded.low.index("georgi")
    assert text[slice(*folded.span(at, at + 7))] == "Geor\u00adgia\u0301"


def test_names_are_written_in_one_way():
    assert fold_name("  Кот —\u00a0д’Ивуар ") == "Кот - д'Ивуар"


@pytest.mark.parametrize(("word", "bare"), [("états", "etats"), ("Türkiye", "Turkiye"), ("Китай", "Китай"), ("ascii", "ascii")])
def test_accents_are_dropped_from_latin_letters_only(word, bare):
    assert without_accents(word) == bare
