from datetime import timedelta

import duckdb
import pytest

from warehouse.laying_down import LAID_DOWN, lay_down
from warehouse.publish import publish


@pytest.fixture
def ask(warehouse, now):
    """SQL on a store with one article that was edited, one that names two, and a source that fell silent."""

    def revision(article, number, at, title, text, kind="new"):
        return {
            "revision_id": f"{article}-{number}", "article_id": article, "revision_no": number, "change_kind": kind, "seen_from": at, "title": title,
            "text": text, "text_hash": "h", "text_source": "page", "extractor": "zones/1",
        }  # fmt: skip

    def article(name, number, source, at, title, text):
        return {
            "article_id": name, "revision_id": f"{name}-{number}", "source_id": source, "story_id": name, "title": title, "text": text,
            "published_at": at, "text_source": "page", "first_seen_at": at, "changed_at": at, "baseline": False,
        }  # fmt: skip

    def mention(article, number, entity):
        return {
            "mention_id": f"{article}-{number}-{entity}", "article_id": article, "revision_id": f"{article}-{number}", "entity": entity, "field": "text",
            "zone": "body", "start_char": 0, "end_char": 1, "matched": "x", "name": "x", "via": "name", "sentence_start": 0, "sentence_end": 1,
            "alerting": True, "watchlist_hash": "w",
        }  # fmt: skip

    day = timedelta(days=1)
    revisions = [
        revision("edited", 1, now, "Old title", "Same.\n\nGone."),
        revision("edited", 2, now + 2 * day, "New title", "Same.\n\nAdded.", "edited"),
        revision("other", 1, now + day, "Other", "Text."),
        *(revision(f"weekly-{week}", 1, now - 7 * week * day, "Weekly", "Text.") for week in range(10, 15)),
    ]
    articles = [
        article("edited", 2, "one", now, "New title", "Same.\n\nAdded."),
        article("other", 1, "two", now + day, "Other", "Text."),
        *(article(f"weekly-{week}", 1, "two", now - 7 * week * day, "Weekly", "Text.") for week in range(10, 15)),
    ]
    mentions = [
        mention("edited", 1, "csto"),
        mention("edited", 2, "nato"),
        mention("other", 1, "nato"),
        mention("other", 1, "un"),
        *(mention(f"weekly-{week}", 1, "sco") for week in range(10, 15)),
    ]
    with warehouse.transaction() as transaction:
        transaction.merge("revisions", revisions, key=["revision_id"])
        transaction.merge("articles", articles, key=["article_id"])
        transaction.merge("mentions", mentions, key=["mention_id"])

    def asked(sql):
        with warehouse.transaction() as transaction:
            return transaction.connection.execute(sql).fetchall()

    return asked


def test_what_was_known_then_is_what_was_current_then(ask, now):
    titles = "SELECT title FROM as_of('{}') WHERE article_id IN ('edited', 'other') ORDER BY ALL"
    assert ask(titles.format(now - timedelta(hours=1))) == []
    assert ask(titles.format(now + timedelta(hours=1))) == [("Old title",)]
    assert ask(titles.format(now + timedelta(days=5))) == [("New title",), ("Other",)]
    assert ask(titles.format(f"{now + timedelta(hours=1):%Y-%m-%dT%H:%MZ}")) == [("Old title",)]


def test_what_was_withdrawn_is_not_known_again_at_the_end_of_time(ask, warehouse, now):
    gone = {"article_id": "other", "withdrawn_at": now + timedelta(days=3), "restored_at": None}
    with warehouse.transaction() as transaction:
        transaction.merge("withdrawals", [gone], key=["article_id"])
    for moment in ("2021-12-01", "infinity"):
        assert ask(f"SELECT title FROM as_of('{moment}') WHERE article_id IN ('edited', 'other')") == [("New title",)]


