"""`thinkwatch backfill`: a source's history, asked for by hand."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.completing import source_ids as completed_ids
from pipelines.cli.known import refuse_strangers
from pipelines.cli.output import note, write_json, write_lines
from pipelines.words import counted

if TYPE_CHECKING:
    from assets.flow import Flow
    from assets.histories import Planned

_DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])
MOST_SHOWN = 50


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]…", shell_complete=completed_ids)
@click.option("--back-to", type=_DAY, metavar="DATE", help="Nothing that was published before (UTC).  [default: all that the site lists]")
@click.option("--pages", type=click.IntRange(min=1), help="Documents a feed at most.  [default: backfill.pages of the settings]")
@click.option("--entries", type=click.IntRange(min=1), help="Entries a feed at most.  [default: backfill.entries of the settings]")
@click.option(
    "--notify-since",
    type=_DAY,
    metavar="DATE",
    help="Hold what was published since then (UTC) against the subscriptions.  [default: nobody is told anything]",
)
@click.option("--stop", is_flag=True, help="Stop reading the history of these sources; what was found stays.")
@click.option("--dry-run", is_flag=True, help="Say what would be asked, and ask nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a feed, or a search.")
@click.pass_obj
def backfill(
    config: str | None,
    sources: tuple[str, ...],
    back_to: datetime | None,
    pages: int | None,
    entries: int | None,
    notify_since: datetime | None,
    stop: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Read what SOURCE published before it was watched: the older pages of its feeds, or its sitemaps.

    The next runs do it, a few documents each and after the news, at the pace of all fetching. What they find is stored,
    matched and searchable, and alerts nobody unless --notify-since is given. Without a SOURCE: lists the searches for older
    entries, these and those that filled gaps. Exit status 1 when a feed offers no way to its history.

    Example: thinkwatch backfill russtrat --back-to 2020-01-01
    """
    from assets.histories import Wanted, open_histories, stop_histories
    from pipelines.resources import open_flow
    from pipelines.settings import load_settings

    if stop and not sources:
        raise click.UsageError("--stop needs a SOURCE; the open searches: thinkwatch backfill")
    with open_flow(load_settings(config)) as flow:
        if not sources:
            _list(flow, as_json=as_json)
            return 0
        if stop:
            with flow.warehouse.transaction() as transaction:
                refuse_strangers("source", sources, [row["source_id"] for row in transaction.rows("source_ids")])
            stopped = stop_histories(flow, sources)
            write_json({"stopped": stopped}) if as_json else click.echo(
                f"{counted(stopped, 'search', 'searches')} stopped; what was found stays"
            )
            return 0
        wanted = Wanted(sources, _utc(back_to), pages, entries, _utc(notify_since))
        planned = open_histories(flow, wanted, dry_run=dry_run)
    write_lines(planned) if as_json else _print(planned, dry_run=dry_run)
    return 0 if all(one.plan for one in planned) else 1


def _utc(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=UTC) if day else None


def _print(planned: "list[Planned]", *, dry_run: bool) -> None:
    for one in planned:
        click.echo(f"{one.source_id}: {one.feed}")
        if one.obstacle:
            click.echo(f"  {one.obstacle}")
        for place, step in enumerate(one.plan):
            way, _, address = step.partition(" ")
            click.echo(f"  {'first' if place == 0 else 'else'}  {way:10} {address}")
    if dry_run:
        note("nothing was opened (--dry-run)")
    elif any(one.plan for one in planned):
        note("the next runs read it; how far they are: thinkwatch backfill")


def _list(flow: "Flow", *, as_json: bool) -> None:
    with flow.warehouse.transaction() as transaction:
        rows = transaction.rows("histories", source_ids=[], most=MOST_SHOWN)
    if as_json:
        write_lines(rows)
        return
    for row in rows:
        click.echo("\n".join(_lines(row)))
    if not rows:
        note("no older entries were ever searched; to read a source's history: thinkwatch backfill SOURCE")


def _lines(row: dict[str, Any]) -> tuple[str, str]:
    found = (
        f"{counted(row['pages_read'], 'document')} read, {counted(row['entries_found'], 'entry', 'entries')} found, "
        f"{row['entries_old']} of them silent"
    )
    doing = f"next {row['plan'][0]}" if row["state"] == "open" and row["plan"] else row["outcome"] or ""
    return (
        f"{row['source_id']}: {row['reason']} since {row['started_at']:%Y-%m-%d %H:%M}, {row['state']}: {found}",
        f"  {row['url']}: {doing}",
    )
