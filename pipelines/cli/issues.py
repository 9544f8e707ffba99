"""`thinkwatch issues`: what was not understood, or went wrong and was worked around."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import click

from pipelines.cli.completing import source_ids
from pipelines.cli.known import refuse_strangers
from pipelines.cli.output import note, write_lines
from pipelines.words import counted

QUESTION = """
FROM issues
WHERE ($kind IS NULL OR kind = $kind) AND ($source IS NULL OR source_id = $source) AND ($since IS NULL OR last_seen_at >= $since)
ORDER BY last_seen_at DESC, kind, subject
"""
KINDS = "SELECT DISTINCT kind FROM issues ORDER BY kind"


@click.command()
@click.option("--kind", metavar="KIND", help="Only issues of this kind, such as page_failed.")
@click.option("--source", metavar="ID", shell_complete=source_ids, help="Only issues of this source.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only issues seen on this day (UTC) or later.")
@click.option("--most", type=click.IntRange(1), default=50, show_default=True, help="Issues to show; --json gives all.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object an issue.")
@click.pass_obj
def issues(config: str | None, kind: str | None, source: str | None, since: datetime | None, most: int, as_json: bool) -> None:
    """List what was not understood, or went wrong and was worked around: the newest first, with what to do.

    Example: thinkwatch issues --kind page_failed
    """
    from pipelines.settings import load_settings
    from warehouse.publish import AnalystsCopy

    copy = AnalystsCopy(load_settings(config).published)
    refuse_strangers("source", [source] if source else [], [row["source_id"] for row in copy.rows("SELECT source_id FROM sources")])
    rows = copy.rows(QUESTION, kind=kind, source=source, since=since)
    if as_json:
        write_lines(rows)
        return
    for row in rows[:most]:
        click.echo("\n".join(_lines(row)))
    found = counted(len(rows), "issue")
    if kind and not rows:
        note(f"kinds that there are: {', '.join(row['kind'] for row in copy.rows(KINDS)) or 'none'}")
    note(f"the newest {most} of {found}; more with --most" if len(rows) > most else found)


def _lines(row: Mapping[str, Any]) -> Iterator[str]:
    times = f"{row['seen_count']} times since {row['first_seen_at']:%Y-%m-%d %H:%M}" if row["seen_count"] > 1 else "once"
    yield f"{row['last_seen_at']:%Y-%m-%d %H:%M}  {row['kind']}  {row['source_id'] or '-'}  {row['subject']}"
    yield f"{'':18}{' '.join(row['message'].split())} ({times})"
    if row["hint"]:
        yield f"{'':18}hint: {row['hint']}"
