"""Backups of everything that an installation wrote, and the way back.

A backup is a folder of plain files and a manifest with their checksums: the store, the raw archive, the journal of sent
mail, and Dagster's home. The search index and the analysts' copies are not in it: both are made anew from the store.
After a restore no mail leaves until somebody says so.
"""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from warehouse import generation
from warehouse.database import STORAGE, Warehouse
from warehouse.errors import ConfigError, StoreError
from warehouse.migrations import refuse_unknown
from warehouse.transaction import committed

MANIFEST = "manifest.json"
STORE, JOURNAL, ARCHIVE, DAGSTER = "warehouse.duckdb", "outbox.journal", "archive", "dagster"
UNFINISHED, ABANDONED = ".unfinished-", timedelta(days=1)
HOLD = "mail_held"  # the name in ops.state that keeps every mail back
_SQLITE = (".db", ".sqlite")
_PASSING = ("-wal", "-shm", "-journal", ".lock", ".part")


@dataclass(frozen=True)
class Backup:
    """A finished backup: where it is, when it was made, its files and bytes, and how many of them were copied anew."""

    folder: Path
    made_at: datetime
    files: int
    bytes: int
    copied: int


@dataclass(frozen=True)
class Restored:
    """What a restore did: the backup, where the store that was replaced now lies, and the rows of each table."""

    backup: Backup
    earlier: Path | None
    rows: dict[str, int]


def back_up(warehouse: Warehouse, target: Path, now: datetime) -> Backup:
    """Copy everything beside the store into a new folder of `target`; files that the last backup holds are linked, not copied.

    The store is copied under the writer's lock and then read whole, so that a damaged one is found now and not on the day
    of the restore. Raises StoreError when it cannot be read, or the disk is full; an unfinished backup is never listed.
    """
    _refuse_within(warehouse.path.parent, target)
    folder = target / f"thinkwatch-{now:%Y%m%dT%H%M%SZ}"
    if folder.exists():
        raise ConfigError(f"{folder} exists already", hint="wait a second, or give another folder")
    unfinished = target / f"{UNFINISHED}{folder.name}"
    try:
        _clear_abandoned(target, now)
        copied = _make(warehouse, unfinished, now)
        unfinished.replace(folder)
    except OSError as fault:
        raise StoreError(
            f"cannot back up to {target}: {fault.strerror or fault}", hint="free some space or choose another folder"
        ) from fault
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return _listed(folder, copied)


def backups(target: Path) -> list[Backup]:
    """The finished backups in a folder, newest first."""
    found: list[Backup] = []
    for place in target.glob("thinkwatch-*") if target.is_dir() else ():
        with suppress(ConfigError):  # an unfinished one, or one whose manifest is damaged: it must not keep the next from being made
            found.append(_listed(place))
    return sorted(found, key=lambda backup: backup.made_at, reverse=True)


def thin_out(target: Path, keep: int) -> list[Path]:
    """Delete all but the newest `keep` backups of a folder and return those that went."""
    gone = [backup.folder for backup in backups(target)[max(keep, 1) :]]
    for folder in gone:
        shutil.rmtree(folder)
    return gone


def verify(folder: Path) -> dict[str, Any]:
    """The manifest of a backup, after every file was compared with it.

    Raises StoreError that names the files that differ, or when its store is one that this version cannot open.
    """
    manifest = _manifest(folder)
    wrong = [name for name, entry in manifest["files"].items() if _checksum(folder / name) != entry["sha256"]]
    if wrong:
        raise StoreError(f"{folder}: {len(wrong)} file(s) are missing or damaged: {', '.join(wrong[:5])}", hint="restore another backup")
    refuse_unknown(folder / STORE)
    return manifest


