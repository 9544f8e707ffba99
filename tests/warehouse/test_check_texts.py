"""The checks of texts: what was written lately is read again, ids are always unique, and nothing wrong in that time goes unseen."""

from datetime import UTC, datetime, timedelta

import pytest

from warehouse.database import Warehouse
from warehouse.migrations import migrate

NOW = datetime(2024, 5, 6, 8, tzinfo=UTC)
SINCE = {"since": NOW - timedelta(days=7)}


@pytest.fixture
def store(tmp_path):
    warehouse = Warehouse(tmp_path / "warehouse.duckdb")
    migrate(warehouse, NOW)
    return warehouse


def put(transaction, name, text, revision_text, seen=NOW, changed=NOW):
    article = {
        "article_id": name,
        "revision_id": f"r-{name}",
        "source_id": "s",
        "story_id": name,
        "title": "T",
        "text": text,
        "text_source": "page",
    }
    transaction.merge("articles", [article | {"first_seen_at": seen, "changed_at": changed, "baseline": False}], key=["article_id"])
    revision = {"revision_id": f"r-{name}", "article_id": name, "revision_no": 1, "change_kind": "new", "seen_from": seen, "title": "T"}
    revision |= {"text": revision_text, "text_hash": "h", "text_source": "page", "extractor": "x"}
    transaction.merge("revisions", [revision], key=["revision_id"])


def mention(name, matched, start, end):
    row = {"mention_id": f"m-{name}", "article_id": name, "revision_id": f"r-{name}", "entity": "un", "field": "text", "zone": "body"}
    row |= {"start_char": start, "end_char": end, "matched": matched, "name": "UN", "via": "name", "sentence_start": 0, "sentence_end": 1}
    return row | {"alerting": True, "score": 1.0, "watchlist_hash": "w"}


def test_a_text_that_differs_from_its_revision_is_found_and_an_old_one_that_was_withdrawn_is_not(store):
    old = NOW - timedelta(days=400)
    with store.transaction() as transaction:
        put(transaction, "good", "The UN met.", "The UN met.")
        put(transaction, "bad", "The UN met.", "Another text.")
        put(transaction, "empty", " ", " ")
        put(transaction, "withdrawn", "Old.", "Old.", seen=old)
        found = {row["article_id"] for row in transaction.rows("check_articles_whole", **SINCE)}
    assert found == {"bad", "empty"}


def test_an_id_that_stands_twice_is_found_whatever_its_age(store):
    with store.transaction() as transaction:
        put(transaction, "twice", "Old.", "Old.", seen=NOW - timedelta(days=400), changed=NOW - timedelta(days=400))
        transaction.connection.execute("INSERT INTO articles SELECT * FROM articles")
        assert [row["article_id"] for row in transaction.rows("check_articles_whole", **SINCE)] == ["twice"]


def test_a_mention_at_a_wrong_place_or_without_its_revision_is_found(store):
    with store.transaction() as transaction:
        put(transaction, "good", "The UN met.", "The UN met.")
        put(transaction, "bad", "The UN met.", "The UN met.")
        rows = [mention("good", "UN", 4, 6), mention("bad", "UN", 5, 7), mention("lost", "UN", 4, 6)]
        transaction.merge("mentions", rows, key=["mention_id"])
        found = {row["mention_id"] for row in transaction.rows("check_mentions_stand_in_text", **SINCE)}
    assert found == {"m-bad", "m-lost"}
