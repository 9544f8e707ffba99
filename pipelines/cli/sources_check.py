"""`thinkwatch sources check`: ask the sources' addresses now, and say of each what stood there. Stores nothing."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.completing import source_ids as completed_ids
from pipelines.cli.output import dumps, note
from pipelines.words import counted

if TYPE_CHECKING:
    from assets.fetching.client import Fetcher
    from assets.sources.checking import Checked
    from assets.sources.registry import Source


@click.command("check", short_help="Ask the addresses of sources now; stores nothing.")
@click.argument("source_ids", nargs=-1, metavar="[ID]…", shell_complete=completed_ids)
@click.option("--no-pages", is_flag=True, help="Ask only the feeds, not the page of each feed's newest entry.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object an address.")
@click.pass_context
def check(ctx: click.Context, source_ids: tuple[str, ...], no_pages: bool, as_json: bool) -> int:
    """Ask the feeds of these sources (default: all that are polled) and the page of each newest entry, politely and now.

    An ID may also be one of the registry. Nothing is stored. Exit status 1 when an address fails.

    Example: thinkwatch sources check rand ecfr
    """
    from pipelines.reach import clock, with_fetcher
    from pipelines.settings import load_settings

    settings = load_settings(ctx.find_root().obj, required=not source_ids)
    wanted = _wanted(settings, source_ids)
    if not wanted:
        note("no source is polled; name one to check, also one of the registry: thinkwatch sources check rand")
    results: list[Checked] = []

    def show(checked: "Checked") -> None:
        results.append(checked)
        click.echo(dumps(_plain(checked)) if as_json else "\n".join(_lines(checked)))

    now = clock(settings)
    with_fetcher(settings, lambda fetcher: _check_all(wanted, fetcher, now, show, pages=not no_pages))
    bad = sum(not checked.well for checked in results)
    note(f"{counted(len(results), 'address', 'addresses')} of {counted(len(wanted), 'source')} asked, {bad} not well")
    return 1 if bad else 0


async def _check_all(
    sources: "Sequence[Source]", fetcher: "Fetcher", now: datetime, show: "Callable[[Checked], None]", *, pages: bool
) -> None:
    from assets.sources.checking import check_source

    async with asyncio.TaskGroup() as group:
        for source in sources:
            group.create_task(check_source(source, fetcher, now, show, pages=pages))


def _wanted(settings: Any, source_ids: Sequence[str]) -> "list[Source]":
    from assets.sources.registry import load_sources, registry_ids, registry_source, unknown_source

    own = {source.id: source for source in load_sources(settings.source_places)} if settings.file else {}
    if not source_ids:
        return [source for source in own.values() if source.enabled]
    found: list[Source] = []
    for source_id in dict.fromkeys(source_ids):
        shipped = None if source_id in own else registry_source(source_id)
        if source_id not in own and shipped is None:
            raise unknown_source(source_id, [*own, *registry_ids()])
        found.append(shipped.source if shipped else own[source_id])
    return found


def _lines(checked: "Checked") -> list[str]:
    lines = [f"{checked.state:11} {checked.source_id}: {checked.what} {checked.url}", f"            {checked.said}"]
    if checked.final_url not in (None, checked.url):
        lines.append(f"            led to {checked.final_url}")
    return [*lines, f"            {checked.to_do}"] if checked.to_do else lines


def _plain(checked: "Checked") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(checked) | {"well": checked.well}
