"""`thinkwatch status`: the health of each source."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import click

from pipelines.cli.output import dumps, note

WELL = {"working", "new"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a feed.")
@click.pass_obj
def status(config: str | None, as_json: bool) -> int:
    """Show how each polled source does, the ill ones last: its feed, and apart from it its pages; since when, last good, what to do.

    Exit status 1 when one is not well. See one source in full with: thinkwatch sources show ID

    Example: thinkwatch status
    """
    from assets.fetching.polling import ADVICE
    from pipelines.settings import load_settings
    from pipelines.sources_report import PAGES_ADVICE
    from warehouse.publish import AnalystsCopy

    rows = AnalystsCopy(load_settings(config).published).rows("FROM source_health ORDER BY state <> 'working', source_id, url")
    for row in rows:
        row["to_do"] = "" if row["state"] in WELL else ADVICE[row["state"]]
        row["pages_to_do"] = PAGES_ADVICE.get(row["pages_state"] or "", "")
        click.echo(dumps(row) if as_json else "\n".join(_lines(row)))
    ill = [row for row in rows if row["to_do"] or row["pages_to_do"]]
    if not as_json:
        note(f"{len(rows)} feeds, {len(ill)} not well")
    return 1 if ill else 0


def _lines(row: Mapping[str, Any]) -> Iterator[str]:
    count = f"{row['entries']} {'entry' if row['entries'] == 1 else 'entries'}"
    yield f"{row['state']:11} since {_time(row['state_since'])}  {row['source_id']}: {count}"
    if row["to_do"]:
        yield f"{'':12}feed {row['url']}" + (f": {row['last_error']}" if row["last_error"] else "")
        yield f"{'':12}last good {_time(row['last_good_at'])} · next poll {_time(row['next_due_at'])}"
        yield f"{'':12}{row['to_do']}"
    if row["pages_to_do"]:
        yield f"{'':12}pages {row['pages_state']} since {_time(row['pages_state_since'])}: {row['pages_error']}"
        yield f"{'':12}last good {_time(row['pages_good_at'])} · {row['pages_failing']} entries wait"
        yield f"{'':12}{row['pages_to_do']}"
    elif row["pages_failing"]:
        yield f"{'':12}{row['pages_failing']} of its pages cannot be had; they are tried again"


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "never"
