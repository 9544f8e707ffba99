from assets.matching.checking import check
from assets.matching.watchlist import parse_watchlist


def findings(text):
    return check(parse_watchlist(text, "list.yaml"))


def test_a_name_that_two_entities_share_is_a_warning_that_names_both():
    (finding,) = findings(
        "entities:\n  - id: kinshasa\n    labels: {en: {names: [Congo]}}\n  - id: brazzaville\n    labels: {en: {names: [Congo]}}\n"
    )
    assert (finding.level, finding.line) == ("warning", 5)
    assert "kinshasa and brazzaville" in finding.message


def test_a_name_that_both_confirm_is_meant_for_both():
    both = "entities: [{{id: cn, confirm: [中美], labels: {{zh: {{names: [中美]}}}}}}, {{id: us, {}labels: {{zh: {{names: [中美]}}}}}}]"
    assert findings(both.format("confirm: [中美], ")) == []
    assert len(findings(both.format(""))) == 1


def test_the_same_letters_in_two_languages_are_no_shared_name():
    assert findings("entities: [{id: a, labels: {en: {acronyms: [EI]}}}, {id: b, labels: {fr: {acronyms: [EI]}}}]") == []


def test_an_ordinary_word_needs_a_decision():
    (finding,) = findings("entities:\n  - id: quad\n    labels:\n      en:\n        names: [Quadrilateral Dialogue, quad]\n")
    assert (finding.level, finding.line) == ("error", 5)
    assert "'quad' is an ordinary word (en)" in finding.message
    assert str(finding).startswith("list.yaml:5: error: quad:")


def test_each_decision_silences_it():
    for decision in (
        "confirm: true",
        "confirm: [quad]",
        "exclude: [quad bike]",
        "require_near: {any: [Japan]}",
        "require_near: {any: [Japan], only: [quad]}",
    ):
        assert findings(f"entities: [{{id: quad, {decision}, labels: {{en: {{names: [quad]}}}}}}]") == []


def test_a_decision_about_another_name_does_not():
    assert len(findings("entities: [{id: quad, confirm: [quads], labels: {en: {names: [quad]}}}]")) == 1


def test_inhabitants_and_capitalised_names_are_no_ordinary_words():
    assert findings("entities: [{id: tr, labels: {en: {names: [Turkey], acronyms: [US]}, ru: {demonyms: [турок]}}}]") == []


def test_a_parent_that_is_not_watched_is_told():
    (finding,) = findings("entities: [{id: a, any_language: [AA], parents: [asia]}]")
    assert (finding.level, "asia" in finding.message) == ("warning", True)
