"""Raw documents: kept once, found again, checked when read, and whole after a crash."""

import hashlib
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from warehouse.archive import Archive, ArchiveRef
from warehouse.errors import ArchiveError

DAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
URL = "https://tank.example/feed.xml?n=1"
ASKED = [("Host", "tank.example"), ("User-Agent", "Thinkwatch/0.1")]
ANSWERED = [("Content-Type", "application/rss+xml"), ("ETag", '"v1"'), ("Content-Encoding", "gzip"), ("Content-Length", "17")]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "archive"


def write(archive, body, *, url=URL, at=DAY, status=200, **more):
    return archive.write(url, at, status, ASKED, ANSWERED, body, **more)


def records(folder):
    """(type, address, headers of the record, HTTP status or request line, payload) of everything in the archive."""
    found = []
    for path in sorted(folder.glob("*/*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream):
                http = record.http_headers
                payload = record.raw_stream.read()
                found.append(
                    (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), dict(record.rec_headers.headers), http, payload)
                )
    return found


def assert_warcio_accepts(folder):
    files = [str(path) for path in folder.glob("*/*.warc.gz")]
    script = "from warcio.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", script, "check", *files], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_body_is_read_back_by_its_reference(folder):
    with Archive(folder) as archive:
        refs = {body: write(archive, body, url=f"{URL}&{len(body)}") for body in (b"one", b"\x00\xff\r\n\r\n" * 50, b"")}
        assert {archive.read(ref): body for body, ref in refs.items()} == {body: body for body in refs}
    later = Archive(folder)
    assert {later.read(ref): body for body, ref in refs.items()} == {body: body for body in refs}
    one = refs[b"one"]
    assert one.sha256 == hashlib.sha256(b"one").hexdigest()
    assert not Path(one.file).is_absolute()
    assert (folder / one.file).is_file()


def test_any_warc_reader_finds_request_and_answer(folder):
    with Archive(folder) as archive:
        write(archive, b"<rss/>", at=DAY + timedelta(hours=3))
    about, answer, question = records(folder)
    assert about[0] == "warcinfo"
    assert (answer[0], answer[1], answer[4]) == ("response", URL, b"<rss/>")
    assert answer[2]["WARC-Date"] == "2026-03-02T15:00:00.000000Z"
    assert answer[2]["WARC-Payload-Digest"] == f"sha256:{hashlib.sha256(b'<rss/>').hexdigest()}"
    assert (answer[3].get_statuscode(), answer[3].get_header("ETag")) == ("200", '"v1"')
    assert (answer[3].get_header("Content-Length"), answer[3].get_header("X-Archive-Orig-Content-Encoding")) == ("6", "gzip")
    assert answer[3].get_header("Content-Encoding") is None
    assert (question[0], question[1], question[3].get_header("Host")) == ("request", URL, "tank.example")
    assert question[3].protocol == "GET"
    assert question[3].statusline == "/feed.xml?n=1 HTTP/1.1"
    assert question[2]["WARC-Concurrent-To"] == answer[2]["WARC-Record-ID"]
    assert_warcio_accepts(folder)


def test_odd_addresses_headers_and_statuses_are_kept(folder):
    with Archive(folder) as archive:
        odd = archive.write("https://tank.example/п a?q=ü", DAY, 599, [], [("X-Title", "Ж"), ("X-Byte", "\xfc")], b"x")
        assert archive.read(odd) == b"x"
    assert_warcio_accepts(folder)


def test_the_same_body_is_stored_once_and_seen_again(folder):
    body = os.urandom(5000)
    with Archive(folder) as archive:
        first = write(archive, body)
        size = (folder / first.file).stat().st_size
        again = write(archive, body, url="https://tank.example/other", at=DAY + timedelta(hours=1))
        assert again == first
        assert (folder / first.file).stat().st_size - size < 2500
    *_, revisit, _ = records(folder)
    assert (revisit[0], revisit[1], revisit[4]) == ("revisit", "https://tank.example/other", b"")
    assert (revisit[2]["WARC-Refers-To-Target-URI"], revisit[2]["WARC-Refers-To-Date"]) == (URL, "2026-03-02T12:00:00.000000Z")
    assert_warcio_accepts(folder)


def test_a_body_of_an_earlier_run_is_recognised_by_its_reference(folder):
    with Archive(folder) as archive:
        first = write(archive, b"same")
    with Archive(folder) as archive:
        assert write(archive, b"same", previous=first) == first
        changed = write(archive, b"changed", previous=first)
        assert changed != first
        assert archive.read(changed) == b"changed"
    assert [record[0] for record in records(folder)].count("revisit") == 1


def test_a_body_whose_earlier_copy_is_lost_is_stored_again(folder):
    with Archive(folder) as archive:
        first = write(archive, b"same")
    (folder / first.file).unlink()
    with Archive(folder) as archive:
        second = write(archive, b"same", previous=first)
        assert archive.read(second) == b"same"


def test_each_utc_day_and_each_full_file_begins_a_new_one(folder):
    with Archive(folder, max_file_bytes=5000) as archive:
        days = [write(archive, b"%d" % n, at=DAY + timedelta(days=n)).file for n in range(3)]
        sizes = {write(archive, os.urandom(2000), at=DAY + timedelta(days=9)).file for _ in range(6)}
    assert [name[:16] for name in days] == ["2026-03/20260302", "2026-03/20260303", "2026-03/20260304"]
    assert len(sizes) == 3
    assert archive.files() == sorted({*days, *sizes})
    assert_warcio_accepts(folder)


