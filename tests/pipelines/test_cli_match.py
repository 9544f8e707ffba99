"""`thinkwatch match` and `thinkwatch watch`, as their contract has them."""

import json

import pytest

from pipelines.cli import main

LIST = """\
entities:
  - id: otsc
    labels: {fr: {acronyms: [OTSC], names: [Organisation du traité]}}
  - id: turquie
    kind: region
    labels: {fr: {names: [Turquie], demonyms: [turc]}}
"""
DOCS = [
    {"id": "a", "lang": "fr", "title": "L’OTSC se réunit", "text": "La Turquie et l'OTSC.", "extra": 1},
    {"id": "b", "lang": "fr", "title": "", "text": "Rien."},
    {"id": 7, "title": None, "text": "Les entreprises turques"},
]


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
def watchlist(tmp_path):
    path = tmp_path / "list.yaml"
    path.write_text(LIST, encoding="utf-8")
    return path


@pytest.fixture
def docs(tmp_path):
    path = tmp_path / "docs.jsonl"
    path.write_text("".join(json.dumps(document, ensure_ascii=False) + "\n" for document in DOCS), encoding="utf-8")
    return path


def rows(text):
    return [json.loads(line) for line in text.splitlines()]


class TestMatch:
    def test_one_line_a_mention(self, run, watchlist, docs):
        status, out, err = run("match", "--watchlist", watchlist, "--docs", docs)
        assert (status, err) == (0, "")
        by_id = {document["id"]: document for document in DOCS}
        for row in rows(out):
            assert {"doc", "entity", "field", "start", "end", "matched", "name", "score"} <= set(row)
            assert by_id[row["doc"]][row["field"]][row["start"] : row["end"]] == row["matched"]
        found = [(row["doc"], row["entity"], row["field"]) for row in rows(out)]
        assert found == [("a", "otsc", "title"), ("a", "turquie", "text"), ("a", "otsc", "text"), (7, "turquie", "text")]

    def test_one_line_a_document(self, run, watchlist, docs):
        status, out, _ = run("match", "--watchlist", watchlist, "--docs", docs, "--per-document")
        first, second, _ = rows(out)
        assert status == 0
        assert [entity["entity"] for entity in first["entities"]] == ["otsc", "turquie"]
        assert first["entities"][0]["mentions"] == 2
        assert 0 < first["entities"][1]["salience"] < first["entities"][0]["salience"] < 1
        assert second == {"doc": "b", "entities": []}

    def test_several_processes_and_a_file_give_the_same(self, run, watchlist, docs, tmp_path):
        _, expected, _ = run("match", "--watchlist", watchlist, "--docs", docs)
        status, out, _ = run("match", "--watchlist", watchlist, "--docs", docs, "--jobs", 2, "--out", tmp_path / "out.jsonl")
        assert (status, out) == (0, "")
        assert (tmp_path / "out.jsonl").read_text(encoding="utf-8") == expected

    def test_several_watch_lists_in_both_ways_of_writing_them(self, run, watchlist, docs, tmp_path):
        more = tmp_path / "more.yaml"
        more.write_text("entities: [{id: rien, labels: {fr: {names: [Rien]}}}]", encoding="utf-8")
        after_one = run("match", "--watchlist", watchlist, more, "--docs", docs)
        repeated = run("match", "--watchlist", watchlist, "--watchlist", more, "--docs", docs)
        assert after_one == repeated
        assert "rien" in {row["entity"] for row in rows(after_one[1])}

    def test_a_bad_line_is_named_and_the_others_are_matched(self, run, watchlist, docs):
        bad = [b"{", b"\xff\xfe", b"[1]", b'{"title": "no id"}', b'{"id": "x", "text": 5}', b""]
        docs.write_bytes(b"\n".join(bad) + b"\n" + docs.read_bytes())
        status, out, err = run("match", "--watchlist", watchlist, "--docs", docs)
        assert status == 1
        assert [f"{docs}:{number}: " in err for number in range(1, 8)] == [True] * 5 + [False] * 2
        assert "hint:" in err
        assert len(rows(out)) == 4

    @pytest.mark.parametrize("missing", ["--watchlist", "--docs"])
    def test_wrong_use_ends_with_2_before_anything_is_done(self, run, watchlist, docs, tmp_path, missing):
        files = {"--watchlist": watchlist, "--docs": docs, missing: tmp_path / "absent"}
        status, out, err = run("match", *(part for pair in files.items() for part in pair), "--out", tmp_path / "out.jsonl")
        assert (status, out) == (2, "")
        assert "absent" in err
        assert "hint:" in err
        assert not (tmp_path / "out.jsonl").exists()

    def test_the_compiled_list_is_kept_only_where_asked(self, run, watchlist, docs, tmp_path):
        before = {path.name for path in tmp_path.iterdir()}
        run("match", "--watchlist", watchlist, "--docs", docs)
        assert {path.name for path in tmp_path.iterdir()} == before
        _, first, _ = run("match", "--watchlist", watchlist, "--docs", docs, "--cache", tmp_path / "cache")
        _, second, _ = run("match", "--watchlist", watchlist, "--docs", docs, "--cache", tmp_path / "cache")
        assert first == second
        assert len(list((tmp_path / "cache").iterdir())) == 1

    @pytest.mark.fault("M86")
    def test_m86_a_document_that_breaks_the_matcher_is_passed_over(self, run, watchlist, docs, monkeypatch):
        from assets.matching import mentions

        whole = mentions.find_mentions

        def breaking(matcher, *, text, **others):
            if text == "Rien.":
                raise RecursionError("too deep")
            return whole(matcher, text=text, **others)

        monkeypatch.setattr(mentions, "find_mentions", breaking)
        status, out, err = run("match", "--watchlist", watchlist, "--docs", docs)
        assert status == 1
        assert f"{docs}:2: RecursionError: too deep" in err
        assert len(rows(out)) == 4


