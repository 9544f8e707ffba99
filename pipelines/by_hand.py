"""Jobs that only a person starts, in the Launchpad, each with a configuration that explains itself.

Those that change what is stored show first what would change: they do so unless `take_over` is set.
"""

from datetime import UTC, datetime, time, timedelta

import dagster as dg
from pydantic import Field

from alerts.decisions import Alert
from assets.adoption import Difference, adopt, difference
from assets.flow import Flow
from assets.histories import Wanted, open_histories, stop_histories
from assets.rematching import Foreseen, foresee
from assets.rereading import First, Scope, only_one, reread
from assets.showing import bars, link
from assets.watching import compile_files
from pipelines.rehearsing import rehearsed, subscription_ids
from pipelines.settings import load_settings
from pipelines.tables import shown
from warehouse.errors import ConfigError
from warehouse.transaction import Row

DAY = timedelta(days=1)


class RereadConfig(dg.Config):
    """What to read anew from the archive, and whether it counts."""

    sources: list[str] = Field(default=[], description="Ids of sources; empty: all.")
    since: str = Field(
        default="", description="ISO 8601 date or time, UTC: only what was first seen from then on; empty: from the beginning."
    )
    until: str = Field(default="", description="ISO 8601 date or time, UTC: only what was first seen before then; empty: to the end.")
    first: str = Field(
        default="entries",
        description="Where to begin: entries (documents of feeds, then all that follows), texts (pages, then mentions) or mentions.",
    )
    take_over: bool = Field(
        default=False, description="false: show what would change, and change nothing; true: take it over. Nobody is mailed either way."
    )


class DayConfig(dg.Config):
    """Which day to replay, for whom."""

    day: str = Field(default="", description="ISO 8601 date, UTC, of the first sight of the articles, such as 2026-03-02. Must be given.")
    days: int = Field(default=1, ge=1, description="How many days from then on.")
    subscriptions: list[str] = Field(default=[], description="Ids of subscriptions; empty: all.")


class HistoryConfig(dg.Config):
    """Whose history to read, how far, and whether to begin."""

    sources: list[str] = Field(default=[], description="Ids of sources, such as [russtrat].")
    back_to: str = Field(
        default="", description="ISO 8601 date or time, UTC: nothing that was published before; empty: all that the site lists."
    )
    pages: int = Field(default=0, ge=0, description="Documents a feed at most; 0: backfill.pages of thinkwatch.toml.")
    entries: int = Field(default=0, ge=0, description="Entries a feed at most; 0: backfill.entries of thinkwatch.toml.")
    notify_since: str = Field(
        default="",
        description="ISO 8601 date or time, UTC: what was published since then is held against the subscriptions; empty: nobody is told.",
    )
    begin: bool = Field(default=False, description="false: show what would be asked, and ask nothing; true: the next runs ask it.")
    stop: bool = Field(default=False, description="true: stop reading the history of these sources instead; what was found stays.")


@dg.op(description="Plans how to read what sources published before they were watched; the next runs read it, and nobody is mailed.")
def read_history(context: dg.OpExecutionContext, config: HistoryConfig, flow: dg.ResourceParam[Flow]) -> None:
    """As `thinkwatch backfill`."""
    if not config.sources:
        raise ConfigError("sources: whose history?", hint="give their ids in the Launchpad, such as [russtrat]")
    if config.stop:
        context.add_output_metadata({"stopped": stop_histories(flow, config.sources)})
        return
    wanted = Wanted(
        config.sources,
        moment(config.back_to, "back_to"),
        config.pages or None,
        config.entries or None,
        moment(config.notify_since, "notify_since"),
    )
    planned = open_histories(flow, wanted, dry_run=not config.begin)
    rows = [
        {"source": one.source_id, "feed": one.feed, "asks": step, "obstacle": one.obstacle} for one in planned for step in one.plan or ("",)
    ]
    opened = sum(bool(one.plan) for one in planned) if config.begin else 0
    context.add_output_metadata({"opened": opened, **shown("asks", rows)})


