"""Runs that live in a process of ours: a lock a run tells whether it is alive, so that none seems to run for ever once its process is gone.

Dagster sees the end of the workers that it launches itself; of a run that somebody started in a terminal it knows nothing.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster import DagsterInstance

TAGS = {"thinkwatch/started": "by hand"}
DEAD = "its process was ended before the run was; what its steps have stored is kept, and the next run goes on from there"


@contextmanager
def living(instance: "DagsterInstance") -> Iterator[str]:
    """The id of a new run that counts as alive until this block ends or this process dies. The run is to bear `TAGS`."""
    from dagster._core.utils import make_new_run_id  # noqa: PLC0415 - slow to import

    run_id = make_new_run_id()
    with _lifeline(instance, run_id):
        yield run_id


def end_dead_runs(instance: "DagsterInstance") -> list[str]:
    """Mark the runs of `living` as failed that have not ended and that nobody alive is at; their ids."""
    from dagster import DagsterRunStatus, RunsFilter  # noqa: PLC0415 - slow to import

    unfinished = [status for status in DagsterRunStatus if status.name in {"NOT_STARTED", "STARTING", "STARTED", "CANCELING"}]
    runs = instance.get_runs(RunsFilter(statuses=unfinished, tags=TAGS))
    return [run.run_id for run in runs if _end_if_dead(instance, run.run_id)]


def _end_if_dead(instance: "DagsterInstance", run_id: str) -> bool:
    try:
        with _lifeline(instance, run_id):
            run = instance.get_run_by_id(run_id)  # it may have ended by itself since it was listed
            if run is None or run.is_finished:
                return False
            instance.report_run_failed(run, DEAD)
            return True
    except BlockingIOError:
        return False


@contextmanager
def _lifeline(instance: "DagsterInstance", run_id: str) -> Iterator[None]:
    """Hold the run's lock; raises BlockingIOError when somebody else does."""
    path = Path(instance.root_directory) / "alive" / run_id
    path.parent.mkdir(exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)
