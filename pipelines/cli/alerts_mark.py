"""`thinkwatch alerts mark`: a reader says that an alert was false, and sees what would have prevented it."""

from typing import TYPE_CHECKING, Literal

import click

from pipelines.cli.output import note, write_json
from pipelines.words import counted

if TYPE_CHECKING:
    from assets.learning import Tried

EXAMPLES = 5


@click.command("mark")
@click.argument("alert")
@click.option("--false", "verdict", flag_value="false", help="The alert should not have been sent.")
@click.option("--right", "verdict", flag_value="right", help="The alert was right.")
@click.option("--because", metavar="TEXT", help="Why, in a few words; kept with the mark.")
@click.option("--entity", metavar="ID", help="The name that was wrong.  [default: each that the alert is about]")
@click.option("--dry-run", is_flag=True, help="Show what would have prevented it, and store nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def mark(
    ctx: click.Context,
    alert: str,
    verdict: Literal["right", "false"] | None,
    because: str | None,
    entity: str | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Say that ALERT (its id or the start of it) was --false or --right; the last word holds.

    For a false one the watch-list entries are proposed that would have prevented it, each tried on the stored history:
    which mentions and alerts would vanish with it. Nothing is changed but the mark.

    Example: thinkwatch alerts mark 3b6007 --false --because "a university, not the country"
    """
    from assets.learning import find_alert, learn
    from assets.learning import mark as store
    from pipelines.resources import open_warehouse, wall_clock, watchlist_files
    from pipelines.settings import load_settings
    from warehouse.errors import ConfigError

    if verdict is None:
        raise click.UsageError("say --false or --right")
    settings = load_settings(ctx.find_root().obj)
    warehouse = open_warehouse(settings, wall_clock())
    with warehouse.transaction() as transaction:
        found = find_alert(transaction, alert)
        if not dry_run:
            store(transaction, found["alert_id"], verdict, because, wall_clock())
    tried: list[Tried] = []
    if verdict == "false":
        places = watchlist_files(settings), settings.data_folder / "cache"
        try:
            tried = learn(warehouse, found["alert_id"], *places, entity=entity, processes=settings.threads)
        except ConfigError as fault:
            note(f"{'nothing is stored' if dry_run else 'marked false'}, but nothing can be proposed: {fault}\n  hint: {fault.hint}")
            return 1
    if as_json:
        write_json({"alert_id": found["alert_id"], "verdict": verdict, "stored": not dry_run, "proposals": [_plain(one) for one in tried]})
        return 0
    click.echo(f"{found['alert_id']} {found['title']}: {'would be ' if dry_run else ''}marked {verdict}")
    for one in tried:
        _print(one)
    if verdict == "false" and not tried:
        note("no longer name and no neighbour tells this mention from the others")
        note("  hint: write an exclude or a drop of your own, then try it: thinkwatch rematch --dry-run")
    return 0


def _plain(tried: "Tried") -> dict[str, object]:
    return {**vars(tried), "proposal": tried.proposal._asdict(), "foreseen": tried.foreseen.plain()}


def _print(tried: "Tried") -> None:
    foreseen = tried.foreseen
    click.echo(f"\n{tried.entity}: {tried.proposal}")
    click.echo(f"  {'would have prevented this alert' if tried.prevents else 'would not have prevented this alert alone'}")
    click.echo(
        f"  in the whole history: {counted(foreseen.gone.total(), 'mention')} and {counted(len(foreseen.alerts), 'alert')} would vanish"
    )
    for one in foreseen.examples[:EXAMPLES]:
        click.echo(f"  - {one['matched']}: {one['sentence']}")
    for alert in foreseen.alerts[:EXAMPLES]:
        said = f" (marked {alert['marked']})" if alert["marked"] else ""
        click.echo(f"  - alert {alert['alert_id']} to {alert['subscriber_id']}: {alert['title']}{said}")
    click.echo("  to do so, add to a watch list of your own:\n")
    click.echo("".join(f"    {line}\n" for line in tried.yaml.splitlines()))
