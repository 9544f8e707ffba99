"""When jobs run by the clock. Every run is idempotent: a missed or doubled tick does no harm."""

import dagster as dg

from pipelines.jobs import monitor


def ingest(cron: str) -> dg.ScheduleDefinition:
    """The schedule of the whole flow; which sources are due is decided in the run."""
    return dg.ScheduleDefinition(
        name="ingest",
        job=monitor,
        cron_schedule=cron,
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Polls what is due and tells subscribers.",
    )
