"""`thinkwatch status`: the health of each source."""

import click

from pipelines.cli.output import dumps

WELL = {"working", "new"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a feed.")
@click.pass_obj
def status(config: str | None, as_json: bool) -> int:
    """Show each feed's state, since when, and why; exit status 1 when one is not well.

    Example: thinkwatch status
    """
    from assets.fetching.polling import ADVICE
    from pipelines.settings import load_settings
    from warehouse.publish import AnalystsCopy

    rows = AnalystsCopy(load_settings(config).published).rows("FROM source_health ORDER BY state = 'working', source_id, url")
    for row in rows:
        row["to_do"] = "" if row["state"] in WELL else ADVICE[row["state"]]
        click.echo(dumps(row) if as_json else _line(row))
    return 1 if any(row["to_do"] for row in rows) else 0


def _line(row: dict[str, object]) -> str:
    since = f"{row['state_since']:%Y-%m-%d %H:%M}" if row["state_since"] else "never polled"
    trouble = f" · {row['last_error']}" if row["last_error"] else ""
    to_do = f"\n            {row['to_do']}" if row["to_do"] else ""
    pages = f" · {row['pages_failing']} pages failing" if row["pages_failing"] else ""
    return f"{row['state']:11} since {since}  {row['source_id']}: {row['entries']} entries{pages}{trouble}{to_do}"