@dg.op(description="Reads the raw archive anew as pages are read today, and shows what would change; takes it over only when told to.")
def read_archive_anew(context: dg.OpExecutionContext, config: RereadConfig, flow: dg.ResourceParam[Flow]) -> None:
    """As `thinkwatch reread`."""
    scope = Scope(
        tuple(sorted(set(config.sources))), moment(config.since, "since"), moment(config.until, "until"), (), _first(config.first)
    )
    with only_one(flow):
        begun = reread(flow, scope)
        told = difference(flow, begun)
        taken = adopt(flow, begun, scope, told) if config.take_over and told.counts else None
    adopted = {"taken over": taken.taken, "left as it is": taken.left_aside} if taken else {"taken over": 0}
    context.add_output_metadata(shown_difference(told) | adopted)


@dg.op(description="Shows what a changed watch list would change in the stored mentions. Stores nothing.")
def foresee_rematch(context: dg.OpExecutionContext, flow: dg.ResourceParam[Flow]) -> None:
    """As `thinkwatch rematch --dry-run`."""
    _, compiled = compile_files(flow.watchlists, flow.cache)
    context.add_output_metadata(shown_rematch(foresee(flow.warehouse, compiled, processes=flow.warehouse.threads)))


@dg.op(description="Shows whom the subscriptions of today would have told of the articles of a day. Sends and stores nothing.")
def rehearse_day(context: dg.OpExecutionContext, config: DayConfig) -> None:
    """As `thinkwatch backtest`, for every subscription, over the published copy."""
    settings = load_settings(required=False)
    begin = moment(config.day, "day")
    if begin is None:
        raise ConfigError("day: which one?", hint="give it in the Launchpad, such as 2026-03-02")
    end, rows = begin + config.days * DAY, []
    for wanted in config.subscriptions or subscription_ids(settings):
        _, rehearsal = rehearsed(settings, wanted, since=begin)
        rows += [_told(wanted, alert) for alert in rehearsal.alerts if alert.candidate.first_seen_at < end]
    per_subscription = {row["subscription"]: sum(other["subscription"] == row["subscription"] for other in rows) for row in rows}
    context.add_output_metadata({"alerts": len(rows), **shown("who", rows), "by_subscription": dg.MetadataValue.md(bars(per_subscription))})


def shown_difference(told: Difference) -> dict[str, dg.MetadataValue | int]:
    """What a rereading would change, for the run's page."""
    kinds = sorted(told.counts)
    by_source = [{"source": source, **{kind: counts.get(kind, 0) for kind in kinds}} for source, counts in sorted(told.by_source.items())]
    samples = [{name: row[name] for name in ("source_id", "what", "title", "before", "after")} for row in told.samples]
    return {
        "entries": told.entries,
        "changes": sum(told.counts.values()),
        **shown("by_kind", [{"what": kind, "count": told.counts[kind]} for kind in kinds]),
        **shown("by_source", by_source),
        **shown("samples", samples),
    }


def shown_rematch(told: Foreseen) -> dict[str, dg.MetadataValue | int]:
    """What a changed watch list would change, for the run's page."""
    entities = sorted({*told.added, *told.gone})
    rows = [{"entity": name, "added": told.added[name], "gone": told.gone[name]} for name in entities]
    examples = [{name: row[name] for name in ("entity", "change", "matched", "sentence")} for row in told.examples]
    vanished = [{name: row[name] for name in ("alert_id", "subscriber_id", "title")} for row in told.alerts]
    return {
        "texts": told.texts,
        "added": told.added.total(),
        "gone": told.gone.total(),
        **shown("by_entity", rows),
        **shown("examples", examples),
        **shown("alerts_without_proof", vanished),
    }


def moment(text: str, name: str) -> datetime | None:
    """A date or time of a configuration, UTC where it names no zone; None when it is empty. Raises ConfigError."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as fault:
        raise ConfigError(f"{name}: {text!r} is no ISO 8601 date or time", hint="write it as 2026-03-02 or 2026-03-02T12:00") from fault
    return found if found.tzinfo else datetime.combine(found.date(), found.time() or time(), UTC)


def _first(text: str) -> First:
    if text not in ("entries", "texts", "mentions"):
        raise ConfigError(f"first: {text!r} is no step to begin with", hint="entries, texts or mentions")
    return text  # type: ignore[return-value] - one of the three


def _told(subscription: str, alert: Alert) -> Row:
    candidate = alert.candidate
    return {
        "subscription": subscription,
        "first seen": candidate.first_seen_at,
        "article": link(candidate.title, candidate.url),
        "about": ", ".join(alert.entities),
        "because": alert.reason,
    }
