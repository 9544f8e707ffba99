"""When jobs run by the clock. Every run is idempotent: a missed or doubled tick does no harm, and days without a daemon are one tick.

A schedule whose job would have nothing to do says so and starts none: a run costs a process and a quarter of a megabyte.
"""

from collections.abc import Callable
from typing import Any

import dagster as dg

from assets.sources.groups import names
from pipelines.chores import backup_folder, copy_is_current, mail_is_due
from pipelines.jobs import backup, digests, gather, monitor, publication, retention, tell
from pipelines.settings import ScheduleSettings, Settings, load_settings
from warehouse.errors import StoreBusyError

FULL_POLL = {"ops": {"feeds": {"config": {"full": True}}}}
RUNNING = dg.DefaultScheduleStatus.RUNNING


def schedules(times: ScheduleSettings) -> list[dg.ScheduleDefinition]:
    """All schedules, running from the start, in UTC."""
    ours: dict[str, Any] = {"execution_timezone": "UTC", "default_status": RUNNING}
    return [
        *_cycle(times, ours),
        dg.ScheduleDefinition(
            name="full_poll",
            job=monitor,
            cron_schedule=times.full_poll,
            run_config=FULL_POLL,
            description="Asks every feed for its whole document, due or not: a wrong «not modified» hides nothing for longer than a week.",
            **ours,
        ),
        dg.ScheduleDefinition(
            name="digests",
            job=digests,
            cron_schedule=times.digests,
            execution_fn=_when(_mail_waits),
            description="Sends the digests and mails whose time has come by their subscribers' clocks; starts no run when none has.",
            **ours,
        ),
        dg.ScheduleDefinition(
            name="publication",
            job=publication,
            cron_schedule=times.publication,
            execution_fn=_when(_copy_is_old),
            description="Publishes for analysts what a run stored and did not publish, as after a kill or a digest.",
            **ours,
        ),
        dg.ScheduleDefinition(
            name="retention",
            job=retention,
            cron_schedule=times.retention,
            description="Keeps Dagster's own history bounded: see [history] in thinkwatch.toml.",
            **ours,
        ),
        dg.ScheduleDefinition(
            name="backup",
            job=backup,
            cron_schedule=times.backup,
            execution_fn=_when(_backup_is_wanted),
            description="Backs up into backup.folder of thinkwatch.toml and keeps backup.keep of them.",
            **ours,
        ),
    ]


def _cycle(times: ScheduleSettings, ours: dict[str, Any]) -> list[dg.ScheduleDefinition]:
    """The whole flow in one run; with several groups of sources a run for each of them, and one that tells what they gathered."""
    if times.groups == 1:
        told = "Polls what is due and tells subscribers."
        return [dg.ScheduleDefinition(name="ingest", job=monitor, cron_schedule=times.ingest, description=told, **ours)]

    description = f"Polls what is due, in {times.groups} runs, each for its own sources."

    @dg.schedule(name="ingest", job=gather, cron_schedule=times.ingest, description=description, **ours)
    def gathering(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
        return [_request(group, f"{context.scheduled_execution_time:%Y%m%dT%H%M} {group}") for group in names(times.groups)]

    told = "Tells subscribers what has been gathered."
    return [gathering, dg.ScheduleDefinition(name="telling", job=tell, cron_schedule=times.ingest, description=told, **ours)]


def _request(group: str, key: str) -> dg.RunRequest:
    config = {"resources": {"flow": {"config": {"group": group}}}}
    return dg.RunRequest(run_key=key, run_config=config, tags={"thinkwatch/group": group})


def _when(objection: Callable[[Settings], str]) -> Callable[[dg.ScheduleEvaluationContext], dg.RunRequest | dg.SkipReason]:
    """An evaluation that starts a run unless there is something to be said against it."""

    def evaluate(_context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        reason = objection(load_settings(required=False))
        return dg.SkipReason(reason) if reason else dg.RunRequest()

    return evaluate


def _mail_waits(settings: Settings) -> str:
    try:
        return "" if mail_is_due(settings) else "no mail is due"
    except StoreBusyError:
        return "a run is writing; it sends what is due itself"


def _copy_is_old(settings: Settings) -> str:
    return "the copy is of the store as it is" if copy_is_current(settings) else ""


def _backup_is_wanted(settings: Settings) -> str:
    return "" if backup_folder(settings) else "backup.folder is not set in thinkwatch.toml"
