"""The small jobs beside the flow: each one function that a clock, a sensor or a person starts, and that says what it did.

All can be run at any time and twice. Not here: when they run (schedules, sensors) and the flow itself (assets).
"""

from pathlib import Path

import dagster as dg

from alerts.assembly import is_something_due
from assets.deliveries import held_since
from assets.feeds import sync_sources
from assets.flow import Flow
from assets.sources.registry import load_sources
from pipelines.history import prune
from pipelines.reach import clock
from pipelines.resources import open_warehouse, wall_clock
from pipelines.settings import Settings, load_settings
from pipelines.store import warehouse_of
from warehouse.backup import back_up, thin_out
from warehouse.errors import ConfigError
from warehouse.publish import is_current

SENSOR_SECONDS = 20  # to wait for the store where a minute is all there is
CHANNELS = ("mail", "eml", "webhook")


@dg.op(description="Takes away Dagster's old runs, as the settings under [history] say, and gives their room back.")
def tidy_history(context: dg.OpExecutionContext) -> None:
    """Failures stay longer than successes; the newest materialization of each asset stays whatever its age."""
    keep = load_settings(required=False).history
    gone = prune(context.instance, keep, wall_clock())
    context.log.info("%d runs deleted, %d leftovers, %d bytes given back", gone.runs, gone.leftovers, gone.bytes)
    if gone.busy:
        context.log.warning("in use, so not made smaller this time: %s", ", ".join(gone.busy))


@dg.op(description="Backs up everything that this installation wrote into the folder of the setting backup.folder.")
def make_backup(context: dg.OpExecutionContext) -> None:
    """As `thinkwatch backup FOLDER --keep N`; a damaged store is found now."""
    settings = load_settings(required=False)
    folder = backup_folder(settings)
    if folder is None:
        raise ConfigError("backup.folder is not set", path=settings.file, hint="set it under [backup], best on another disk")
    now = wall_clock()
    made = back_up(open_warehouse(settings, now), folder, now)
    gone = thin_out(folder, settings.backup.keep)
    words = "%s: %d files, %d bytes, %d copied anew; %d older deleted"
    context.log.info(words, made.folder, made.files, made.bytes, made.copied, len(gone))


@dg.op(description="Makes the tables of sources and feeds say what the sources' files say. Fetches nothing.")
def take_up_sources(context: dg.OpExecutionContext, flow: dg.ResourceParam[Flow]) -> None:
    """What is new is polled with the next run of the flow; what is gone is polled no more, and kept."""
    sources = load_sources(flow.sources)
    with flow.warehouse.transaction() as transaction:
        sync_sources(transaction, sources, flow)
    context.log.info("%d sources, %d of them polled", len(sources), sum(source.enabled for source in sources))


def backup_folder(settings: Settings) -> Path | None:
    """Where backups go; None where nobody has said."""
    return settings.path(settings.backup.folder) if settings.backup.folder else None


def mail_is_due(settings: Settings) -> bool:
    """Whether a subscriber's mail is due now, by their clock. Raises StoreBusyError while a run writes."""
    now = clock(settings)
    if not warehouse_of(settings).exists():
        return False
    with open_warehouse(settings, now, lock_seconds=SENSOR_SECONDS).transaction() as transaction:
        return not held_since(transaction) and is_something_due(transaction, now, channels=CHANNELS)


def copy_is_current(settings: Settings) -> bool:
    """Whether analysts see the store as it is."""
    return is_current(warehouse_of(settings), settings.published)
