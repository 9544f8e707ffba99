"""From settings to the `Flow` record that the assets work with. The only place that reads secrets and the clock."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg

from alerts.bounces import return_path
from alerts.render import MailSettings
from alerts.tokens import Signer
from alerts.transports import EmlFolder, Smtp, Transport
from alerts.webhook import Posted, Webhook
from assets.extraction.workers import Limits
from assets.fetching.posting import post
from assets.fetching.records import Policy
from assets.flow import Flow
from assets.parsing.backfilling import BackfillLimits
from assets.sources.groups import members
from assets.sources.registry import load_sources
from pipelines.reach import fetch_policy
from pipelines.replay.clock import LAST_TICK, tick_time
from pipelines.replay.progress import read_progress
from pipelines.settings import Settings, load_settings
from pipelines.store import open_warehouse
from warehouse.archive import Archive
from warehouse.asfound import as_found
from warehouse.database import Warehouse


def wall_clock() -> datetime:
    """The time now, UTC."""
    return datetime.now(UTC)


@contextmanager
def open_flow(settings: Settings, *, tick: int | None = None, group: str | None = None, run_id: str | None = None) -> Iterator[Flow]:
    """The record for one run; closes the archive at its end.

    Args:
        settings: of the installation.
        tick: day of the replay; only for an installation that replays. Default: the last one that it reached.
        group: such as `2/4`, when several runs share the sources; on a lake no other run may have any of them meanwhile.
        run_id: of the Dagster run; on a lake others can tell by it whether the run is still alive.
    """
    if not settings.replay:
        yield from _opened(settings, wall_clock, {}, group, run_id)
        return
    from pipelines.replay.site import ReplaySite  # noqa: PLC0415 - only a replay needs its templates

    day = read_progress(settings.data_folder, default=LAST_TICK) if tick is None else tick
    with ReplaySite(tick=day) as site:
        yield from _opened(settings, lambda: tick_time(day), site.connect_to, group, run_id)


@dg.resource(
    description="One installation: its store, archive, sources, watch lists, subscriptions, transports and clock.",
    config_schema={
        "tick": dg.Field(
            dg.Noneable(int),
            is_required=False,
            default_value=None,
            description=f"Day of the replay, 0 to {LAST_TICK}; only for an installation that replays.",
        ),
        "group": dg.Field(
            dg.Noneable(str),
            is_required=False,
            default_value=None,
            description="Which sources this run is for when several runs share them, such as 2/4; default: all.",
        ),
    },
)
def flow(context: dg.InitResourceContext) -> Iterator[Flow]:
    """The Dagster resource around `open_flow`."""
    chosen = context.resource_config
    with open_flow(load_settings(required=False), tick=chosen["tick"], group=chosen["group"], run_id=context.run_id) as opened:
        yield opened


def run_name(run_id: str) -> str:
    """What a run holds on a lake for as long as it lives."""
    return f"run {run_id}"


def watchlist_files(settings: Settings) -> tuple[Path, ...]:
    """Every watch-list file. Missing places stay in, to be named as errors."""
    return settings.watchlist_files


def _opened(settings: Settings, now: Any, connect_to: dict[str, str], group: str | None, run_id: str | None) -> Iterator[Flow]:
    folder = settings.data_folder
    started_at = now()
    warehouse = open_warehouse(settings, started_at)
    mine = _members(settings, warehouse, group) if group else None
    archive = Archive(folder / "archive", max_file_bytes=settings.archive.file_megabytes * 1024**2)
    held = [f"source {source_id}" for source_id in mine or ()] + ([run_name(run_id)] if run_id else [])
    with closing(warehouse), warehouse.holding(held), archive:
        yield Flow(
            warehouse=warehouse,
            mine=mine,
            archive=archive,
            copy=settings.published,
            copies=settings.copies,
            sources=as_found(settings.source_places),
            watchlists=as_found(watchlist_files(settings)),
            subscriptions=as_found(settings.path(place) for place in settings.subscriptions),
            policy=fetch_policy(settings, connect_to),
            limits=Limits(**settings.extraction.model_dump()),
            pages_per_source=settings.fetch.pages_per_source,
            attachments_per_source=settings.fetch.attachments_per_source,
            transports=transports(settings, fetch_policy(settings, connect_to), now),
            channel="mail" if settings.mail.transport == "smtp" else "eml",
            mail=mail_settings(settings),
            cache=folder / "cache",
            search=settings.search_folder,
            now=now,
            started_at=started_at,
            backfill=BackfillLimits(**settings.backfill.model_dump()),
            good_run=settings.good_run_file,
            heartbeat=settings.monitoring.heartbeat,
        )


def _members(settings: Settings, warehouse: Warehouse, group: str) -> list[str]:
    """The sources of a group: of those in the files, and of those that only the store still knows."""
    with warehouse.transaction() as transaction:
        known = [row["source_id"] for row in transaction.rows("source_ids")]
    return members(group, [*known, *(source.id for source in load_sources(settings.source_places))])


def transports(settings: Settings, policy: Policy, now: Callable[[], datetime]) -> dict[str, Transport]:
    """The ways out, by channel. Without keys to sign with there is no way out for webhooks: they wait."""
    keys = settings.mail.keys
    hooks: dict[str, Transport] = {"webhook": Webhook(partial(_post, policy, now), keys, now)} if keys else {}
    return {"mail": mail_transport(settings), "eml": _folder(settings)} | hooks


def mail_transport(settings: Settings) -> Transport:
    """The way out for mail: the relay, or the folder that stands in for it."""
    return _folder(settings) if settings.mail.transport == "eml" else _smtp(settings)


def _folder(settings: Settings) -> EmlFolder:
    return EmlFolder(settings.path(settings.mail.folder))


def _post(policy: Policy, now: Callable[[], datetime], url: str, headers: Mapping[str, str], body: bytes) -> Posted:
    answer, reached = post(url, headers, body, policy, now())
    fault = answer.fault
    return Posted(answer.status, fault.message if fault else "", sent=reached, barred=bool(fault and fault.kind == "blocked_address"))


def _smtp(settings: Settings) -> Smtp:
    mail = settings.mail
    password = mail.password.get_secret_value() if mail.password else None
    envelope = partial(return_path, Signer(mail.keys), mail.bounces) if mail.bounces and mail.keys else None
    return Smtp(host=mail.host, port=mail.port, security=mail.security, username=mail.username, password=password, envelope=envelope)


def mail_settings(settings: Settings) -> MailSettings:
    """Who writes, and with which keys links are signed."""
    mail = settings.mail
    return MailSettings(
        sender=mail.sender,
        sender_name=mail.sender_name,
        domain=mail.sender.rpartition("@")[2],
        unsubscribe_mailto=mail.unsubscribe or mail.sender,
        base_url=mail.base_url,
        signer=Signer(mail.keys),
        operator=mail.operator,
    )
