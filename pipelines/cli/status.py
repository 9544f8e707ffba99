"""`thinkwatch status`: is all well, and how each source does."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.output import note, write_json
from pipelines.words import counted

if TYPE_CHECKING:
    from pipelines.overview import Overview


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object: `ok`, `problems`, and under `feeds` a line each.")
@click.pass_obj
def status(config: str | None, as_json: bool) -> int:
    """Say whether all is well: last good run, ill sources, parked and waiting mails, disk; then how each polled source does.

    Exit status 1 when something is not, so that cron or a monitoring service can ask. See one source in full with:
    thinkwatch sources show ID. What counts as late or too little is set under [monitoring] in thinkwatch.toml.

    Example: thinkwatch status --json
    """
    from pipelines.overview import judge, look
    from pipelines.settings import load_settings

    settings = load_settings(config)
    seen = look(settings)
    problems = list(judge(seen, settings.monitoring))
    if as_json:
        write_json(seen.plain(problems))
    else:
        click.echo("\n".join([*_summary(seen, problems), *_feeds(seen.feeds)]))
        note(f"{counted(len(seen.feeds), 'feed')} of {counted(seen.counts['polled'], 'source')}, {len(seen.ill)} not well")
    return 1 if problems else 0


def _summary(seen: "Overview", problems: Sequence[str]) -> Iterator[str]:
    yield click.style("not well", fg="red") if problems else click.style("all is well", fg="green")
    yield from (f"  - {problem}" for problem in problems)
    facts = [f"last good run {_time(seen.last_good_run)}", f"last mail {_time(seen.counts['last_sent_at'])}"]
    facts += [
        counted(seen.counts["unsent"], "mail waits", "mails wait"),
        f"{seen.free_gigabytes:.0f} GB free",
        f"last backup {_time(seen.last_backup)}",
    ]
    yield f"  {' · '.join(facts)}"


def _feeds(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The lines of every feed; what is said of a source's pages stands once, with the first of its feeds."""
    feeds = Counter(row["source_id"] for row in rows)
    said: set[str] = set()
    for row in rows:
        count = counted(row["entries"], "entry", "entries")
        which = f" · {row['url']}" if feeds[row["source_id"]] > 1 and not row["to_do"] else ""
        yield f"{row['state']:11} since {_time(row['state_since'])}  {row['source_id']}: {count}{which}"
        yield from _feed(row)
        if row["source_id"] not in said:
            yield from _pages(row)
        said.add(row["source_id"])


def _feed(row: Mapping[str, Any]) -> Iterator[str]:
    if row["to_do"]:
        yield f"{'':12}feed {row['url']}" + (f": {row['last_error']}" if row["last_error"] else "")
        yield f"{'':12}last good {_time(row['last_good_at'])} · next poll {_time(row['next_due_at'])}"
        yield f"{'':12}{row['to_do']}"


def _pages(row: Mapping[str, Any]) -> Iterator[str]:
    if row["pages_to_do"]:
        yield f"{'':12}pages {row['pages_state']} since {_time(row['pages_state_since'])}: {row['pages_error']}"
        yield f"{'':12}last good {_time(row['pages_good_at'])} · {counted(row['pages_failing'], 'entry waits', 'entries wait')}"
        yield f"{'':12}{row['pages_to_do']}"
    elif row["pages_failing"]:
        yield f"{'':12}{counted(row['pages_failing'], 'page', 'pages')} of it cannot be had and will be tried again"


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "never"
