"""What each table is made of, as the schema's own SQL and its comments say it: columns, types, meanings."""

from contextlib import closing
from dataclasses import dataclass
from functools import cache

import duckdb

from warehouse.migrations import lay_schema


@dataclass(frozen=True)
class Column:
    """A column of a table: its SQL type, what it means, and whether it always has a value."""

    name: str
    type: str
    comment: str
    required: bool


@cache
def columns() -> dict[str, tuple[Column, ...]]:
    """The columns of each table and view of the schema `main`, by its name; made in memory, no store is needed."""
    with closing(duckdb.connect(":memory:")) as connection:
        lay_schema(connection)
        rows = connection.execute(
            "SELECT table_name, column_name, data_type, coalesce(comment, ''), NOT is_nullable FROM duckdb_columns() "
            "WHERE schema_name = 'main' AND NOT internal ORDER BY table_name, column_index"
        ).fetchall()
    found: dict[str, list[Column]] = {}
    for table, *column in rows:
        found.setdefault(table, []).append(Column(*column))
    return {table: tuple(of_table) for table, of_table in found.items()}
