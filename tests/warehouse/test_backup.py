import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from datetime import timedelta

import duckdb
import pytest

from warehouse.archive import Archive
from warehouse.backup import HOLD, MANIFEST, STORE, back_up, backups, restore, thin_out, verify
from warehouse.database import Warehouse
from warehouse.errors import ArchiveError, ConfigError, StoreBusyError, StoreError


def put(warehouse, value):
    with warehouse.transaction() as transaction:
        transaction.merge("ops.state", [{"name": "mark", "value": value}], key=["name"])


def state(warehouse, name="mark"):
    with warehouse.transaction() as transaction:
        return transaction.value("read_state", name=name)


def keep(warehouse, now, body):
    with Archive(warehouse.path.parent / "archive") as archive:
        return archive.write("https://a.example/1", now, 200, [], [], body)


@pytest.fixture
def full(warehouse, now):
    """A store with a page in its archive, a sent mail in its journal and a run in Dagster's home."""
    put(warehouse, "yesterday")
    folder = warehouse.path.parent
    (folder / "outbox.journal").write_text('{"delivery": "1"}\n', encoding="utf-8")
    (folder / "dagster" / "history").mkdir(parents=True)
    connection = sqlite3.connect(folder / "dagster" / "history" / "runs.db")
    connection.execute("CREATE TABLE runs (id TEXT)")
    connection.execute("INSERT INTO runs VALUES ('first')")
    connection.commit()
    connection.close()
    warehouse.page = keep(warehouse, now, b"<p>yesterday</p>")
    return warehouse


@pytest.fixture
def target(tmp_path):
    return tmp_path / "backups"


@pytest.fixture
def made(full, target, now):
    return back_up(full, target, now)


@pytest.mark.fault("W118")
def test_what_was_backed_up_comes_back_and_what_was_there_is_kept(full, made, now):
    put(full, "today")
    (full.path.parent / "outbox.journal").write_text('{"delivery": "1"}\n{"delivery": "2"}\n', encoding="utf-8")
    done = restore(made.folder, full, now)
    assert state(full) == "yesterday"
    assert state(Warehouse(done.earlier)) == "today"
    # What was sent since must stay known, or it would be sent again.
    assert (full.path.parent / "outbox.journal").read_text(encoding="utf-8").splitlines() == ['{"delivery": "1"}', '{"delivery": "2"}']


@pytest.mark.fault("W118")
def test_a_lost_machine_comes_back_whole(full, made, now, tmp_path):
    other = Warehouse(tmp_path / "other" / "warehouse.duckdb")
    assert restore(made.folder, other, now).earlier is None
    assert state(other) == "yesterday"
    assert Archive(other.path.parent / "archive").read(full.page) == b"<p>yesterday</p>"
    assert (other.path.parent / "outbox.journal").exists()
    with sqlite3.connect(other.path.parent / "dagster" / "history" / "runs.db") as connection:
        assert connection.execute("SELECT id FROM runs").fetchall() == [("first",)]


@pytest.mark.fault("E104")
def test_after_a_restore_mail_is_held_and_the_store_says_why(full, made, now):
    restore(made.folder, full, now)
    assert "restored on 2021-09-19 18:00 UTC" in state(full, HOLD)


def test_the_restored_store_goes_on_without_complaint(full, made, now):
    for value in ("a", "b", "c"):
        put(full, value)
    restore(made.folder, full, now)
    put(full, "tomorrow")
    assert state(full) == "tomorrow"