def restore(folder: Path, warehouse: Warehouse, now: datetime) -> Restored:
    """Put a backup in the place of what is there. What is there is kept beside it; mail is held until it is let go.

    One rename makes it true: killed before it, the installation is as it was, with some more raw documents; after it, the
    restored one. Raises StoreError for a damaged backup (nothing was done), StoreBusyError while a run is writing.
    """
    manifest = verify(folder)
    data = warehouse.path.parent
    with warehouse.lock():
        _bring_files(folder, data, manifest["files"])
        fresh = warehouse.path.with_suffix(".restoring")
        shutil.copyfile(folder / STORE, fresh)
        backup = _listed(folder)
        _hold_mail(fresh, backup, generation.written(warehouse.path), now)
        earlier = _move_aside(warehouse, now)
        fresh.replace(warehouse.path)
        if (folder / DAGSTER).is_dir() and not (data / DAGSTER).exists():
            shutil.copytree(folder / DAGSTER, data / DAGSTER)  # a history of runs that is there is the newer one
    return Restored(backup, earlier, manifest["rows"])


def _refuse_within(data: Path, target: Path) -> None:
    """A backup in what is backed up would be in the next one, and that in the one after it."""
    for place in (data / ARCHIVE, data / DAGSTER):
        if target.resolve().is_relative_to(place.resolve()):
            raise ConfigError(f"{target} lies in {place}, which is backed up itself", hint="give another folder, best on another disk")


def _make(warehouse: Warehouse, unfinished: Path, now: datetime) -> int:
    unfinished.mkdir(parents=True)
    copied = _copy_all(warehouse, unfinished, next(iter(backups(unfinished.parent)), None))
    rows = _read_whole(unfinished / STORE, warehouse)
    manifest = {"made_at": now.isoformat(), "duckdb": duckdb.__version__, "rows": rows, "files": _checksums(unfinished)}
    (unfinished / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return copied


def _clear_abandoned(target: Path, now: datetime) -> None:
    """Delete what backups left that were killed: it may be as large as the store, a copy of it each time."""
    for left in target.glob(f"{UNFINISHED}*"):
        if left.stat().st_mtime < (now - ABANDONED).timestamp():
            shutil.rmtree(left, ignore_errors=True)


def _copy_all(warehouse: Warehouse, target: Path, last: Backup | None) -> int:
    data, copied = warehouse.path.parent, 1
    with warehouse.lock():
        warehouse.copy_to(target / STORE)
    # After the store: whatever it speaks of is in the archive and in the journal by now.
    for path in _files(data):
        name = path.relative_to(data)
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        copied += _copy_one(path, place, last.folder / name if last else None)
    return copied


def _files(data: Path) -> Iterator[Path]:
    places = [data / JOURNAL, *sorted((data / ARCHIVE).rglob("*")), *sorted((data / DAGSTER).rglob("*"))]
    yield from (path for path in places if path.is_file() and not path.name.endswith(_PASSING))


def _copy_one(path: Path, place: Path, earlier: Path | None) -> int:
    """Copy a file, or link it from the backup before; 1 when it was copied."""
    if path.suffix in _SQLITE:
        with suppress(sqlite3.Error):  # a damaged one is copied as it is: Dagster's history must not keep the store from being backed up
            with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(place)) as copy:
                source.backup(copy)  # whole even while Dagster is writing
            return 1
        place.unlink(missing_ok=True)
    with suppress(OSError):  # another file system, or no such file: then it is copied
        if earlier and _unchanged(earlier, path):
            os.link(earlier, place)
            return 0
    with suppress(FileNotFoundError):  # Dagster clears its own files away meanwhile
        shutil.copy2(path, place)
    return 1


def _unchanged(earlier: Path, path: Path) -> bool:
    before, after = earlier.stat(), path.stat()
    return (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)


def _read_whole(store: Path, warehouse: Warehouse) -> dict[str, int]:
    """Rows by table, every value of every row read once. Raises StoreError when the copy is damaged."""
    try:
        with warehouse.beside(store, read_only=True) as connection:
            tables = connection.execute("SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal ORDER BY ALL").fetchall()
            names = [f"{schema}.{table}" for schema, table in tables]
            counts = {name: connection.execute(f"SELECT count(*), bit_xor(hash(t)) FROM {name} AS t").fetchone() for name in names}  # noqa: S608 - names of the store itself
    except duckdb.Error as fault:
        raise StoreError(
            f"the store is damaged: {str(fault).splitlines()[0]}", hint="restore the last good backup: thinkwatch restore"
        ) from fault
    return {name: row[0] for name, row in counts.items() if row}


