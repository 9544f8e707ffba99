import os
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from warehouse.database import Warehouse
from warehouse.errors import ConfigError, StoreBusyError, StoreError
from warehouse.publish import AnalystsCopy, is_current, publish
from warehouse.queries import statements
from warehouse.spilling import Spill


@pytest.fixture
def link(tmp_path):
    return tmp_path / "thinkwatch.duckdb"


ANALYST = """
import duckdb, sys
print(duckdb.connect(sys.argv[1], read_only=True).execute("SELECT value FROM ops.state WHERE name = 'mark'").fetchone()[0])
"""


def put(warehouse, value):
    with warehouse.transaction() as transaction:
        transaction.merge("ops.state", [{"name": "mark", "value": value}], key=["name"])


def mark(connection):
    return connection.execute("SELECT value FROM ops.state WHERE name = 'mark'").fetchone()[0]


def read(link):
    with duckdb.connect(link.resolve(), read_only=True) as connection:
        return mark(connection)


@pytest.mark.fault("W113")
def test_an_analyst_reads_while_a_run_is_writing(warehouse, link, now):
    put(warehouse, "published")
    publish(warehouse, link, now)
    with warehouse.transaction() as transaction:
        transaction.merge("ops.state", [{"name": "mark", "value": "half done"}], key=["name"])
        seen = subprocess.run([sys.executable, "-c", ANALYST, str(link)], capture_output=True, text=True, check=True).stdout
    assert seen == "published\n"


@pytest.mark.fault("W113")
def test_a_long_reader_keeps_its_version_and_the_next_one_sees_the_new(warehouse, link, now):
    put(warehouse, "old")
    publish(warehouse, link, now)
    with duckdb.connect(link.resolve(), read_only=True) as reader:
        put(warehouse, "new")
        publish(warehouse, link, now, keep=1)
        assert mark(reader) == "old"
        assert read(link) == "new"


def test_nothing_is_copied_when_nothing_has_changed(warehouse, link, now):
    first = publish(warehouse, link, now)
    again = publish(warehouse, link, now)
    assert (first.is_new, again.is_new, again.path) == (True, False, first.path)


def test_only_the_last_copies_stay(warehouse, link, now):
    for value in "abcde":
        put(warehouse, value)
        publish(warehouse, link, now, keep=2)
    assert len(list(link.parent.glob("published/*.duckdb"))) == 2
    assert read(link) == "e"


@pytest.mark.parametrize("keep", [1, 2])
def test_the_copy_of_a_store_that_is_older_than_earlier_copies_stays(warehouse, link, now, keep):
    """As after a restore: a copy bears the time of its store."""
    for value in ("lost", "lost too"):
        put(warehouse, value)
        publish(warehouse, link, now)
    put(warehouse, "restored")
    os.utime(warehouse.path, (1, 1))
    assert publish(warehouse, link, now, keep=keep).is_new
    assert read(link) == "restored"
    assert len(list((link.parent / "published").glob("*.duckdb"))) == keep
    assert not publish(warehouse, link, now, keep=keep).is_new
    link.unlink()
    publish(warehouse, link, now, keep=keep)
    assert read(link) == "restored"


def test_a_copy_cannot_be_written_to(warehouse, link, now):
    copy = publish(warehouse, link, now)
    assert stat.S_IMODE(copy.path.stat().st_mode) == 0o444
    with pytest.raises(ConfigError, match="read-only"):
        AnalystsCopy(link).ask("DELETE FROM articles")


