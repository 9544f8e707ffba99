"""Several machines on one: `python -m bench.scaling [--days 1]`.

Starts PostgreSQL, Redis and an S3 server, then two Celery workers with the files of docs/scaling/, and lets them replay the
first days in two groups of sources. In the middle one worker is killed; its run is found to be lost, another worker comes in
its place, the group is run again. At the end the warehouse must be the one that a single process has.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.services import end, postgres, process, redis, s3, wait_for
from bench.stores import PATIENT, counted, differences, replay_days

FILES = Path(__file__).parent.parent / "docs" / "scaling"
GROUPS = ("1/2", "2/2")
RUN_SECONDS, PAUSE = 900, 0.5  # seconds; each look costs a connection to PostgreSQL


class Cluster:
    """An installation that several workers share: its settings, Dagster's instance, and how to start a worker."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        from pipelines.replay.demo import install

        self.stack, self.folder = stack, folder
        database, broker = stack.enter_context(postgres()), stack.enter_context(redis())
        subprocess.run(["psql", "-h", "127.0.0.1", "-p", str(database), "-U", "thinkwatch", "-qc", "CREATE DATABASE dagster"], check=True)
        self.replaced = {"redis.internal:6379": f"127.0.0.1:{broker}"}
        self.environment = {
            **PATIENT,
            **stack.enter_context(s3()),
            "THINKWATCH_STORE__KIND": "ducklake",
            "THINKWATCH_STORE__CATALOGUE": f"host=127.0.0.1 port={database} dbname=thinkwatch user=thinkwatch",
            "DAGSTER_POSTGRES": f"postgresql+psycopg2://thinkwatch@127.0.0.1:{database}/dagster",
            "THINKWATCH_CONFIG": str(folder / "thinkwatch.toml"),
            "DAGSTER_HOME": str(folder / "dagster"),
            "DAGSTER_DISABLE_TELEMETRY": "yes",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        os.environ.update(self.environment)
        self.settings = install(folder)
        (folder / "dagster").mkdir()
        for name in ("dagster.yaml", "worker.yaml"):
            (folder / "dagster" / name).write_text(self._filled((FILES / name).read_text(encoding="utf-8")), encoding="utf-8")

    def _filled(self, text: str) -> str:
        for known, ours in self.replaced.items():
            text = text.replace(known, ours)
        return text

    def worker(self, name: str, queue: str = "dagster") -> "subprocess.Popen[bytes]":
        """Start a worker with one place, in its own process: one that Celery forks may have no children, and reading pages needs some."""
        command = [
            "dagster-celery",
            "worker",
            "start",
            "-A",
            "dagster_celery.app",
            "-y",
            self.folder / "dagster" / "worker.yaml",
            "-n",
            name,
        ]
        log = self.folder / f"{name}.log"
        return self.stack.enter_context(process([*command, "-q", queue, "--", "--pool", "solo"], log=log))


def launch(instance: Any, job: str, config: Mapping[str, Any]) -> str:
    """Hand a run over to the workers; its id."""
    from dagster._core.code_pointer import ModuleCodePointer
    from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin

    from pipelines.definitions import build

    where = RepositoryPythonOrigin(sys.executable, ModuleCodePointer("pipelines.definitions", "defs", str(FILES.parent.parent)))
    run = instance.create_run_for_job(
        build().resolve_job_def(job),
        run_config={"resources": {"flow": {"config": dict(config)}}},
        job_code_origin=JobPythonOrigin(job, where),
        tags=build().resolve_job_def(job).tags,
    )
    instance.launch_run(run.run_id, None)
    return run.run_id


def wait_until_done(instance: Any, run_ids: Iterable[str]) -> None:
    """Return when these runs have succeeded. Raises RuntimeError for one that has not."""
    for run_id in run_ids:
        wait_for(lambda run_id=run_id: instance.get_run_by_id(run_id).is_finished, seconds=RUN_SECONDS, pause=PAUSE)
        if not instance.get_run_by_id(run_id).is_success:
            failed = [
                entry.dagster_event for entry in instance.all_logs(run_id) if entry.dagster_event and entry.dagster_event.is_step_failure
            ]
            raise RuntimeError(f"run {run_id} failed: {[event.step_failure_data.error for event in failed]}")


def kill_in_the_middle(cluster: Cluster, instance: Any, victim: "subprocess.Popen[bytes]", tick: int) -> None:
    """Run a day's groups, kill a worker when both are at work, see which run is lost, and run its group again with a new worker."""
    from pipelines.resources import run_name
    from pipelines.sensors import end_lost_runs
    from pipelines.store import warehouse_of

    lake = warehouse_of(cluster.settings)
    runs = {launch(instance, "gather", {"tick": tick, "group": group}): group for group in GROUPS}
    wait_for(lambda: all(lake.is_held(run_name(run_id)) for run_id in runs), seconds=RUN_SECONDS, pause=PAUSE)
    end(victim, how=signal.SIGKILL)
    wait_for(lambda: sum(lake.is_held(run_name(run_id)) for run_id in runs) <= 1, seconds=60, pause=PAUSE)
    lost = [run_id for run_id in end_lost_runs(instance, lake, datetime.now(UTC) + timedelta(minutes=2)) if run_id in runs]
    print(f"day {tick}: a worker was killed; lost: {[runs[run_id] for run_id in lost]}")
    cluster.worker("third")
    wait_until_done(
        instance,
        [
            *(run_id for run_id in runs if run_id not in lost),
            *(launch(instance, "gather", {"tick": tick, "group": runs[run_id]}) for run_id in lost),
        ],
    )


def replay(cluster: Cluster, days: int) -> float:
    """Replay the days with two workers, one of which dies in the middle; seconds that it took."""
    from dagster import DagsterInstance

    from pipelines.replay.progress import write_progress

    began = time.monotonic()
    first = cluster.worker("first")
    for name, queue in (("second", "dagster"), ("teller", "tell")):
        cluster.worker(name, queue)
    with DagsterInstance.get() as instance:
        for tick in range(days):
            if tick == days // 2:
                kill_in_the_middle(cluster, instance, first, tick)
            else:
                wait_until_done(instance, [launch(instance, "gather", {"tick": tick, "group": group}) for group in GROUPS])
            wait_until_done(instance, [launch(instance, "tell", {"tick": tick})])
            write_progress(cluster.settings.data_folder, tick)
    return time.monotonic() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=1)
    days = parser.parse_args().days
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="thinkwatch-scaling-")))
        embedded = replay_days(folder / "embedded", days, {})
        shared = replay(Cluster(stack, folder / "shared"), days)
        copies = [folder / name / "thinkwatch.duckdb" for name in ("embedded", "shared")]
        found = list(differences(*copies))
        for line in found:
            print(line)
        print(f"{days} days: {counted(copies[0])} rows by one process, {counted(copies[1])} by two workers, {len(found)} tables differ")
        print(f"seconds: {embedded:.0f} by one process, {shared:.0f} by two workers")
    return bool(found)


if __name__ == "__main__":
    raise SystemExit(main())
