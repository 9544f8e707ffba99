"""`thinkwatch fixture`: pages of an institute of our own saved as test cases, corrected, checked, and damaged."""

import json

import pytest
import yaml

from pipelines.cli import main
from pipelines.settings import load_settings
from warehouse.database import Warehouse
from warehouse.publish import publish

PROSE = [
    "Talks on the shared railway ended in Vienna on Friday without an agreement on who would pay for the bridges.",
    "Both ministries said that the experts would meet again in the autumn and that the survey of the line goes on.",
    "Das Institut hat die Kosten verglichen: «günstig», sagt es, ist nur die nördliche Strecke – 30 % billiger.",
]
LEGAL = "<div class=legal><p>Reprints of this paper need a letter from the board of the institute.</p></div>"
RULES = "rules:\n  until: 2024-05-07\n  drop: ['.legal']\n"


def page(title, *, below=LEGAL):
    body = "".join(f"<p>{text}</p>" for text in PROSE)
    return f"<html lang=en><head><title>{title}</title></head><body><main><h1>{title}</h1><div class=text>{body}</div>{below}</main></body></html>"


class Terminal:
    def __init__(self, institute, capsys):
        self.institute, self.capsys = institute, capsys
        self.fixtures = institute.folder / "kept"

    def read(self, hours=0):
        self.institute.run(hours)
        settings = load_settings(str(self.institute.folder / "thinkwatch.toml"))
        publish(Warehouse(settings.data_folder / "warehouse.duckdb"), settings.published, self.institute.clock)

    def __call__(self, *arguments):
        with pytest.raises(SystemExit) as stopped:
            main(["--config", str(self.institute.folder / "thinkwatch.toml"), "fixture", *map(str, arguments)])
        said = self.capsys.readouterr()
        return stopped.value.code, said.out, said.err

    def keep(self, wanted, *more):
        return self(wanted, "--dir", self.fixtures, *more)

    def expect(self):
        (path,) = self.fixtures.rglob("expect.yaml")
        return path


@pytest.fixture
def terminal(institute, capsys):
    institute.define(RULES)
    institute.publish("paper", "On the bridges", page("On the bridges"), summary="Who pays for the bridges?")
    terminal = Terminal(institute, capsys)
    terminal.read()
    return terminal


def test_a_page_is_kept_with_what_was_read_from_it_and_reads_the_same_again(terminal):
    status, out, err = terminal.keep(terminal.institute.url("paper"), "--note", "the legal line: is it out?")
    assert (status, out.strip()) == (0, str(terminal.expect().parent))
    assert "correct" in err
    kept = yaml.safe_load(terminal.expect().read_text("utf-8"))
    assert (kept["note"], kept["source"], kept["url"]) == ("the legal line: is it out?", "own", terminal.institute.url("paper"))
    assert (kept["expect"]["title"], kept["expect"]["text"].split("\n\n"), kept["expect"]["zones"]) == (
        "On the bridges",
        PROSE,
        {"body": 3},
    )
    assert kept["rules"]["drop"] == [".legal"]
    assert any(one["words"].startswith("Reprints of this paper") for one in kept["expect"]["absent"])
    assert kept["expect"]["published"] is not None
    assert (terminal.expect().parent / "page.html").read_bytes() == page("On the bridges").encode()
    assert terminal("--check", terminal.fixtures)[0] == 0


def test_what_a_person_corrects_is_told_until_the_extractor_reads_it_so(terminal):
    terminal.keep(terminal.institute.url("paper"))
    text = terminal.expect().read_text("utf-8")
    wrong = text.replace("in Vienna on Friday", "in Vienna on Monday").replace(
        "title: On the bridges\n  authors: []", "title: Bridges\n  authors: [A. Writer]"
    )
    assert wrong.count("Writer") == wrong.count("Monday") == 1
    terminal.expect().write_text(wrong, "utf-8")
    status, out, err = terminal("--check", terminal.fixtures)
    assert status == 1
    assert out.startswith("differs")
    assert "title: «On the bridges» instead of «Bridges»" in out
    assert "authors: nothing instead of «A. Writer»" in out
    assert "text: paragraph 1 says «" in out
    assert "Friday without" in out
    assert "Monday without" in out
    assert "1 fixture, 1 differ" in err
    (line,) = terminal("--check", terminal.fixtures, "--json")[1].splitlines()
    assert len(json.loads(line)["differences"]) == 3