def test_what_a_killed_writer_left_in_the_wal_is_published(warehouse, link, now):
    script = (
        "import os, sys; from pathlib import Path; from warehouse.database import Warehouse; from warehouse.transaction import committed\n"
        "w = Warehouse(Path(sys.argv[1]))\n"
        "with w.lock(), w.connect() as c:\n"
        "    with committed(c) as t: t.merge('ops.state', [{'name': 'mark', 'value': 'committed'}], key=['name'])\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(warehouse.path)], check=False)
    assert warehouse.path.with_suffix(".duckdb.wal").exists()
    publish(warehouse, link, now)
    assert read(link) == "committed"


def test_a_failed_publication_leaves_the_earlier_copy(warehouse, link, now, monkeypatch):
    put(warehouse, "old")
    publish(warehouse, link, now)
    put(warehouse, "new")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left") as refusal:
        publish(warehouse, link, now)
    assert "space" in refusal.value.hint
    assert read(link) == "old"
    assert len(list((link.parent / "published").iterdir())) == 1  # on a full disk each attempt would add to it


def test_a_writer_goes_on_while_a_copy_is_laid_down_and_what_it_writes_is_in_the_next(warehouse, link, now, monkeypatch):
    put(warehouse, "taken")

    def lay_down_slowly(_connection):
        put(Warehouse(warehouse.path, lock_seconds=0), "later")
        with pytest.raises(StoreBusyError):  # of two publishers the second waits
            publish(Warehouse(warehouse.path, lock_seconds=0), link, now)

    with monkeypatch.context() as patched:
        patched.setattr("warehouse.publish.lay_down", lay_down_slowly)
        first = publish(warehouse, link, now)
    assert read(link) == "taken"
    assert not is_current(warehouse, link)
    again = publish(warehouse, link, now)
    assert (first.is_new, again.is_new, read(link)) == (True, True, "later")
    assert is_current(warehouse, link)


TEMPORARY = "SELECT current_setting('temp_directory')"


def test_all_that_is_open_at_once_spills_into_folders_of_its_own(warehouse, link, now, monkeypatch, tmp_path):
    """Two that spill into one folder both end with a segmentation fault."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    places = []

    def note(connection):
        places.append(connection.execute(TEMPORARY).fetchone()[0])

    def lay_down_while_others_read_and_write(connection):
        note(connection)
        with warehouse.transaction() as transaction, AnalystsCopy(link).connect() as reader:
            note(transaction.connection)
            note(reader)
            with AnalystsCopy(link).connect() as same:  # shares its memory too
                assert same.execute(TEMPORARY).fetchone()[0] == places[-1]

    publish(warehouse, link, now)
    put(warehouse, "new")
    with monkeypatch.context() as patched:
        patched.setattr("warehouse.publish.lay_down", lay_down_while_others_read_and_write)
        publish(warehouse, link, now)
    assert len(set(places)) == len(places) == 3
    assert not Path(places[2]).is_relative_to(link.parent / "published")  # where an analyst may not write


SPILLS = """
import sys
from pathlib import Path
from warehouse.spilling import Spill
spill = Spill(Path(sys.argv[1]))
spill.path.mkdir()
(spill.path / "duckdb_temp_storage").write_bytes(b"much")
print(spill.path.name, flush=True)
sys.stdin.read()
"""


def test_a_folder_to_spill_into_is_taken_again_and_emptied_when_who_had_it_is_dead(tmp_path):
    tmp_path = tmp_path / "spill"
    first = subprocess.Popen([sys.executable, "-c", SPILLS, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert first.stdout.readline() == "0\n"
    assert Spill(tmp_path).path.name == "1"
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    first.kill()
    first.communicate()
    again = Spill(tmp_path)
    assert again.path == tmp_path / "0"
    assert not again.path.exists()
    (tmp_path / "file").write_text("")
    assert Spill(tmp_path / "file" / "below", tmp_path).path == tmp_path / "1"
    with pytest.raises(StoreError, match="cannot be written"):
        Spill(tmp_path / "file" / "below")


@pytest.mark.parametrize("size", [0, 5000, None])
@pytest.mark.fault("W110")
def test_a_damaged_copy_is_told_in_one_line_and_what_to_do(warehouse, link, now, size):
    file = publish(warehouse, link, now).path
    whole = file.read_bytes()
    file.unlink()
    flipped = bytearray(whole)
    flipped[4096::4096] = bytes(byte ^ 0xFF for byte in flipped[4096::4096])
    file.write_bytes(flipped if size is None else whole[:size])
    for question in (lambda copy: copy.ask("FROM articles"), lambda copy: copy.rows("FROM articles")):
        with pytest.raises(StoreError, match=file.name) as refusal:
            question(AnalystsCopy(link))
        assert "\n" not in str(refusal.value)
        assert "thinkwatch run" in refusal.value.hint
    file.unlink()
    assert publish(warehouse, link, now).is_new


KILLED_WHILE_LAYING_DOWN = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from warehouse import publish
from warehouse.database import Warehouse
publish.lay_down = lambda connection: os.kill(os.getpid(), 9)
publish.publish(Warehouse(Path(sys.argv[1])), Path(sys.argv[2]), datetime.now(UTC))
"""


@pytest.mark.fault("W114")
def test_killed_while_a_copy_is_laid_down_the_earlier_one_stands(warehouse, link, now):
    put(warehouse, "old")
    publish(warehouse, link, now)
    put(warehouse, "new")
    killed = subprocess.run([sys.executable, "-c", KILLED_WHILE_LAYING_DOWN, str(warehouse.path), str(link)], check=False)
    assert killed.returncode == -9
    assert read(link) == "old"
    assert publish(warehouse, link, now).is_new
    assert read(link) == "new"
    assert {path.suffix for path in link.parent.glob("published/*")} == {".duckdb"}


def test_before_the_first_publication_the_error_says_what_to_do(link):
    with pytest.raises(StoreError, match="nothing has been published") as refusal:
        AnalystsCopy(link).ask("SELECT 1")
    assert "thinkwatch run" in refusal.value.hint


def test_a_wrong_statement_is_told_in_one_line_and_marked_below_it(warehouse, link, now):
    publish(warehouse, link, now)
    with pytest.raises(ConfigError, match="artcles") as refusal:
        AnalystsCopy(link).ask("SELECT * FROM artcles")
    reason, line, mark = str(refusal.value).splitlines()
    assert reason.endswith("Table with name artcles does not exist!")
    assert line[mark.index("^") :] == "artcles"


def test_a_copy_of_another_version_is_told_in_one_line(warehouse, link, now):
    with warehouse.transaction() as transaction:  # as a store is before this version has opened it
        transaction.connection.execute("ALTER TABLE articles RENAME COLUMN score TO points")
        transaction.merge("ops.state", [{"name": "views", "value": "of the version before"}], key=["name"])
    publish(warehouse, link, now)
    copy = AnalystsCopy(link)
    with pytest.raises(StoreError, match="another version of Thinkwatch") as refusal:
        copy.rows(statements()["explain_article"], article_id="a")
    assert "\n" not in str(refusal.value)
    assert "thinkwatch run" in refusal.value.hint
    with pytest.raises(StoreError, match="another version of Thinkwatch"), copy.connect() as connection:
        connection.execute("SELECT score FROM articles")
    # An analyst's own slip is still told as one.
    with pytest.raises(ConfigError, match="artcles"):
        copy.ask("FROM artcles")


ADDRESS = "anna.o'neil+news@institute.example"


def test_analysts_see_no_address_of_a_subscriber_anywhere(warehouse, link, now):
    said = f"550 5.1.1 <{ADDRESS.upper()}>: no such user; ask postmaster@mx.example."
    with warehouse.transaction() as transaction:
        place = {"channel": "mail", "address": ADDRESS}
        subscription = {"subscription_id": "w", "subscriber_id": "anna", "rule": {}, "rule_text": "CSTO", "active": True}
        transaction.merge("subscriptions", [subscription | place | {"added_at": now, "changed_at": now}], key=["subscription_id"])
        delivery = {"delivery_id": "d", "alert_id": "a", "subscriber_id": "anna", "state": "suppressed", "message_id": "<d@t.example>"}
        delivery |= {
            "attempts": 1,
            "created_at": now,
            "maybe_duplicate": False,
            "error": said,
            "receipt": f"for <{ADDRESS}> queued as 4711",
        }
        transaction.merge("deliveries", [delivery | place], key=["delivery_id"])
        folder = {"delivery_id": "e", "channel": "eml", "address": None, "receipt": "2021-09-19-anna.eml", "error": None}
        transaction.merge("deliveries", [delivery | folder], key=["delivery_id"])
        transaction.merge("ops.suppressions", [place | {"reason": said, "added_at": now}], key=["address"])
        bounce = {"bounce_id": "b", "delivery_id": "d", "kind": "hard", "score": 1.0, "words": said, "seen_at": now}
        transaction.merge("ops.bounces", [bounce | place], key=["bounce_id"])
        notice = {"notice_id": "n", "kind": "parked", "subject": ADDRESS, "message": said, "hint": f"write to {ADDRESS}", "created_at": now}
        transaction.merge("ops.notices", [notice], key=["notice_id"])
        issue = {"issue_id": "i", "kind": "x", "subject": "anna", "message": f"address: {ADDRESS!r}", "first_seen_at": now, "seen_count": 1}
        transaction.merge("issues", [issue | {"last_seen_at": now}], key=["issue_id"])
    publish(warehouse, link, now)

    with duckdb.connect(link.resolve(), read_only=True) as connection:
        tables = connection.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT internal").fetchall()
        everything = {table: str(connection.execute(f"FROM {table}").fetchall()) for (table,) in tables}
        seen = connection.execute("SELECT address, error, receipt FROM deliveries ORDER BY delivery_id").fetchall()
    assert [table for table, rows in everything.items() if "institute.example" in rows.lower()] == []
    assert seen == [
        ("withheld", "550 5.1.1 <withheld>: no such user; ask withheld.", "for <withheld> queued as 4711"),
        (None, None, "2021-09-19-anna.eml"),
    ]
    # The store itself goes on knowing them, and a copy that says less is still known as the newest.
    with warehouse.transaction() as transaction:
        assert transaction.connection.execute("SELECT address FROM ops.suppressions").fetchall() == [(ADDRESS,)]


def test_copy_without_addresses_is_not_made_again(warehouse, link, now):
    with warehouse.transaction() as transaction:
        row = {"channel": "mail", "address": ADDRESS, "reason": "550", "added_at": now}
        transaction.merge("ops.suppressions", [row], key=["address"])
    assert [publish(warehouse, link, now).is_new for _ in range(2)] == [True, False]
    assert sorted(path.suffix for path in link.parent.glob("published/*")) == [".duckdb"]
