"""A step that sticks with the store in its hands, through Dagster's own code server, launcher and monitor, with the limit of our jobs."""

import logging
import os
import threading
from contextlib import suppress
from functools import partialmethod

import pytest

from pipelines.instance import open_instance
from pipelines.jobs import LIMIT, MAX_RUNTIME_SECONDS
from pipelines.settings import load_settings

CODE = """
import os, threading
from pathlib import Path
import dagster as dg
from warehouse.database import Warehouse

HERE = Path(__file__).parent

@dg.op
def step():
    with Warehouse({store!r}).transaction() as transaction:
        transaction.changed = True
        transaction.connection.execute("CREATE TABLE done AS SELECT 1 AS runs")
        (HERE / "pid.part").write_text(str(os.getpid()))
        (HERE / "pid.part").replace(HERE / "pid")
        if not (HERE / "mended").exists():
            threading.Event().wait()

@dg.job(tags={tags!r}, executor_def=dg.in_process_executor)
def work():
    step()
"""
SECONDS = 300  # on a machine that does much else


def until(condition):
    """Wait for something that another process does."""
    for _ in range(5 * SECONDS):
        if found := condition():
            return found
        threading.Event().wait(0.2)
    pytest.fail("nothing happened")


def is_alive(pid):
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


@pytest.fixture
def location(tmp_path, warehouse, monkeypatch):
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import PythonFileTarget
    from dagster._grpc.client import DagsterGrpcClient

    (tmp_path / "thinkwatch.toml").write_text("", "utf-8")
    (tmp_path / "code.py").write_text(CODE.replace("{tags!r}", repr(LIMIT)).replace("{store!r}", f"Path({str(warehouse.path)!r})"), "utf-8")
    for name in ("DAGSTER_HOME", "DAGSTER_DISABLE_TELEMETRY", "THINKWATCH_CONFIG"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(DagsterGrpcClient, "_query", partialmethod(DagsterGrpcClient._query, timeout=SECONDS))
    target = PythonFileTarget(python_file=str(tmp_path / "code.py"), attribute=None, working_directory=str(tmp_path), location_name="stuck")
    with open_instance(load_settings(str(tmp_path / "thinkwatch.toml"))) as instance, WorkspaceProcessContext(instance, target) as process:
        yield instance, process.create_request_context()


def launch(instance, workspace):
    from dagster._cli.job import _create_run

    code = workspace.get_code_location("stuck")
    (repository,) = code.get_repositories().values()
    run = _create_run(instance, code, repository, repository.get_full_job("work"), {}, {}, None, None)
    instance.launch_run(run.run_id, workspace)
    return run.run_id


def runs(warehouse):
    """What the steps have stored; waits for nobody, or the test would stick too."""
    with warehouse.transaction() as transaction:
        there = transaction.connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'done'").fetchall()
        return there and transaction.connection.execute("SELECT runs FROM done").fetchall()


@pytest.mark.fault("O128")
def test_o128_a_step_that_sticks_is_ended_the_run_is_red_and_the_next_one_well(tmp_path, location, warehouse, monkeypatch):
    from dagster import DagsterEventType, DagsterRunStatus
    from dagster._daemon.monitoring import run_monitoring

    instance, workspace = location
    assert instance.run_monitoring_enabled
    run_id = launch(instance, workspace)
    until((tmp_path / "pid").exists)
    worker = int((tmp_path / "pid").read_text("utf-8"))

    def monitored():
        record = instance.get_run_record_by_id(run_id)
        run_monitoring.monitor_started_run(instance, workspace, record, logging.getLogger("monitor"))
        return instance.get_run_by_id(run_id).status

    assert monitored() == DagsterRunStatus.STARTED
    began = instance.get_run_record_by_id(run_id).start_time
    monkeypatch.setattr(run_monitoring, "get_current_timestamp", lambda: began + MAX_RUNTIME_SECONDS + 1)
    monitored()
    until(lambda: not is_alive(worker))
    # A worker that ends while the monitor writes this event adds that it was cancelled; the sensor `run_failed` tells of the event.
    failures = instance.all_logs(run_id, of_type=DagsterEventType.RUN_FAILURE)
    assert any("Exceeded maximum runtime" in failure.message for failure in failures)
    assert instance.get_run_by_id(run_id).status in {DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED}
    assert runs(warehouse) == []

    (tmp_path / "mended").write_text("", "utf-8")
    run_id = launch(instance, workspace)
    until(lambda: instance.get_run_by_id(run_id).is_finished)
    assert instance.get_run_by_id(run_id).status == DagsterRunStatus.SUCCESS
    assert runs(warehouse) == [(1,)]
