"""What a mail quotes."""

import pytest

from alerts.passages import clean, direction, lead, marked, passages, shortened, verify


def shown(newsroom_desk, text, entities=None):
    """The passages of a text as lines: *match*, [neighbour]."""
    mentions = newsroom_desk.mentions("", text)
    cause = {one.mention_id for one in mentions if not entities or one.entity in entities}
    quoted, left = passages(text, mentions, cause)
    signs = {"match": "*{}*", "near": "[{}]", "said": "{}", "break": "|"}
    return ["".join(signs[part.kind].format(part.text) for part in passage) for passage in quoted], left


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two. The CSTO met. Four. Five.", ["[Two. ]The *CSTO* met.[ Four.]"]),
        ("The CSTO met. Four. Five.", ["The *CSTO* met.[ Four.]"]),
        ("One. Two. The CSTO met.", ["[Two. ]The *CSTO* met."]),
        ("The CSTO met.", ["The *CSTO* met."]),
        ("The CSTO met. NATO met. Five.", ["The *CSTO* met. *NATO* met.[ Five.]"]),
        ("The CSTO met. Two. NATO met.", ["The *CSTO* met.[ Two. ]*NATO* met."]),
        ("The CSTO met. Two. Three. NATO met.", ["The *CSTO* met.[ Two.]", "[Three. ]*NATO* met."]),
        ("One.\n\nThe CSTO met.\n\nThree.", ["[One.]|The *CSTO* met.|[Three.]"]),
        ("He asked: «Why?» The CSTO met.", ["[He asked: «Why?» ]The *CSTO* met."]),
        ("The CSTO and the CSTO.", ["The *CSTO* and the *CSTO*."]),
    ],
)
def test_sentence_and_its_neighbours(newsroom_desk, text, expected):
    assert shown(newsroom_desk, text) == (expected, 0)


def test_break_between_paragraphs_is_kept(newsroom_desk):
    quoted, _ = shown(newsroom_desk, "The CSTO met.\n\nNATO met.")
    assert quoted == ["The *CSTO* met.|*NATO* met."]


def test_long_neighbours_and_sentences_are_cut_at_words(newsroom_desk):
    text = "word " * 200 + "end. " + "A CSTO " + "word " * 300 + "end."
    (quoted,), _ = shown(newsroom_desk, text)
    assert "*CSTO*" in quoted
    assert len(quoted) < 700
    assert quoted.startswith(("[… ]", "A "))
    assert quoted.endswith("word[ …]")
    (quoted,), _ = shown(newsroom_desk, "word " * 200 + "end. The CSTO met. " + "word " * 200)
    assert quoted.startswith("[… ][word word")
    assert quoted.endswith("word][ …]")
    assert len(quoted) < 600


def test_every_name_is_shown_before_one_is_shown_again(newsroom_desk):
    text = "The CSTO met. One. Two. " * 30 + "Then came NATO. Three. Four. And Dushanbe."
    quoted, left = shown(newsroom_desk, text)
    assert len(quoted) == 6
    assert left == 26
    assert "*NATO*" in quoted[-2]
    assert "*Dushanbe*" in quoted[-1]


def test_only_the_cause_opens_a_passage(newsroom_desk):
    assert shown(newsroom_desk, "NATO met. One. Two. The CSTO met.", {"csto"}) == (["[Two. ]The *CSTO* met."], 0)


def test_title_is_marked_whole(newsroom_desk):
    title = "CSTO, NATO: what next?"
    parts = marked(title, newsroom_desk.mentions(title, ""))
    assert [(part.text, part.kind) for part in parts] == [
        ("CSTO", "match"),
        (", ", "said"),
        ("NATO", "match"),
        (": what next?", "said"),
    ]


def test_lead_is_the_first_sentence_or_nothing():
    assert [part.text for part in lead("One is here. Two.")] == ["One is here."]
    assert lead("") == ()
    assert lead("word " * 100)[0].text.endswith("word …")


def test_mention_that_stands_elsewhere_is_refused(newsroom_desk):
    mentions = newsroom_desk.mentions("The CSTO", "The CSTO")
    verify("The CSTO", "The CSTO", mentions)
    with pytest.raises(ValueError, match="text 4-8"):
        verify("The CSTO", "the  CSTO", mentions)
    with pytest.raises(ValueError, match="title 4-8"):
        verify("", "The CSTO", mentions)


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("a\r\nBcc: b", "a Bcc: b"),
        ("a\u2028b\u2029c\x85d\x0be\x0cf", "a b c d e f"),
        ("a\x00b\x1bc\x7fd\x9f", "abcd"),
        ("a\u202eb\u2066c\u200fd\ufeff", "abcd"),
        ("a\ud800b", "ab"),
        ("  a \u00a0 b  ", "a b"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\U0001f600 \u0301", "\U0001f600 \u0301"),
    ],
)
def test_clean_text_has_no_breaks_and_nothing_unseen(raw, cleaned):
    assert clean(raw) == cleaned


def test_shortened_text_keeps_whole_words():
    assert shortened("one two three", 13) == "one two three"
    assert shortened("one two three", 12) == "one two…"
    assert shortened("x" * 20, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(("text", "way"), [("CSTO", "ltr"), ("12 ОДКБ", "ltr"), ("«اجتماع» CSTO", "rtl"), ("שלום", "rtl"), ("", "ltr")])
def test_direction_is_that_of_the_first_letter(text, way):
    assert direction(text) == way
