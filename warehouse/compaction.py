"""Making the archive smaller: which documents may go, and files rewritten without them.

A file is never changed: what stays is copied, record by record and byte for byte, into a new file; then one transaction
leads every reference there; only then may the old file go. A process that is killed anywhere leaves the old file or the new
one in force, and at most a file too many, which the next compaction writes again or removes.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from warehouse.archive import Archive, ArchiveRef
from warehouse.database import Warehouse
from warehouse.errors import ArchiveError
from warehouse.transaction import Row

Place = tuple[str, int]  # file and offset

# A run keeps its file open for a day; files that are younger are left alone.
OPEN_FOR = timedelta(days=2)


@dataclass(frozen=True)
class Retention:
    """How long documents are kept: days, and bytes of all of them together; None: for ever, without limit."""

    days: int | None = None
    bytes: int | None = None


@dataclass(frozen=True)
class Rewritten:
    """What a compaction did, or would do, to one file; `target` is None when nothing of it stays."""

    file: str
    target: str | None
    dropped: int
    bytes_before: int
    bytes_after: int


def expired(records: Iterable[Row], retention: Retention, now: datetime) -> set[Place]:
    """The records that may go: too old, or the oldest ones beyond the size. What is still needed stays, whatever its age.

    Args:
        records: rows of `archived_records`.
        retention: the operator's wish.
        now: the present, UTC.
    """
    listed = sorted(records, key=lambda row: (row["seen_at"], row["warc_file"], row["warc_offset"]))
    excess = sum(row["warc_length"] for row in listed) - (retention.bytes if retention.bytes is not None else float("inf"))
    gone: set[Place] = set()
    for row in listed:
        too_old = retention.days is not None and row["seen_at"] < now - timedelta(days=retention.days)
        if not row["needed"] and (too_old or excess > 0):
            gone.add((row["warc_file"], row["warc_offset"]))
            excess -= row["warc_length"]
    return gone


def compact(archive: Archive, warehouse: Warehouse, retention: Retention, now: datetime, *, dry_run: bool = False) -> list[Rewritten]:
    """Rewrite every file that holds records which may go, and lead the references to the new ones. Deletes no file.

    Raises ArchiveError when a file cannot be read or written; those before it are done.
    """
    with warehouse.transaction() as transaction:
        records = transaction.rows("archived_records")
    gone = expired(records, retention, now)
    young = f"{now - OPEN_FOR:%Y%m%d}"
    files = sorted({file for file, _ in gone if Path(file).name[: len(young)] < young})
    kept = {(row["warc_file"], row["warc_offset"]) for row in records} - gone
    return [_rewrite(file, archive, warehouse, kept, gone, dry_run=dry_run) for file in files]


def superseded(archive: Archive, warehouse: Warehouse) -> list[str]:
    """Files that nothing refers to any more because a compaction has copied what stays of them."""
    with warehouse.transaction() as transaction:
        used = {row["warc_file"] for row in transaction.rows("archived_records")}
        done = {row["file"] for row in transaction.rows("compacted_files")}
    return [file for file in archive.files() if file in done and file not in used]


def remove(archive: Archive, files: Iterable[str]) -> None:
    """Delete files. Only while no run is under way: one that began before the compaction may still refer to them."""
    for file in files:
        (archive.directory / file).unlink(missing_ok=True)


def faults(archive: Archive, warehouse: Warehouse) -> Iterator[str]:
    """Everything that is wrong with the archive: files that cannot be read through, references that lead nowhere."""
    for file in archive.files():
        try:
            for answer in archive.scan(file):
                archive.read(answer.ref)
        except ArchiveError as fault:
            yield fault.message
    with warehouse.transaction() as transaction:
        records = transaction.rows("archived_records")
    for row in records:
        try:
            archive.read(ArchiveRef(row["warc_file"], row["warc_offset"], row["warc_length"], row["sha256"]))
        except ArchiveError as fault:
            yield fault.message


def _rewrite(
    file: str, archive: Archive, warehouse: Warehouse, kept: Collection[Place], gone: Collection[Place], *, dry_run: bool
) -> Rewritten:
    source = archive.directory / file
    target = _free_name(file, {used for used, _ in kept})
    members = list(_staying(source, file, gone))
    stays = [offset for offset, _, _ in members if (file, offset) in kept]
    dropped = sum(place[0] == file for place in gone)
    after = sum(length for _, length, _ in members) if stays else 0
    if not dry_run:
        moves = _copy(archive, source, target, members) if stays else {}
        _verify(archive, target, [(moves[offset], length, digest) for offset, length, digest in members if offset in stays])
        _refer(warehouse, file, target, {offset: moves[offset] for offset in stays})
    return Rewritten(file, target if stays else None, dropped, source.stat().st_size, after)


def _free_name(file: str, used: Collection[str]) -> str:
    """A name that nothing refers to; a file of that name is what a killed compaction left."""
    stem = file.removesuffix(".warc.gz") + "-c"
    while f"{stem}.warc.gz" in used:
        stem += "-c"
    return f"{stem}.warc.gz"


def _staying(source: Path, file: str, gone: Collection[Place]) -> Iterator[tuple[int, int, str]]:
    """Offset, length and checksum of each record that stays; a request goes with its answer."""
    from warehouse import warc  # noqa: PLC0415 - slow to import

    dropped: set[str] = set()
    try:
        with source.open("rb") as stream:
            for offset, length, record in warc.members(stream):
                if (file, offset) in gone:
                    dropped.add(warc.field(record, "WARC-Record-ID"))
                elif warc.field(record, "WARC-Concurrent-To") not in dropped and record.rec_type != "warcinfo":
                    yield offset, length, warc.field(record, "WARC-Payload-Digest").removeprefix("sha256:")
    except (OSError, warc.DamagedRecordError) as fault:
        raise ArchiveError(f"cannot read the archive file {source}: {fault}", hint="restore that file from a backup") from fault


def _copy(archive: Archive, source: Path, target: str, members: Iterable[tuple[int, int, str]]) -> dict[int, int]:
    """Copy these records into the new file and give their new offsets by the old ones; it is whole or not there."""
    from warehouse import warc  # noqa: PLC0415 - slow to import

    place = archive.directory / target
    unfinished = place.with_suffix(".part")
    moves: dict[int, int] = {}
    try:
        with source.open("rb") as old, unfinished.open("wb") as new:
            new.write(warc.warcinfo(place.name))
            for offset, length, _ in members:
                old.seek(offset)
                moves[offset] = new.tell()
                new.write(old.read(length))
            new.flush()
            os.fsync(new.fileno())
        unfinished.replace(place)
    except OSError as fault:
        unfinished.unlink(missing_ok=True)
        raise ArchiveError(
            f"cannot write {place}: {fault.strerror or fault}", hint="free space on that disk; nothing was changed"
        ) from fault
    return moves


def _verify(archive: Archive, target: str, records: Iterable[tuple[int, int, str]]) -> None:
    for offset, length, digest in records:
        archive.read(ArchiveRef(target, offset, length, digest))


def _refer(warehouse: Warehouse, file: str, target: str, moves: Mapping[int, int]) -> None:
    with warehouse.transaction() as transaction:
        for table in ("pages", "fetches", "attachments", "recovered"):
            transaction.run(f"move_{table}", file=file, target=target, olds=list(moves), news=list(moves.values()))
            transaction.run(f"forget_{table}", file=file)
        transaction.merge("ops.compacted_files", [{"file": file, "target": target if moves else None}], key=["file"])
