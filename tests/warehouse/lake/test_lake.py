"""The store as DuckLake: real PostgreSQL, real Parquet files. Needs Debian's postgresql and requirements-scale.lock."""

import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import dagster as dg
import duckdb
import pytest

from bench.services import missing, postgres
from warehouse.database import Warehouse
from warehouse.errors import ConfigError, StoreBusyError, StoreError
from warehouse.migrations import migrate, migrations
from warehouse.publish import is_current, publish
from warehouse.queries import statements

NOW = datetime(2024, 5, 6, 8, tzinfo=UTC)
pytestmark = pytest.mark.skipif(bool(missing()), reason=f"not installed: {', '.join(missing())}")


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """One migrated lake for the module; each test uses tables of its own."""
    from warehouse.lake import Lake, Place

    folder = tmp_path_factory.mktemp("lake")
    with postgres() as port:
        place = Place(f"host=127.0.0.1 port={port} dbname=thinkwatch user=thinkwatch", str(folder / "rows"))
        opened = Lake(folder / "warehouse.duckdb", place, lock_seconds=1)
        migrate(opened, NOW)
        yield opened
        opened.close()


def issue(number, **changes):
    row = {"issue_id": f"{number:04}", "kind": "gap", "source_id": None, "subject": "feed", "message": "«ж»", "hint": None}
    return row | {"first_seen_at": NOW, "last_seen_at": NOW, "seen_count": 1} | changes


def merge_and(lake, number, then):
    with lake.transaction() as transaction:
        transaction.merge("issues", [issue(number)], key=["issue_id"])
        then()


def test_all_migrations_views_and_comments_stand_and_are_not_laid_again(lake):
    with lake.transaction() as transaction:
        applied = transaction.connection.execute("SELECT count(*) FROM ops.schema_migrations").fetchall()
    assert applied == [(len(migrations()),)]
    assert migrate(lake, NOW) == []


def test_every_named_statement_can_be_planned(lake):
    with lake.connect() as connection:
        for name, sql in statements().items():
            if "ops.reread_" in sql:
                continue  # of the working copy only, which is a file
            try:
                connection.execute(f"PREPARE one AS {sql}")
            except duckdb.Error as fault:
                pytest.fail(f"{name}: {fault}")
            connection.execute("DEALLOCATE one")
    assert not [name for name, sql in statements().items() if "RETURNING" in sql]  # DuckLake refuses it only when it runs


def test_rows_are_merged_by_key_and_a_block_that_raises_leaves_nothing(lake):
    with lake.transaction() as transaction:
        transaction.merge("issues", [issue(number) for number in range(20)], key=["issue_id"])
    with lake.transaction() as transaction:
        transaction.merge("issues", [issue(number, seen_count=2) for number in range(10, 30)], key=["issue_id"])
    with pytest.raises(ZeroDivisionError):
        merge_and(lake, 99, lambda: 1 / 0)
    with lake.transaction() as transaction:
        assert transaction.connection.execute("SELECT count(*), sum(seen_count), min(message) FROM issues").fetchall() == [(30, 50, "«ж»")]


WRITER = """
import sys
from pathlib import Path
from datetime import UTC, datetime
from warehouse.lake import Lake, Place
folder, catalogue, data, count = sys.argv[1:]
lake = Lake(Path(folder), Place(catalogue, data))
row = {"subject": "s", "kind": "race", "message": "m", "first_seen_at": datetime(2024, 5, 6, tzinfo=UTC), "last_seen_at": datetime(2024, 5, 6, tzinfo=UTC), "seen_count": 1}
for start in range(0, int(count), 10):
    with lake.transaction() as transaction:
        transaction.merge("issues", [row | {"issue_id": f"race {number}"} for number in range(start, start + 10)], key=["issue_id"])
"""


def test_writers_that_merge_the_same_new_rows_store_each_once(lake):
    # Without the lock two of them double rows, and no error says so.
    arguments = [str(lake.path), lake.place.catalogue, lake.place.data, "30"]
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, *arguments]) for _ in range(2)]
    assert [writer.wait(timeout=240) for writer in writers] == [0, 0]
    with lake.transaction() as transaction:
        execute = transaction.connection.execute
        assert execute("SELECT count(*), count(DISTINCT issue_id) FROM issues WHERE kind = 'race'").fetchall() == [(30, 30)]


def test_a_source_has_one_writer_and_a_dead_one_has_none(lake):
    with lake.holding(["source a", "source b"]):
        with pytest.raises(StoreBusyError, match="source b"), lake.holding(["source b", "source c"]):
            pass
        assert lake.is_held("source a")
        with lake.holding(["source c"]), lake.transaction() as transaction:  # others go on
            transaction.row("count_flow")
    code = "import sys, time\nfrom pathlib import Path\nfrom warehouse.lake import Lake, Place\n"
    code += "with Lake(Path(sys.argv[1]), Place(*sys.argv[2:])).holding(['run 1']):\n    print('held', flush=True)\n    time.sleep(600)\n"
    with ExitStack() as stack:
        holder = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-c", code, str(lake.path), lake.place.catalogue, lake.place.data], stdout=subprocess.PIPE, text=True
            )
        )
        stack.callback(holder.kill)
        assert holder.stdout.readline() == "held\n"
        assert lake.is_held("run 1")
        holder.kill()
        holder.wait()
        deadline = time.monotonic() + 30
        while lake.is_held("run 1") and time.monotonic() < deadline:
            pass
        assert not lake.is_held("run 1")


