import pytest

from warehouse import migrations
from warehouse.database import Warehouse
from warehouse.errors import StoreError
from warehouse.migrations import Migration, migrate


def with_extra(monkeypatch, sql):
    known = migrations.migrations()
    monkeypatch.setattr(migrations, "migrations", lambda: (*known, Migration(9000, "9000_extra", sql)))


def ask(warehouse, sql):
    with warehouse.transaction() as transaction:
        return transaction.connection.execute(sql).fetchall()


def test_every_table_view_and_column_of_the_flow_says_what_it_means(warehouse):
    silent = ask(
        warehouse,
        """SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL
        UNION ALL SELECT table_name, NULL FROM duckdb_tables() WHERE NOT internal AND comment IS NULL
        UNION ALL SELECT view_name, NULL FROM duckdb_views() WHERE NOT internal AND comment IS NULL""",
    )
    assert silent == []


def test_the_tables_and_columns_of_the_contract_are_there(warehouse):
    contract = {
        "articles": "article_id revision_id source_id url title text language authors published_at published_quality "
        "first_seen_at withdrawn_at",
        "revisions": "revision_id article_id revision_no change_kind seen_from title text zones cut",
        "mentions": "article_id revision_id entity field zone start_char end_char matched name via watchlist_hash",
        "alerts": "alert_id subscriber_id subscription_id article_id revision_id created_at state",
        "deliveries": "delivery_id alert_id subscriber_id channel state message_id attempts sent_at error",
        **dict.fromkeys(["sources", "feeds", "fetches", "entries", "pages", "stories", "watchlist", "subscriptions", "issues"], ""),
    }
    for table, columns in contract.items():
        present = {name for (name,) in ask(warehouse, f"SELECT column_name FROM duckdb_columns() WHERE table_name = '{table}'")}
        assert present
        assert set(columns.split()) <= present


def test_migrating_twice_does_nothing(warehouse, now):
    assert migrate(warehouse, now) == []


def test_a_new_migration_runs_once_and_keeps_a_copy_of_what_was(warehouse, now, monkeypatch):
    with_extra(monkeypatch, "ALTER TABLE sources ADD COLUMN extra VARCHAR")
    assert migrate(warehouse, now) == ["9000_extra"]
    assert migrate(warehouse, now) == []
    before = Warehouse(warehouse.path.with_name("warehouse.before-9000.duckdb"))
    assert ask(before, "SELECT count(*) FROM duckdb_columns() WHERE column_name = 'extra'") == [(0,)]


def test_a_migration_that_fails_changes_nothing(warehouse, now, monkeypatch):
    with_extra(monkeypatch, "ALTER TABLE sources ADD COLUMN extra VARCHAR; SELECT nonsense")
    with pytest.raises(Exception, match="nonsense"):
        migrate(warehouse, now)
    assert ask(warehouse, "SELECT count(*) FROM duckdb_columns() WHERE column_name = 'extra'") == [(0,)]


def test_a_migration_that_breaks_a_view_is_refused(warehouse, now, monkeypatch):
    with_extra(monkeypatch, "ALTER TABLE mentions RENAME COLUMN entity TO subject; DELETE FROM ops.state")
    with pytest.raises(Exception, match="entity"):
        migrate(warehouse, now)


def test_a_store_from_a_newer_version_is_refused(warehouse, now, monkeypatch):
    with_extra(monkeypatch, "SELECT 1")
    migrate(warehouse, now)
    monkeypatch.undo()
    with pytest.raises(StoreError, match="newer Thinkwatch") as refusal:
        migrate(warehouse, now)
    assert "upgrade" in refusal.value.hint


def test_a_released_migration_that_was_changed_is_refused(warehouse, now, monkeypatch):
    first, *others = migrations.migrations()
    monkeypatch.setattr(migrations, "migrations", lambda: (Migration(first.number, first.name, first.sql + " "), *others))
    with pytest.raises(StoreError, match="has changed since"):
        migrate(warehouse, now)
