"""One cycle of the flow started by hand: the same job, assets and Dagster instance as the schedule's."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from alerts.records import Subscription
from assets.sources.groups import refuse_unpolled
from assets.sources.registry import load_sources
from assets.watching import compile_files, read_subscriptions, watched_in_files
from pipelines.lifeline import TAGS, end_dead_runs, living
from pipelines.resources import watchlist_files
from pipelines.settings import Settings
from warehouse.errors import ThinkwatchError

if TYPE_CHECKING:
    from dagster import DagsterInstance, Definitions, ExecuteInProcessResult

PUBLICATION = ("analysts_copy", "search_index")


class CycleError(ThinkwatchError):
    """A step of the cycle failed; what the steps before it stored is kept."""


class StoppedError(CycleError):
    """Somebody stopped the cycle, by Ctrl-C or SIGTERM."""

    exit_status = 130


def check_files(settings: Settings, wanted: Sequence[str] = ()) -> tuple[Subscription, ...]:
    """Read every source, watch list and subscription once, so that a fault stops a cycle before anything is fetched; the subscriptions.

    Raises ConfigError that names the file and the line, or an id of `wanted` that is none of a polled source.
    """
    sources = load_sources(settings.source_places)
    refuse_unpolled(wanted, sources)
    watchlist, _ = compile_files(watchlist_files(settings), settings.data_folder / "cache")
    return read_subscriptions([settings.path(place) for place in settings.subscriptions], watched_in_files(watchlist, sources))


def steps(until: str | None, *, deliver: bool) -> list[str]:
    """The assets of a cycle that ends with `until`; publication always belongs to it."""
    from pipelines.jobs import FLOW  # noqa: PLC0415 - imports Dagster

    last = FLOW.index(until) + 1 if until else len(FLOW)
    chosen = [asset for asset in FLOW[:last] if deliver or asset != "deliveries"]
    return [*chosen, *(asset for asset in PUBLICATION if asset not in chosen)]


def run_cycle(
    instance: "DagsterInstance", *, sources: Sequence[str] = (), until: str | None = None, deliver: bool = True, tick: int | None = None
) -> str:
    """Run the cycle in this process and return its Dagster run id.

    Raises the step's own ThinkwatchError, StoppedError when it is stopped, or CycleError for any other failure.
    """
    from dagster import AssetKey  # noqa: PLC0415 - slow to import

    fetch = {"config": {"sources": list(sources)}}
    chosen = steps(until, deliver=deliver)
    ops = {name: fetch for name in ("feeds", "pages", "attachments") if name in chosen}
    result = _execute(instance, "monitor", ops, tick, asset_selection=[AssetKey(name) for name in chosen])
    return result.run_id


def run_rematch(instance: "DagsterInstance", *, notify_since: datetime | None = None) -> dict[str, Any]:
    """Run the job `rematch` in this process; what it says of the mentions, by name.

    Raises the step's own ThinkwatchError, or CycleError for any other failure.
    """
    since = notify_since.isoformat() if notify_since else ""
    result = _execute(instance, "rematch", {"mentions": {"config": {"notify_since": since}}}, None)
    (stored,) = result.asset_materializations_for_node("mentions")
    return {name: value.value for name, value in stored.metadata.items()}


@cache
def _definitions() -> "Definitions":
    """Built once for all cycles of a process, such as the days of a replay."""
    from pipelines.definitions import build  # noqa: PLC0415

    return build()


def _execute(instance: "DagsterInstance", job: str, ops: dict[str, Any], tick: int | None, **options: Any) -> "ExecuteInProcessResult":
    from dagster import DagsterError, DagsterExecutionInterruptedError  # noqa: PLC0415 - slow to import

    config = {
        "ops": ops,
        "resources": {"flow": {"config": {"tick": tick}}},
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
    }
    end_dead_runs(instance)
    try:
        with living(instance) as run_id:
            return (
                _definitions()
                .resolve_job_def(job)
                .execute_in_process(instance=instance, run_config=config, run_id=run_id, tags=TAGS, **options)
            )
    except ThinkwatchError:
        raise
    except (KeyboardInterrupt, DagsterExecutionInterruptedError) as fault:
        raise StoppedError("the run was stopped", hint="what its steps have stored is kept; the next run goes on from there") from fault
    except DagsterError as fault:
        cause = fault.__cause__ or fault
        raise CycleError(f"the run failed: {cause}", hint="see the run in the Dagster UI: thinkwatch ui") from fault
