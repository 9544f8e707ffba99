"""The analyst's views on the demo's data, each counted again in Python; and every question of docs/analysts.md as it is printed there."""

import itertools
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from bench.cookbook import RECIPE, asking, filled

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "analysts.md"


@pytest.fixture(scope="module")
def named(demo):
    """A row a current article and entity that alerts: entity, article, source, day, mentions."""
    rows = demo.sql(
        """SELECT m.entity, a.article_id, a.source_id, coalesce(a.published_at, a.first_seen_at) AS dated, a.title
        FROM mentions m JOIN articles a USING (revision_id) WHERE m.alerting"""
    )
    assert rows
    return rows


def test_every_question_of_the_cookbook_gives_what_the_page_shows(demo):
    page = PAGE.read_text(encoding="utf-8")
    assert len(RECIPE.findall(page)) == 20
    assert filled(page, asking(demo.config)) == page


def test_no_shipped_sql_folds_case_by_ilike():
    places = [*ROOT.glob("warehouse/**/*.sql"), *ROOT.glob("docs/*.md"), ROOT / "README.md"]
    assert [path.name for path in places if "ILIKE" in path.read_text(encoding="utf-8").upper()] == []


def test_weeks_begin_on_monday_whatever_the_zone_of_the_session(demo, named):
    weeks = Counter()
    for row in named:
        weeks[row["entity"], row["dated"].date() - timedelta(days=row["dated"].weekday())] += 1
    expected = sorted((*key, count) for key, count in weeks.items())
    for zone in ("UTC", "Asia/Tokyo", "America/New_York"):
        with duckdb.connect((demo.folder / "thinkwatch.duckdb").resolve(), read_only=True) as connection:
            connection.execute(f"SET TimeZone = '{zone}'")
            assert connection.execute("SELECT entity, week, mentions FROM mentions_weekly ORDER BY ALL").fetchall() == expected


def test_who_is_named_together(demo, named):
    together = defaultdict(set)
    for row in named:
        together[row["article_id"]].add(row["entity"])
    pairs = Counter((one, other) for names in together.values() for one in names for other in names if one != other)
    assert {(row["entity"], row["other"]): row["articles"] for row in demo.sql("FROM co_mentions")} == dict(pairs)


def test_who_named_whom_first(demo, named):
    first = {}
    for row in named:
        key = row["entity"], row["source_id"]
        first[key] = min(first.get(key, row["dated"]), row["dated"])
    assert {(row["entity"], row["source_id"]): row["first_at"] for row in demo.sql("FROM first_seen")} == first


def test_share_of_voice_and_silences(demo, named):
    articles = demo.sql("SELECT source_id, coalesce(published_at, first_seen_at) AS dated FROM articles")
    of = Counter((row["source_id"], row["dated"].date().replace(day=1)) for row in articles)
    about = {(row["entity"], row["source_id"], row["dated"].date().replace(day=1), row["article_id"]) for row in named}
    counted = Counter(key[:3] for key in about)
    shares = {
        (row["entity"], row["source_id"], row["month"]): (row["articles"], row["of_articles"]) for row in demo.sql("FROM share_of_voice")
    }
    assert shares == {key: (count, of[key[1:]]) for key, count in counted.items()}
    assert all(row["share"] == round(row["articles"] / row["of_articles"], 3) for row in demo.sql("FROM share_of_voice"))
    days = defaultdict(set)
    for row in named:
        days[row["entity"], row["source_id"]].add(row["dated"].date())
    until = max(row["dated"].date() for row in articles)
    assert {(row["entity"], row["source_id"]) for row in demo.sql("FROM silences")} == {
        key for key, seen in days.items() if len(seen) >= 4 and (until - max(seen)).days > 3 * _median_gap(sorted(seen))
    }


