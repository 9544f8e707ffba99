"""`thinkwatch alerts`: what subscribers are told. A subcommand with much to say lives in a file of its own, `alerts_<name>.py`.

What belongs here: arguments and printing. What does not: deciding, sending, judging.
"""

import click

from pipelines.cli.alerts_mark import mark
from pipelines.cli.alerts_preview import preview, test
from pipelines.cli.alerts_release import release, suppress
from pipelines.cli.alerts_secret import secret
from pipelines.cli.known import refuse_strangers
from pipelines.cli.output import note, write_lines


@click.group("alerts")
def alerts() -> None:
    """List the alerts, see and test mails before they are sent, let go what is held, and say which were false.

    Example: thinkwatch alerts list --subscriber desk
    """


@alerts.command("list")
@click.option("--subscriber", metavar="ID", help="Only the alerts of this subscriber.")
@click.option("--most", type=click.IntRange(min=1), default=20, show_default=True, help="How many alerts, newest first.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object an alert.")
@click.pass_context
def list_(ctx: click.Context, subscriber: str | None, most: int, as_json: bool) -> None:
    """List the newest alerts: id, time (UTC), subscriber, state, what the reader said of it, title.

    unknown: the mail may have been sent before the connection was lost; it is tried again under the same Message-ID.

    Example: thinkwatch alerts list --subscriber desk --most 5
    """
    from pipelines.resources import open_warehouse, wall_clock
    from pipelines.settings import load_settings

    with open_warehouse(load_settings(ctx.find_root().obj), wall_clock()).transaction() as transaction:
        if subscriber:
            refuse_strangers("subscriber", [subscriber], [row["subscriber_id"] for row in transaction.rows("subscriber_ids")])
        rows = transaction.rows("list_alerts", subscriber=subscriber, most=most)
    if as_json:
        write_lines(rows)
        return
    for row in rows:
        told = f"{row['created_at']:%Y-%m-%d %H:%M}  {row['subscriber_id']:20} {row['state']:10} {row['marked'] or '-':5}"
        twice = "  (may have come twice)" if row["maybe_duplicate"] and row["state"] == "sent" else ""
        click.echo(f"{row['alert_id']}  {told}  {row['title']}{twice}")
    if not rows:
        note("no alerts")


for command in (mark, preview, test, release, suppress, secret):
    alerts.add_command(command)
