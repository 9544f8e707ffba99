import pytest

from assets.matching.endings import inflect
from assets.matching.forms import alias_phrases, describe, free_phrases
from assets.matching.lemmas import EMPTY, Lexicon
from assets.matching.watchlist import Alias


def forms_of(text, via, language, lexicon=EMPTY):
    return {form for phrase in alias_phrases("e", Alias(text, via, language), lexicon) for form in describe(phrase)}


@pytest.mark.parametrize(
    ("language", "base", "forms"),
    [
        ("ru", "зангезур", {"зангезура", "зангезуре"}),
        ("ru", "абхазия", {"абхазии", "абхазию", "абхазией"}),
        ("uk", "київ", {"києва", "києві"}),
        ("uk", "карабах", {"карабаху", "карабасі"}),
        ("de", "bundestag", {"bundestags", "bundestages"}),
        ("de", "kongress", {"kongresses"}),
        ("pl", "kraków", {"krakowa", "krakowie"}),
        ("cs", "francie", {"francii", "francií"}),
        ("de", "lateinamerika", {"lateinamerikas"}),
    ],
)
def test_unknown_names_get_endings(language, base, forms):
    assert forms <= inflect(base, language, "names")


@pytest.mark.parametrize(
    ("language", "base", "forms"),
    [
        ("en", "tajik", {"tajiks"}),
        ("en", "welshman", {"welshmen"}),
        ("ru", "таджикский", {"таджикскими", "таджикско"}),
        ("fr", "géorgien", {"géorgienne", "géorgiens"}),
        ("fr", "turc", {"turque", "turques"}),
        ("fr", "grec", {"grecque", "grecques"}),
        ("fr", "ouzbek", {"ouzbèke", "ouzbeks"}),
        ("en", "frenchman", {"frenchmen", "frenchwoman"}),
        ("uk", "болівієць", {"болівійця", "болівійців"}),
        ("uk", "анголець", {"ангольця", "ангольцями"}),
        ("uk", "татарин", {"татарина", "татари", "татар", "татарів"}),
        ("ru", "татарин", {"татары", "татар"}),
        ("de", "franzose", {"franzosen", "französin", "französinnen"}),
        ("es", "español", {"española", "españoles"}),
        ("de", "tadschikisch", {"tadschikische", "tadschikischer"}),
        ("it", "turco", {"turca", "turchi"}),
        ("pt", "francês", {"francesa", "franceses"}),
    ],
)
def test_adjectives_and_inhabitants_get_endings(language, base, forms):
    assert forms <= inflect(base, language, "words")


def test_a_language_without_a_table_keeps_the_word():
    assert inflect("kenya", "sw", "names") == {"kenya"}


def test_a_name_that_is_a_form_of_another_word_is_not_inflected_by_it():
    """Того is a form of тот in the dictionary; the country does not change."""
    lexicon = Lexicon({"того": "тот"}, {"тот": frozenset({"тот", "того", "тому", "та"})})
    assert forms_of("Того", "name", "ru", lexicon) == {"Того"}


def test_a_guessed_form_that_is_another_word_is_left_out():
    lexicon = Lexicon({"штат": "штат", "штаты": "штат"}, {"штат": frozenset({"штат", "штаты"})})
    forms = forms_of("Штаты", "name", "ru", lexicon)
    assert "Штатов" in forms
    assert "Штат" not in forms


def test_an_adjective_keeps_the_gender_that_is_a_noun_too():
    lexicon = Lexicon({"німецький": "німецький", "німецька": "німецька"}, {})
    assert {"німецька", "німецької"} <= forms_of("німецький", "demonym", "uk", lexicon)


def test_each_word_of_a_name_inflects():
    (shown,) = forms_of("Центральная Азия", "name", "ru")
    assert "Центральной" in shown
    assert "Азии" in shown


def test_particles_inside_a_name_do_not_change_but_short_nouns_do():
    (shown,) = forms_of("Белый дом при Совете", "name", "ru")
    assert "дома" in shown
    assert " при " in shown


def test_common_nouns_have_a_plural_where_proper_names_do_not_change():
    assert forms_of("casque bleu", "name", "fr") == {"[casque casques] [bleu bleue bleues bleus]"}
    assert forms_of("groupe Wagner", "name", "fr") == {"groupe Wagner"}
    assert forms_of("UN peacekeeper", "name", "en") == {"UN [peacekeeper peacekeepers]"}


def test_names_stay_as_they_are_where_names_do_not_change():
    assert forms_of("United States", "name", "en") == {"United States"}
    assert forms_of("Géorgie", "name", "fr") == {"Géorgie", "Georgie"}


def test_acronyms_never_inflect_but_take_dots_and_russian_endings():
    assert forms_of("CSTO", "acronym", "en") == {"CSTO", "C.S.T.O"}
    russian = forms_of("МИД", "acronym", "ru")
    assert {"МИД", "М.И.Д", "МИДа", "МИДом"} <= russian
    assert "МИДА" not in russian
    assert forms_of("EE. UU.", "acronym", "es") == {"EEUU", "EE.UU"}


def test_adjectives_have_a_combining_form():
    assert "американо-" in forms_of("американский", "demonym", "ru")


def test_arabic_words_take_clitics_and_the_article():
    assert {"تركيا", "وتركيا", "بتركيا"} <= forms_of("تركيا", "name", "ar")
    assert {"التركيه", "تركي", "للتركي"} <= forms_of("تركي", "demonym", "ar")  # ة is folded to ه
    (phrase,) = alias_phrases("e", Alias("الاتحاد الأوروبي", "name", "ar"))
    assert {"للاتحاد", "والاتحاد"} <= phrase.slots[0]


def test_chinese_names_are_looked_for_in_both_kinds_of_characters():
    assert forms_of("美国", "name", "zh") == {"美国", "美國"}
    assert forms_of("中亚", "name", "ja") == {"中亚"}


def test_without_inflection_only_the_written_form_is_looked_for():
    (phrase,) = alias_phrases("e", Alias("Турция", "name", "ru"), inflected=False)
    assert phrase.slots == (frozenset({"турция"}),)


def test_exclusions_have_forms_and_no_case_rule():
    (phrase,) = free_phrases("e", "exclude", "Новая Гвинея", {"ru": EMPTY})
    assert "гвинее" in phrase.slots[1]
    assert phrase.cases == ("", "")
