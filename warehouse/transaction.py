"""One open transaction on the store, and what DuckDB's errors mean for a person.

Here: named statements, loading rows, committing or rolling back. Not here: opening and locking the file (database.py).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from warehouse import generation
from warehouse.errors import StoreError
from warehouse.queries import statements

Row = dict[str, Any]

# What is no fault of a statement.
FAILURES = (
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.SerializationException,
)
_ADVICE = (
    (("space", "too large", "quota"), "free some space, then run again: nothing half done was kept"),
    (("permission", "read-only file system"), "make the file and its folder writable for this user, or set another `data` folder"),
    (("memory",), "raise `memory_limit` in thinkwatch.toml, then run again: nothing half done was kept"),
    (
        ("checksum", "corrupt", "wal", "deserialize", "valid duckdb"),
        "the file is damaged: restore the last good backup: thinkwatch restore",
    ),
)


class Transaction:
    """One open transaction: named statements and row loads, all or nothing."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.changed = False

    def rows(self, name: str, /, **parameters: Any) -> list[Row]:
        """All rows of the named statement, as dicts by column name."""
        sql = statements()[name]
        self.changed = self.changed or generation.changes(sql)
        cursor = self.connection.execute(sql, _bound(sql, parameters))
        columns = [column[0] for column in cursor.description or ()]
        return [dict(zip(columns, values, strict=True)) for values in cursor.fetchall()]

    def row(self, name: str, /, **parameters: Any) -> Row | None:
        """The first row of the named statement, or None."""
        return next(iter(self.rows(name, **parameters)), None)

    def value(self, name: str, /, **parameters: Any) -> Any:
        """The first column of the first row, or None."""
        return next(iter((self.row(name, **parameters) or {}).values()), None)

    def count(self, table: str) -> int:
        """How many rows a table has."""
        (found,) = self.connection.table(table).count("*").fetchall()[0]
        return found

    def run(self, name: str, /, **parameters: Any) -> None:
        """Run the named statement for its effect."""
        self.changed = True
        sql = statements()[name]
        self.connection.execute(sql, _bound(sql, parameters)).fetchall()

    def merge(
        self, table: str, rows: Iterable[Mapping[str, Any]], *, key: Sequence[str], update: bool = True, keep: Sequence[str] = ()
    ) -> int:
        """Upsert `rows` (dicts that all bear the same columns) by `key`, and return how many were given.

        JSON columns take objects and lists, or JSON text as a row that was read has it. With `update=False` known rows stay as
        they are; the columns in `keep` are only written with a new row. A key may stand only once among the rows.
        """
        batch = list(rows)
        if not batch:
            return 0
        self.changed = True
        columns = list(batch[0])
        types = self._types(table)
        # A row that was read bears its JSON as text; encoded once more it would be a text within JSON, longer at every merge.
        documents = [column for column in columns if types[column] == "JSON"]
        if documents:
            batch = [{**row, **{column: _parsed(row[column]) for column in documents}} for row in batch]
        changes = ", ".join(f"{column} = incoming.{column}" for column in columns if column not in {*key, *keep})
        # Keys that may be NULL do not exist here: every key column is NOT NULL.
        matches = " AND ".join(f"known.{column} = incoming.{column}" for column in key)
        self.connection.execute(
            f"MERGE INTO {table} AS known USING ({_incoming(types, columns)}) AS incoming ON {matches} "
            + (f"WHEN MATCHED THEN UPDATE SET {changes} " if update and changes else "")
            + "WHEN NOT MATCHED THEN INSERT BY NAME",
            {"rows": _encode({column: [row[column] for row in batch] for column in columns})},
        )
        return len(batch)

    def _types(self, table: str) -> dict[str, str]:
        relation = self.connection.table(table)
        return dict(zip(relation.columns, map(str, relation.types), strict=True))


@contextmanager
def committed(connection: duckdb.DuckDBPyConnection) -> Iterator[Transaction]:
    """A transaction on an open connection: committed when the block ends, rolled back when it raises.

    Raises StoreError when the disk, the file or the memory fails; nothing of the transaction is kept then.
    """
    connection.execute("BEGIN")
    try:
        yield Transaction(connection)
    except BaseException as fault:
        with suppress(duckdb.Error):  # after a failed write DuckDB has ended it already
            connection.execute("ROLLBACK")
        if isinstance(fault, FAILURES):
            raise failed(fault) from fault
        raise
    try:
        connection.execute("COMMIT")
    except duckdb.Error as fault:
        raise failed(fault) from fault


def failed(fault: duckdb.Error, path: Path | None = None) -> StoreError:
    """What went wrong with the file, and what a person can do about it."""
    words = str(fault).splitlines()[0]
    advice = next((hint for signs, hint in _ADVICE if any(sign in words.lower() for sign in signs)), "run: thinkwatch doctor")
    return StoreError(f"{path}: {words}" if path else f"the store cannot be read or written: {words}", hint=advice)


def _bound(sql: str, parameters: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The parameters as the client takes them; lists that the statement reads as JSON (`$ids::JSON::VARCHAR[]`) as one text.

    For each value that is bound, and each member of a list, DuckDB's client tries to import pandas, which costs more than
    the statement when the ids are thousands.
    """
    texts = {name for name in parameters if f"${name}::JSON::" in sql and parameters[name] is not None}
    return {name: json.dumps(list(value)) if name in texts else value for name, value in parameters.items()} or None


def _incoming(types: Mapping[str, str], columns: Sequence[str]) -> str:
    """A SELECT that turns the parameter `$rows` (JSON, a list a column) into typed rows of these columns."""
    structure = json.dumps({column: [types[column]] for column in columns}).replace("'", "''")
    values = ", ".join(f"unnest(given.{column}) AS {column}" for column in columns)
    return f"SELECT {values} FROM (SELECT from_json($rows::JSON, '{structure}') AS given)"  # noqa: S608 - columns of the program's own


def _parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _encode(columns: Mapping[str, Sequence[Any]]) -> str:
    return json.dumps(columns, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError(f"a time without a zone: {value!r}")
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be stored")
