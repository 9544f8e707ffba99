"""What runs when something changes, and what is written down when a run was not well. A sensor compares; it never fetches."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

import dagster as dg

from assets.issues import Issue, record_issues
from pipelines.chores import SENSOR_SECONDS
from pipelines.reach import clock
from pipelines.resources import open_warehouse, run_name, wall_clock, watchlist_files
from pipelines.settings import Settings, load_settings
from pipelines.store import warehouse_of
from warehouse.database import Warehouse

RUNNING = dg.DefaultSensorStatus.RUNNING
SECONDS = 60
START_SECONDS = 60  # within which a run that has begun takes its name
SHOWN = 300  # characters of what a check says


def _on_change(name: str, job: str, description: str, files: Callable[[Settings], Sequence[Path]], what: str) -> dg.SensorDefinition:
    """A sensor that starts `job` when one of the files has changed, come or gone since it last looked."""

    @dg.sensor(name=name, job_name=job, description=description, minimum_interval_seconds=SECONDS, default_status=RUNNING)
    def changed(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        digest = digest_of(files(load_settings(required=False)))
        if context.cursor == digest:
            return dg.SkipReason(f"the {what} have not changed")
        first = context.cursor is None
        context.update_cursor(digest)
        # Files that are changed and changed back ask for a run again: the cursor is part of the key.
        return dg.SkipReason(f"first look at the {what}") if first else dg.RunRequest(run_key=f"{context.cursor}-{digest}")

    return changed


def _source_files(settings: Settings) -> Sequence[Path]:
    return [file for place in settings.source_places for file in (sorted(place.rglob("*.yaml")) if place.is_dir() else [place])]


watchlist_changed = _on_change(
    "watchlist_changed",
    "rematch",
    "Matches the stored texts again when a watch-list file has changed; mails nothing.",
    watchlist_files,
    "watch lists",
)
sources_changed = _on_change(
    "sources_changed",
    "sync",
    "Takes up a source's file that came, changed or went; a file with a fault fails the run with its line.",
    _source_files,
    "sources' files",
)


@dg.run_failure_sensor(minimum_interval_seconds=SECONDS, default_status=RUNNING)
def run_failed(context: dg.RunFailureSensorContext) -> None:
    """Writes a failed run, of any job, down as an issue: it is mailed to mail.operator with the next mails, once.

    What went wrong and what to do stands then at the end of the run's events too, below Dagster's stack trace.
    """
    run = context.dagster_run
    words, to_do = said(_error(context))
    failed = Issue("run_failed", None, run.run_id, f"{run.job_name}: {words}", to_do or "open the run in the Dagster UI: thinkwatch ui")
    _record([failed, *check_issues(_evaluations(context.instance, run.run_id))])
    if to_do:
        context.instance.report_engine_event(f"{words}\nTo do: {to_do}", run)


@dg.run_status_sensor(run_status=dg.DagsterRunStatus.SUCCESS, minimum_interval_seconds=SECONDS, default_status=RUNNING)
def check_warned(context: dg.RunStatusSensorContext) -> None:
    """Writes each check that did not pass in a run that went through down as an issue; a red one is mailed to mail.operator, once."""
    _record(check_issues(_evaluations(context.instance, context.dagster_run.run_id)))


def check_issues(evaluations: Iterable[dg.AssetCheckEvaluation]) -> list[Issue]:
    """The issues of the checks that did not pass."""
    return [
        Issue(
            "check_failed" if one.severity == dg.AssetCheckSeverity.ERROR else "check_warned",
            None,
            f"{one.asset_key.to_user_string()}.{one.check_name}",
            (one.description or "did not pass")[:SHOWN],
            f"see the rows on the page of the asset {one.asset_key.to_user_string()}, tab Checks: thinkwatch ui",
        )
        for one in evaluations
        if not one.passed
    ]


@dg.sensor(minimum_interval_seconds=SECONDS, default_status=RUNNING)
def runs_lost(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Marks runs as failed whose machine or worker has died, so that they do not seem to run for ever; the next runs do their work."""
    lost = end_lost_runs(context.instance, warehouse_of(load_settings(required=False)), wall_clock())
    return dg.SkipReason(f"ended: {', '.join(lost)}" if lost else "every run that has begun is alive")


def end_lost_runs(instance: dg.DagsterInstance, warehouse: Warehouse, now: datetime) -> list[str]:
    """Mark the runs as failed that have been under way for a minute and of which nobody holds the name in the lake; their ids."""
    lost = [
        record.dagster_run
        for record in instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
        if record.start_time
        and now.timestamp() - record.start_time > START_SECONDS
        and not warehouse.is_held(run_name(record.dagster_run.run_id))
    ]
    for run in lost:
        instance.report_run_failed(run, "its worker has died: nobody holds the run's name in the lake")
    return [run.run_id for run in lost]


def digest_of(files: Sequence[Path]) -> str:
    """A hash of the files' names and contents."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(str(path).encode() + b"\0" + (path.read_bytes() if path.is_file() else b""))
    return digest.hexdigest()


def _evaluations(instance: dg.DagsterInstance, run_id: str) -> list[dg.AssetCheckEvaluation]:
    logs = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    return [entry.dagster_event.asset_check_evaluation_data for entry in logs if entry.dagster_event]


def _error(context: dg.RunFailureSensorContext) -> str:
    """The failing step's own error, which says more than that a step failed."""
    steps = [event.step_failure_data.error for event in context.get_step_failure_events() if event.step_failure_data]
    causes = [error.cause or error for error in steps if error]
    return causes[0].message if causes else (context.failure_event.message or "failed")


def said(error: str) -> tuple[str, str]:
    """What an error says in one line, and what to do; the latter is empty where the error is none of ours, which bear a hint."""
    first, *others = error.strip().splitlines() or ["failed"]
    to_do = next((line.removeprefix("hint: ") for line in others if line.startswith("hint: ")), "")
    return (first.partition(": ")[2] if to_do else first)[:SHOWN], to_do


def _record(issues: Sequence[Issue]) -> None:
    if not issues:
        return
    settings = load_settings(required=False)
    now = clock(settings)
    with open_warehouse(settings, now, lock_seconds=2 * SENSOR_SECONDS).transaction() as transaction:
        record_issues(transaction, issues, now)


SENSORS = (watchlist_changed, sources_changed, run_failed, check_warned)
