"""The daemon was down for three days: its real scheduler, on a real instance and our own definitions, starts one run a schedule."""

import logging
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partialmethod

import pytest

from pipelines.instance import open_instance, prepare_home
from pipelines.settings import load_settings

BEGIN = datetime(2026, 3, 2, 12, 10, tzinfo=UTC)
OFTEN = {"ingest", "full_poll", "retention"}  # those that start a run whatever the store holds


@pytest.mark.fault("O126")
def test_o126_three_days_without_a_daemon_are_one_run_a_schedule(tmp_path, monkeypatch):
    import dagster._daemon.daemon  # noqa: F401 - before the scheduler, which it imports in a circle
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import ModuleTarget
    from dagster._grpc.client import DagsterGrpcClient
    from dagster._scheduler.scheduler import launch_scheduled_runs

    (tmp_path / "thinkwatch.toml").write_text("[schedule]\ningest = '*/15 * * * *'\n", "utf-8")
    for name in ("sources", "watchlists"):
        (tmp_path / name).mkdir()
    for name in ("DAGSTER_HOME", "DAGSTER_DISABLE_TELEMETRY", "THINKWATCH_CONFIG"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(DagsterGrpcClient, "_query", partialmethod(DagsterGrpcClient._query, timeout=300))  # on a busy machine
    target = ModuleTarget("pipelines.definitions", attribute=None, working_directory=None, location_name="thinkwatch")
    home = prepare_home(load_settings(str(tmp_path / "thinkwatch.toml"))) / "dagster.yaml"
    home.write_text(home.read_text("utf-8").replace("local_startup_timeout: 180", "local_startup_timeout: 900"), "utf-8")
    with open_instance(load_settings(str(tmp_path / "thinkwatch.toml"))) as instance, WorkspaceProcessContext(instance, target) as process:
        known: dict = {}

        def started(moment):
            """What the daemon starts when it looks at the clock at this moment, by job and full poll or not."""
            before = {run.run_id for run in instance.get_runs()}
            list(launch_scheduled_runs(process, logging.getLogger("quiet"), moment, known))
            fresh = [run for run in instance.get_runs() if run.run_id not in before]
            return Counter(run.tags["dagster/schedule_name"] for run in fresh if run.tags["dagster/schedule_name"] in OFTEN)

        assert started(BEGIN) == {}  # it begins to count
        assert started(BEGIN + timedelta(minutes=10)) == {"ingest": 1}
        assert started(BEGIN + timedelta(minutes=10)) == {}  # a doubled look
        known.clear()  # another daemon, three days and two nightly retentions later
        assert started(BEGIN + timedelta(days=3)) == {"ingest": 1, "retention": 1}
        assert started(BEGIN + timedelta(days=3, minutes=1)) == {}
