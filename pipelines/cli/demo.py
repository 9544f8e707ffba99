"""`thinkwatch demo`: the whole flow over the replay site, in one command."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.output import note, write_json

if TYPE_CHECKING:
    from pipelines.settings import Settings
    from warehouse.transaction import Row


@click.command()
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path, file_okay=False), default="demo", show_default=True, help="Folder for all it writes."
)
@click.option("--keep-serving", is_flag=True, help="Leave the replay site running at the end, to browse its pages; stop with Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object.")
def demo(folder: Path, keep_serving: bool, as_json: bool) -> None:
    """Replay a fortnight of simulated institutes through the real flow: no network, no configuration, no mail server.

    A second run in the same folder finds nothing new and sends nothing; one that was stopped goes on where it was.

    Example: thinkwatch demo --dir /tmp/thinkwatch-demo
    """
    from pipelines.replay.demo import counts, install, replay

    settings = install(folder.resolve())
    before = counts(settings)
    for _ in _with_progress(replay(settings)):
        pass
    after = counts(settings)
    if as_json:
        write_json(after | {"warehouse": str(settings.published), "mail": str(settings.path(settings.mail.folder))})
    else:
        _print_summary(settings, before, after)
    if keep_serving:
        _serve()


def _with_progress(ticks: Iterable[int]) -> Iterator[int]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from pipelines.replay.clock import LAST_TICK, tick_time

    console = Console(stderr=True)
    columns = (TextColumn("{task.description:22}"), BarColumn(), MofNCompleteColumn(), TextColumn("days"), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("starting", total=LAST_TICK + 1)
        for tick in ticks:
            progress.update(task, completed=tick + 1, description=f"{tick_time(tick):%d %B %Y}")
            yield tick


def _print_summary(settings: "Settings", before: "Row", after: "Row") -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, width=None if sys.stdout.isatty() else 100, soft_wrap=True)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    table.add_column("")
    table.add_column("stored", justify="right")
    table.add_column("new in this run", justify="right")
    for noun, count in after.items():
        table.add_row(noun, str(count), str(count - before[noun]))
    console.print(table)
    if after == before:
        console.print("\nNothing new: every feed and page is as it was, and no mail was sent.")
    command = _short(Path(sys.argv[0])) if Path(sys.argv[0]).name == "thinkwatch" else "thinkwatch"
    thinkwatch = f"{command} --config {_short(settings.file or settings.base)}"
    console.print(f"\nwarehouse  {_short(settings.published)}    (DuckDB, read-only copy for SQL)")
    console.print(f"mails      {_short(settings.path(settings.mail.folder))}/    (open one with your mail program)")
    console.print("\nTry next:")
    for line, meaning in _suggestions(settings):
        console.print(f"  {thinkwatch} {line}\n      {meaning}", markup=False)


def _suggestions(settings: "Settings") -> Iterator[tuple[str, str]]:
    from warehouse.publish import AnalystsCopy

    seed = AnalystsCopy(settings.published).rows("SELECT article_id FROM articles WHERE title LIKE 'CSTO Summit%'")
    for row in seed:
        yield f"explain {row['article_id']} --entity turkey", "what was cut from the CSTO article, and why it does not mention Turkey"
    yield 'sql "SELECT entity, sentence FROM mention_sentences LIMIT 10"', "the sentences behind the alerts"
    yield "ui", "the Dagster UI with these runs"


def _serve() -> None:
    from threading import Event

    from pipelines.replay.clock import LAST_TICK
    from pipelines.replay.site import ReplaySite

    with ReplaySite(tick=LAST_TICK) as site:
        note(f"\nthe replay site is at http://127.0.0.1:{site.port}/    (Ctrl-C ends it)")
        note("to let an installation of your own watch it, in another terminal:")
        note(f"  export THINKWATCH_FETCH__PACE_SECONDS=0 THINKWATCH_FETCH__CONNECT_TO='{json.dumps(site.connect_to)}'")
        try:
            Event().wait()
        except KeyboardInterrupt:
            note("stopped")


def _short(path: Path) -> str:
    """Relative to the current folder where that is shorter."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
