"""`thinkwatch sql`: a question to the analysts' copy."""

import csv
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, count
from pathlib import Path
from typing import Any

import click

from pipelines.cli.output import dumps, note, write_lines
from pipelines.words import counted

PIPE_WIDTH = 160
MOST_ROWS = 200
FETCHED = 1000  # rows at a time


@click.command()
@click.argument("statement")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a row.")
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated values with a header; lists and structures as JSON, NULL as nothing.")
@click.option("--parquet", type=click.Path(dir_okay=False), help="Write the rows to this Parquet file.")
@click.option(
    "--rows", "most", type=click.IntRange(1), default=MOST_ROWS, show_default=True, help="Rows to show of a table; files get all."
)
@click.pass_obj
def sql(config: str | None, statement: str, as_json: bool, as_csv: bool, parquet: str | None, most: int) -> None:
    """Run one SQL STATEMENT on the analysts' copy, read-only, and print the rows ("-" reads it from stdin).

    Rows that are too wide for the terminal are shown a record each. Times are UTC.

    Example: thinkwatch sql "FROM mentions_weekly ORDER BY week, articles DESC"
    """
    from pipelines.settings import load_settings
    from warehouse.errors import ConfigError
    from warehouse.publish import AnalystsCopy

    if sum((as_json, as_csv, parquet is not None)) > 1:
        raise ConfigError("--json, --csv and --parquet exclude each other", hint="choose one of them")
    text = _stdin() if statement == "-" else statement
    settings = load_settings(config)
    copy = AnalystsCopy(settings.published, settings.reading)
    if parquet:
        note(f"{counted(copy.write_parquet(text, Path(parquet)), 'row')} in {parquet}")
        return
    with copy.answering(text) as (columns, cursor):
        if as_json:
            names = _apart(columns)
            write_lines(dict(zip(names, row, strict=True)) for row in _all(cursor))
        elif as_csv:
            _print_csv(columns, _all(cursor))
        else:
            _print_table(columns, cursor.fetchmany(most), sum(1 for _ in _all(cursor)))


def _all(cursor: Any) -> Iterator[Sequence[Any]]:
    """The rows, few at a time: all of them may be more than the memory holds."""
    while rows := cursor.fetchmany(FETCHED):
        yield from rows


def _apart(columns: Sequence[str]) -> list[str]:
    """The names of the columns, of which none may stand twice in an object of JSON: `title, title` is `title, title_1`, as in DuckDB."""
    names: list[str] = []
    for column in columns:
        numbered = (f"{column}_{number}" for number in count(1))
        names.append(next(name for name in chain([column], numbered) if name not in names))
    return names


def _print_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_FORMS.get(type(value), _as_it_is)(value) for value in row] for row in rows)


def _as_it_is(value: Any) -> Any:
    return value


_FORMS: dict[type, Callable[[Any], Any]] = {list: dumps, dict: dumps, bytes: bytes.hex}  # of values that CSV does not know


def _stdin() -> str:
    from warehouse.errors import ConfigError

    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise ConfigError(f"not UTF-8 at byte {fault.start}", path="stdin", hint="write the statement as UTF-8") from fault


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], others: int) -> None:
    """The first rows, and how many others there are."""
    from pipelines.cli.table import lay_out

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else PIPE_WIDTH
    lines, is_cut = lay_out(columns, rows, width)
    for line in lines:
        click.echo(line)
    shown = counted(len(rows), "row")
    if others:
        shown = f"the first {len(rows)} of {len(rows) + others:,} rows; more with --rows"
    note(f"{shown}{'; what ends in … is cut: whole with --json or --csv' if is_cut else ''}")
