"""All rows of one kind of store put into another: the copies of a lake, and the way from a file into a lake."""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from warehouse.errors import ConfigError, StoreError
from warehouse.migrations import lay_out
from warehouse.transaction import committed

SNAPSHOT = "lake_snapshot"  # the name in ops.state of a copy that says of which snapshot it is


def write_copy(connection: duckdb.DuckDBPyConnection, made: Path, snapshot: str) -> None:
    """Make a file with this code's schema and put all rows of the current catalogue into it, with the name of its snapshot."""
    (source,) = connection.execute("SELECT current_database()").fetchall()[0]
    lay_out(made)
    connection.execute(f"ATTACH {_quoted(str(made))} AS copy (STORAGE_VERSION 'v1.5.0')")
    try:
        with committed(connection):
            move_rows(connection, source, "copy")
            connection.execute("INSERT INTO copy.ops.state VALUES (?, ?)", [SNAPSHOT, snapshot])
    finally:
        connection.execute("DETACH copy")


def move_rows(connection: duckdb.DuckDBPyConnection, source: str, target: str) -> dict[str, int]:
    """Put every row of one attached store into the tables of another, which loses what it had; rows by table."""
    listed = "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? AND NOT internal ORDER BY ALL"
    counts: dict[str, int] = {}
    for schema, table in connection.execute(listed, [source]).fetchall():
        name = f"{schema}.{table}"
        connection.execute(f"DELETE FROM {target}.{name}")  # noqa: S608 - names of the store itself
        rows = connection.execute(f"INSERT INTO {target}.{name} BY NAME SELECT * FROM {source}.{name}").fetchall()  # noqa: S608 - the same
        counts[name] = rows[0][0]
    return counts


def take_over(connection: duckdb.DuckDBPyConnection, target: str, file: Path, state: Mapping[str, str]) -> dict[str, int]:
    """Put every row of a store in a file into the current, empty one, `target`, in one transaction; rows by table.

    Raises ConfigError when there are articles or entries in it already, StoreError when the file is of another schema.
    """
    (known,) = connection.execute("SELECT (SELECT count(*) FROM entries) + (SELECT count(*) FROM articles)").fetchall()[0]
    if known:
        raise ConfigError("the lake is not empty", hint="name a catalogue and a data folder that nobody has used")
    connection.execute(f"ATTACH {_quoted(str(file))} AS before (READ_ONLY)")
    try:
        _refuse_other_schema(connection, target, file)
        with committed(connection) as transaction:
            counts = move_rows(connection, "before", target)
            transaction.merge("ops.state", [{"name": name, "value": value} for name, value in state.items()], key=["name"])
        return counts
    finally:
        connection.execute("DETACH before")


def _refuse_other_schema(connection: duckdb.DuckDBPyConnection, target: str, file: Path) -> None:
    ledger = "SELECT list(number ORDER BY number) FROM {}.ops.schema_migrations"
    if connection.execute(ledger.format("before")).fetchall() != connection.execute(ledger.format(target)).fetchall():
        raise StoreError(f"{file} is of another version of Thinkwatch", hint="open it once with this version: thinkwatch doctor")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