@pytest.mark.parametrize("name", ["warehouse.duckdb", "outbox.journal", "dagster/history/runs.db"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(full, made, now, name):
    path = made.folder / name
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    put(full, "today")
    with pytest.raises(StoreError, match=name):
        restore(made.folder, full, now)
    assert state(full) == "today"
    path.unlink()
    with pytest.raises(StoreError, match=name):
        verify(made.folder)


@pytest.mark.fault("W110")
def test_a_damaged_store_is_found_by_the_backup_and_a_restore_mends_it(full, made, target, now):
    with full.transaction() as transaction:
        rows = [{"name": f"n{number}", "value": f"{number}-" + "text " * 200} for number in range(3000)]
        transaction.merge("ops.state", rows, key=["name"])
    content = bytearray(full.path.read_bytes())
    for place in range(len(content) // 3, len(content), 100_000):
        content[place] ^= 0xFF
    full.path.write_bytes(content)
    with pytest.raises(StoreError) as refusal:
        back_up(full, target, now.replace(hour=19))
    assert refusal.value.hint
    assert [backup.folder for backup in backups(target)] == [made.folder]
    restore(made.folder, full, now)
    assert state(full) == "yesterday"


@pytest.mark.fault("W110")
def test_a_restore_brings_back_a_raw_document_that_was_damaged_and_keeps_what_has_grown(full, made, now):
    archive = full.path.parent / "archive"
    damaged = archive / full.page.file
    content = bytearray(damaged.read_bytes())
    content[full.page.offset + 40] ^= 0xFF
    damaged.write_bytes(content)
    later = keep(full, now, b"<p>today</p>")
    with pytest.raises(ArchiveError):
        Archive(archive).read(full.page)
    restore(made.folder, full, now)
    assert Archive(archive).read(full.page) == b"<p>yesterday</p>"
    assert Archive(archive).read(later) == b"<p>today</p>"


@pytest.mark.fault("W118")
def test_a_damaged_history_of_dagster_keeps_nothing_from_being_backed_up(full, target, now):
    (full.path.parent / "dagster" / "index.db").write_bytes(b"no database")
    made = back_up(full, target, now)
    assert (made.folder / "dagster" / "index.db").read_bytes() == b"no database"
    assert verify(made.folder)["rows"]["ops.state"] == 3


def test_a_backup_that_fails_or_was_killed_leaves_no_copy_of_the_store_behind(full, target, now):
    for name, at in (("thinkwatch-killed", now - timedelta(days=2)), ("thinkwatch-under-way", now)):
        place = target / f".unfinished-{name}"
        place.mkdir(parents=True)
        os.utime(place, (at.timestamp(), at.timestamp()))
    full.path.write_bytes(full.path.read_bytes()[:5000])
    with pytest.raises(StoreError):
        back_up(full, target, now)
    assert [path.name for path in target.iterdir()] == [".unfinished-thinkwatch-under-way"]


def test_a_second_backup_links_what_the_first_holds(full, made, target, now):
    later = back_up(full, target, now.replace(hour=19))
    page = next((made.folder / "archive").rglob("*.warc.gz")).relative_to(made.folder)
    assert (later.folder / page).stat().st_ino == (made.folder / page).stat().st_ino
    assert later.copied < made.copied
    assert thin_out(target, 1) == [made.folder]
    assert verify(later.folder)["rows"]["ops.state"] == 3


def test_an_unfinished_backup_is_not_listed_and_no_backup_is_not_restored(full, target, now, tmp_path):
    (target / ".unfinished-thinkwatch-1").mkdir(parents=True)
    (target / "thinkwatch-2").mkdir()
    assert backups(target) == []
    with pytest.raises(ConfigError, match="not a finished backup"):
        restore(target / "thinkwatch-2", full, now)


@pytest.mark.parametrize("words", ["", "[]", "{}", '{"made_at": "yesterday", "rows": {}, "files": {}}', '{"files": [1]}'])
def test_a_folder_with_a_manifest_of_somebody_else_is_no_backup_and_is_in_no_ones_way(full, made, target, now, words):
    foreign = target / "thinkwatch-19990101T000000Z"
    foreign.mkdir()
    (foreign / "manifest.json").write_text(words, encoding="utf-8")
    with pytest.raises(ConfigError, match="not a finished backup"):
        restore(foreign, full, now)
    back_up(full, target, now.replace(hour=19))
    assert len(backups(target)) == 2


@pytest.mark.fault("W115")
@pytest.mark.parametrize(
    "change", ["INSERT INTO ops.schema_migrations SELECT 9999, '9999_later', '', now(), ''", "DROP SCHEMA ops CASCADE"]
)
def test_the_backup_of_a_newer_version_is_refused_before_anything_is_touched(full, made, now, change):
    path = made.folder / STORE
    path.chmod(0o644)
    with duckdb.connect(path) as connection:
        connection.execute(change)
    manifest = json.loads((made.folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"][STORE]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (made.folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    put(full, "today")
    with pytest.raises(StoreError, match=r"newer Thinkwatch|no store of Thinkwatch"):
        restore(made.folder, full, now)
    assert state(full) == "today"
    assert not list(full.path.parent.glob("*.before-restore-*"))


def test_a_backup_into_what_is_backed_up_is_refused(full, now):
    with pytest.raises(ConfigError, match="backed up itself"):
        back_up(full, full.path.parent / "archive" / "backups", now)


def test_a_full_disk_leaves_no_half_backup(full, target, now, monkeypatch):
    def no_space(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("warehouse.backup.shutil.copy2", no_space)
    with pytest.raises(StoreError, match="No space left"):
        back_up(full, target, now)
    assert list(target.iterdir()) == []


def test_a_restore_waits_for_no_run_that_is_writing(full, made, now):
    impatient = Warehouse(full.path, lock_seconds=0)
    with full.transaction(), pytest.raises(StoreBusyError):
        restore(made.folder, impatient, now)


KILLED_BEFORE_THE_SWITCH = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from warehouse import backup
from warehouse.database import Warehouse

def die(*arguments):
    os.kill(os.getpid(), 9)
setattr(backup, sys.argv[3], die)
backup.restore(Path(sys.argv[1]), Warehouse(Path(sys.argv[2])), datetime.now(UTC))
"""


@pytest.mark.parametrize("point", ["_bring_files", "_hold_mail", "_move_aside"])
def test_a_killed_restore_leaves_what_was_there_and_can_be_repeated(full, made, now, point):
    put(full, "today")
    subprocess.run([sys.executable, "-c", KILLED_BEFORE_THE_SWITCH, str(made.folder), str(full.path), point], check=False)
    assert state(full) == "today"
    restore(made.folder, full, now)
    assert state(full) == "yesterday"
