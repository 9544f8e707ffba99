import shutil
import subprocess
import sys

import pytest

from warehouse import generation
from warehouse.database import Warehouse
from warehouse.errors import StoreBusyError, StoreError
from warehouse.filesystem import kind_of, refuse_network

KILLED_AFTER_ITS_COMMIT = """
import os, sys
from pathlib import Path
from warehouse import generation
from warehouse.database import Warehouse

remember = generation.write
def write(store, number):
    remember(store, number)
    os.kill(os.getpid(), 9)
generation.write = write
with Warehouse(Path(sys.argv[1])).transaction() as transaction:
    transaction.merge("ops.state", [{"name": "mark", "value": "committed"}], key=["name"])
"""

WRITER = """
import sys
from pathlib import Path
from warehouse.database import Warehouse
from warehouse.errors import StoreBusyError
try:
    with Warehouse(Path(sys.argv[1]), lock_seconds=0).transaction() as transaction:
        transaction.merge("ops.state", [{"name": "mark", "value": "second"}], key=["name"])
except StoreBusyError:
    print("busy")
"""


def put(warehouse, value):
    with warehouse.transaction() as transaction:
        transaction.merge("ops.state", [{"name": "mark", "value": value}], key=["name"])


def mark(warehouse):
    with warehouse.transaction() as transaction:
        return transaction.value("read_state", name="mark")


@pytest.fixture
def killed(warehouse):
    put(warehouse, "before")
    subprocess.run([sys.executable, "-c", KILLED_AFTER_ITS_COMMIT, str(warehouse.path)], check=False)
    wal = warehouse.path.with_suffix(".duckdb.wal")
    assert wal.exists()
    return wal


@pytest.mark.fault("W111")
def test_a_commit_that_stands_only_in_the_wal_is_there_after_the_kill(warehouse, killed):
    assert mark(warehouse) == "committed"


@pytest.mark.fault("W111")
def test_a_lost_wal_is_not_passed_over(warehouse, killed):
    killed.unlink()
    with pytest.raises(StoreError) as refusal:
        mark(warehouse)
    assert "committed changes are missing" in str(refusal.value)
    assert str(generation.path(warehouse.path)) in refusal.value.hint
    generation.path(warehouse.path).unlink()
    assert mark(warehouse) == "before"


@pytest.mark.fault("W111")
def test_an_older_copy_in_the_place_of_the_store_is_not_passed_over(warehouse, tmp_path):
    put(warehouse, "old")
    shutil.copy(warehouse.path, tmp_path / "copy.duckdb")
    put(warehouse, "new")
    shutil.copy(tmp_path / "copy.duckdb", warehouse.path)
    with pytest.raises(StoreError, match="an older copy was put in its place"):
        put(warehouse, "newer")


def test_a_file_that_a_power_cut_emptied_accuses_nobody(warehouse):
    put(warehouse, "a")
    generation.path(warehouse.path).write_text("")
    put(warehouse, "b")
    assert mark(warehouse) == "b"


def test_reading_changes_nothing_so_that_nothing_is_published_for_it(warehouse):
    put(warehouse, "a")
    before = warehouse.path.stat().st_mtime_ns, generation.written(warehouse.path)
    assert mark(warehouse) == "a"
    assert (warehouse.path.stat().st_mtime_ns, generation.written(warehouse.path)) == before


@pytest.mark.parametrize(
    ("sql", "changing"),
    [
        ("SELECT 1", False),
        ("-- who\n-- and why\nWITH a AS (SELECT 1) FROM a", False),
        ("from sources", False),
        ("UPDATE deliveries SET state = 'sent' RETURNING *", True),
        ("-- SELECT\nDELETE FROM sources", True),
        ("MERGE INTO sources", True),
    ],
)
def test_what_may_change_the_store_is_told_from_what_cannot(sql, changing):
    assert generation.changes(sql) is changing


@pytest.mark.fault("W112")
def test_copying_the_open_store_does_not_let_a_second_writer_in(warehouse, tmp_path):
    # Opening and closing the file drops DuckDB's own lock on it without a word; ours is on another file.
    with warehouse.transaction() as transaction:
        shutil.copy(warehouse.path, tmp_path / "copy.duckdb")
        second = subprocess.run([sys.executable, "-c", WRITER, str(warehouse.path)], capture_output=True, text=True, check=True)
        assert second.stdout == "busy\n"
        transaction.merge("ops.state", [{"name": "mark", "value": "first"}], key=["name"])
    assert mark(warehouse) == "first"


def test_a_lock_that_another_thread_of_this_process_holds_is_waited_for_too(warehouse):
    with warehouse.transaction(), pytest.raises(StoreBusyError):
        put(Warehouse(warehouse.path, lock_seconds=0), "inner")


MOUNTS = """proc /proc proc rw 0 0
/dev/sda1 / ext4 rw 0 0
server:/export /srv/nfs nfs4 rw 0 0
//host/share /mnt/with\\040space cifs rw 0 0
/dev/sdb1 /srv/nfs/local xfs rw 0 0
/dev/sdc1 /srv/over ext4 rw 0 0
server:/over /srv/over nfs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/watch/data", "ext4"),
        ("/srv/nfs/data", "nfs4"),
        ("/srv/nfsother/data", "ext4"),
        ("/srv/nfs/local/data", "xfs"),
        ("/mnt/with space/data", "cifs"),
        ("/srv/over/data", "nfs"),
    ],
)
def test_the_file_system_of_a_folder_is_the_nearest_mount_above_it(folder, kind, tmp_path):
    path = type(tmp_path)(folder)
    assert kind_of(path, MOUNTS) == kind
    if kind in {"nfs", "nfs4", "cifs"}:
        with pytest.raises(StoreError, match="network file system"):
            refuse_network(path, kind)
    else:
        refuse_network(path, kind)
