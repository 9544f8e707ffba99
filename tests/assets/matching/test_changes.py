"""What a changed list changes, and the proof that the store passes over no text in which a name stands."""

import json

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assets.matching.changes import Version, difference, narrowed, text_test, version
from assets.matching.compiling import compile_watchlist
from assets.matching.matcher import Matcher
from assets.matching.normalise import fold, unchanged_characters
from assets.matching.watchlist import parse_watchlist

PIECES = [
    *(
        "CSTO",
        "ОДКБ",
        "Oдкб",
        "Tajikistan",
        "Таджикистане",
        "塔吉克斯坦",
        "U.S.",
        "US",
        "us",
        "Côte d\u2019Ivoire",
        "Co\u0302te d'Ivoire",
        "Cote d'Ivoire",
    ),
    *(
        "СSTO",
        "ＣＳＴＯ",
        "CS\u00adTO",
        "Соединённые Штаты",
        "СОЕДИНЕННЫХ ШТАТОВ",
        "США-Китай",
        "Центральной\u00a0Азии",
        "Т\u0301ого",
        "Того",
        "EE. UU.",
        "Türkiye",
        "TÜRKİYE",
    ),
    *(" ", "-", "\n\n", ".", "_", "1", "a", "я", "国", "é", "«", "\u200b", "😀", "ß", "’", ","),
]


def said(test, text):
    (found,) = duckdb.sql(
        "SELECT regexp_matches($text, $unusual) OR regexp_matches(replace(lower($text), 'ё', 'е'), $forms)",
        params={"text": text, **test._asdict()},
    ).fetchone()
    return found


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=2), max_size=6))
@example(["由", "CSTO", "调查"])
@example(["塔吉克斯坦"])
def test_no_text_is_passed_over_that_holds_a_name(watched, pieces):
    text = "".join(pieces)
    for entities in (["csto", "tajikistan"], ["us", "ivory-coast"], ["central-asia", "togo", "turkey"]):
        part = narrowed(watched, entities)
        hits = Matcher(part).find(text)
        if hits and "\0" not in text:
            assert said(text_test(part), text), hits


def test_most_texts_without_a_name_are_passed_over(watched):
    test = text_test(narrowed(watched, ["csto", "tajikistan"]))
    for text in ("Nobody met “in Paris” — it’s so.", "Ничего ещё не случилось: «так».", "会议在北京举行。", "the focus, tajikistanish"):
        assert not said(test, text)


def test_a_list_that_lost_its_names_touches_no_text(watched):
    assert not said(text_test(narrowed(watched, [])), "CSTO")


def test_what_counts_as_unchanged_is_what_folding_leaves_alone():
    unchanged = sorted(unchanged_characters() - {"ё", "Ё"})
    letters = [character for character in unchanged if character.isalpha()]
    lowered = "SELECT unnest(list_transform($letters::JSON::VARCHAR[], lambda one: lower(one)))"
    smalls = duckdb.sql(lowered, params={"letters": json.dumps(letters)})
    assert [small for (small,) in smalls.fetchall()] == [letter.lower() for letter in letters]
    for character in unchanged:
        folded = fold(character + "x").plain
        assert len(folded) == 2
        assert folded[0] == character or not folded[0].isalpha()


def lists(**entities):
    return compile_watchlist(parse_watchlist("entities:\n" + "".join(f"  - {{id: {name}, {rest}}}\n" for name, rest in entities.items())))


OLD = {"a": "labels: {de: {names: [Mali]}}", "b": "labels: {de: {names: [Chad]}}"}


@pytest.mark.parametrize(
    ("new", "entities", "languages"),
    [
        (OLD, set(), set()),
        (OLD | {"c": "labels: {de: {names: [Togo]}}"}, {"c"}, set()),
        ({"a": OLD["a"]}, {"b"}, set()),
        (OLD | {"b": "labels: {de: {names: [Chad, Tschad]}}"}, {"b"}, set()),
        (OLD | {"b": OLD["b"] + ", exclude: [Chad Smith]"}, {"b"}, set()),
        (OLD | {"b": OLD["b"] + ", require_near: {any: [Mali], within: 9}"}, {"b"}, set()),
        (OLD | {"b": OLD["b"] + ", parents: [africa]"}, set(), set()),
        (OLD | {"b": OLD["b"] + ", kind: region"}, {"b"}, set()),
        (OLD | {"c": "labels: {kk: {names: [Того]}}"}, {"c"}, {"kk"}),
    ],
)
def test_what_differs(new, entities, languages):
    found = difference(version(lists(**OLD)), version(lists(**new)))
    assert (found.entities, found.languages) == (entities, languages)


def test_a_text_of_a_language_that_comes_or_goes_is_matched_whole():
    found = difference(Version(frozenset({"en"}), {}), Version(frozenset({"en", "kk"}), {}))
    assert found.covers("kk-KZ")
    assert not found.covers("en")
    assert not found.covers(None)
