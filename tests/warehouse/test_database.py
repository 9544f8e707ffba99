import fcntl
import shutil
import subprocess
import sys
import threading

import duckdb
import pytest

from warehouse.database import STORAGE, Warehouse
from warehouse.errors import StoreBusyError, StoreError
from warehouse.migrations import migrate


def states(warehouse):
    with warehouse.transaction() as transaction:
        return dict(
            transaction.connection.execute("SELECT name, value FROM ops.state WHERE name NOT IN ('views', 'generation')").fetchall()
        )


def put(warehouse, **values):
    with warehouse.transaction() as transaction:
        transaction.merge("ops.state", [{"name": name, "value": value} for name, value in values.items()], key=["name"])


def test_merge_twice_leaves_the_same_rows(warehouse):
    put(warehouse, a="1", b="2")
    put(warehouse, a="1", b="2")
    assert states(warehouse) == {"a": "1", "b": "2"}


def test_merge_updates_known_rows_only_when_asked(warehouse):
    put(warehouse, a="1")
    with warehouse.transaction() as transaction:
        transaction.merge("ops.state", [{"name": "a", "value": "other"}], key=["name"], update=False)
    assert states(warehouse) == {"a": "1"}
    put(warehouse, a="other")
    assert states(warehouse) == {"a": "other"}


def test_merge_keeps_the_columns_that_only_a_new_row_may_set(warehouse, now):
    row = {"name": "N", "enabled": True, "added_at": now, "source_id": "x"}
    later = row | {"name": "M", "added_at": now.replace(year=2022)}
    with warehouse.transaction() as transaction:
        transaction.merge("sources", [row], key=["source_id"], keep=["added_at"])
        transaction.merge("sources", [later], key=["source_id"], keep=["added_at"])
        stored = transaction.connection.execute("SELECT name, added_at FROM sources").fetchone()
    assert stored == ("M", now)


def test_each_transaction_of_a_session_is_committed_by_itself(warehouse):
    def fail():
        with warehouse.session():
            put(warehouse, a="1")
            assert states(warehouse) == {"a": "1"}
            with warehouse.transaction() as transaction:
                transaction.merge("ops.state", [{"name": "b", "value": "2"}], key=["name"])
                raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        fail()
    put(warehouse, c="3")
    assert states(warehouse) == {"a": "1", "c": "3"}


def test_a_session_keeps_other_writers_out_until_it_ends(warehouse):
    other = Warehouse(warehouse.path, lock_seconds=0.05)
    with warehouse.session():
        put(warehouse, a="1")
        with pytest.raises(StoreBusyError):
            put(other, b="2")
    put(other, b="2")
    assert states(warehouse) == {"a": "1", "b": "2"}


def test_an_error_in_the_middle_stores_nothing(warehouse):
    def fail():
        with warehouse.transaction() as transaction:
            transaction.merge("ops.state", [{"name": "a", "value": "1"}], key=["name"])
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        fail()
    assert states(warehouse) == {}


def test_text_survives_as_it_is(warehouse):
    text = 'Ель́цин "ОДКБ" \\ 🇹🇯 «в Таджикистане»\n— 中亚'
    put(warehouse, a=text)
    assert states(warehouse) == {"a": text}


def test_substring_counts_code_points_as_python_does(warehouse):
    text = "е\u0301 🇹🇯 в Таджикистане"
    start = text.index("Тадж")
    with warehouse.transaction() as transaction:
        (found,) = transaction.connection.execute("SELECT substring($t, $s + 1, 5)", {"t": text, "s": start}).fetchone()
    assert found == text[start : start + 5]


def test_a_time_without_a_zone_is_refused(warehouse, now):
    with pytest.raises(TypeError, match="without a zone"):
        put(warehouse, a=now.replace(tzinfo=None))


HOLDER = """
import sys
from pathlib import Path
from warehouse.database import Warehouse
with Warehouse(Path(sys.argv[1])).transaction():
    print("held", flush=True)
    sys.stdin.read()
"""


KILLED = HOLDER.replace(".transaction():", ".transaction() as transaction:").replace(
    "    print(", "    transaction.merge('ops.state', [{'name': 'half', 'value': 'done'}], key=['name'])\n    print("
)


