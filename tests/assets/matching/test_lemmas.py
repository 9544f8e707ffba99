import pytest

from assets.matching.lemmas import EMPTY, read_lexicon


@pytest.fixture(scope="module")
def ukrainian():
    return read_lexicon("uk", ["Україна", "республіка", "організації"], ["республіки", "нічогошеньки"])


def test_a_lemma_has_all_its_forms(ukrainian):
    assert {"України", "Україною"} <= ukrainian.own_forms("Україна")


def test_another_form_has_no_forms_of_its_own_but_a_family(ukrainian):
    assert ukrainian.own_forms("організації") == frozenset()
    assert "організацій" in ukrainian.family("організації")


def test_guesses_are_looked_up_but_bring_no_forms(ukrainian):
    assert ukrainian.lemmas["республіки"] == "республіка"
    assert "нічогошеньки" not in ukrainian.lemmas


def test_languages_without_a_dictionary_know_nothing():
    assert read_lexicon("zh", ["中国"]) == EMPTY
    assert EMPTY.family("word") == frozenset()


def test_languages_may_share_a_dictionary():
    assert read_lexicon("hr", ["Hrvatska"]).lemmas == read_lexicon("bs", ["Hrvatska"]).lemmas != {}
