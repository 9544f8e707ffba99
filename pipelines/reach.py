"""How a command reaches the web: by the manners that the settings ask for, and, in a replay, to the simulated institutes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar

from assets.fetching.records import MEGABYTE, Policy
from pipelines.settings import Settings

Result = TypeVar("Result")


def fetch_policy(settings: Settings, connect_to: Mapping[str, str] | None = None) -> Policy:
    """How fetching behaves in this installation; `connect_to` are hosts on loopback besides those of the settings."""
    fetch = settings.fetch
    return Policy(
        contact=fetch.contact,
        # Our own loopback site needs no pause between requests.
        pace_seconds=0.0 if settings.replay else fetch.pace_seconds,
        concurrency=fetch.concurrency,
        connect_seconds=fetch.connect_seconds,
        total_seconds=fetch.total_seconds,
        patience_seconds=fetch.patience_seconds,
        source_seconds=fetch.source_seconds,
        run_seconds=fetch.run_seconds,
        max_feed_bytes=int(fetch.max_feed_megabytes * MEGABYTE),
        max_page_bytes=int(fetch.max_page_megabytes * MEGABYTE),
        max_attachment_bytes=int(fetch.max_attachment_megabytes * MEGABYTE),
        robots_for_feeds=fetch.robots_for_feeds,
        ca_file=str(settings.path(fetch.ca_file)) if fetch.ca_file else None,
        connect_to=fetch.connect_to | dict(connect_to or {}),
    )


def clock(settings: Settings) -> datetime:
    """The time now, UTC: of the last finished day in a replay, of the wall else."""
    if not settings.replay:
        return datetime.now(UTC)
    from pipelines.replay.clock import LAST_TICK, tick_time  # noqa: PLC0415 - only a replay needs its clock
    from pipelines.replay.progress import read_progress  # noqa: PLC0415

    return tick_time(read_progress(settings.data_folder, default=LAST_TICK))


@contextmanager
def reaching(settings: Settings) -> Iterator[Policy]:
    """The policy for a command's own requests; a replay's institutes answer for as long as the block lasts."""
    if not settings.replay:
        yield fetch_policy(settings)
        return
    from pipelines.replay.clock import LAST_TICK  # noqa: PLC0415 - only a replay needs its site
    from pipelines.replay.progress import read_progress  # noqa: PLC0415
    from pipelines.replay.site import ReplaySite  # noqa: PLC0415

    with ReplaySite(tick=read_progress(settings.data_folder, default=LAST_TICK)) as site:
        yield fetch_policy(settings, site.connect_to)


def with_fetcher(settings: Settings, work: Callable[..., Awaitable[Result]]) -> Result:
    """Run `work(fetcher)` to its end with a fetcher of this installation."""
    from assets.fetching.client import Fetcher  # noqa: PLC0415 - imports the HTTP client

    async def run(policy: Policy) -> Result:
        async with Fetcher(policy) as fetcher:
            return await work(fetcher)

    with reaching(settings) as policy:
        return asyncio.run(run(policy))
