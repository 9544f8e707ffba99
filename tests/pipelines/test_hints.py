"""Whatever is typed wrongly: one line that says what is wrong, one that says what to do, the right exit status, never a traceback."""

import gzip
import subprocess
import sys

import pytest
from click.testing import CliRunner

from pipelines import cli

NOTHING_DONE = 2


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A folder with a whole configuration, and files that are none."""
    folder = tmp_path_factory.mktemp("hints")
    CliRunner().invoke(cli.thinkwatch, ["init", str(folder)], standalone_mode=False)
    (folder / "not.yaml").write_text("entities: [", encoding="utf-8")
    (folder / "empty.yaml").write_text("", encoding="utf-8")
    (folder / "list.csv").write_text("a;b\n", encoding="utf-8")
    (folder / "cut.html.gz").write_bytes(gzip.compress(b"<p>cut")[:-9])
    (folder / "odd.jsonl").write_text('{"id": 1, "html": "<p>"}\n{"id": 2, "html": "<p>", "url": 5}\n', encoding="utf-8")
    (folder / "docs.jsonl").write_text('{"id": 1, "text": }\n', encoding="utf-8")
    return folder


@pytest.fixture
def answer(house, capsys, monkeypatch):
    """What a person at the terminal sees: exit status and stderr."""
    monkeypatch.chdir(house)

    def answered(*arguments):
        with pytest.raises(SystemExit) as end:
            cli.main(list(arguments))
        return end.value.code, capsys.readouterr().err

    return answered


MISTAKES = [
    (["runn"], "did you mean"),
    (["run", "--untill", "articles"], "--until"),
    (["run", "--until", "article"], "articles"),
    (["ui", "--port", "0"], "1<=x<=65535"),
    (["--config", "nowhere.toml", "run"], "thinkwatch init"),
    (["sql"], "--help"),
    (["sql", "SELECT 1"], "thinkwatch run"),
    (["views", "articles"], "thinkwatch run"),
    (["search"], "thinkwatch"),
    (["desk", "--port", "3199"], "thinkwatch run"),
    (["issues", "--since", "yesterday"], "%Y-%m-%d"),
    (["explain", "0000"], "thinkwatch run"),
    (["watch", "check", "not.yaml"], "not.yaml:2"),
    (["watch", "check", "empty.yaml"], "empty.yaml"),
    (["watch", "forms", "csto", "--watchlist", "nowhere.yaml"], "nowhere.yaml"),
    (["watch", "test", "cstoo", "text"], "csto"),
    (["watch", "import", "list.csv"], "list.csv"),
    (["match", "--watchlist", "watchlists/day-one.yaml", "--docs", "docs.jsonl"], "docs.jsonl:1"),
    (["extract", "nowhere.html"], "nowhere.html"),
    (["feed", "nowhere.xml"], "nowhere.xml"),
    (["backtest", "nobody"], "thinkwatch run"),
    (["restore"], "thinkwatch backup FOLDER --list"),
    (["restore", "nowhere"], "nowhere"),
    (["alerts", "preview", "--subscription", "nobody"], "thinkwatch run"),
    (["serve"], "THINKWATCH_MAIL__TOKEN_KEYS"),
    (["init", "other", "--contact", "me"], "https://"),
    (["init", "other", "--timezone", "Berlin"], "Europe/Berlin"),
    (["init", "other", "--address", "me"], "me@example.org"),
    (["init", "other", "--address", "я@пример.рф"], "xn--"),
    (["completion", "powershell"], "bash"),
    (["sources", "show", "rustrat"], "russtrat"),
    (["sources", "add", "nosuchthinktank"], "nosuchthinktank"),
    (["sources", "list", "--country", "Russia"], "such as RU"),
    (["search", "csto", "--language", "Russian"], "such as ru"),
    (["sources", "merges", "nobody"], "thinkwatch run"),
    (["alerts", "list", "--subscriber", "nobody"], "thinkwatch run"),
    (["alerts", "secret", "mee"], "did you mean me?"),
    (["extract", "cut.html.gz"], "damaged"),
    (["extract", "--manifest", "odd.jsonl"], "odd.jsonl:2: url is no text"),
    (["feed", "empty.yaml", "--timezone", "Berlin"], "Europe/Berlin"),
    (["feed", "empty.yaml", "--language", "Russian"], "such as ru"),
    (["watch", "test", "csto", "odd \udcff"], "not UTF-8"),
    (["sources", "add", "https://institute.example/", "--id", "../institute"], "small Latin letters"),
    (["alerts", "suppress", "--address", "me"], "me@example.org"),
    (["backfill", "nobody", "--stop"], "thinkwatch run"),
]


@pytest.mark.parametrize(("arguments", "help_"), MISTAKES, ids=[" ".join(arguments) for arguments, _ in MISTAKES])
def test_a_mistake_at_the_terminal_is_answered_with_a_way_on(answer, arguments, help_):
    status, said = answer(*arguments)
    assert status in {1, NOTHING_DONE}, said
    assert "Traceback" not in said
    assert help_.casefold() in said.casefold()
    assert "hint:" in said or "Try 'thinkwatch" in said or "Did you mean" in said, said
    assert len(said.splitlines()) <= 6


@pytest.mark.parametrize("arguments", [["--help"], ["completion", "bash"], ["watch", "list"], ["match", "--help"]])
def test_who_reads_no_further_is_no_failure(arguments):
    """As `| head -1` does: nothing on stderr, and no failure for a script that asks."""
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        said = process.stderr.read()
        status = process.wait()
    assert (status, said) == (0, b"")


def test_who_wants_no_colours_gets_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for wish, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
        said = CliRunner(env={"NO_COLOR": None} | wish).invoke(cli.thinkwatch, ["doctor"], color=True).stdout
        assert ("\x1b[" in said) is coloured


def test_a_full_disk_behind_the_output_is_said_in_one_line():
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", "watch", "list"]
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        done = subprocess.run(command, check=False, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("error: the output: No space left on device\n  hint: ")
    assert len(done.stderr.splitlines()) == 2