class TestWatch:
    def test_a_good_list_is_summed_up(self, run, watchlist):
        status, out, err = run("watch", "check", watchlist)
        assert (status, err) == (0, "")
        assert out.startswith("2 entities, ")

    def test_without_a_file_the_configured_lists_are_checked(self, run, watchlist, tmp_path):
        config = tmp_path / "thinkwatch.toml"
        config.write_text(f'watchlists = ["{watchlist.name}"]\n', encoding="utf-8")
        status, out, _ = run("--config", config, "watch", "check")
        assert (status, out.split(",")[0]) == (0, "2 entities")

    def test_what_is_watched_is_listed_and_found_by_a_name_in_any_language(self, run, watchlist):
        _, everything, _ = run("watch", "list", "--watchlist", watchlist)
        assert len(everything.splitlines()) == 2
        status, out, _ = run("watch", "list", "ТАДЖИК", "--watchlist", "pack:day-one", "--json")
        assert (status, [row["id"] for row in json.loads(out)]) == (0, ["tajikistan"])
        status, out, err = run("watch", "list", "atlantis", "--watchlist", watchlist)
        assert (status, out) == (0, "")
        assert "nothing of 'atlantis' is watched" in err

    @pytest.mark.fault("M83")
    def test_m83_a_fault_is_named_with_its_line(self, run, watchlist):
        watchlist.write_text(LIST + "  - id: bad\n    lables: {}\n", encoding="utf-8")
        status, out, err = run("watch", "check", watchlist)
        assert (status, out) == (2, "")
        assert f"{watchlist}:8: " in err

    def test_an_undecided_word_fails_and_a_shared_name_warns(self, run, watchlist):
        watchlist.write_text(LIST + "  - id: word\n    labels: {fr: {names: [maison, Turquie]}}\n", encoding="utf-8")
        status, _, err = run("watch", "check", watchlist)
        assert status == 2
        assert f"{watchlist}:8: error: word: 'maison'" in err
        assert f"{watchlist}:8: warning: 'Turquie' is a name of both turquie and word" in err

    def test_findings_as_json(self, run, watchlist):
        _, out, _ = run("watch", "check", watchlist, "--json")
        assert json.loads(out)["findings"] == []

    def test_every_form_is_listed(self, run, watchlist):
        status, out, _ = run("watch", "forms", "turquie", "--watchlist", watchlist)
        assert status == 0
        assert "Turquie: Turquie" in out
        assert "turque, turques" in out

    def test_forms_of_one_language_as_json(self, run, watchlist):
        _, out, _ = run("watch", "forms", "turquie", "--watchlist", watchlist, "--lang", "de", "--json")
        assert json.loads(out)["forms"] == []

    def test_a_text_is_tried_and_explained(self, run, watchlist):
        status, out, _ = run("watch", "test", "turquie", "la turquie turque", "--watchlist", watchlist, "--lang", "fr")
        assert status == 0
        assert "does not count: 'turquie' at 3: the capitals differ" in out
        assert "counts: 'turque' at 11: a form of the demonym turc" in out

    def test_a_trial_as_json(self, run, watchlist):
        _, out, _ = run("watch", "test", "turquie", "rien", "--watchlist", watchlist, "--json")
        assert json.loads(out) == {"entity": "turquie", "mentioned": False, "places": []}

    def test_an_unknown_entity_gets_the_nearest_one_as_a_hint(self, run, watchlist):
        status, _, err = run("watch", "forms", "turqie", "--watchlist", watchlist)
        assert status == 2
        assert "did you mean turquie?" in err

    def test_without_a_configuration_the_shipped_list_is_tried(self, run, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("THINKWATCH_CONFIG", raising=False)
        status, out, _ = run("watch", "test", "csto", "the CSTO")
        assert status == 0
        assert "counts: 'CSTO'" in out
        assert list(tmp_path.iterdir()) == []

    def test_with_a_configuration_its_lists_are_tried(self, run, watchlist, monkeypatch):
        monkeypatch.chdir(watchlist.parent)
        (watchlist.parent / "thinkwatch.toml").write_text('watchlists = ["list.yaml"]\n', encoding="utf-8")
        monkeypatch.delenv("THINKWATCH_CONFIG", raising=False)
        assert run("watch", "test", "otsc", "l'OTSC")[0] == 0
        assert run("watch", "test", "csto", "CSTO")[0] == 2


class TestPacks:
    def test_packs_of_the_settings_come_before_the_own_lists(self, run, watchlist, monkeypatch):
        monkeypatch.chdir(watchlist.parent)
        monkeypatch.delenv("THINKWATCH_CONFIG", raising=False)
        (watchlist.parent / "thinkwatch.toml").write_text('packs = ["regions"]\nwatchlists = ["list.yaml"]\n', encoding="utf-8")
        assert "counts: 'Sahel'" in run("watch", "test", "sahel", "the Sahel", "--lang", "en")[1]
        assert run("watch", "test", "otsc", "l'OTSC")[0] == 0

    def test_an_unknown_pack_is_named_with_the_known_ones(self, run, watchlist, docs, monkeypatch):
        monkeypatch.chdir(watchlist.parent)
        monkeypatch.delenv("THINKWATCH_CONFIG", raising=False)
        (watchlist.parent / "thinkwatch.toml").write_text('packs = ["contries"]\n', encoding="utf-8")
        for arguments in (["watch", "forms", "sahel"], ["match", "--watchlist", "pack:contries", "--docs", docs]):
            status, _, err = run(*arguments)
            assert status == 2
            assert "there is no pack 'contries'" in err
            assert "countries" in err

    def test_a_pack_is_matched_by_its_name(self, run, docs):
        status, out, _ = run("match", "--watchlist", "pack:organisations", "--docs", docs)
        assert status == 0
        assert "csto" in {row["entity"] for row in rows(out)}


@pytest.mark.parametrize("command", [["match"], ["watch"], ["watch", "check"], ["watch", "forms"], ["watch", "test"], ["watch", "import"]])
def test_help_has_an_example(run, command):
    status, out, _ = run(*command, "--help")
    assert status == 0
    assert f"Example: thinkwatch {command[0]}" in out