def test_without_its_rules_the_page_is_read_otherwise_and_the_check_says_what_came_in(terminal):
    terminal.keep(terminal.institute.url("paper"))
    text = terminal.expect().read_text("utf-8")
    terminal.expect().write_text(text.replace("until: 2024-05-07", "until: 2024-05-05"), "utf-8")
    status, out, _ = terminal("--check", terminal.fixtures)
    assert status == 1
    assert "text: paragraph 4 is too much: «Reprints of this paper" in out
    assert "zones: 4 × body instead of 3" in out
    assert "text: has «Reprints of this paper need a letter from», which is" in out


def test_nothing_is_overwritten(terminal):
    terminal.keep(terminal.institute.url("paper"))
    terminal.expect().write_text("corrected by hand", "utf-8")
    status, _, err = terminal.keep(terminal.institute.url("paper"))
    assert status == 2
    assert "never overwritten" in err
    assert terminal.expect().read_text("utf-8") == "corrected by hand"
    assert [path.name for path in terminal.expect().parent.parent.iterdir()] == [terminal.expect().parent.name]


def test_an_unknown_article_and_one_without_an_archived_page_are_told_apart(terminal):
    status, _, err = terminal.keep("http://own.example/nowhere")
    assert status == 2
    assert "there is no article or page 'http://own.example/nowhere'" in err
    terminal.institute.publish("late", "The late page", None, summary="Only the feed tells of the railway and of its bridges for now.")
    terminal.read(hours=2)
    status, _, err = terminal.keep(terminal.institute.url("late"))
    assert status == 2
    assert "no page of the article" in err
    status, _, err = terminal.keep("")
    assert status == 2
    assert "several articles" in err
    assert not terminal.fixtures.exists()


def test_a_page_that_is_no_article_is_kept_as_one_that_must_not_become_text(terminal):
    challenge = "<html><head><title>Just a moment...</title></head><body><div id=challenge-form class=cf-challenge>Checking your browser before accessing.</div></body></html>"
    terminal.institute.publish("wall", "The wall", challenge, summary="Only the feed tells of it.")
    terminal.read(hours=2)
    assert terminal.keep(terminal.institute.url("wall"))[0] == 0
    assert yaml.safe_load(terminal.expect().read_text("utf-8"))["expect"]["status"] == "blocked"
    assert terminal("--check", terminal.fixtures)[0] == 0


def test_an_archive_that_has_lost_the_page_is_named(terminal):
    (file,) = (terminal.institute.folder / "data" / "archive").rglob("*.warc.gz")
    file.unlink()
    status, _, err = terminal.keep(terminal.institute.url("paper"))
    assert status == 1
    assert file.name in err
    assert not terminal.fixtures.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("  title:", "  titel:"), "expect.titel: unknown key"),
        (("  status: ok", "  status: fine"), "expect.status"),
        (("  title: On", "  title: On: "), "not valid YAML"),
        (("until: 2024-05-07", "until: someday"), "rules.until"),
        (("  published: 2024-05-06 07:00:00+00:00", "  published: 2024-05-06"), "expect.published"),
    ],
)
def test_a_damaged_expectation_is_named_with_its_line(terminal, change, words):
    terminal.keep(terminal.institute.url("paper"))
    text = terminal.expect().read_text("utf-8")
    assert change[0] in text
    damaged = text.replace(*change, 1)
    terminal.expect().write_text(damaged, "utf-8")
    status, out, err = terminal("--check", terminal.fixtures)
    line = 1 + damaged[: damaged.index(change[1])].count("\n")
    assert (status, out) == (2, "")
    assert words in err
    assert f"{terminal.expect()}:{line}: " in err


def test_a_folder_without_fixtures_or_a_fixture_without_its_page_is_no_success(terminal, tmp_path):
    assert terminal("--check", tmp_path / "nothing")[0] == 2
    terminal.keep(terminal.institute.url("paper"))
    (terminal.expect().parent / "page.html").unlink()
    status, _, err = terminal("--check", terminal.fixtures)
    assert status == 2
    assert "page.html or page.pdf" in err
    assert terminal()[0] == terminal("x", "--check", tmp_path)[0] == 2