def test_null_is_no_bound_and_words_may_be_parted_by_any_space(ask):
    every = "SELECT count(*) FROM {}"
    assert ask(every.format("sentences_about('nato', since := NULL, until := NULL)")) == [(2,)]
    assert ask(every.format("paragraphs_naming('nato', 'un', since := NULL, until := NULL)")) == [(1,)]
    assert ask(every.format("search_text('new\ttitle\u00a0added\n', NULL, until := NULL)")) == [(1,)]
    assert ask(every.format("search_text(NULL, NULL)")) == [(0,)]


def test_history_says_what_changed_by_paragraph_and_by_name(ask):
    columns = "revision_no, earlier_title, paragraphs_added, paragraphs_removed, entities_added, entities_removed"
    assert ask(f"SELECT {columns} FROM article_history WHERE article_id = 'edited' ORDER BY 1") == [
        (1, None, None, None, None, None),
        (2, "Old title", ["Added."], ["Gone."], ["nato"], ["csto"]),
    ]


def test_who_is_named_with_whom_counts_current_texts_only(ask):
    assert ask("SELECT entity, other, articles FROM co_mentions ORDER BY ALL") == [("nato", "un", 1), ("un", "nato", 1)]


def test_who_named_it_first(ask, now):
    assert ask("SELECT source_id, first_at, article_id FROM first_seen WHERE entity = 'nato' ORDER BY ALL") == [
        ("one", now, "edited"),
        ("two", now + timedelta(days=1), "other"),
    ]


def test_share_of_voice_is_of_the_month_of_the_source(ask):
    assert ask("SELECT articles, of_articles, share FROM share_of_voice WHERE entity = 'un'") == [(1, 1, 1.0)]


def test_a_source_that_falls_silent_is_told_from_one_that_never_said_much(ask):
    assert ask("SELECT entity, source_id, days, usual_gap_days, silent_days FROM silences") == [("sco", "two", 5, 7.0, 71)]


VIEWS = (
    "mentions_weekly",
    "article_entities",
    "co_mentions",
    "first_seen",
    "share_of_voice",
    "silences",
    "article_history",
    "ops.named",
    "as_of('2021-09-20')",
)


def test_the_tables_laid_down_in_the_copy_have_the_rows_and_comments_of_the_views(ask, warehouse, tmp_path):
    copy = tmp_path / "copy.duckdb"
    with warehouse.lock():
        warehouse.copy_to(copy)
    with duckdb.connect(copy) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        counted = {view: connection.execute(f"FROM {view} ORDER BY ALL").fetchall() for view in VIEWS}
        asked = "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name IN ('named', 'changes', 'known', 'quiet') ORDER BY ALL"
        described = connection.execute(asked).fetchall()
        lay_down(connection, fewest=1)
        laid = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'ops' AND comment LIKE '%a table%'"
        ).fetchall()
        assert {name for (name,) in laid} == set(LAID_DOWN)
        assert {view: connection.execute(f"FROM {view} ORDER BY ALL").fetchall() for view in VIEWS} == counted
        assert connection.execute(asked).fetchall() == described
    assert all(counted.values())


def test_a_small_copy_keeps_its_views(ask, warehouse, tmp_path, now):
    copy = publish(warehouse, tmp_path / "thinkwatch.duckdb", now).path
    with duckdb.connect(copy, read_only=True) as connection:
        assert connection.execute("SELECT view_name FROM duckdb_views() WHERE schema_name = 'ops' ORDER BY ALL").fetchall() == [
            (name,) for name in sorted(LAID_DOWN)
        ]


def test_sentences_and_paragraphs_are_found_within_their_dates(ask, now):
    assert ask("SELECT title, sentence FROM sentences_about('nato') ORDER BY dated") == [("New title", "S"), ("Other", "T")]
    assert ask(f"SELECT title FROM sentences_about('nato', since := '{now + timedelta(hours=1)}')") == [("Other",)]
    assert ask("SELECT title, paragraph FROM paragraphs_naming('nato', 'un')") == [("Other", "Text.")]
    assert ask(f"FROM paragraphs_naming('nato', 'un', until := '{now}')") == []
    assert ask("FROM paragraphs_naming('nato', 'csto')") == []
