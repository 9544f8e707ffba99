import json
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.matching.compiling import compile_watchlist
from assets.matching.gazetteer import other_places, territory_names
from assets.matching.matcher import Matcher
from assets.matching.watchlist import parse_watchlist
from warehouse.errors import ConfigError

LIST = "entities: [{id: iran, kind: region, from: 'cldr:IR', parents: [asia], labels: {fr: {demonyms: [iranien]}}}]"
HASH_IT = """
import sys
from assets.matching.compiling import compile_watchlist
from assets.matching.matcher import Matcher
from assets.matching.watchlist import parse_watchlist
print(compile_watchlist(parse_watchlist(sys.argv[1])).hash)
"""


def test_equal_lists_give_equal_tables_in_every_process():
    here = compile_watchlist(parse_watchlist(LIST)).hash
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", HASH_IT, LIST], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        assert run.stdout.strip() == here


@pytest.mark.parametrize(
    "change", [("iranien", "perse"), ("cldr:IR", "cldr:IQ"), ("parents: [asia]", "exclude: [Iran Air]"), ("kind: region", "inflect: false")]
)
def test_whatever_changes_a_match_changes_the_hash(change):
    assert compile_watchlist(parse_watchlist(LIST)).hash != compile_watchlist(parse_watchlist(LIST.replace(*change))).hash


names = st.text(alphabet="aéÉ'’-. CSTOüß中美تركياالЖжẞﬁ\u0301\u00ad", max_size=10).map("Xy".__add__)
some = st.lists(names, min_size=1, max_size=3)
labels = st.dictionaries(
    st.sampled_from(["fr", "de", "es", "ar", "zh"]),
    st.fixed_dictionaries({"names": some}, optional={"acronyms": some, "demonyms": some}),
    min_size=1,
)


@given(st.lists(labels, min_size=1, max_size=3))
@settings(max_examples=50)
def test_compiling_any_list_twice_gives_one_table_whatever_the_order_of_its_keys(given_labels):
    entities = [{"id": f"e{number}", "labels": one} for number, one in enumerate(given_labels)]
    turned = [{"labels": dict(reversed(entity["labels"].items())), "id": entity["id"]} for entity in entities]
    tables = [
        compile_watchlist(parse_watchlist(json.dumps({"entities": given}, ensure_ascii=False))) for given in (entities, entities, turned)
    ]
    assert tables[0] == tables[1]
    assert tables[0].hash == tables[1].hash
    assert set(tables[2].phrases) == set(tables[0].phrases)


def test_a_remark_changes_no_hash():
    assert compile_watchlist(parse_watchlist(LIST)).hash == compile_watchlist(parse_watchlist(LIST + "\nnote: a remark")).hash


class TestCache:
    def test_nothing_is_written_without_a_folder(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        compile_watchlist(parse_watchlist(LIST))
        assert list(tmp_path.iterdir()) == []

    def test_the_second_time_gives_the_same_table(self, tmp_path):
        first = compile_watchlist(parse_watchlist(LIST), cache_dir=tmp_path / "cache")
        (file,) = (tmp_path / "cache").iterdir()
        written = file.stat().st_mtime_ns
        second = compile_watchlist(parse_watchlist(LIST), cache_dir=tmp_path / "cache")
        assert (second.hash, second.phrases, second.entities) == (first.hash, first.phrases, first.entities)
        assert file.stat().st_mtime_ns == written

    @pytest.mark.parametrize("damage", ["", "{", "[]", '{"entities": [1]}', '{"entities": [], "phrases": [[1]], "languages": []}'])
    def test_a_damaged_file_is_made_anew(self, tmp_path, damage):
        first = compile_watchlist(parse_watchlist(LIST), cache_dir=tmp_path)
        (file,) = tmp_path.iterdir()
        file.write_text(damage, encoding="utf-8")
        assert compile_watchlist(parse_watchlist(LIST), cache_dir=tmp_path).hash == first.hash
        assert compile_watchlist(parse_watchlist(LIST), cache_dir=tmp_path).hash == first.hash

    def test_another_list_has_another_file(self, tmp_path):
        for text in (LIST, LIST.replace("iranien", "perse")):
            compile_watchlist(parse_watchlist(text), cache_dir=tmp_path)
        assert len(list(tmp_path.iterdir())) == 2


class TestTerritories:
    def test_names_come_in_many_languages(self):
        compiled = compile_watchlist(parse_watchlist(LIST))
        assert {"en", "ru", "uk", "fr", "de", "es", "ar", "zh", "pl", "it", "pt", "tr"} <= set(compiled.languages)
        assert any("Ирана" in forms for _, forms in compiled.forms_of("iran"))

    def test_variants_in_brackets_are_names_of_their_own(self):
        assert territory_names("MM", "en") == ["Myanmar", "Burma"]

    def test_an_unknown_territory_is_named_with_its_line(self):
        with pytest.raises(ConfigError, match="list:3: iran: CLDR knows no territory 'QX'"):
            compile_watchlist(parse_watchlist("entities:\n  - id: iran\n    from: cldr:QX", "list"))

    def test_dropped_names_of_cldr_are_not_compiled(self):
        text = "entities: [{id: ge, from: 'cldr:GE', drop: [Georgia]}]"
        names = {phrase.name for phrase in compile_watchlist(parse_watchlist(text)).phrases}
        assert "Грузия" in names
        assert "Georgia" not in names

    @pytest.mark.parametrize(
        ("name", "language", "other"),
        [
            ("Sudan", "en", "South Sudan"),
            ("印度", "zh", "印度尼西亚"),
            ("America", "en", "Latin America"),
            ("Guinea", "en", "Equatorial Guinea"),
        ],
    )
    def test_longer_names_of_other_places_are_known(self, name, language, other):
        assert other in other_places(name, language)

    @pytest.mark.parametrize(("name", "language"), [("Vatican", "en"), ("China", "en"), ("Macedonia", "en"), ("Sudan", "xx")])
    def test_longer_names_of_the_same_place_are_none_of_them(self, name, language):
        assert other_places(name, language) == []


@pytest.mark.parametrize(("options", "counted"), [("kind: region", 0), ("kind: region, nested: true", 1), ("kind: organisation", 1)])
def test_a_region_inside_the_name_of_another_place_counts_only_where_asked(options, counted):
    compiled = compile_watchlist(parse_watchlist(f"entities: [{{id: sudan, {options}, labels: {{fr: {{names: [Soudan]}}}}}}]"))
    assert len(Matcher(compiled).find("au Soudan du Sud", language="fr")) == counted


def test_parents_of_parents_are_found():
    text = "entities: [{id: a, any_language: [AA], parents: [b]}, {id: b, any_language: [BB], parents: [c]}]"
    assert compile_watchlist(parse_watchlist(text)).ancestors("a") == {"b", "c"}


def test_chosen_languages_are_the_only_ones():
    assert compile_watchlist(parse_watchlist(LIST), ["fr", "de"]).languages == ("de", "fr")