def _checksums(folder: Path) -> dict[str, dict[str, Any]]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": _checksum(path)} for path in files}


def _checksum(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return {
            "made_at": datetime.fromisoformat(manifest["made_at"]).isoformat(),
            "rows": {str(table): int(rows) for table, rows in manifest["rows"].items()},
            "files": {str(name): {"bytes": int(of["bytes"]), "sha256": str(of["sha256"])} for name, of in manifest["files"].items()},
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        hint = f"name one that this lists: thinkwatch backup {folder.parent} --list"
        raise ConfigError(f"{folder} is not a finished backup of Thinkwatch", hint=hint) from fault


def _listed(folder: Path, copied: int = 0) -> Backup:
    manifest = _manifest(folder)
    sizes = [entry["bytes"] for entry in manifest["files"].values()]
    return Backup(folder, datetime.fromisoformat(manifest["made_at"]), len(sizes), sum(sizes), copied)


def _bring_files(folder: Path, data: Path, listed: dict[str, dict[str, Any]]) -> None:
    """The raw documents that are not there, or are no longer as they were, and the lines of the journal: both only ever grow."""
    for path in sorted((folder / ARCHIVE).rglob("*")):
        name = path.relative_to(folder)
        place = data / name
        if path.is_file() and _is_less(place, path.stat().st_size, listed.get(name.as_posix(), {}).get("sha256")):
            place.parent.mkdir(parents=True, exist_ok=True)
            _copy_whole(path, place)
    journals = [path.read_text(encoding="utf-8").splitlines() for path in (data / JOURNAL, folder / JOURNAL) if path.exists()]
    lines = list(dict.fromkeys(line for journal in journals for line in journal))
    if lines:
        fresh = data / f"{JOURNAL}.new"
        fresh.write_text("\n".join(lines) + "\n", encoding="utf-8")
        fresh.replace(data / JOURNAL)


def _is_less(place: Path, size: int, checksum: str | None) -> bool:
    """Whether a file of the archive is missing, shorter than in the backup, or as long and damaged."""
    there = place.stat().st_size if place.exists() else -1
    return there < size or (there == size and checksum is not None and _checksum(place) != checksum)


def _copy_whole(path: Path, place: Path) -> None:
    fresh = place.with_name(f"{place.name}.part")
    shutil.copy2(path, fresh)
    fresh.replace(place)


def _hold_mail(store: Path, backup: Backup, beside: int, now: datetime) -> None:
    made_at = backup.made_at.astimezone(UTC)
    words = f"restored on {now:%Y-%m-%d %H:%M} UTC from the backup of {made_at:%Y-%m-%d %H:%M} UTC"
    with closing(duckdb.connect(store, config={**STORAGE})) as connection, committed(connection) as transaction:
        own = int(transaction.value("read_state", name="generation") or 0)
        # Beyond what the replaced store had reached, so that a death between two renames is not taken for a loss.
        rows = [{"name": HOLD, "value": words}, {"name": "generation", "value": str(max(own, beside) + 1)}]
        transaction.merge("ops.state", rows, key=["name"])


def _move_aside(warehouse: Warehouse, now: datetime) -> Path | None:
    store, wal = warehouse.path, warehouse.path.with_suffix(".duckdb.wal")
    if not store.exists():
        return None
    with suppress(StoreError), warehouse.connect():
        pass  # takes up the .wal; a store that cannot be opened is why somebody restores
    aside = store.with_name(f"{store.stem}.before-restore-{now:%Y%m%dT%H%M%SZ}.duckdb")
    os.link(store, aside)
    if wal.exists():
        wal.replace(aside.with_suffix(".duckdb.wal"))  # here it would be replayed into the restored store
    return aside