def test_a_run_that_nobody_holds_any_more_is_marked_as_failed_and_a_living_one_is_not(lake):
    from pipelines.resources import run_name
    from pipelines.sensors import end_lost_runs

    @dg.op
    def nothing():
        """Does nothing."""

    job = dg.GraphDefinition(name="idle", node_defs=[nothing]).to_job()
    with dg.DagsterInstance.ephemeral() as instance:
        alive, dead = (instance.create_run_for_job(job).run_id for _ in range(2))
        for run_id in (alive, dead):
            instance.report_dagster_event(dg.DagsterEvent("PIPELINE_START", "idle"), run_id)
        with lake.holding([run_name(alive)]):
            assert end_lost_runs(instance, lake, datetime.now(UTC)) == []  # it may not have come to take its name yet
            later = datetime.now(UTC) + timedelta(minutes=2)
            assert [end_lost_runs(instance, lake, later) for _ in range(2)] == [[dead], []]
        assert [instance.get_run_by_id(run_id).status.value for run_id in (alive, dead)] == ["STARTED", "FAILURE"]


def test_a_transaction_whose_lock_was_lost_commits_nothing(lake):
    import psycopg2

    def lose_the_lock():
        with psycopg2.connect(lake.place.catalogue) as other, other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'thinkwatch lock'")
        other.close()

    with pytest.raises(StoreError, match="lock is lost"):
        merge_and(lake, 77, lose_the_lock)
    with lake.transaction() as transaction:
        assert transaction.connection.execute("SELECT count(*) FROM issues WHERE issue_id = '0077'").fetchall() == [(0,)]


def test_the_copy_is_a_plain_file_with_all_rows_and_comments_and_is_made_only_when_something_changed(lake, tmp_path):
    with lake.transaction() as transaction:
        transaction.merge("issues", [issue(500)], key=["issue_id"])
    link = tmp_path / "thinkwatch.duckdb"
    assert publish(lake, link, NOW).is_new
    assert not publish(lake, link, NOW + timedelta(hours=1)).is_new
    with lake.connect() as inside, duckdb.connect(link.resolve(), read_only=True) as copy:
        query = "SELECT * FROM issues ORDER BY issue_id"
        assert copy.execute(query).fetchall() == inside.execute(query).fetchall()
        described = "SELECT comment FROM duckdb_columns() WHERE table_name = '{}' AND comment IS NOT NULL LIMIT 1"
        assert copy.execute(described.format("articles")).fetchall()
        assert copy.execute(described.format("article_entities")).fetchall()  # a view's, which the lake itself cannot keep
    with lake.transaction() as transaction:
        transaction.merge("issues", [issue(501)], key=["issue_id"])
    assert not is_current(lake, link)


def test_a_store_in_a_file_is_taken_over_whole_into_an_empty_lake_only(lake, tmp_path):
    import psycopg2

    from warehouse.lake import Lake, Place

    other = psycopg2.connect(lake.place.catalogue)
    other.autocommit = True
    other.cursor().execute("CREATE DATABASE moving")
    other.close()
    fresh = Lake(tmp_path / "w.duckdb", Place(lake.place.catalogue.replace("dbname=thinkwatch", "dbname=moving"), str(tmp_path / "rows")))
    file = Warehouse(tmp_path / "warehouse.duckdb")
    for one in (fresh, file):
        migrate(one, NOW)
    article = {"article_id": "a", "revision_id": "r", "source_id": "s", "story_id": "t", "title": "Ж", "text": "x", "text_source": "page"}
    with file.transaction() as transaction:
        transaction.merge("issues", [issue(1)], key=["issue_id"])
        transaction.merge("articles", [article | {"first_seen_at": NOW, "changed_at": NOW, "baseline": False}], key=["article_id"])
    assert fresh.take_over(file.path, {"mail_held": "moved"})["main.issues"] == 1
    with fresh.transaction() as transaction:
        assert transaction.value("read_state", name="mail_held") == "moved"
        assert transaction.connection.execute("SELECT title, tags FROM articles").fetchall() == [("Ж", None)]
    with pytest.raises(ConfigError, match="not empty"):
        fresh.take_over(file.path, {})
    fresh.close()


def test_a_lake_that_cannot_be_reached_says_so_without_the_password(tmp_path):
    from warehouse.lake import Lake, Place

    place = Place("host=127.0.0.1 port=1 dbname=thinkwatch user=thinkwatch", str(tmp_path), password="hunter2")
    with pytest.raises(StoreError) as caught, Lake(tmp_path / "w.duckdb", place).transaction():
        pass
    assert "port=1" in str(caught.value)
    assert "hunter2" not in str(caught.value)
