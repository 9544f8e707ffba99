"""Bad input: one clear line that names the place and what to do; the others' work is kept."""

import shutil

import pytest

GOOD_SOURCE = "id: {id}\nname: {id}\nlanguages: [en]\nfeeds: [{{url: '{url}'}}]\n"


@pytest.fixture(scope="module")
def model(tmp_path_factory, thinkwatch):
    """A fresh installation of the operator's own whose watch list is compiled."""
    folder = tmp_path_factory.mktemp("model")
    thinkwatch("init", folder)
    thinkwatch("--config", folder / "thinkwatch.toml", "doctor")
    return folder


@pytest.fixture
def house(tmp_path, model):
    return shutil.copytree(model, tmp_path / "house")


def run(house, thinkwatch, *arguments, **environment):
    return thinkwatch("--config", house / "thinkwatch.toml", *arguments, check=False, **environment)


def errors(done):
    """The error and its hint: what stands on stderr, and nothing else."""
    lines = done.stderr.splitlines()
    assert "Traceback" not in done.stderr
    assert lines[0].startswith("error: ")
    assert lines[1].startswith("  hint: ")
    assert len(lines) == 2
    return lines[0]


def test_a_missing_configuration_says_how_to_get_one(tmp_path, thinkwatch):
    done = thinkwatch("run", check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert "thinkwatch.toml" in errors(done)
    assert "thinkwatch init" in done.stderr


def test_a_named_configuration_that_is_not_there(tmp_path, thinkwatch):
    done = thinkwatch("--config", tmp_path / "none.toml", "status", check=False)
    assert done.returncode == 2
    assert "none.toml" in errors(done)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("datta = 'x'\n", "thinkwatch.toml:1: datta: unknown setting"),
        ("[fetch]\npace_seconds = 'fast'\n", "thinkwatch.toml:2: fetch.pace_seconds"),
        ("[fetch\n", "thinkwatch.toml:1: not valid TOML"),
        ("[mail]\npassword = 'x'\n", "thinkwatch.toml:2: mail.password: secrets do not belong in a file"),
        ("[backfill]\ndays = 7\n[history]\ndays = 0\n", "thinkwatch.toml:4: history.days"),
        ("[fetch]\npace_second = 1\n", "thinkwatch.toml:2: fetch.pace_second: unknown setting"),
        ("data = 'x'\n[fetch", "thinkwatch.toml:2: not valid TOML"),
        ("mail = 5\n", "thinkwatch.toml:1: mail: must be keys with values"),
        ("base = 'elsewhere'\n", "thinkwatch.toml:1: base: unknown setting"),
        ("sources = 'x'\n", "thinkwatch.toml:1: sources: must be a list"),
        (f"threads = {'[' * 3000}{']' * 3000}\n", "thinkwatch.toml: not valid TOML: too deeply nested"),
    ],
)
def test_a_wrong_setting_names_its_line(house, thinkwatch, text, said):
    (house / "thinkwatch.toml").write_text(text, encoding="utf-8")
    done = run(house, thinkwatch, "config")
    assert done.returncode == 2
    assert said in errors(done)


def test_a_misspelt_setting_is_answered_with_the_nearest(house, thinkwatch):
    (house / "thinkwatch.toml").write_text("[fetch]\npace_second = 1\n", encoding="utf-8")
    assert "did you mean pace_seconds?" in run(house, thinkwatch, "config").stderr


def test_an_unknown_pack_is_named_with_the_line_of_the_settings(house, thinkwatch):
    (house / "thinkwatch.toml").write_text("watchlists = []\npacks = ['nowhere']\n", encoding="utf-8")
    done = run(house, thinkwatch, "watch", "check")
    assert done.returncode == 2
    assert "thinkwatch.toml:2: packs: there is no pack 'nowhere'" in errors(done)


