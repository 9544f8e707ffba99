"""`thinkwatch sql` and `views` as an analyst uses them: every form of output, and every mistake answered with its place and a way on."""

import csv
import io
import json

import duckdb
import pytest
from click.testing import CliRunner

from pipelines.cli import thinkwatch
from pipelines.resources import open_warehouse
from pipelines.settings import load_settings
from warehouse.errors import ConfigError
from warehouse.publish import publish

EVERY_KIND = """
SELECT DATE '2021-09-13' AS day, TIMESTAMPTZ '2021-09-19 08:40:00+00' AS moment, TIME '07:00' AS clock, INTERVAL 90 MINUTE AS lasted,
    1.50::DECIMAL(9, 2) AS price, 12::HUGEINT AS huge, NULL AS nothing, 'a "quoted", text' AS words, ['б', '中'] AS names,
    {'kind': 'body', 'start': 3} AS zone, '\\x01'::BLOB AS raw, true AS yes, '6c8f0a52-6c0e-4c0b-8f0e-1a2b3c4d5e6f'::UUID AS id
"""


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """Runs a command on an installation that has published an empty store; raises what it raises."""
    folder = tmp_path_factory.mktemp("sql")
    config = folder / "thinkwatch.toml"
    config.write_text("", encoding="utf-8")
    settings = load_settings(str(config))
    from datetime import UTC, datetime

    publish(open_warehouse(settings, datetime(2026, 3, 2, tzinfo=UTC)), settings.published, datetime(2026, 3, 2, tzinfo=UTC))

    def asked(*arguments, stdin=None):
        done = CliRunner().invoke(thinkwatch, ["--config", str(config), *arguments], input=stdin, standalone_mode=False)
        if done.exception:
            raise done.exception
        return done

    return asked


def test_json_knows_every_kind_of_value(ask):
    row = json.loads(ask("sql", EVERY_KIND, "--json").stdout)
    assert (row["day"], row["moment"], row["clock"], row["lasted"]) == ("2021-09-13", "2021-09-19T08:40:00+00:00", "07:00:00", 5400)
    assert (row["price"], row["huge"], row["nothing"], row["yes"]) == (1.5, 12, None, True)
    assert (row["names"], row["zone"], row["raw"]) == (["б", "中"], {"kind": "body", "start": 3}, "01")
    assert row["words"] == 'a "quoted", text'


def test_json_is_json_whatever_the_numbers(ask):
    done = ask("sql", "SELECT 'NaN'::DOUBLE AS odd, ['-Infinity'::DOUBLE, 1.5] AS some, 'NaN' AS words", "--json")
    assert json.loads(done.stdout, parse_constant=pytest.fail) == {"odd": None, "some": [None, 1.5], "words": "NaN"}


def test_a_macro_is_shown_by_its_name(ask):
    assert ask("views", "as_of").stdout.startswith("as_of(")


def test_a_statement_in_another_encoding_is_refused(ask):
    with pytest.raises(ConfigError, match="stdin: not UTF-8 at byte 8"):
        ask("sql", "-", stdin=b"SELECT '\xff'")


def test_csv_can_be_read_back(ask):
    [row] = csv.DictReader(io.StringIO(ask("sql", EVERY_KIND, "--csv").stdout))
    assert (row["day"], row["nothing"], row["words"]) == ("2021-09-13", "", 'a "quoted", text')
    assert json.loads(row["names"]) == ["б", "中"]
    assert json.loads(row["zone"]) == {"kind": "body", "start": 3}
    assert row["raw"] == "01"


def test_json_loses_no_column_and_stays_json_whatever_the_values_are(ask):
    def refuse(word):
        raise AssertionError(f"{word} is no JSON")

    statement = "SELECT 1 AS a, 2 AS a, 3 AS a_1, 'nan'::DOUBLE AS odd, [1.5, '-inf'::DOUBLE] AS more, MAP {DATE '2021-09-13': 1} AS days"
    row = json.loads(ask("sql", statement, "--json").stdout, parse_constant=refuse)
    assert row == {"a": 1, "a_1": 2, "a_1_1": 3, "odd": None, "more": [1.5, None], "days": {"2021-09-13": 1}}