def _median_gap(days):
    gaps = sorted((after - before).days for before, after in itertools.pairwise(days))
    return (gaps[len(gaps) // 2] + gaps[(len(gaps) - 1) // 2]) / 2


def test_history_adds_up_to_the_newest_text(demo):
    rows = demo.sql(
        """SELECT h.*, r.text, lag(r.text) OVER (PARTITION BY h.article_id ORDER BY h.revision_no) AS before
        FROM article_history h JOIN revisions r USING (revision_id)"""
    )
    edited = [row for row in rows if row["revision_no"] > 1]
    assert edited
    for row in edited:
        after, before = row["text"].split("\n\n"), row["before"].split("\n\n")
        assert set(row["paragraphs_added"]) == set(after) - set(before)
        assert set(row["paragraphs_removed"]) == set(before) - set(after)


def test_what_was_known_then_is_the_newest_revision_of_then(demo):
    revisions = demo.sql("SELECT * FROM revisions ORDER BY article_id, revision_no")
    gone = demo.sql("SELECT * FROM withdrawals")
    for day in (date(2021, 9, 16), date(2021, 9, 20), date(2021, 9, 28)):
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
        then = {row["article_id"]: row["revision_id"] for row in revisions if row["stored_at"] <= moment}
        away = {
            row["article_id"] for row in gone if row["withdrawn_at"] <= moment < (row["restored_at"] or datetime.max.replace(tzinfo=UTC))
        }
        known = {row["article_id"]: row["revision_id"] for row in demo.sql(f"FROM as_of(DATE '{day}')")}
        assert known == {article: revision for article, revision in then.items() if article not in away}
        assert demo.sql(f"SELECT count(*) AS n FROM as_of('{day}')") == [{"n": len(known)}]


def test_search_finds_beginnings_of_words_in_any_script_within_its_dates(demo):
    def found(words, since="2021-01-01", **until):
        bound = "".join(f", {name} := '{value}'" for name, value in until.items())
        return {row["article_id"] for row in demo.sql(f"FROM search_text('{words}', '{since}'{bound})")}

    texts = {row["article_id"]: f"{row['title']}\n{row['text']}" for row in demo.sql("SELECT * FROM articles")}
    assert found("таджикистан") >= {one for one, text in texts.items() if "Таджикистане" in text or "Таджикистану" in text}
    assert found("中亚") == {one for one, text in texts.items() if "中亚" in text} != set()
    assert not any("running" in texts[one] and " un" not in texts[one].lower() for one in found("un"))
    assert found("csto", until="2021-09-01") == set()
    assert found("CSTO") == found("csto") != set()
    assert found("a.b(") == found("") == set()
    [passage] = {row["passage"] for row in demo.sql("SELECT passage FROM search_text('csto summit', '2021-09-01')")}
    assert "CSTO" in passage
    assert "\n" not in passage


def test_a_region_holds_its_countries(demo):
    inside = {row["entity"] for row in demo.sql("FROM within_region('central-asia')")}
    assert inside == {"central-asia", "kazakhstan", "kyrgyzstan", "tajikistan", "turkmenistan", "uzbekistan"}


def test_the_sentences_about_somebody_hold_the_word(demo, named):
    rows = demo.sql("FROM sentences_about('tajikistan')")
    assert len(rows) == sum(row["entity"] == "tajikistan" for row in named)
    assert all(row["matched"] in row["sentence"] for row in rows)


def test_source_health_has_every_polled_feed_once(demo):
    feeds = {
        row["feed_id"] for row in demo.sql("SELECT feed_id FROM feeds f JOIN sources s USING (source_id) WHERE s.enabled AND f.enabled")
    }
    rows = demo.sql("FROM source_health")
    assert sorted(row["feed_id"] for row in rows) == sorted(feeds)
    entries = Counter(row["source_id"] for row in demo.sql("SELECT source_id FROM entries"))
    assert all(row["entries"] == entries[row["source_id"]] for row in rows)


def test_every_macro_answers_and_is_explained(demo):
    macros = demo.sql("SELECT function_name, comment FROM duckdb_functions() WHERE schema_name = 'main' AND NOT internal")
    assert {row["function_name"] for row in macros} == {
        "as_of",
        "in_utc",
        "paragraphs_naming",
        "search_text",
        "sentences_about",
        "within_region",
    }
    assert all(row["comment"] for row in macros)