def test_settings_in_another_encoding_are_named(house, thinkwatch):
    (house / "thinkwatch.toml").write_bytes("data = 'café'\n".encode("latin-1"))
    done = run(house, thinkwatch, "config")
    assert done.returncode == 2
    assert "thinkwatch.toml: not UTF-8 at byte 11" in errors(done)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("THINKWATCH_FETCH__PACE_SECONDS", "fast", "fetch.pace_seconds"),
        ("THINKWATCH_FETCH__CONNECT_TO", "garbage", "not valid JSON"),
        ("THINKWATCH_SOURCES", "institutes", "not valid JSON"),
        ("THINKWATCH_FETCH__PACE", "1", "fetch.pace: unknown setting"),
    ],
)
def test_a_wrong_variable_is_named_and_not_a_line_of_the_file(house, thinkwatch, variable, value, said):
    done = run(house, thinkwatch, "config", **{variable: value})
    assert done.returncode == 2
    assert errors(done).startswith(f"error: ${variable}: {said}")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("  - id: odd\n    note: 2021-13-45\n", "own.yaml:4: not valid YAML: month must be in 1..12"),
        ("  - id: a\x00\n", "own.yaml:3: not valid YAML: a character that YAML does not allow"),
        ("\t- id: a\n", "own.yaml:3: not valid YAML"),
    ],
)
def test_yaml_that_cannot_be_read_is_named_with_its_line(house, thinkwatch, lines, said):
    path = house / "own.yaml"
    path.write_text(f"version: 1\nentities:\n{lines}", encoding="utf-8")
    done = run(house, thinkwatch, "watch", "check", path)
    assert done.returncode == 2
    assert said in errors(done)


def test_a_typo_in_a_watch_list_stops_before_anything_is_fetched(house, thinkwatch):
    path = house / "watchlists" / "own.yaml"
    path.write_text("version: 1\nentities:\n  - id: nato\n    kind: organization\n    labels: {en: {names: [NATO]}}\n", encoding="utf-8")
    done = run(house, thinkwatch, "run")
    assert done.returncode == 2
    assert "own.yaml:4" in errors(done)


def test_a_subscription_to_an_unknown_entity_names_its_line(house, thinkwatch):
    path = house / "subscriptions.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("any: [central-asia]", "any: [central-azia]"), encoding="utf-8")
    done = run(house, thinkwatch, "run")
    assert done.returncode == 2
    line = next(n for n, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if "central-azia" in text)
    assert f"subscriptions.yaml:{line}" in errors(done)
    assert "central-asia" in done.stderr


def test_an_unknown_source_is_answered_with_the_nearest(house, thinkwatch):
    done = run(house, thinkwatch, "run", "--source", "rustrat")
    assert done.returncode == 2
    assert "did you mean russtrat?" in done.stderr
    assert not (house / "data" / "dagster" / "history").exists()  # no run that failed, of which the operator would be told


def test_an_unwritable_folder_is_named(house, thinkwatch):
    (house / "blocked").write_text("a file where a folder should be", encoding="utf-8")
    done = run(house, thinkwatch, "run", THINKWATCH_DATA=str(house / "blocked" / "data"))
    assert done.returncode in {1, 2}
    assert "blocked" in errors(done)


def test_an_unreachable_source_and_one_that_is_no_feed_fail_alone(house, thinkwatch, replaying):
    folder = house / "sources"
    (folder / "russtrat.yaml").unlink()
    (folder / "good.yaml").write_text(GOOD_SOURCE.format(id="good", url=replaying.feed), encoding="utf-8")
    (folder / "page.yaml").write_text(GOOD_SOURCE.format(id="page", url=replaying.page), encoding="utf-8")
    (folder / "dead.yaml").write_text(GOOD_SOURCE.format(id="dead", url="http://nowhere.invalid/feed"), encoding="utf-8")
    done = run(house, thinkwatch, "run", **replaying.environment)
    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert done.returncode == 1
    assert lines["dead"].startswith("0 new")
    assert "nowhere.invalid" in lines["dead"]
    assert "failed:" in lines["page"]
    assert "no feed" in lines["page"]
    assert not lines["good"].startswith("0 new")
    assert "failed" not in lines["good"]
    health = run(house, thinkwatch, "status")
    assert health.returncode == 1
    assert "not_a_feed" in health.stdout
    assert "Look for the feed's new address" in health.stdout
    stored = run(house, thinkwatch, "sql", "SELECT count(*) AS n FROM articles WHERE source_id = 'good'", "--csv").stdout
    assert int(stored.splitlines()[1]) > 0


def test_init_never_overwrites(house, thinkwatch):
    (house / "subscriptions.yaml").write_text("version: 1\n", encoding="utf-8")
    again = thinkwatch("init", house)
    assert "kept" in again.stderr
    assert (house / "subscriptions.yaml").read_text(encoding="utf-8") == "version: 1\n"


def test_what_init_writes_is_whole(house, thinkwatch):
    done = run(house, thinkwatch, "doctor")
    assert "bad" not in done.stdout
    assert done.returncode == 0
