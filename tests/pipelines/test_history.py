"""Retention of Dagster's own history: what may go, and that a real instance stays bounded."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest

from pipelines.history import PastRun, outdated, prune
from pipelines.instance import open_instance
from pipelines.settings import HistorySettings, load_settings

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def past(*days, failed=False):
    return [PastRun(f"{'bad' if failed else 'good'}-{day}", failed, NOW - timedelta(days=day)) for day in days]


def test_failures_stay_longer_than_successes():
    runs = past(1, 13, 15, 100) + past(1, 15, 89, 91, failed=True)
    assert outdated(runs, HistorySettings(days=14, failed_days=90), NOW) == ["good-100", "bad-91", "good-15"]


def test_more_runs_than_stay_go_oldest_first_and_leave_the_failures():
    runs = past(1, 2, 3, 4) + past(5, failed=True)
    assert outdated(runs, HistorySettings(runs=2), NOW) == ["good-4", "good-3"]


@dg.asset
def noun():
    """Something that a run makes."""
    return dg.MaterializeResult(metadata={"rows": 1})


@pytest.fixture
def instance(tmp_path, monkeypatch):
    (tmp_path / "thinkwatch.toml").write_text("", "utf-8")
    for name in ("DAGSTER_HOME", "DAGSTER_DISABLE_TELEMETRY", "THINKWATCH_CONFIG"):
        monkeypatch.setenv(name, "")
    with open_instance(load_settings(str(tmp_path / "thinkwatch.toml"))) as opened:
        yield opened


def _read(database, table, run_id):
    with closing(sqlite3.connect(database)) as connection:
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != "id"]
        rows = connection.execute(f"SELECT {', '.join(names)} FROM {table} WHERE run_id = ?", [run_id]).fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]


class Runs:
    """Many runs, each with the rows, files and logs of one that was really made: only their ids differ."""

    def __init__(self, instance):
        self.instance, self.home = instance, Path(instance.root_directory)
        self.files, self.logs = self.home / "history" / "runs", self.home / "storage"
        made = dg.materialize([noun], instance=instance).run_id
        self.made = made
        self.template = shutil.move(self.logs / made, self.home.parent / "logs"), shutil.copy(self.files / f"{made}.db", self.home.parent)
        self.rows = {
            (database, table): _read(database, table, made)
            for database, table in ((self.home / "history" / "runs.db", "runs"), (self.files / "index.db", "event_logs"))
        }
        assert any(row["dagster_event_type"] == "ASSET_MATERIALIZATION" for row in self.rows[self.files / "index.db", "event_logs"])
        instance.delete_run(made)
        (self.files / f"{made}.db").unlink()

    def add(self, count, status="SUCCESS"):
        ids = [str(uuid4()) for _ in range(count)]
        for run_id in ids:
            shutil.copytree(self.template[0], self.logs / run_id)
            shutil.copy(self.template[1], self.files / f"{run_id}.db")
        for (database, table), rows in self.rows.items():
            names = list(rows[0])
            statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"
            with closing(sqlite3.connect(database)) as connection, connection:
                connection.executemany(statement, [self._as_of(row, run_id, status) for run_id in ids for row in rows])
        return ids

    def _as_of(self, row, run_id, status):
        fresh = {name: value.replace(self.made, run_id) if isinstance(value, str) else value for name, value in row.items()}
        if "run_body" in row:
            fresh |= {
                "status": status,
                "run_body": fresh["run_body"]
                .replace('"SUCCESS"', f'"{status}"')
                .replace("DagsterRunStatus.SUCCESS", f"DagsterRunStatus.{status}"),
            }
        return fresh

    def bytes(self):
        return sum(path.stat().st_size for path in self.home.rglob("*") if path.is_file())


def test_after_500_runs_the_folder_is_bounded_and_failures_are_still_there(instance):
    runs = Runs(instance)
    keep, now = HistorySettings(runs=20), datetime.now(UTC)
    failures = runs.add(5, "FAILURE")
    sizes = []
    for _ in range(5):
        runs.add(100)
        prune(instance, keep, now)
        sizes.append(runs.bytes())
    assert max(sizes) < 1.05 * sizes[0]
    assert len(list((runs.home / "history" / "runs").glob("*-*.db"))) == len(list((runs.home / "storage").iterdir())) == 25
    assert {record.dagster_run.run_id for record in instance.get_run_records()} >= set(failures)
    assert instance.get_latest_materialization_event(dg.AssetKey("noun")) is not None


def test_a_run_that_goes_on_is_kept_and_what_a_killed_retention_left_goes(instance):
    runs = Runs(instance)
    (going,) = runs.add(1, "STARTED")
    (half,) = runs.add(1)
    instance.run_storage.delete_run(half)  # and then the process was killed
    log = runs.home / "ui.log"
    log.write_bytes(b"x" * 11 * 1024**2)
    gone = prune(instance, HistorySettings(days=1), datetime.now(UTC) + timedelta(days=3))
    assert (gone.runs, gone.leftovers, gone.busy) == (0, 1, ())
    assert [path.stem for path in (runs.home / "history" / "runs").glob("*-*.db")] == [going]
    assert log.stat().st_size == 0
    assert instance.get_run_by_id(going)


def test_an_index_in_use_keeps_its_size_until_the_next_time(instance, monkeypatch):
    runs = Runs(instance)
    runs.add(2)
    monkeypatch.setattr("pipelines.history.BUSY_SECONDS", 0.01)
    with closing(sqlite3.connect(runs.home / "history" / "runs" / "index.db", isolation_level=None)) as writer:
        writer.execute("BEGIN")
        writer.execute("SELECT count(*) FROM event_logs").fetchone()
        gone = prune(instance, HistorySettings(runs=1), datetime.now(UTC))
    assert gone.busy == ("history/runs/index.db",)
    assert prune(instance, HistorySettings(runs=1), datetime.now(UTC)).busy == ()
