"""`thinkwatch run`: one cycle, a line a source."""

import signal

import click

from pipelines.cli.completing import source_ids
from pipelines.cli.output import dumps, note

STEPS = ("feeds", "entries", "pages", "articles", "mentions", "alerts", "deliveries", "attachments")


@click.command()
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="ID",
    shell_complete=source_ids,
    help="Fetch this source now, due or not; may be repeated. Default: all that are due.",
)
@click.option("--until", type=click.Choice(STEPS), help="Stop after this step. Default: none, all are run.")
@click.option("--no-deliver", is_flag=True, help="Decide alerts, but send nothing; they stay queued.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a source.")
@click.pass_obj
def run(config: str | None, sources: tuple[str, ...], until: str | None, no_deliver: bool, as_json: bool) -> int:
    """Run one cycle over the sources that are due, through the same assets as the schedule.

    Exit status 1 when a source failed; the others' work is done and kept. Ctrl-C and SIGTERM stop it, with status 130;
    the next run goes on from there.

    Example: thinkwatch run --source russtrat --until articles
    """
    from pipelines.cycle import check_files, run_cycle
    from pipelines.instance import open_instance, prepare_home
    from pipelines.resources import open_warehouse, wall_clock
    from pipelines.settings import load_settings

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service manager's SIGTERM stops the run as Ctrl-C does
    settings = load_settings(config)
    prepare_home(settings)
    check_files(settings, sources)
    with open_instance(settings) as instance:
        run_id = run_cycle(instance, sources=sources, until=until, deliver=not no_deliver)
    with open_warehouse(settings, wall_clock()).transaction() as transaction:
        rows = transaction.rows("cycle_report", run_id=run_id)
    for row in rows:
        click.echo(dumps(row) if as_json else _line(row))
    if not rows:
        note("no source is due; name one with --source to fetch it now")
    return 1 if any(row["failed"] for row in rows) else 0


def _line(row: dict[str, object]) -> str:
    text = f"{row['source_id']}: {row['new']} new, {row['changed']} changed, {row['unchanged']} unchanged"
    return f"{text}, failed: {row['failed']}" if row["failed"] else text
