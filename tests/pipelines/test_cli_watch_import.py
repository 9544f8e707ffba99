"""`thinkwatch watch import`: tables and exports become lists that can be read at once, with what is doubtful named."""

import json
from pathlib import Path

import pytest

from assets.matching.compiling import compile_watchlist
from assets.matching.matcher import Matcher
from assets.matching.watchlist import load_watchlist, parse_watchlist
from pipelines.cli import main

DAY_ONE = Path(__file__).parents[3] / "shared" / "data" / "watchlist-day-one.csv"
TABLE = """\
id,type,canonical_en,en,ru,note
csto,org,Collective Security Treaty Organization,CSTO;Collective Security Treaty Organi?ation,ОДКБ;Организаци* Договора,acronym
state,org,,,Исламск* государств*,
tajikistan,region,Tajikistan,Tajik*,Таджикистан*;таджикск*,
georgia,region,Georgia (country),"Tbilisi",,
"""
ENTITY = {
    "id": "Q863",
    "labels": {"en": {"language": "en", "value": "Tajikistan"}, "ru": {"language": "ru", "value": "Таджикистан"}, "xx": {"language": "xx", "value": "?"}},
    "aliases": {"en": [{"language": "en", "value": "TJ"}, {"language": "en", "value": "Republic of Tajikistan"}, {"language": "en", "value": "T"}]},
    "claims": {
        "P297": [{"rank": "normal", "mainsnak": {"datavalue": {"value": "TJ"}}}],
        "P1549": [
            {"rank": "normal", "mainsnak": {"datavalue": {"value": {"language": "ru", "text": "таджикский"}}}},
            {"rank": "deprecated", "mainsnak": {"datavalue": {"value": {"language": "ru", "text": "персидский"}}}},
            {"rank": "normal", "mainsnak": {"snaktype": "somevalue"}},
        ],
    },
}  # fmt: skip
SPARQL = {
    "head": {"vars": ["item", "itemLabel", "itemAltLabel"]},
    "results": {"bindings": [
        {"item": {"value": "http://www.wikidata.org/entity/Q318693"}, "itemLabel": {"value": "ОДКБ", "xml:lang": "ru"}},
        {"item": {"value": "http://www.wikidata.org/entity/Q318693"},
         "itemLabel": {"value": "Collective Security Treaty Organization", "xml:lang": "en"},
         "itemAltLabel": {"value": "CSTO, Tashkent Pact", "xml:lang": "en"}},
        {"item": {"value": "http://www.wikidata.org/entity/Q2"}, "itemLabel": {"value": "Q2"}},
    ]},
}  # fmt: skip