def test_a_second_writer_waits_and_then_says_who_is_in_the_way(warehouse):
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(warehouse.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    impatient = Warehouse(warehouse.path, lock_seconds=0.1)
    with pytest.raises(StoreBusyError) as refusal:
        put(impatient, a="1")
    assert "still writing" in str(refusal.value)
    holder.communicate("")
    put(impatient, a="1")
    assert states(warehouse) == {"a": "1"}


def test_who_waits_is_not_overtaken_by_a_writer_that_comes_back_at_once(warehouse):
    tried = threading.Event()

    def wait_and_write():
        with Warehouse(warehouse.path).transaction() as transaction:
            tried.wait(20)
            transaction.merge("ops.state", [{"name": "a", "value": "1"}], key=["name"])

    waiter = threading.Thread(target=wait_and_write)
    with warehouse.lock():
        waiter.start()
        with warehouse.path.with_name(f"{warehouse.path.stem}.next.lock").open() as turn:
            while not _is_taken(turn):
                waiter.join(0.01)
    with pytest.raises(StoreBusyError):
        put(Warehouse(warehouse.path, lock_seconds=0), b="2")
    tried.set()
    waiter.join()
    assert states(warehouse) == {"a": "1"}


def test_a_stopped_process_that_has_the_turn_keeps_nobody_out_for_long(warehouse, monkeypatch):
    monkeypatch.setattr("warehouse.database.PATIENCE", 0.0)
    with warehouse.path.with_name(f"{warehouse.path.stem}.next.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        put(warehouse, a="1")
    assert states(warehouse) == {"a": "1"}


def _is_taken(file):
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(file, fcntl.LOCK_UN)
    return False


def test_a_killed_writer_leaves_neither_rows_nor_lock(warehouse):
    holder = subprocess.Popen([sys.executable, "-c", KILLED, str(warehouse.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    holder.stdout.readline()
    holder.kill()
    holder.communicate()
    put(Warehouse(warehouse.path, lock_seconds=0), a="1")
    assert states(warehouse) == {"a": "1"}


OPENED_BARE = """
import duckdb, sys
duckdb.connect(sys.argv[1], config={"storage_compatibility_version": "v1.5.0"}).execute("CREATE TABLE mine AS SELECT 1 AS n")
"""


def test_who_reads_the_open_file_drops_duckdbs_lock(tmp_path):
    # The trap: the system forgets a process's lock on a file when that process closes the file anywhere, as after copying it.
    # Ours holds: test_generation.py.
    copy = tmp_path / "another.duckdb"
    # With DuckDB's lock alone a second writer gets in then, and one of the two loses its rows without an error.
    with duckdb.connect(copy, config={**STORAGE}) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
        connection.execute("CHECKPOINT")
        refused = subprocess.run([sys.executable, "-c", OPENED_BARE, copy], capture_output=True, text=True, check=False)
        assert "Could not set lock" in refused.stderr
        shutil.copyfile(copy, tmp_path / "copied while open")
        subprocess.run([sys.executable, "-c", OPENED_BARE, copy], check=True)
        connection.execute("INSERT INTO kept VALUES (2)")
    with duckdb.connect(copy, config={**STORAGE}) as connection:
        tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert tables == {"kept"}


def test_an_unwritable_folder_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as refusal:
        put(Warehouse(tmp_path / "file" / "warehouse.duckdb"), a="1")
    assert "file" in str(refusal.value)
    assert refusal.value.hint


def test_a_damaged_store_is_refused(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreError) as refusal:
        put(Warehouse(path), a="1")
    assert "thinkwatch restore" in refusal.value.hint


def test_a_store_that_could_not_be_opened_can_be_once_it_is_mended(tmp_path, now):
    warehouse = Warehouse(tmp_path / "warehouse.duckdb")
    warehouse.path.write_bytes(b"not a database" * 1000)
    for _ in range(2):
        with pytest.raises(StoreError):
            put(warehouse, a="1")
    warehouse.path.unlink()
    migrate(warehouse, now)
    put(warehouse, a="1")
    assert states(warehouse) == {"a": "1"}


def test_a_limit_that_duckdb_does_not_know_is_one_clear_error(tmp_path):
    with pytest.raises(StoreError, match="Memory must have a number"):
        put(Warehouse(tmp_path / "warehouse.duckdb", memory_limit="plenty"), a="1")
