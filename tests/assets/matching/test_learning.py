"""What would have kept a false mention out, from the words around it."""

import pytest

from assets.matching.compiling import compile_watchlist
from assets.matching.learning import Context, propose, snippet
from assets.matching.matcher import Matcher
from assets.matching.watchlist import parse_watchlist

RIGHT = [
    "Talks between Russia and Georgia began in Tbilisi.",
    "The parliament of Georgia met in Tbilisi on Monday.",
    "In Georgia, the opposition left Tbilisi.",
    "A road from Armenia to Georgia was closed near Tbilisi.",
    "Exports of Georgia grew, the office in Tbilisi said.",
    "Georgia and Armenia trade more, says the Tbilisi bank.",
]


def contexts(*texts, name="Georgia"):
    return [Context(text[: text.index(name)], name, text[text.index(name) + len(name) :]) for text in texts]


def excluded(*false, right=RIGHT, name="Georgia"):
    found = [one for one in propose(contexts(*false, name=name), contexts(*right, name=name)) if one.kind == "exclude"]
    return found[0].words if found else ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A study of Georgia Tech shows it.", ("Georgia Tech",)),
        ("A plant in Atlanta, Georgia was sold.", ("Atlanta, Georgia",)),
        ("A judge in the State of Georgia said so.", ("State of Georgia",)),
        ("The singer Katie-Georgia Smith", ("Georgia Smith",)),
        ("Farmers in Georgia grow nuts.", ()),
        ("Ships sailed to Armenia, Azerbaijan, Georgia and Iran.", ()),
        ("Ships sailed to Georgia, Armenia and Iran.", ()),
        ("Yesterday Georgia won.", ()),
        ("He wrote this. Georgia won.", ()),
    ],
)
def test_the_longer_name_that_a_false_mention_is_part_of(text, words):
    assert excluded(text) == words


def test_a_phrase_that_right_mentions_share_is_not_proposed():
    false, shared = contexts("The case of South Georgia again."), contexts("The coast of South Georgia.")
    (unjudged,) = [one for one in propose(false, [*contexts(*RIGHT), *shared]) if one.kind == "exclude"]
    assert (unjudged.words, unjudged.other_gone, unjudged.other_all) == (("South Georgia",), 1, 7)
    assert "exclude" not in {one.kind for one in propose(false, contexts(*RIGHT), right=shared)}
    assert "exclude" not in {one.kind for one in propose(false, [*contexts(*RIGHT), *shared * 4])}


def test_one_phrase_may_serve_several_false_mentions_and_two_may_be_needed():
    assert excluded("A study of Georgia Tech shows it.", "He left Georgia Tech in May.", "A plant in Atlanta, Georgia.") == (
        "Atlanta, Georgia",
        "Georgia Tech",
    )


def test_chinese_names_are_lengthened_by_characters():
    assert excluded("总统访问印度尼西亚。", right=["总统访问印度。", "印度和中国举行会谈"], name="印度") == ("印度尼",)


def test_neighbours_of_right_mentions_are_counted_and_keep_almost_all():
    (near,) = [
        one for one in propose(contexts("Farmers in Georgia grow nuts."), contexts(*RIGHT), languages=["en"]) if one.kind == "require_near"
    ]
    assert near.words == ("Tbilisi",)
    assert (near.false_gone, near.false_all, near.other_gone, near.other_all) == (1, 1, 0, 6)
    assert (
        str(near)
        == "require_near: Tbilisi (1 of 1 false mentions and 0 of 6 others stand without one of these words within 200 characters)"
    )


def test_no_neighbour_is_proposed_from_few_right_mentions_or_when_it_would_lose_many():
    assert not propose(contexts("Farmers in Georgia grow nuts."), contexts(*RIGHT[:4]))
    strangers = [f"He saw Georgia once, number {number}." for number in range(6)]
    assert not propose(contexts("Farmers in Georgia grow nuts."), contexts(*RIGHT, *strangers))
    assert not propose(
        contexts("Farmers in Georgia went to Tbilisi."),
        contexts(*(text.replace("Armenia", "it").replace("Russia", "it") for text in RIGHT)),
    )


@pytest.mark.parametrize("false", ["A study of Georgia Tech shows it.", "Farmers in Georgia grow nuts."])
def test_the_snippet_is_a_watch_list_that_does_it(false):
    base = "entities: [{id: georgia, kind: region, labels: {en: {names: [Georgia]}}}]"
    for proposal in propose(contexts(false), contexts(*RIGHT), languages=["en"]):
        from assets.matching.watchlist import merge
        from warehouse.documents import Document

        changed = Matcher(compile_watchlist(merge([Document(base, "base"), Document(snippet("georgia", proposal), "own")]), ["en"]))
        assert not changed.find(false, language="en")
        assert all(changed.find(text, language="en") for text in RIGHT)
    assert Matcher(compile_watchlist(parse_watchlist(base), ["en"])).find(false, language="en")