@pytest.fixture
def run(capsys):
    """Runs the command line; gives (status, stdout, stderr)."""

    def call(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return call


@pytest.fixture
def imported(run, tmp_path):
    """Import a text and give status, entities by id, the YAML and what was said."""

    def work(text, *options, name="names.csv"):
        source, out = tmp_path / name, tmp_path / "out" / "list.yaml"
        source.write_text(text, encoding="utf-8")
        status, _, err = run("watch", "import", source, "--out", out, *options)
        entities = {entity.id: entity for entity in load_watchlist([out]).entities} if out.exists() else {}
        return status, entities, out.read_text(encoding="utf-8") if out.exists() else "", err

    return work


def names(entity, via=None):
    return {alias.text for alias in entity.aliases if via in {None, alias.via}}


class TestTable:
    def test_names_acronyms_and_demonyms_are_told_apart(self, imported):
        status, entities, text, err = imported(TABLE)
        assert status == 0
        assert names(entities["csto"], "acronym") == {"CSTO", "ОДКБ"}
        assert names(entities["csto"], "name") == {
            "Collective Security Treaty Organization", "Collective Security Treaty Organisation", "Организация Договора",
        }  # fmt: skip
        assert names(entities["tajikistan"], "demonym") == {"таджикский"}
        assert names(entities["georgia"]) == {"Georgia", "Tbilisi"}
        assert "  # acronym\n" in text
        assert "4 entities" in err

    def test_patterns_become_base_forms_that_agree_and_are_to_be_checked(self, imported):
        _, entities, text, _ = imported(TABLE)
        assert names(entities["state"]) == {"Исламское государство"}
        assert "# check: ru 'Исламск* государств*' was taken for 'Исламское государство'" in text
        matcher = Matcher(compile_watchlist(parse_watchlist(text)))
        assert [hit.entity for hit in matcher.find("Исламским государством", language="ru")] == ["state"]

    def test_an_ordinary_word_is_to_decide_with_its_line(self, imported):
        _, _, text, err = imported("id,fr\nhouse,maison\n")
        line = next(number for number, written in enumerate(text.splitlines(), 1) if "names: [maison]" in written)
        assert f"line {line}: error: house: 'maison' is an ordinary word (fr)" in text
        assert f"line {line}: " in err

    @pytest.mark.parametrize(("text", "told"), [
        ("name,en\nx,X-ray\n", ":1: there is no column 'id'"),
        ("id,english name\nx,X-ray\n", ":1: unknown column 'english name'"),
        ("id,en\n,X-ray\n", ":2: an empty id"),
        ("id,en\nx,X-ray,more\n", ":2: more fields than columns"),
        ("id,type,en\nx,planet,X-ray\n", ":2: unknown type 'planet'"),
        ("id,en\nx,X-ray\nx,Y-ray\n", ":3: the id 'x' stands twice"),
        ("", ":1: there is no column 'id'"),
    ])  # fmt: skip
    def test_a_fault_is_named_with_its_line_and_nothing_is_written(self, imported, text, told):
        status, entities, _, err = imported(text)
        assert (status, entities) == (2, {})
        assert f"names.csv{told}" in err
        assert "hint:" in err

    def test_a_name_that_would_match_everywhere_is_left_out_and_said(self, imported):
        _, entities, text, _ = imported("id,en\nx,X;X-ray;—\n")
        assert names(entities["x"]) == {"X-ray"}
        assert "# left out en 'X': one character" in text

    def test_what_yaml_would_read_otherwise_is_quoted(self, imported):
        _, entities, _, _ = imported('id,no\nno,"Norge: on;#1;yes"\n')
        assert names(entities["no"]) == {"Norge: on", "#1", "yes"}

    @pytest.mark.skipif(not DAY_ONE.is_file(), reason=f"the day-one table is not at {DAY_ONE}")
    def test_the_day_one_table_is_read_whole(self, imported):
        status, entities, _, _ = imported(DAY_ONE.read_text(encoding="utf-8"))
        assert status == 0
        assert len(entities) == 41


class TestWikidata:
    @pytest.mark.parametrize("export", [{"entities": {"Q863": ENTITY}}, [ENTITY]])
    def test_labels_aliases_and_demonyms(self, imported, export):
        status, entities, _, _ = imported(json.dumps(export), "--wikidata", name="export.json")
        tajikistan = entities["tajikistan"]
        assert status == 0
        assert (tajikistan.kind, tajikistan.qid, tajikistan.territory) == ("region", "Q863", "TJ")
        assert names(tajikistan, "name") == {"Tajikistan", "Таджикистан", "Republic of Tajikistan"}
        assert names(tajikistan, "acronym") == {"TJ"}
        assert names(tajikistan, "demonym") == {"таджикский"}

    def test_a_sparql_answer(self, imported):
        status, entities, _, _ = imported(json.dumps(SPARQL), "--wikidata", name="export.json")
        assert status == 0
        assert names(next(iter(entities.values()))) == {"Collective Security Treaty Organization", "CSTO", "Tashkent Pact", "ОДКБ"}

    def test_wanted_ids_get_their_names_and_absent_ones_are_named(self, imported, tmp_path):
        ids = tmp_path / "ids.txt"
        ids.write_text("Q863 tj  # Tajikistan\n\nQ404404404\n", encoding="utf-8")
        status, entities, _, err = imported(json.dumps([ENTITY]), "--wikidata", "--ids", ids, "--lang", "ru", name="export.json")
        assert status == 1
        assert names(entities["tj"]) == {"Таджикистан", "таджикский"}
        assert "Q404404404 is not in" in err

    @pytest.mark.parametrize("text", ["{", "[]", '{"results": {}}', '{"entities": {"Q1": {"missing": ""}}}', '"Q1"', "[1, null]"])
    def test_what_is_no_export_is_refused(self, imported, text):
        status, entities, _, err = imported(text, "--wikidata", name="export.json")
        assert (status, entities) == (2, {})
        assert "hint:" in err

    def test_a_bad_id_is_named_with_its_line(self, imported, tmp_path):
        ids = tmp_path / "ids.txt"
        ids.write_text("Q1\nTajikistan\n", encoding="utf-8")
        status, _, _, err = imported(json.dumps([ENTITY]), "--wikidata", "--ids", ids, name="export.json")
        assert status == 2
        assert f"{ids}:2: " in err


class TestWriting:
    def test_a_file_is_never_overwritten(self, run, tmp_path):
        source, out = tmp_path / "names.csv", tmp_path / "list.yaml"
        source.write_text(TABLE, encoding="utf-8")
        out.write_text("mine", encoding="utf-8")
        status, _, err = run("watch", "import", source, "--out", out)
        assert status == 2
        assert out.read_text(encoding="utf-8") == "mine"
        assert "not overwritten" in err

    def test_a_dry_run_writes_nothing(self, run, tmp_path):
        source = tmp_path / "names.csv"
        source.write_text(TABLE, encoding="utf-8")
        status, out, err = run("watch", "import", source, "--dry-run", "--out", tmp_path / "list.yaml")
        assert (status, out) == (0, "")
        assert "would write 4 entities" in err
        assert [file.name for file in tmp_path.iterdir()] == ["names.csv"]

    def test_without_out_the_list_goes_to_stdout(self, run, tmp_path):
        source = tmp_path / "names.csv"
        source.write_text("id,en\ncsto,CSTO\n", encoding="utf-8")
        status, out, _ = run("watch", "import", source)
        assert status == 0
        assert "acronyms: [CSTO]" in out

    @pytest.mark.parametrize("content", [None, b"id,en\nx,\xff\n"])
    def test_a_file_that_cannot_be_read(self, run, tmp_path, content):
        source = tmp_path / "names.csv"
        if content:
            source.write_bytes(content)
        status, _, err = run("watch", "import", source)
        assert status == 2
        assert "names.csv: " in err
