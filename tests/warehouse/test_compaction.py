"""The archive made smaller: what goes, what stays whatever its age, and that every moment of it leaves a valid archive."""

from datetime import UTC, datetime, timedelta

import pytest

from warehouse import compaction
from warehouse.archive import Archive, ArchiveRef
from warehouse.compaction import Retention, compact, expired, faults, remove, superseded

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


class Kept:
    """An archive with documents of some ages, each with its row of `fetches`; `needed` ones are still to be read."""

    def __init__(self, folder, warehouse):
        self.archive, self.warehouse = Archive(folder), warehouse

    def write(self, *ages, needed=()):
        with self.archive as archive:
            refs = {
                age: archive.write(f"https://x.example/{age}", NOW - age * DAY, 200, [("Host", "x.example")], [], b"body %d" % age * 50)
                for age in ages
            }
        rows = [self.row(age, ref, age in needed) for age, ref in refs.items()]
        with self.warehouse.transaction() as transaction:
            transaction.merge("fetches", rows, key=["fetch_id"])

    @staticmethod
    def row(age, ref, needed):
        moment = NOW - age * DAY
        return {
            "fetch_id": str(age), "source_id": "s", "purpose": "feed", "url": "u", "requested_at": moment, "not_modified": False,
            "handled_at": None if needed else moment,
            "sha256": ref.sha256, "warc_file": ref.file, "warc_offset": ref.offset, "warc_length": ref.length,
        }  # fmt: skip

    def bodies(self):
        """What the store can still read, by age."""
        with self.warehouse.transaction() as transaction:
            rows = transaction.connection.execute(
                "SELECT fetch_id, warc_file, warc_offset, warc_length, sha256 FROM fetches WHERE warc_file IS NOT NULL"
            ).fetchall()
        return {int(age): self.archive.read(ArchiveRef(*place)) for age, *place in rows}

    def compact(self, retention, **options):
        return compact(self.archive, self.warehouse, retention, NOW, **options)


@pytest.fixture
def kept(tmp_path, warehouse):
    return Kept(tmp_path / "archive", warehouse)


def test_what_is_too_old_goes_and_the_rest_can_be_read_from_new_files(kept):
    # One file a day of the first document in it: all four lie in one.
    kept.archive._turn_file = _one_file(kept.archive)
    kept.write(400, 300, 30, 3, needed={300})
    before = kept.bodies()
    (done,) = kept.compact(Retention(days=100))
    assert done.dropped == 1
    assert kept.bodies() == {age: body for age, body in before.items() if age != 400}
    assert done.bytes_after < done.bytes_before
    assert superseded(kept.archive, kept.warehouse) == [done.file]
    remove(kept.archive, [done.file])
    assert kept.bodies().keys() == {300, 30, 3}
    assert list(faults(kept.archive, kept.warehouse)) == []
    assert kept.compact(Retention(days=100)) == []


def test_a_dry_run_changes_nothing(kept):
    kept.write(400)
    files = kept.archive.files()
    (done,) = kept.compact(Retention(days=100), dry_run=True)
    assert (done.dropped, done.target) == (1, None)
    assert kept.archive.files() == files
    assert kept.bodies().keys() == {400}


def test_without_a_wish_everything_stays(kept):
    kept.write(4000)
    assert kept.compact(Retention()) == []


def test_files_that_a_run_may_still_write_are_left_alone(kept):
    kept.write(1)
    assert kept.compact(Retention(bytes=0)) == []


@pytest.mark.parametrize("step", ["_copy", "_verify", "_refer"])
def test_a_compaction_that_dies_leaves_a_whole_archive_and_the_next_one_ends_it(kept, monkeypatch, step):
    kept.archive._turn_file = _one_file(kept.archive)
    kept.write(400, 30)
    before = kept.bodies()
    original = getattr(compaction, step)

    def dying(*arguments):
        if step != "_refer":
            original(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(compaction, step, dying)
    with pytest.raises(KeyboardInterrupt):
        kept.compact(Retention(days=100))
    assert kept.bodies() == before
    assert superseded(kept.archive, kept.warehouse) == []
    monkeypatch.undo()
    kept.compact(Retention(days=100))
    assert kept.bodies().keys() == {30}
    assert list(faults(kept.archive, kept.warehouse)) == []


def test_other_readers_of_such_archives_find_all_files_in_order(kept):
    from warcio.cli import main

    kept.archive._turn_file = _one_file(kept.archive)
    kept.write(400, 300, 30)
    kept.compact(Retention(days=350))
    files = [str(kept.archive.directory / file) for file in kept.archive.files()]
    assert len(files) == 2
    with pytest.raises(SystemExit) as ended:
        main(["check", *files])
    assert ended.value.code == 0


def test_a_second_compaction_never_writes_over_a_file_in_use(kept):
    kept.archive._turn_file = _one_file(kept.archive)
    kept.write(400, 300, 30)
    first = kept.compact(Retention(days=350))[0]
    second = kept.compact(Retention(days=100))[0]
    assert second.file == first.target != second.target
    assert kept.bodies().keys() == {30}


def test_the_check_names_what_is_damaged_and_what_is_missing(kept):
    kept.write(40, 30)
    first, second = kept.archive.files()
    path = kept.archive.directory / first
    whole = path.read_bytes()
    path.write_bytes(whole[:400] + b"xxxx" + whole[404:])
    (kept.archive.directory / second).unlink()
    found = "\n".join(faults(kept.archive, kept.warehouse))
    assert first in found
    assert second in found


def record(age, length=10, *, needed=False):
    return {"warc_file": "f", "warc_offset": age, "warc_length": length, "seen_at": NOW - age * DAY, "needed": needed}


@pytest.mark.parametrize(
    ("retention", "gone"),
    [
        (Retention(days=5), {9, 7}),
        (Retention(bytes=25), {9, 7}),
        (Retention(bytes=40), set()),
        (Retention(days=5, bytes=5), {9, 7, 3}),
        (Retention(), set()),
    ],
)
def test_age_and_size_decide_and_what_is_needed_stays(retention, gone):
    records = [record(3), record(7), record(8, needed=True), record(9)]
    assert {offset for _, offset in expired(records, retention, NOW)} == gone


def _one_file(archive):
    original = archive._turn_file

    def turn(moment):
        if archive._handle is None:
            original(moment)

    return turn