def test_days_are_counted_in_utc(folder):
    late = datetime.fromisoformat("2026-03-03T01:30:00+03:00")
    with Archive(folder) as archive:
        assert write(archive, b"x", at=late).file.startswith("2026-03/20260302T223000Z")


def test_two_archives_never_write_to_one_file(folder):
    with Archive(folder) as one, Archive(folder) as two:
        refs = [write(archive, b"%d" % n) for n in range(10) for archive in (one, two)]
    assert len({ref.file for ref in refs}) == 2
    assert [Archive(folder).read(ref) for ref in refs] == [b"%d" % n for n in range(10) for _ in "12"]


def test_a_closed_archive_can_be_written_to_again(folder):
    archive = Archive(folder)
    first = write(archive, b"one")
    archive.close()
    archive.close()
    second = write(archive, b"two")
    archive.close()
    assert first.file != second.file
    assert (archive.read(first), archive.read(second)) == (b"one", b"two")


def test_nothing_is_created_before_the_first_write(folder):
    with Archive(folder) as archive:
        archive.sync()
        assert archive.files() == []
    assert not folder.exists()


@pytest.mark.parametrize("damage", ["flip", "cut", "missing", "other offset", "other checksum"])
def test_a_damaged_document_is_named_by_file_and_offset(folder, damage):
    with Archive(folder) as archive:
        write(archive, b"before")
        ref = write(archive, b"text " * 100, url="https://tank.example/2")
    path = folder / ref.file
    data = bytearray(path.read_bytes())
    if damage == "flip":
        data[ref.offset + ref.length // 2] ^= 0x10
        path.write_bytes(data)
    elif damage == "cut":
        path.write_bytes(data[: ref.offset + ref.length - 5])
    elif damage == "missing":
        path.unlink()
    elif damage == "other offset":
        ref = ArchiveRef(ref.file, ref.offset + 1, ref.length, ref.sha256)
    else:
        ref = ArchiveRef(ref.file, ref.offset, ref.length, "0" * 64)
    with pytest.raises(ArchiveError, match=rf"{ref.file} at byte {ref.offset}") as caught:
        archive.read(ref)
    assert caught.value.hint


def test_every_cut_of_the_last_record_leaves_the_others_and_is_never_read_as_whole(folder):
    with Archive(folder) as archive:
        first, last = write(archive, b"first"), write(archive, b"last " * 20, url="https://tank.example/2")
    path, data = folder / first.file, (folder / first.file).read_bytes()
    for end in range(last.offset, last.offset + last.length):
        path.write_bytes(data[:end])
        assert archive.read(first) == b"first"
        assert [found.ref for found in archive.scan(first.file)] == [first]
        with pytest.raises(ArchiveError):
            archive.read(last)


def test_scan_gives_every_answer_with_its_reference(folder):
    with Archive(folder) as archive:
        refs = [write(archive, b"%d" % n, url=f"https://tank.example/{n}", status=200 + n) for n in range(3)]
        write(archive, b"0", url="https://tank.example/again")
    found = [answer for file in archive.files() for answer in archive.scan(file)]
    assert [(answer.ref, answer.url, answer.status, answer.requested_at) for answer in found] == [
        (ref, f"https://tank.example/{n}", 200 + n, DAY) for n, ref in enumerate(refs)
    ]
    assert ("ETag", '"v1"') in found[0].headers


def test_scan_names_damage_that_is_not_a_torn_end(folder):
    with Archive(folder) as archive:
        ref = write(archive, os.urandom(100))
        write(archive, os.urandom(200_000), url="https://tank.example/2")
    path = folder / ref.file
    data = bytearray(path.read_bytes())
    data[ref.offset + ref.length - 30] ^= 0x01
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match=f"at byte {ref.offset}"):
        list(archive.scan(ref.file))


KILLED = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from warehouse.archive import Archive

archive = Archive(Path(sys.argv[1]))
while True:
    ref = archive.write("https://tank.example/", datetime(2026, 3, 2, tzinfo=UTC), 200, [], [], os.urandom(3000))
    print(ref.file, ref.offset, ref.length, ref.sha256, flush=True)
"""


def test_a_killed_writer_loses_nothing_that_it_had_acknowledged(folder):
    with subprocess.Popen([sys.executable, "-c", KILLED, str(folder)], stdout=subprocess.PIPE, text=True) as writer:
        lines = [writer.stdout.readline() for _ in range(50)]
        writer.send_signal(signal.SIGKILL)
        lines += writer.stdout.readlines()
    refs = [ArchiveRef(file, int(offset), int(length), sha) for file, offset, length, sha in map(str.split, lines) if len(sha) == 64]
    assert len(refs) >= 50
    with Archive(folder) as archive:
        assert all(len(archive.read(ref)) == 3000 for ref in refs)
        write(archive, b"the next run")
        assert len([found for file in archive.files() for found in archive.scan(file)]) >= len(refs) + 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said_and_what_was_written_stays(folder, monkeypatch):
    with Archive(folder) as archive:
        first = write(archive, b"first")
        real = os.write
        monkeypatch.setattr(os, "write", lambda handle, data: real(handle, data[:40]) if len(data) > 300 else _full())
        with pytest.raises(ArchiveError, match="No space left on device"):
            write(archive, os.urandom(250), url="https://tank.example/2")
        monkeypatch.undo()
        second = write(archive, b"second", url="https://tank.example/3")
        assert (archive.read(first), archive.read(second)) == (b"first", b"second")
    assert_warcio_accepts(folder)


def _full():
    with Path("/dev/full").open("wb", buffering=0) as full:
        return full.write(b"x")


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "archive").write_text("in the way")
    with pytest.raises(ArchiveError, match="cannot write"):
        write(Archive(tmp_path / "archive"), b"x")
