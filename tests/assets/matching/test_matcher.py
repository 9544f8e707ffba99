"""What is a mention and what is not; the numbers M79 to M86 are those of the project's list of faults."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.matching.compiling import compile_watchlist
from assets.matching.matcher import Matcher
from assets.matching.watchlist import parse_watchlist

SCRAPS = (
    "US U.S. CSTO Tajikistan таджикско-афганская ОДКБ ＣＳＴＯ TAJİKİSTAN Geor\u00adgia Cote\u0301 d’Ivoire 美国 塔吉克斯坦 タジキスタン "
    "وتركيا تُركيا Соединённые\u00a0Штаты CШA Gzt.Ru \ud800 ﬁ ß é e\u0301 — « » . , - ' \n \u200b 🙂 한국"
)
scraps = st.sampled_from(SCRAPS.split(" "))
texts = st.lists(scraps | st.text(max_size=5), max_size=12).map(" ".join)


class TestOffsets:
    @given(texts)
    @settings(max_examples=200)
    def test_a_hit_is_a_slice_of_the_text(self, matcher, text):
        for hit in matcher.find(text):
            assert text[hit.start : hit.end] == hit.matched
            assert hit.start < hit.end

    @given(texts)
    @pytest.mark.fault("M79")
    def test_m79_composed_and_decomposed_texts_have_the_same_hits(self, found, text):
        assert found(unicodedata.normalize("NFC", text)) == found(unicodedata.normalize("NFD", text))

    @given(
        st.sampled_from(["Tajikistan", "CSTO", "Центральной Азии", "美国", "Côte d'Ivoire"]),
        st.integers(1, 8),
        st.sampled_from("\u00ad\u200b\u2060\ufeff"),
    )
    @pytest.mark.fault("M79")
    def test_m79_invisible_characters_inside_a_name_change_nothing(self, found, name, at, invisible):
        assert found(name[:at] + invisible + name[at:]) == found(name) != []

    @given(texts)
    def test_the_same_text_gives_the_same_hits(self, watched, matcher, text):
        assert matcher.find(text) == Matcher(watched).find(text)


class TestSpellings:
    @pytest.mark.parametrize(
        "text",
        [
            "в Таджикистане",
            "Таджикистаном",
            "таджикских военных",
            "по словам таджиков",
            "Таджикско-афганская граница",
            "ТАДЖИКИСТАН",
            "Taджикистан",
            "Tajikistan's border",
            "Tajikistan’s border",
            "Three Tajiks",
            "(Tajikistan)—",
            "#Tajikistan",
            "Ｔａｊｉｋｉｓｔａｎ",
            "塔吉克斯坦总统",
            "タジキスタンの大統領",
            "Tadschikistans Grenze",
        ],
    )
    @pytest.mark.fault("M79")
    def test_m79_one_country_in_many_spellings(self, found, text):
        assert found(text) == ["tajikistan"]

    @pytest.mark.parametrize(
        ("language", "text", "entity"),
        [
            ("ru", "Саммит Организации Договора о коллективной безопасности", "csto"),
            ("ru", "роль Организации договора о коллективной безопасности", "csto"),
            ("ru", "Соединенными Штатами", "us"),
            ("ru", "американо-китайские отношения", "us"),
            ("ru", "Кот-д’Ивуаре", "ivory-coast"),
            ("ru", "Кот д'Ивуар", "ivory-coast"),
            ("uk", "Всесвітньої організації охорони здоровʼя", "who"),
            ("fr", "l’OTSC", "csto"),
            ("fr", "qu'ONU, l’OMS", "who"),
            ("fr", "entreprises turques", "turkey"),
            ("fr", "COTE D'IVOIRE", "ivory-coast"),
            ("es", "EE.UU. y EEUU y EE. UU.", "us"),
            ("ar", "للاتحاد الأوروبي موقف", "eu"),
            ("ar", "القوات التركية", "turkey"),
            ("ar", "تُركيا", "turkey"),
            ("en", "European\nUnion", "eu"),
            ("en", "European  Union", "eu"),
            ("en", "European\r\nUnion", "eu"),
            ("es", "EE UU", "us"),
            ("en", "the U. S. officials", "us"),
            ("en", "U.S.-led", "us"),
            ("en", "pro-EU parties", "eu"),
            ("zh", "美国和", "us"),
            ("zh", "美國總統", "us"),
            ("ar", "الاتحاد الاوروبى", "eu"),
        ],
    )
    @pytest.mark.fault("M79")
    def test_m79_inflected_abbreviated_and_broken_names(self, found, language, text, entity):
        assert set(found(text, language)) == {entity}

    def test_an_english_name_counts_in_a_text_of_another_script(self, found):
        assert found("Глава CSTO посетил страну", "ru") == ["csto"]
        assert found("Chad and Georgia Smith из US", "ru") == ["us"]

    def test_names_of_other_languages_with_the_same_script_do_not_count(self, found):
        assert found("la turc UE OTSC", "es") == []

    def test_an_unknown_language_is_searched_for_all(self, found):
        assert found("OTSC, ОДКБ") == ["csto", "csto"]
        assert found("OTSC, ОДКБ", "und") == ["csto", "csto"]
        assert found("OTSC, ОДКБ", "fr-CA") == ["csto"]


class TestTraps:
    @pytest.mark.parametrize(
        ("language", "text"),
        [
            ("en", "They told us who is in"),
            ("en", "We ate turkey"),
            ("en", "Moscow and Emomali"),
            ("en", "DOCTORS WHO REFUSED TO WORK WERE FIRED"),
            ("en", "us_east_turkeyland and TURKEY_ID"),
            ("en", "the U.S.S.R. fell"),
            ("en", "vitamin C S T O"),
            ("en", "a word in Central. Asia is large"),
            ("en", "in Central\n\nAsia"),
            ("en", "Bank of America shares"),
            ("en", "the European Union of the Deaf"),
            ("en", "South Sudan held a vote"),
            ("en", "https://example.org/Turkey and press@CSTO.example.org"),
            ("en", "www.example.org/US/Tajikistan"),
            ("ru", "воз и ныне там; того же; мали"),
            ("ru", "Выборы в Южном Судане"),
            ("zh", "印度尼西亚和南苏丹"),
            ("ja", "タジキスタンズ"),
        ],
    )
    def test_this_is_no_mention(self, found, language, text):
        assert found(text, language) == []

    @pytest.mark.parametrize(
        ("language", "text", "entities"),
        [
            ("en", "Sudan and South Sudan", ["sudan"]),
            ("en", "the European Union and the European Union of the Deaf", ["eu"]),
            ("en", "TURKEY SIGNS GAS DEAL", ["turkey"]),
            ("en", "The WHO's opinion", ["who"]),
            ("en", "US, EU, UN", ["us", "eu"]),
            ("ru", "В Того и Мали", ["togo", "mali"]),
            ("ru", "редакция Gzt.Ru и МинФина", ["gzt", "gzt"]),
            ("zh", "印度和印度尼西亚", ["india"]),
            ("en", "Tajikistan, not a member of the CSTO", ["tajikistan", "csto"]),
        ],
    )
    def test_the_trap_beside_a_mention_hides_nothing(self, found, language, text, entities):
        assert found(text, language) == entities

    @pytest.mark.fault("M80")
    def test_m80_an_ambiguous_name_counts_with_its_neighbours_only(self, found):
        assert found("Georgia votes today.", "en") == []
        assert found("Georgia and Russia fought.", "en") == ["georgia"]
        assert found("Georgia" + " word" * 20 + " Russia", "en") == []
        assert found("The game in Atlanta, Georgia, near Russia", "en") == []
        assert found("Georgian wine", "en") == ["georgia"]
        assert found("Грузия", "ru") == ["georgia"]

    def test_names_inside_other_names_count(self, found):
        assert found("Turkish-American Central Asian Council") == ["turkey", "us", "central-asia"]

    def test_of_overlapping_names_of_one_entity_the_longest_counts(self, matcher):
        assert [hit.matched for hit in matcher.find("United States", language="en")] == ["United States"]


class TestHits:
    def test_the_last_dot_of_an_acronym_belongs_to_it(self, matcher):
        assert [hit.matched for hit in matcher.find("The U.S. and the U. S., EE. UU. y US.")] == ["U.S.", "U. S.", "EE. UU.", "US"]

    def test_a_hit_says_by_what_it_was_found(self, matcher):
        name, acronym, demonym = matcher.find("Центральная Азия, ОДКБ, таджиков", language="ru")
        assert (name.name, name.via) == ("Центральная Азия", "name")
        assert (acronym.name, acronym.via) == ("ОДКБ", "acronym")
        assert (demonym.name, demonym.via) == ("таджик", "demonym")
        assert name.score > acronym.score > demonym.score > 0

    def test_demonyms_and_inflection_can_be_switched_off(self):
        labels = "{de: {names: [Iran], demonyms: [iranisch]}}"
        off = Matcher(compile_watchlist(parse_watchlist(f"entities: [{{id: ir, inflect: false, demonyms: false, labels: {labels}}}]")))
        on = Matcher(compile_watchlist(parse_watchlist(f"entities: [{{id: ir, labels: {labels}}}]")))
        text = "Iran, Irans, iranische"
        assert [hit.matched for hit in off.find(text)] == ["Iran"]
        assert [hit.matched for hit in on.find(text)] == ["Iran", "Irans", "iranische"]


class TestHostileTexts:
    @pytest.mark.parametrize("piece", ["\n\n", "\x00", "\ud800", "\u0301", "a", "U.", "—", "US\n \n", "a@b.", "CШA ", "Georgia Russia "])
    @pytest.mark.fault("M82")
    def test_m82_any_text_is_read(self, matcher, piece):
        for text in (piece, piece * 3000):
            assert {hit.entity for hit in matcher.find(text)} <= {"us", "georgia"}


@pytest.mark.fault("M82")
def test_m82_ten_thousand_names_are_compiled_and_found():
    letters = "abcdefghij"
    names = [f"Q{a}{b}x {c}{d}y".title() for a in letters for b in letters for c in letters for d in letters]
    matcher = Matcher(compile_watchlist(parse_watchlist(f"entities: [{{id: many, labels: {{fr: {{names: {names}}}}}}}]"), ["fr"]))
    hits = matcher.find(f"{names[17]} et {names[9999]}", language="fr")
    assert [hit.name for hit in hits] == [names[17], names[9999]]
