"""Retention of Dagster's own history: what old runs leave behind is taken away, failures later than successes.

Dagster has no retention of runs, and deleting one frees nothing on SQLite: its file, its logs and the pages of the index stay
until somebody takes them away. Not here: when that happens (schedules) and how long things stay (settings).
"""

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.settings import HistorySettings

if TYPE_CHECKING:
    from dagster import DagsterInstance

MOST = 5000  # runs that go at a time, the oldest first: deleting one takes some 30 ms
GRACE = timedelta(days=1)  # a file without a run may belong to one that is just beginning
BUSY_SECONDS = 10.0  # to wait for a database that is in use
LOG_BYTES = 10 * 1024**2
_DATABASES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")


@dataclass(frozen=True)
class PastRun:
    """A run that has ended."""

    run_id: str
    failed: bool
    created_at: datetime


@dataclass(frozen=True)
class Pruned:
    """What went: runs, files and folders of runs that are gone, bytes; and the databases that were busy and keep their size."""

    runs: int
    leftovers: int
    bytes: int
    busy: tuple[str, ...]


def outdated(runs: Iterable[PastRun], keep: HistorySettings, now: datetime) -> list[str]:
    """The ids of the runs that may go, oldest first: too old for their kind, or beyond the number that stays of each kind."""
    newest_first = sorted(runs, key=lambda run: run.created_at, reverse=True)
    gone: list[PastRun] = []
    for failed, days in ((False, keep.days), (True, keep.failed_days)):
        ours = [run for run in newest_first if run.failed == failed]
        gone += [run for place, run in enumerate(ours) if place >= keep.runs or run.created_at < now - timedelta(days=days)]
    return [run.run_id for run in sorted(gone, key=lambda run: run.created_at)]


def prune(instance: "DagsterInstance", keep: HistorySettings, now: datetime, *, most: int = MOST) -> Pruned:
    """Take away what is outdated: runs with their events, files and logs, then the room that they had in the databases.

    Can be stopped anywhere and run again; runs that have not ended are never touched.
    """
    home = Path(instance.root_directory)
    before = _size(home)
    ids = outdated(_ended(instance), keep, now)[:most]
    for run_id in ids:
        _delete(instance, run_id)
        _forget_files(home, run_id)
    leftovers = [run_id for run_id in _run_ids_on_disk(home, now) if instance.get_run_by_id(run_id) is None]
    for run_id in leftovers:
        _forget_files(home, run_id)
    busy = [name for name in _DATABASES if not _vacuum(home / name)]
    _shorten(home / "ui.log")
    return Pruned(len(ids), len(leftovers), before - _size(home), tuple(busy))


def _ended(instance: "DagsterInstance") -> list[PastRun]:
    from dagster import DagsterRunStatus, RunsFilter  # noqa: PLC0415 - slow to import

    ended = RunsFilter(statuses=[DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED])
    return [
        PastRun(
            record.dagster_run.run_id,
            record.dagster_run.status == DagsterRunStatus.FAILURE,
            # Stored in UTC; without a zone by the SQLite storage of some versions.
            record.create_timestamp if record.create_timestamp.tzinfo else record.create_timestamp.replace(tzinfo=UTC),
        )
        for record in instance.get_run_records(ended)
    ]


def _delete(instance: "DagsterInstance", run_id: str) -> None:
    from dagster._core.storage.event_log import SqliteEventLogStorage  # noqa: PLC0415 - slow to import

    events = instance.event_log_storage
    if not isinstance(events, SqliteEventLogStorage):
        instance.delete_run(run_id)
        return
    # As delete_run does, but for the run's own file: it would be opened and its migrations checked, 0.3 s, before it goes anyway.
    instance.run_storage.delete_run(run_id)
    with events.index_connection() as connection:
        events.delete_events_for_run(connection, run_id)
    events.free_concurrency_slots_for_run(run_id)


def _forget_files(home: Path, run_id: str) -> None:
    for path in (home / "history" / "runs").glob(f"{run_id}.db*"):
        path.unlink(missing_ok=True)
    shutil.rmtree(home / "storage" / run_id, ignore_errors=True)


def _run_ids_on_disk(home: Path, now: datetime) -> list[str]:
    """Runs that have a file or a folder, if it was last written to long ago."""
    places = {path.name.partition(".")[0]: path for path in (home / "history" / "runs").glob("*.db")}
    places |= {path.name: path for path in (home / "storage").glob("*") if path.is_dir()}
    old = (now - GRACE).timestamp()
    return [name for name, path in places.items() if name.count("-") == 4 and path.stat().st_mtime < old]  # noqa: PLR2004 - a UUID


def _vacuum(path: Path) -> bool:
    """Give the room of deleted rows back; False when the database was busy."""
    if not path.exists():
        return True
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
            connection.execute("VACUUM")
            # In its write-ahead log a reader stops no VACUUM, but its rows cannot leave the log: that is told by a row, not raised.
            (held, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:
        return False
    return not held


def _shorten(log: Path) -> None:
    """Move a log that has grown aside; the servers append, so they write on at its new beginning."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        shutil.copyfile(log, log.with_suffix(".log.1"))
        with log.open("r+b") as file:
            file.truncate()


def _size(home: Path) -> int:
    sizes = 0
    for path in home.rglob("*"):
        try:
            sizes += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:  # Dagster clears its own files away meanwhile
            continue
    return sizes
