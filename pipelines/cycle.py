"""One cycle of the flow started by hand: the same job, assets and Dagster instance as the schedule's."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from assets.sources.registry import load_sources
from assets.watching import compile_files, read_subscriptions, watched_in_files
from pipelines.resources import watchlist_files
from pipelines.settings import Settings
from warehouse.errors import ThinkwatchError

if TYPE_CHECKING:
    from dagster import DagsterInstance

PUBLICATION = ("analysts_copy", "search_index")


class CycleError(ThinkwatchError):
    """A step of the cycle failed; what the steps before it stored is kept."""


def check_files(settings: Settings) -> None:
    """Read every source, watch list and subscription once, so that a fault stops a cycle before anything is fetched.

    Raises ConfigError that names the file and the line.
    """
    sources = load_sources(settings.source_places)
    watchlist, _ = compile_files(watchlist_files(settings), settings.data_folder / "cache")
    read_subscriptions([settings.path(place) for place in settings.subscriptions], watched_in_files(watchlist, sources))


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

    Raises the step's own ThinkwatchError, or CycleError for any other failure.
    """
    from dagster import AssetKey, DagsterError  # noqa: PLC0415 - slow to import

    from pipelines.definitions import build  # noqa: PLC0415

    job = build().resolve_job_def("monitor")
    try:
        result = job.execute_in_process(
            instance=instance,
            run_config=_run_config(sources, until, tick),
            asset_selection=[AssetKey(name) for name in steps(until, deliver=deliver)],
        )
    except ThinkwatchError:
        raise
    except DagsterError as fault:
        cause = fault.__cause__ or fault
        raise CycleError(f"the run failed: {cause}", hint="see the run in the Dagster UI: thinkwatch ui") from fault
    return result.run_id


def _run_config(sources: Sequence[str], until: str | None, tick: int | None) -> dict[str, Any]:
    fetch = {"config": {"sources": list(sources)}}
    return {
        "ops": {"feeds": fetch} | ({"pages": fetch} if until not in {"feeds", "entries"} else {}),
        "resources": {"flow": {"config": {"tick": tick}}},
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
    }
