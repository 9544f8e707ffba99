from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.matching.sentences import sentence_at, sentences


def split(text, language=None):
    return [text[start:end] for start, end in sentences(text, language)]


@pytest.mark.parametrize(
    "parts",
    [
        ["He left.", "She stayed."],
        ["The U.S. and Dr. J. R. Smith met at 3.5 p.m. in Washington, D.C.", "They agreed."],
        ["Troops of the U.S. Army left.", "The end."],
        ['"Is it true?" he asked.', "Yes!", "(It was.)", "Good."],
        ["He said: “No.”", "Then he left…", "Maybe."],
        ["See Fig. 3 and No. 7 of Vol. 2.", "More."],
        ["В 2021 г. Россия и др. страны.", "Они решили."],
        ["Это было в 2020 г.", "В Москве И. И. Иванов сказал: «Нет.»", "Он ушёл."],
        ["Потрачено 1,5 млн. руб. на т.н. нужды.", "Итог."],
        ["M. Macron et Mme. Merkel.", "Ils partent."],
        ["¿Qué pasa?", "¡Nada!"],
        ["هل هذا صحيح؟", "نعم."],
    ],
)
def test_sentences_end_where_a_reader_ends_them(parts):
    assert split(" ".join(parts)) == parts


def test_chinese_sentences_need_no_space():
    assert split("第一句。第二句！“第三句？”他说。") == ["第一句。", "第二句！", "“第三句？”", "他说。"]


def test_ordinals_end_no_sentence_where_they_bear_a_stop():
    assert split("Am 3. Oktober kam z.B. Frau Dr. Meier. Sie ging.", "de") == ["Am 3. Oktober kam z.B. Frau Dr. Meier.", "Sie ging."]
    assert split("They came in 3. Nobody left.", "en") == ["They came in 3.", "Nobody left."]


def test_a_blank_line_ends_a_sentence_and_a_line_break_inside_one_does_not():
    assert split("A heading without a stop\n\nThe first sentence is wrapped after the comma,\nand goes on.\n \nEnd") == [
        "A heading without a stop",
        "The first sentence is wrapped after the comma,\nand goes on.",
        "End",
    ]


def test_list_items_are_sentences_of_their_own():
    assert split("The parties signed:\n- an agreement;\n- a plan") == ["The parties signed:", "- an agreement;", "- a plan"]


def test_rows_of_a_table_are_sentences_of_their_own():
    text = "River | Rises in\nKura | eastern Turkey\nAraks | the Armenian\nhighlands | once\nSource: an atlas."
    rows = ["River | Rises in", "Kura | eastern Turkey", "Araks | the Armenian", "highlands | once", "Source: an atlas."]
    assert [text[start:end] for start, end in sentences(text)] == rows


@given(st.text(alphabet="aB .!?\n。“”()«»г1-…|", max_size=80))
def test_spans_are_in_order_and_hold_every_letter(text):
    spans = sentences(text)
    assert all(start < end for start, end in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    assert "".join(text[start:end] for start, end in spans).replace(" ", "").replace("\n", "") == "".join(text.split())


def test_the_sentence_of_a_place():
    text = "One. Two three."
    spans = sentences(text)
    assert sentence_at(spans, 9, 14) == (5, 15)
    assert sentence_at(spans, 4, 5) == (4, 5)
    assert sentence_at([], 0, 3) == (0, 3)


@given(st.lists(st.sampled_from(["One. ", "Two!\n", "\n\n", " \n \n", "3. ", "Mr. X said. ", "- a\n", "中。"]), max_size=30), st.data())
def test_a_place_lies_in_the_same_sentence_when_only_its_paragraph_is_read(parts, data):
    text = "".join(parts)
    places = sorted(data.draw(st.sets(st.integers(0, max(0, len(text) - 1)), max_size=5)))
    words = [at for at in places if text[at : at + 1].strip()]
    whole, part = sentences(text), sentences(text, around=words)
    assert set(part) <= set(whole)
    assert [sentence_at(part, at, at + 1) for at in words] == [sentence_at(whole, at, at + 1) for at in words]
