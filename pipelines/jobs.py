"""The jobs: the whole flow, parts of it, and the chores beside it. In one process: a process a step costs eight times as much and hangs."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from assets.feeds import PollConfig
from pipelines.by_hand import DayConfig, HistoryConfig, RereadConfig, foresee_rematch, read_archive_anew, read_history, rehearse_day
from pipelines.chores import make_backup, take_up_sources, tidy_history

FLOW = (
    *("feeds", "entries", "pages", "articles", "mentions", "alerts", "deliveries"),
    *("attachments", "analysts_copy", "search_index", "heartbeat"),
)
MAX_RUNTIME_SECONDS = 1800
# The journal of sent mail, the copies and the search index lie in one machine's folder: only its worker takes this queue.
TOLD = {"dagster-celery/queue": "tell"}
LIMIT = {"dagster/max_runtime": str(MAX_RUNTIME_SECONDS)}  # a run that sticks is ended by Dagster's daemon after so long


def _asked(config: type[dg.Config], step: str, **more: tuple[str, ...]) -> dg.ConfigMapping:
    """The Launchpad's fields are those of `config`, at its top and with what they mean; `step` gets them, and `more` steps some of them."""

    def steps(given: Mapping[str, Any]) -> dict[str, Any]:
        some = {name: {key: given[key] for key in keys} for name, keys in more.items()}
        return {"ops": {name: {"config": values} for name, values in ({step: dict(given)} | some).items()}}

    return dg.ConfigMapping(steps, config_schema=config.to_fields_dict())


def _of_assets(name: str, *assets: str, description: str, **tags: str) -> "dg.UnresolvedAssetJobDefinition":
    return dg.define_asset_job(
        name, selection=dg.AssetSelection.assets(*assets), executor_def=dg.in_process_executor, description=description, tags=LIMIT | tags
    )


monitor = _of_assets("monitor", *FLOW, description="From the feeds that are due to the mails that are sent, then the analysts' copy.")

gather = _of_assets(
    "gather",
    *FLOW[:4],
    description="From the feeds that are due to clean articles, for one group of sources; several such runs share the work.",
)

tell = _of_assets(
    "tell",
    *FLOW[4:],
    description="From what has been gathered to the mails that are sent, then the analysts' copy. One such run at a time.",
    **TOLD,
)

rematch = _of_assets(
    "rematch",
    "mentions",
    "analysts_copy",
    "search_index",
    description="Match the stored texts again after a change of a watch list. Fetches nothing and mails nothing.",
    **TOLD,
)

digests = _of_assets(
    "digests", "deliveries", description="Send the mails and digests that are due, by each subscriber's clock. Fetches nothing.", **TOLD
)

publication = _of_assets(
    "publication",
    "analysts_copy",
    "search_index",
    description="Publish the store for analysts and index it, where a run ended before it did.",
    **TOLD,
)


@dg.job(tags=LIMIT | TOLD, executor_def=dg.in_process_executor)
def retention() -> None:
    """Take away what old runs left in Dagster's home, failures later than successes."""
    tidy_history()


@dg.job(tags=LIMIT | TOLD, executor_def=dg.in_process_executor)
def backup() -> None:
    """Back up everything that was written, with checksums, and delete the oldest backups beyond the number that stays."""
    make_backup()


@dg.job(tags=LIMIT | TOLD, executor_def=dg.in_process_executor)
def sync() -> None:
    """Take up the sources' files: what is new is polled with the next run, what is gone is polled no more and kept."""
    take_up_sources()


@dg.job(tags=LIMIT, executor_def=dg.in_process_executor, config=_asked(HistoryConfig, "read_history"))
def history() -> None:
    """By hand: read what a source published before it was watched, within limits and without mail. `begin: true` begins it."""
    read_history()


@dg.job(name="reread", tags=LIMIT, executor_def=dg.in_process_executor, config=_asked(RereadConfig, "read_archive_anew"))
def reread_job() -> None:
    """By hand: read the archive anew as pages are read today. Shows what would change; takes it over with `take_over: true`."""
    read_archive_anew()


@dg.job(tags=LIMIT, executor_def=dg.in_process_executor)
def rematch_preview() -> None:
    """By hand: show what a changed watch list would change in the stored mentions, before the job `rematch` does it."""
    foresee_rematch()


@dg.job(tags=LIMIT, executor_def=dg.in_process_executor, config=_asked(DayConfig, "rehearse_day"))
def rehearsal() -> None:
    """By hand: replay a day without mail, by the subscriptions of today: who would have been told of what, and why."""
    rehearse_day()


poll_now = dg.define_asset_job(
    "poll_now",
    selection=dg.AssetSelection.assets(*FLOW),
    executor_def=dg.in_process_executor,
    description="By hand: the whole flow for some sources now, due or not. Mails are sent as ever. "
    "Name the sources: the arrow beside «Materialize all», then «Open launchpad».",
    config=_asked(PollConfig, "feeds", pages=("sources",)),
    tags=LIMIT,
)

JOBS = (
    *(monitor, poll_now, gather, tell, rematch, digests, publication, retention, backup, sync),
    *(history, rematch_preview, reread_job, rehearsal),
)
