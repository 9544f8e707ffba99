import re

import pytest

from assets.matching.watchlist import load_watchlist, merge, parse_watchlist
from warehouse.documents import Document
from warehouse.errors import ConfigError

GOOD = """\
entities:
  - id: csto
    qid: Q318693
    labels:
      en: {names: [Treaty Organization], acronyms: [CSTO]}
"""


def fault_of(text):
    with pytest.raises(ConfigError) as caught:
        parse_watchlist(text, "list.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("line", "bad", "told"),
    [
        (6, "    lables: {}", "lables"),
        (6, "    kind: country", "organisation"),
        (6, "    qid: 318693", "qid"),
        (6, "    any_language: ['']", "empty name"),
        (6, "    any_language: [' - ']", "empty name"),
        (6, "    any_language: [X]", "one character"),
        (6, "    any_language: ['Центральн* Ази*']", "wildcard"),
        (6, "    any_language: [Organi?ation]", "wildcard"),
        (6, "    any_language: [Fran\ufffdais]", "damaged"),
        (6, "    any_language: [no]", "quotes"),
        (6, "    from: cldr:tajikistan", "from"),
        (6, "    require_near: {any: [], within: 10}", "any"),
        (6, "    require_near: {any: [Moscow], within: 0}", "within"),
        (6, "  - id: csto\n    any_language: [OTHER]", "twice"),
        (6, "  - id: empty", "no name"),
        (6, "  - id: loop\n    any_language: [LOOP]\n    parents: [loop]", "own parent"),
        (6, "    id: again", "twice"),
        (6, "    labels: {english: {}}", "twice"),
    ],
)
def test_each_fault_is_named_with_its_line(line, bad, told):
    told_fault = fault_of(GOOD + bad + "\n")
    assert told in told_fault
    assert re.search(rf"list\.yaml:({line}|{line + 1}|{line + 2}):", told_fault)


def test_a_language_key_that_yaml_reads_as_false_is_explained():
    assert "quotes" in fault_of("entities:\n  - id: a\n    labels:\n      no: {names: [Norge]}\n")


def test_a_list_with_a_fault_is_refused_whole(tmp_path):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(GOOD, encoding="utf-8")
    bad.write_bytes(GOOD.encode() + b"    note: \xff\xfe\n")
    with pytest.raises(ConfigError, match=r"bad\.yaml.*UTF-8"):
        load_watchlist([good, bad])


def test_json_is_read_as_it_is():
    watchlist = parse_watchlist(
        '{"set": "dev", "entities": [{"id": "fr:СКС", "qid": null, "parents": [], "labels": {"ru": {"acronyms": ["СКС"]}}}]}'
    )
    assert [(alias.text, alias.via, alias.language) for alias in watchlist.entities[0].aliases] == [("СКС", "acronym", "ru")]


def test_a_name_for_any_language_is_an_acronym_when_it_is_all_capitals():
    watchlist = parse_watchlist("entities: [{id: a, any_language: [AUKUS, Gazprom]}]")
    assert [alias.via for alias in watchlist.entities[0].aliases] == ["acronym", "name"]


class TestSeveralFiles:
    def merged(self, second):
        return merge([Document(GOOD, "one.yaml"), Document(second, "two.yaml")]).entities

    def test_a_later_file_extends_an_entity(self):
        (entity,) = self.merged("entities: [{id: csto, kind: topic, labels: {fr: {acronyms: [OTSC]}}, exclude: [CSTO Ltd]}]")
        assert [alias.text for alias in entity.aliases] == ["Treaty Organization", "CSTO", "OTSC"]
        assert (entity.kind, entity.qid, entity.exclude) == ("topic", "Q318693", ("CSTO Ltd",))

    def test_it_can_drop_names(self):
        (entity,) = self.merged("entities: [{id: csto, drop: [Treaty Organization]}]")
        assert [alias.text for alias in entity.aliases] == ["CSTO"]

    def test_it_can_replace_an_entity(self):
        (entity,) = self.merged("entities: [{id: csto, replace: true, any_language: [ODKB]}]")
        assert [alias.text for alias in entity.aliases] == ["ODKB"]
        assert entity.qid is None

    def test_it_can_add_entities(self):
        assert [entity.id for entity in self.merged("entities: [{id: un, any_language: [UN]}]")] == ["csto", "un"]

    def test_a_fault_names_the_file_that_has_it(self):
        with pytest.raises(ConfigError, match=r"two\.yaml"):
            self.merged("entities: [{id: csto, drop: [Treaty Organization, CSTO]}]")


def test_stars_and_question_marks_inside_a_real_name_are_no_wildcards():
    assert parse_watchlist("entities: [{id: a, any_language: ['E*Trade', 'M*A*S*H', 'Who?']}]").entities[0].aliases[0].text == "E*Trade"


def test_a_regional_language_code_is_read_as_its_language():
    watchlist = parse_watchlist("languages: [pt-BR]\nentities: [{id: a, labels: {zh-Hans: {names: [中亚]}, en_GB: {names: [Asia]}}}]")
    assert watchlist.languages == ("pt",)
    assert [alias.language for alias in watchlist.entities[0].aliases] == ["zh", "en"]


def test_defaults_hold_unless_an_entity_says_otherwise():
    text = "defaults: {inflect: false}\nentities: [{id: a, any_language: [AA]}, {id: b, any_language: [BB], inflect: true}]"
    assert [entity.inflect for entity in parse_watchlist(text).entities] == [False, True]
