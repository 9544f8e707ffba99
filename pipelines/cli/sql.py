"""`thinkwatch sql`: a question to the analysts' copy."""

import csv
import sys
from pathlib import Path

import click

from pipelines.cli.output import write_lines

WIDEST = 60


@click.command()
@click.argument("statement")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a row.")
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated values with a header.")
@click.option("--parquet", type=click.Path(dir_okay=False), help="Write the rows to this Parquet file.")
@click.pass_obj
def sql(config: str | None, statement: str, as_json: bool, as_csv: bool, parquet: str | None) -> None:
    """Run one SQL STATEMENT on the analysts' copy, read-only, and print the rows ("-" reads it from stdin).

    Example: thinkwatch sql "FROM mentions_weekly ORDER BY week, articles DESC"
    """
    from pipelines.settings import load_settings
    from warehouse.publish import AnalystsCopy

    text = sys.stdin.read() if statement == "-" else statement
    copy = AnalystsCopy(load_settings(config).published)
    if parquet:
        click.echo(f"{copy.write_parquet(text, Path(parquet))} rows in {parquet}", err=True)
        return
    columns, rows = copy.ask(text)
    if as_json:
        write_lines(dict(zip(columns, row, strict=True)) for row in rows)
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    else:
        _print_table(columns, rows)


def _print_table(columns: list[str], rows: list[tuple[object, ...]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    numeric = [bool(rows) and all(isinstance(row[place], int | float) for row in rows) for place in range(len(columns))]
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    for column, is_number in zip(columns, numeric, strict=True):
        table.add_column(column, justify="right" if is_number else "left", max_width=WIDEST, overflow="ellipsis", no_wrap=True)
    for row in rows:
        table.add_row(*("" if value is None else escape(" ".join(str(value).split())) for value in row))
    Console(width=None if sys.stdout.isatty() else 160, highlight=False).print(table)
    click.echo(f"{len(rows)} row{'' if len(rows) == 1 else 's'}", err=True)
