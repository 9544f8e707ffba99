"""The Dagster project, assembled: assets, checks, jobs, schedules, sensors and the one resource. Nothing is implemented here."""

import atexit
import gc
from collections.abc import Mapping
from typing import Any

import dagster as dg

from assets.alerts import alerts
from assets.analysts_copy import analysts_copy
from assets.articles import articles
from assets.attachments import attachments
from assets.deliveries import deliveries
from assets.entries import entries
from assets.feeds import feeds
from assets.heartbeat import heartbeat
from assets.mentions import mentions
from assets.pages import pages
from assets.search_index import search_index
from pipelines.catalogue import described
from pipelines.checks import checks
from pipelines.jobs import JOBS
from pipelines.resources import flow
from pipelines.schedules import schedules
from pipelines.sensors import SENSORS, runs_lost
from pipelines.settings import ScheduleSettings, load_settings

# A process that ends would look through Dagster's million objects for cycles to free, which takes longer than many a step.
atexit.register(gc.freeze)


def build(*, times: ScheduleSettings | None = None, shared: bool = False, resources: Mapping[str, Any] | None = None) -> dg.Definitions:
    """The definitions; `shared`: several machines share the store. With other resources where a test or a replay needs them."""
    return dg.Definitions(
        assets=described(
            [feeds, entries, pages, articles, mentions, alerts, deliveries, attachments, analysts_copy, search_index, heartbeat]
        ),
        asset_checks=checks(),
        jobs=JOBS,
        schedules=schedules(times or ScheduleSettings()),
        sensors=[*SENSORS, *([runs_lost] if shared else [])],
        resources={"flow": flow, **(resources or {})},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What Dagster loads. Works without a configuration file too, so that the project can be checked anywhere."""
    settings = load_settings(required=False)
    return build(times=settings.schedule, shared=settings.store.kind == "ducklake")
