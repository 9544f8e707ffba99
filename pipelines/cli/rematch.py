"""`thinkwatch rematch`: the stored texts against a changed watch list."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from pipelines.cli.output import note, write_json
from pipelines.words import counted

if TYPE_CHECKING:
    from assets.rematching import Foreseen
    from pipelines.settings import Settings


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would change, and store nothing.")
@click.option(
    "--notify-since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    metavar="DATE",
    help="Put what the change finds in texts seen since then (UTC) before the subscriptions at the next run.  [default: nobody is told]",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
def rematch(config: str | None, dry_run: bool, notify_since: datetime | None, as_json: bool) -> int:
    """Match the stored texts again after a change of a watch list: only the names that changed, only where they can stand.

    A stopped one goes on where it was. Exit status 1 when a text broke the matcher; the others are done.

    Example: thinkwatch rematch --dry-run
    """
    from pipelines.settings import load_settings

    settings = load_settings(config)
    if dry_run:
        told = _foresee(settings)
        write_json(told.plain()) if as_json else _print(told)
        return 1 if told.failed else 0
    from pipelines.cycle import check_files, run_rematch
    from pipelines.instance import open_instance, prepare_home

    prepare_home(settings)
    check_files(settings)
    with open_instance(settings) as instance:
        done = run_rematch(instance, notify_since=notify_since.replace(tzinfo=UTC) if notify_since else None)
    if as_json:
        write_json({name: done[name] for name in ("mentions", "texts", "passed over", "changed entities", "failed", "watchlist")})
    else:
        passed = (
            f"{done['passed over']} passed over"
            if done["changed entities"]
            else f"{counted(done['passed over'], 'agrees', 'agree')} already"
        )
        click.echo(
            f"{counted(done['changed entities'], 'entity', 'entities')} changed: {counted(done['texts'], 'text')} matched, {passed}; "
            f"{counted(done['mentions'], 'mention')} stored"
        )
    if done["failed"]:
        note(
            f'{counted(done["failed"], "text")} broke the matcher\n  hint: thinkwatch sql "FROM ops.mention_state WHERE error IS NOT NULL"'
        )
    return 1 if done["failed"] else 0


def _foresee(settings: "Settings") -> "Foreseen":
    from assets.mentions import shown_progress
    from assets.rematching import foresee
    from assets.watching import compile_files
    from pipelines.resources import open_warehouse, wall_clock, watchlist_files

    _, compiled = compile_files(watchlist_files(settings), settings.data_folder / "cache")
    with shown_progress("comparing") as progress:
        return foresee(open_warehouse(settings, wall_clock()), compiled, processes=settings.threads, progress=progress)


def _print(told: "Foreseen") -> None:
    if not told.revisions:
        note("the stored mentions agree with the watch list; nothing would change")
    for entity in sorted({*told.added, *told.gone}):
        click.echo(f"{entity}: {counted(told.added[entity], 'mention')} added, {told.gone[entity]} gone")
        for one in told.examples:
            if one["entity"] == entity:
                click.echo(f"  {'+' if one['change'] == 'added' else '-'} {one['matched']}: {one['sentence']}")
    for alert in told.alerts:
        click.echo(f"without proof: alert {alert['alert_id']} to {alert['subscriber_id']}: {alert['title']}")
    if told.revisions:
        note(f"{counted(told.revisions, 'text is', 'texts are')} of another watch list; {told.texts} of them would be matched again")
    if told.never_matched:
        note(f"{counted(told.never_matched, 'text waits', 'texts wait')} for a first match (thinkwatch run)")
