"""The archive of raw documents: what servers sent, in WARC files, before anything interpreted it.

Every later step can be run again from here without the network. A file belongs to one process and one UTC day and is
never touched again after it is closed, so files can be copied, backed up and moved to object storage at any time.
A process that is killed leaves at most one torn record at the end of its own file, to which nothing refers.

The archive knows bytes and addresses; which of them are feeds, pages or articles is the warehouse's business.
"""

import hashlib
import os
import threading
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import punctuation
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

from warehouse.errors import ArchiveError

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord

Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class ArchiveRef:
    """Where one body is kept.

    Attributes:
        file: path relative to the archive's directory, with forward slashes.
        offset: bytes from the start of the file to the record.
        length: bytes of the (compressed) record.
        sha256: of the decoded body, 64 hexadecimal digits.
    """

    file: str
    offset: int
    length: int
    sha256: str


@dataclass(frozen=True)
class Archived:
    """One archived answer, as `Archive.scan` finds it.

    `asked` is the address that was asked, where redirects led from it to `url`. Of an answer whose body is kept elsewhere, as
    it had been seen before, `ref` tells the checksum and no file.
    """

    ref: ArchiveRef
    url: str
    requested_at: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    asked: str = ""


class Archive:
    """Raw documents under `directory`. Opens its file with the first write; use it as a context manager or close it."""

    def __init__(self, directory: Path, *, max_file_bytes: int = 1024**3) -> None:
        """Keep documents under `directory`, which need not exist yet; a new file is begun beyond `max_file_bytes`."""
        self.directory = directory
        self.max_file_bytes = max_file_bytes
        self._lock = threading.Lock()
        self._known: dict[str, ArchiveRef] = {}
        self._handle: int | None = None
        self._file = ""
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(
        self,
        url: str,
        requested_at: datetime,
        status: int,
        request_headers: Headers,
        response_headers: Headers,
        body: bytes,
        *,
        previous: ArchiveRef | None = None,
        asked: str | None = None,
    ) -> ArchiveRef:
        """Keep one exchange; the operating system has it when this returns, the disk after `sync` or `close`.

        A body that this process has already written, or that `previous` holds, is not stored again: a revisit record
        says that it was seen, and the reference to the earlier copy is returned.

        Args:
            url: address that answered, http or https.
            requested_at: when, with its time zone.
            status: of the answer.
            request_headers: name and value in the order sent.
            response_headers: name and value in the order received.
            body: decoded, as every later step will see it.
            previous: an earlier answer from this source, if there is one.
            asked: the address from which redirects led to `url`, if they did.

        Raises:
            ArchiveError: the file cannot be written; what was written before stays readable.
        """
        from warehouse import warc  # noqa: PLC0415 - slow to import

        digest = hashlib.sha256(body).hexdigest()
        moment = requested_at.astimezone(UTC)
        with self._lock:
            self._turn_file(moment)
            ref, original = self._earlier(digest, previous)
            if original:
                answer = warc.revisit(url, moment, status, response_headers, body, original, asked)
            else:
                answer = warc.response(url, moment, status, response_headers, body, digest, asked)
            member = warc.pack(answer)
            offset = self._append(member + warc.pack(warc.request(url, moment, request_headers, answer)))
            ref = ref or ArchiveRef(self._file, offset, len(member), digest)
            self._known[digest] = ref
        return ref

    def read(self, ref: ArchiveRef) -> bytes:
        """The body that `ref` points to. Raises ArchiveError, naming file and offset, when it is missing or damaged."""
        body = self._record(ref).raw_stream.read()
        if hashlib.sha256(body).hexdigest() != ref.sha256:
            raise _unreadable(ref.file, ref.offset, "its checksum is not the recorded one")
        return body

    def files(self) -> list[str]:
        """All files, oldest first, as references name them."""
        return sorted(path.relative_to(self.directory).as_posix() for path in self.directory.glob("*/*.warc.gz"))

    def scan(self, file: str) -> Iterator[Archived]:
        """All answers in one file, to re-build what refers to them; a torn last record is left out.

        Checksums are not compared here but when a body is read.

        Raises:
            ArchiveError: a record is damaged; all before it were given.
        """
        from warehouse import warc  # noqa: PLC0415 - slow to import

        with (self.directory / file).open("rb") as stream:
            try:
                for offset, length, record in warc.members(stream):
                    if record.rec_type == "response":
                        digest, url, moment, status, headers = warc.facts(record)
                        yield Archived(ArchiveRef(file, offset, length, digest), url, moment, status, headers)
            except warc.DamagedRecordError as fault:
                raise _unreadable(file, fault.args[1], fault.args[0]) from fault

    def answers(self, file: str) -> tuple[list[Archived], str | None]:
        """All answers in one file that can be read, those that had been seen before too, and what is wrong with the rest of it."""
        from warehouse import warc  # noqa: PLC0415 - slow to import

        found: list[Archived] = []
        end, path = 0, self.directory / file
        try:
            with path.open("rb") as stream:
                for offset, length, record in warc.members(stream):
                    end = offset + length
                    if record.rec_type in {"response", "revisit"}:
                        digest, url, moment, status, headers = warc.facts(record)
                        place = (file, offset, length) if record.rec_type == "response" else ("", 0, 0)
                        found.append(Archived(ArchiveRef(*place, digest), url, moment, status, headers, warc.asked_for(record)))
        except warc.DamagedRecordError as fault:
            return found, f"{file}: from byte {end} on it is damaged: {fault.args[0]}"
        torn = path.stat().st_size > end
        why = "its run was killed, or the file is damaged"
        return found, f"{file}: from byte {end} on there is no whole record: {why}" if torn else None

    def sync(self) -> None:
        """Return when everything written so far would survive a power cut: before a commit that refers to it."""
        if self._handle is not None:
            try:
                os.fsync(self._handle)
            except OSError as fault:
                raise self._unwritable(fault) from fault

    def close(self) -> None:
        """Finish the open file. The archive can still be written to, into a new file."""
        if self._handle is not None:
            try:
                self.sync()
            finally:
                os.close(self._handle)
                self._handle = None

    def _turn_file(self, moment: datetime) -> None:
        """Have a file open for the day of `moment`."""
        from warehouse import warc  # noqa: PLC0415 - slow to import

        if self._handle is not None:
            if self._size < self.max_file_bytes and Path(self._file).name.startswith(f"{moment:%Y%m%d}"):
                return
            self.close()
        # The random part keeps processes apart that begin in the same second.
        self._file = f"{moment:%Y-%m}/{moment:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}.warc.gz"
        path = self.directory / self._file
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            _sync_directory(path.parent)
        except OSError as fault:
            raise self._unwritable(fault) from fault
        self._size = 0
        self._append(warc.warcinfo(path.name))

    def _append(self, data: bytes) -> int:
        """Write all of `data` or nothing; gives its offset."""
        handle, offset = self._handle, self._size
        if handle is None:
            raise ArchiveError("the archive has no open file", hint="this is a fault in Thinkwatch: please report it")
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(handle, rest) :]
        except OSError as fault:
            os.ftruncate(handle, offset)
            os.lseek(handle, offset, os.SEEK_SET)
            raise self._unwritable(fault) from fault
        self._size += len(data)
        return offset

    def _earlier(self, digest: str, previous: ArchiveRef | None) -> "tuple[ArchiveRef, ArcWarcRecord] | tuple[None, None]":
        """Reference and record of an earlier copy of this body, if it can still be read."""
        candidate = self._known.get(digest) or previous
        if candidate is None or candidate.sha256 != digest:
            return None, None
        try:
            return candidate, self._record(candidate)
        except ArchiveError:
            return None, None

    def _record(self, ref: ArchiveRef) -> "ArcWarcRecord":
        from warehouse import warc  # noqa: PLC0415 - slow to import

        try:
            with (self.directory / ref.file).open("rb") as stream:
                stream.seek(ref.offset)
                return warc.unpack(stream.read(ref.length))
        except FileNotFoundError as fault:
            raise _unreadable(ref.file, ref.offset, "there is no such file") from fault
        except (OSError, warc.DamagedRecordError) as fault:
            raise _unreadable(ref.file, ref.offset, str(fault)) from fault

    def _unwritable(self, fault: OSError) -> ArchiveError:
        return ArchiveError(
            f"cannot write the archive file {self.directory / self._file}: {fault.strerror or fault}",
            hint="free space on that disk or mend its permissions, then run again; nothing that was stored is lost",
        )


def ascii_url(url: str) -> str:
    """An address as the archive's records bear it."""
    return quote(url, safe=punctuation)


def _unreadable(file: str, offset: int, why: str) -> ArchiveError:
    return ArchiveError(
        f"cannot read the archived document in {file} at byte {offset}: {why}",
        hint="restore that file from a backup; what was made from the document is still in the warehouse",
    )


def _sync_directory(directory: Path) -> None:
    """Make a new file's name itself survive a power cut."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
