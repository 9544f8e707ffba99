"""What runs when something changes. A sensor compares and asks for a run; it never fetches."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import dagster as dg

from assets.issues import Issue, record_issues
from pipelines.jobs import monitor, rematch
from pipelines.resources import open_warehouse, wall_clock, watchlist_files
from pipelines.settings import load_settings


@dg.sensor(job=rematch, minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def watchlist_changed(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Matches the stored texts again when a watch-list file has changed; mails nothing."""
    digest = _digest(watchlist_files(load_settings(required=False)))
    if context.cursor == digest:
        return dg.SkipReason("the watch lists have not changed")
    first = context.cursor is None
    context.update_cursor(digest)
    return dg.SkipReason("first look at the watch lists") if first else dg.RunRequest(run_key=digest)


@dg.run_failure_sensor(monitored_jobs=[monitor, rematch], minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def run_failed(context: dg.RunFailureSensorContext) -> None:
    """Writes a failed run down as an issue, so that it is seen outside this interface too."""
    issue = Issue(
        "run_failed", None, context.dagster_run.run_id, context.failure_event.message or "failed", "open the run in the Dagster UI"
    )
    now = wall_clock()
    with open_warehouse(load_settings(required=False), now).transaction() as transaction:
        record_issues(transaction, [issue], now)


def _digest(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(str(path).encode() + b"\0" + (path.read_bytes() if path.is_file() else b""))
    return digest.hexdigest()
