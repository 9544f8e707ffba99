"""`thinkwatch views`: what can be queried."""

import difflib
import shutil
import sys
import textwrap

import click

from pipelines.cli.output import dumps

NARROWEST = 40  # columns for a comment beside its name
TABLES = """
FROM (
SELECT table_name AS name, 'table' AS kind, comment, estimated_size AS "rows"
FROM duckdb_tables() WHERE schema_name = 'main' AND NOT internal
UNION ALL
SELECT view_name, 'view', comment, NULL
FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal
UNION ALL
SELECT function_name || '(' || array_to_string(parameters, ', ') || ')', 'macro', comment, NULL
FROM duckdb_functions() WHERE schema_name = 'main' AND NOT internal AND function_type IN ('macro', 'table_macro')
)
ORDER BY array_position(['table', 'view', 'macro'], kind), name
"""
COLUMNS = (
    "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = $name AND schema_name = 'main' ORDER BY column_index"
)


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def views(config: str | None, name: str | None, as_json: bool) -> None:
    """List the tables, views and macros that can be queried, or the columns of the one called NAME, with their comments.

    A macro is called like a table: FROM as_of('2021-09-20').

    Example: thinkwatch views articles
    """
    from pipelines.settings import load_settings
    from warehouse.errors import ConfigError
    from warehouse.publish import AnalystsCopy

    copy = AnalystsCopy(load_settings(config).published)
    rows = copy.rows(COLUMNS, name=name) if name else copy.rows(TABLES)
    if name and not rows:  # a macro has no columns before it is called
        rows = [row for row in copy.rows(TABLES) if row["name"].partition("(")[0] == name]
    if name and not rows:
        near = difflib.get_close_matches(name, [row["name"] for row in copy.rows(TABLES)], n=1)
        guess = f"did you mean {near[0]}? " if near else ""
        raise ConfigError(f"there is no table or view {name!r}", hint=f"{guess}list them with: thinkwatch views")
    width = max(len(next(iter(row.values()))) for row in rows)
    for row in rows:
        first, second, comment, *_ = row.values()
        if as_json:
            click.echo(dumps(row))
        else:
            click.echo("\n".join(_lines(f"{first:{width}}  {second:24}", comment or "")))


def _lines(left: str, comment: str) -> list[str]:
    """One line for a pipe; on a terminal that is too narrow for it the comment folded, beside its name or below it."""
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    if not room or len(left) + 2 + len(comment) <= room:
        return [f"{left}  {comment}"]
    beside = room - len(left) - 2
    if beside >= NARROWEST:
        first, *others = textwrap.wrap(comment, beside) or [""]
        return [f"{left}  {first}", *(" " * (len(left) + 2) + more for more in others)]
    return [left.rstrip(), *textwrap.wrap(comment, room, initial_indent="    ", subsequent_indent="    ")]