def test_parquet_keeps_the_kinds(ask, tmp_path):
    done = ask("sql", EVERY_KIND, "--parquet", str(tmp_path / "it's.parquet"))
    assert done.stderr.startswith("1 row in ")
    [(day, names)] = duckdb.execute("SELECT day, names FROM read_parquet($path)", {"path": str(tmp_path / "it's.parquet")}).fetchall()
    assert (str(day), names) == ("2021-09-13", ["б", "中"])


@pytest.mark.parametrize(
    "statement", ["SELECT 7 AS n -- all of it", "SELECT 7 AS n; -- all of it", "-- first\nSELECT 7 AS n;\n/* end */ ;"]
)
def test_a_comment_is_in_nobodys_way(ask, tmp_path, statement):
    ask("sql", "-", "--parquet", str(tmp_path / "x.parquet"), stdin=statement)
    assert duckdb.execute("SELECT n FROM read_parquet($path)", {"path": str(tmp_path / "x.parquet")}).fetchall() == [(7,)]
    assert ask("sql", "-", "--csv", stdin=statement).stdout == "n\n7\n"


def test_two_statements_are_no_file(ask, tmp_path):
    with pytest.raises(ConfigError, match="2 statements"):
        ask("sql", "SELECT 1; SELECT 2", "--parquet", str(tmp_path / "x.parquet"))


def test_a_table_shows_every_kind_and_says_how_many_rows(ask):
    done = ask("sql", EVERY_KIND)
    assert "2021-09-19 08:40" in done.stdout
    assert done.stderr == "1 row\n"


def test_many_rows_are_counted_and_the_first_are_shown(ask):
    done = ask("sql", "SELECT range AS n FROM range(1000)", "--rows", "3")
    assert done.stdout.split() == ["n", "───", "0", "1", "2"]
    assert "the first 3 of 1,000 rows" in done.stderr
    assert len(ask("sql", "SELECT range AS n FROM range(1000)", "--csv").stdout.splitlines()) == 1001


def test_an_empty_answer_is_said_in_every_form(ask):
    assert ask("sql", "SELECT entity FROM mentions").stderr == "0 rows\n"
    assert ask("sql", "SELECT entity FROM mentions", "--csv").stdout == "entity\n"
    assert ask("sql", "SELECT entity FROM mentions", "--json").stdout == ""


def test_a_statement_comes_from_stdin(ask):
    assert ask("sql", "-", "--csv", stdin="SELECT 'Душанбе' AS c").stdout == "c\nДушанбе\n"


@pytest.mark.parametrize(
    ("statement", "said", "hint"),
    [
        ("SELECT *\nFORM articles", "\n  LINE 2: FORM articles\n               ^", "mend the statement at the mark"),
        ("SELECT titel FROM articles", 'column "titel" not found', 'Candidate bindings: "title"'),
        ("FROM artcles", "Table with name artcles does not exist", 'Did you mean "articles"'),
        ('FROM mentions WHERE entity = "nato"', 'column "nato" not found', "thinkwatch views TABLE"),
        ("DELETE FROM articles", "read-only", "--parquet"),
        ("SELECT in_utc('nonsense')", "nonsense", "another form"),
        ("FROM search_text('a')", "search_text() does not support", "search_text(words, since"),
        (" ; ", "there is no statement", "thinkwatch views"),
        ("/* nothing */", "there is no statement", "thinkwatch views"),
        ("SELECT 'x", "unterminated quoted string", "'single'"),
        ("FROM read_csv('/nowhere/x.csv')", "/nowhere/x.csv", "check the path"),
    ],
)
def test_a_mistake_is_shown_at_its_place_with_a_way_on(ask, statement, said, hint):
    with pytest.raises(ConfigError) as caught:
        ask("sql", statement)
    assert said in str(caught.value)
    assert hint in caught.value.hint


def test_a_file_that_cannot_be_written_and_two_forms_at_once_are_refused(ask, tmp_path):
    with pytest.raises(ConfigError, match="No such file"):
        ask("sql", "SELECT 1", "--parquet", str(tmp_path / "none" / "x.parquet"))
    with pytest.raises(ConfigError, match="exclude each other"):
        ask("sql", "SELECT 1", "--json", "--csv")


def test_views_lists_macros_with_their_arguments_and_a_typo_is_answered_with_the_nearest(ask):
    listed = ask("views").stdout
    assert "search_text(words, since, until)" in listed
    assert all(line.split("  ")[-1].strip() for line in listed.splitlines())
    with pytest.raises(ConfigError) as caught:
        ask("views", "article")
    assert "did you mean articles?" in caught.value.hint
