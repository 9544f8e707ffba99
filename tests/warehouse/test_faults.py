"""Disks that are full, damaged or forbidden, memory that is not there, and processes that end at the wrong moment."""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.archive import Archive
from warehouse.database import Warehouse
from warehouse.errors import ArchiveError, StoreError
from warehouse.migrations import migrate, migrations
from warehouse.publish import publish
from warehouse.search.asking import read_question
from warehouse.search.index import SearchIndex

MUCH = 6 * 1024**2


def noise(count, size=3000):
    chance = random.Random(7)
    return [{"name": f"n{number}", "value": chance.randbytes(size // 2).hex()} for number in range(count)]


def put(warehouse, *batches):
    """Write batches of rows, a statement each, in one transaction."""
    with warehouse.transaction() as transaction:
        for rows in batches:
            transaction.merge("ops.state", rows, key=["name"])


def mark(warehouse):
    with warehouse.transaction() as transaction:
        return transaction.value("read_state", name="mark")


class Disk:
    """A real small disk, which only root may have."""

    def __init__(self, folder):
        self.folder = folder / "disk"
        self.folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", self.folder]
        if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("needs the right to mount a tmpfs")

    def fill(self):
        with (self.folder / "filler").open("wb") as file:
            free = shutil.disk_usage(self.folder).free - 200_000
            file.write(bytes(max(0, free)))

    def free(self):
        (self.folder / "filler").unlink()

    def close(self):
        subprocess.run(["umount", "-l", self.folder], check=True)


class Limit:
    """A limit on the size of files: the same errors for anybody, without a disk of its own."""

    def __init__(self, folder):
        self.folder = folder / "limit"
        self.folder.mkdir()
        self.before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def fill(self):
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))

    def free(self):
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def close(self):
        self.free()
        signal.signal(signal.SIGXFSZ, self.before)


@pytest.fixture(params=[Disk, Limit])
def disk(request, tmp_path):
    made = request.param(tmp_path)
    yield made
    made.close()


@pytest.fixture
def installed(disk, warehouse):
    """A store on that disk."""
    shutil.copytree(warehouse.path.parent, disk.folder / "store")
    return Warehouse(disk.folder / "store" / warehouse.path.name, threads=1)


@pytest.mark.fault("W108")
def test_a_full_disk_stops_a_fetch_with_a_clear_error_and_the_next_one_goes_on(disk, now):
    with Archive(disk.folder / "archive") as archive:
        first = archive.write("http://x.example/", now, 200, [], [], b"before")
        disk.fill()
        with pytest.raises(ArchiveError, match=r"cannot write the archive file .*(No space left|File too large)") as refusal:
            archive.write("http://x.example/", now, 200, [], [], random.Random(1).randbytes(MUCH))
        assert "free space" in refusal.value.hint
        disk.free()
        second = archive.write("http://x.example/", now, 200, [], [], b"after")
        assert (archive.read(first), archive.read(second)) == (b"before", b"after")


@pytest.mark.fault("W108")
def test_a_full_disk_stops_a_commit_with_a_clear_error_and_nothing_of_it_is_kept(disk, installed):
    put(installed, [{"name": "mark", "value": "before"}])
    disk.fill()
    with pytest.raises(StoreError, match=r"No space left|File too large") as refusal:
        put(installed, [{"name": "mark", "value": "half"}], noise(3000))
    assert "free some space" in refusal.value.hint
    disk.free()
    assert mark(installed) == "before"
    put(installed, [{"name": "mark", "value": "after"}])
    assert mark(installed) == "after"


@pytest.mark.fault("W108")
def test_a_full_disk_stops_a_publication_and_the_earlier_copy_stands(disk, installed, now):
    link = disk.folder / "copy.duckdb"
    earlier = publish(installed, link, now).path
    put(installed, noise(600))
    disk.fill()
    with pytest.raises(StoreError, match=r"cannot publish.*(No space left|File too large)") as refusal:
        publish(installed, link, now)
    assert "the earlier copy stands" in refusal.value.hint
    assert link.resolve() == earlier
    disk.free()
    assert publish(installed, link, now).is_new
    assert [path.suffix for path in link.resolve().parent.iterdir()] == [".duckdb"] * 2


@pytest.mark.fault("W108")
def test_a_full_disk_stops_the_index_which_goes_on_when_there_is_room(disk, now):
    chance, index = random.Random(3), SearchIndex(disk.folder / "search")
    texts = [" ".join(chance.randbytes(3).hex() for _ in range(100)) for _ in range(1500)]
    rows = [(str(number), "1", "s", None, None, "Title", text, now, now) for number, text in enumerate(texts)]
    with index.building():
        index.update(rows[:5])
    disk.fill()
    with pytest.raises(StoreError, match=r"No space left|File too large") as refusal, index.building():
        index.update(rows)
    assert "free some space" in refusal.value.hint
    disk.free()
    assert index.count() == 5
    assert index.update(rows) == len(rows) - 5
    assert index.search(read_question("title"))[1] == len(rows)


# Without its capabilities even root is held to the bits of files and folders.
UNPRIVILEGED = """
import ctypes, sys
from datetime import UTC, datetime
from pathlib import Path
header = (ctypes.c_uint32 * 2)(0x20080522, 0)
ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)())
from warehouse.archive import Archive
from warehouse.database import Warehouse
from warehouse.errors import ThinkwatchError
from warehouse.migrations import migrate
from warehouse.publish import publish
now, folder = datetime.now(UTC), Path(sys.argv[1])
store = Warehouse(folder / "store" / "warehouse.duckdb")
try:
    if sys.argv[2] == "publish":
        publish(store, folder / "published" / "copy.duckdb", now)
    elif sys.argv[2] == "archive":
        Archive(folder / "archive").write("http://x.example/", now, 200, [], [], b"x")
    else:
        migrate(store, now)
        with store.transaction() as transaction:
            transaction.merge("ops.state", [{"name": "mark", "value": "written"}], key=["name"])
except ThinkwatchError as fault:
    print(f"{fault.message} | {fault.hint}")
"""


@pytest.mark.fault("W109")
@pytest.mark.parametrize(
    ("what", "forbidden", "named"),
    [
        ("store", {"store": 0o555, "store/warehouse.lock": 0o444}, "store"),
        ("store", {"store/warehouse.duckdb": 0o444}, "warehouse.duckdb"),
        ("store", {"store/warehouse.duckdb": 0o000}, "warehouse.duckdb"),
        ("archive", {"archive": 0o555}, "archive"),
        ("publish", {"published": 0o555}, "published"),
    ],
)
def test_what_may_not_be_written_is_named_with_what_to_do(tmp_path, warehouse, what, forbidden, named):
    put(warehouse, [{"name": "mark", "value": "before"}])
    for name in ("archive", "published"):
        (tmp_path / name).mkdir()
    for name, mode in forbidden.items():
        (tmp_path / name).chmod(mode)
    done = subprocess.run([sys.executable, "-c", UNPRIVILEGED, tmp_path, what], capture_output=True, text=True, check=True)
    for name in forbidden:
        (tmp_path / name).chmod(0o755)
    message, hint = done.stdout.split(" | ")
    assert named in message
    assert "ermission" in message
    assert "writable" in hint or "permissions" in hint
    assert mark(warehouse) == "before"


COMMITTED_AND_KILLED = """
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


def flipped(data, step):
    """The data with one flipped bit, again and again at another place."""
    for number, place in enumerate(range(100, len(data), max(1, len(data) // step))):
        damaged = bytearray(data)
        damaged[place] ^= 1 << number % 8
        yield damaged


def read_or_refused(warehouse, sql):
    """What is read, or the hint of the refusal."""
    try:
        with warehouse.transaction() as transaction:
            return transaction.connection.execute(sql).fetchone()
    except StoreError as refusal:
        return refusal.hint


@pytest.mark.fault("W110")
def test_a_flipped_bit_in_the_log_is_never_swallowed(warehouse, tmp_path):
    put(warehouse, [{"name": "mark", "value": "before"}])
    subprocess.run([sys.executable, "-c", COMMITTED_AND_KILLED, str(warehouse.path)], check=False)
    log, seen = warehouse.path.with_suffix(".duckdb.wal"), []
    for number, damaged in enumerate(flipped(log.read_bytes(), 24)):
        copy = Warehouse(tmp_path / str(number) / warehouse.path.name)
        shutil.copytree(warehouse.path.parent, copy.path.parent)
        copy.path.with_name(log.name).write_bytes(damaged)
        seen.append(read_or_refused(copy, "SELECT value FROM ops.state WHERE name = 'mark'"))
    hints = [one for one in seen if one != ("committed",)]
    assert len(hints) > len(seen) // 2
    assert [one for one in hints if "restore" not in one] == []


@pytest.mark.fault("W110")
def test_a_flipped_bit_in_the_store_is_refused_or_does_not_matter(warehouse, tmp_path):
    put(warehouse, [{"name": "mark", "value": "before"}, *noise(600, 400)])
    everything = "SELECT count(*), bit_xor(hash(s)) FROM ops.state AS s"
    whole, seen = read_or_refused(warehouse, everything), []
    for number, damaged in enumerate(flipped(warehouse.path.read_bytes(), 24)):
        copy = Warehouse(tmp_path / str(number) / warehouse.path.name)
        copy.path.parent.mkdir()
        copy.path.write_bytes(damaged)
        seen.append(read_or_refused(copy, everything))
    hints = [one for one in seen if one != whole]
    assert hints
    assert [one for one in hints if "restore" not in one] == []


@pytest.mark.fault("W116")
def test_a_step_beyond_the_stores_memory_says_which_setting_holds_it_and_keeps_nothing(warehouse):
    put(warehouse, [{"name": "mark", "value": "before"}])
    small = Warehouse(warehouse.path, memory_limit="24MB", threads=1)
    with pytest.raises(StoreError, match="emory") as refusal:
        put(small, [{"name": "mark", "value": "half"}], noise(12000))
    assert "memory_limit" in refusal.value.hint
    assert mark(warehouse) == "before"


MIGRATING = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
import duckdb
from warehouse.database import Warehouse
from warehouse.migrations import migrate

class Counting:
    point, at = 0, int(sys.argv[2])
    def __init__(self, connection): self.connection = connection
    def __getattr__(self, name): return getattr(self.connection, name)
    def execute(self, *given):
        pass_by()
        return self.connection.execute(*given)
    def close(self):
        pass_by()
        self.connection.close()

def pass_by():
    Counting.point += 1
    if Counting.point == Counting.at:
        os.kill(os.getpid(), 9)

connect = duckdb.connect
duckdb.connect = lambda *given, **named: Counting(connect(*given, **named))
migrate(Warehouse(Path(sys.argv[1]), threads=1), datetime(2024, 5, 6, tzinfo=UTC))
print(Counting.point)
"""
SCHEMA = "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"


@pytest.mark.fault("W115")
def test_a_migration_that_is_killed_anywhere_is_old_or_new_and_the_next_one_ends_it(tmp_path, now, monkeypatch):
    known = migrations()
    with monkeypatch.context() as patch:
        patch.setattr("warehouse.migrations.migrations", lambda: known[:4])
        patch.setattr("warehouse.migrations._lay_anew", lambda *_given: None)
        migrate(Warehouse(tmp_path / "old" / "warehouse.duckdb"), now)
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    total = int(_migrate(tmp_path / "new", 0).stdout)
    wanted = _schema(tmp_path / "new")
    steps = {}
    for point in range(1, total + 1, max(1, total // 16)):
        place = tmp_path / str(point)
        shutil.copytree(tmp_path / "old", place)
        assert _migrate(place, point).returncode == -signal.SIGKILL
        store = Warehouse(place / "warehouse.duckdb")
        with store.lock(), store.connect() as connection:
            applied = [number for (number,) in connection.execute("SELECT number FROM ops.schema_migrations ORDER BY ALL").fetchall()]
            columns = connection.execute(SCHEMA).fetchall()
        assert applied == [one.number for one in known[: len(applied)]], point
        assert steps.setdefault(len(applied), columns) == columns, point
        migrate(store, now)
        assert _schema(place) == wanted
        assert Warehouse(place / f"warehouse.before-{known[4].number:04d}.duckdb").path.exists() or len(applied) > 4
    assert len(steps) > 3


def _migrate(folder, point):
    path = folder / "warehouse.duckdb"
    return subprocess.run([sys.executable, "-c", MIGRATING, str(path), str(point)], capture_output=True, text=True, check=False)


def _schema(folder):
    store = Warehouse(Path(folder) / "warehouse.duckdb")
    with store.lock(), store.connect() as connection:
        return connection.execute(SCHEMA).fetchall()
