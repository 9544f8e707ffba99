"""The private store: one DuckDB file, one writer at a time, one short transaction at a time.

Here: opening, locking, transactions, loading rows. Not here: what the rows mean (schema/), what is asked of them
(queries/), the analysts' copy (publish.py). Nothing may fetch, extract or match while a transaction is open.
"""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from warehouse import generation
from warehouse.errors import StoreBusyError, StoreError
from warehouse.filesystem import mounted, refuse_network
from warehouse.queries import statements

Row = dict[str, Any]

# What is no fault of a statement.
_FAILURES = (
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

# Readable by 1.5 tools and compressed; each version's own default is not (design: storage format).
STORAGE = {"storage_compatibility_version": "v1.5.0"}
STORE = "store"  # what an open store is called within DuckDB, whatever its file is called


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
        if isinstance(fault, _FAILURES):
            raise _failed(fault) from fault
        raise
    try:
        connection.execute("COMMIT")
    except duckdb.Error as fault:
        raise _failed(fault) from fault


class Warehouse:
    """The private store at `path`. Cheap to make; opens the file only inside a transaction.

    Args:
        path: the DuckDB file; its folder is created on first use.
        memory_limit: DuckDB's own limit for this process, such as "1GB".
        threads: DuckDB's threads.
        lock_seconds: how long to wait for another writer before StoreBusyError.
    """

    def __init__(self, path: Path, *, memory_limit: str = "1GB", threads: int = 2, lock_seconds: float = 120) -> None:
        self.path = path
        self.lock_seconds = lock_seconds
        self.threads = threads
        self._session: duckdb.DuckDBPyConnection | None = None
        self._engine: duckdb.DuckDBPyConnection | None = None
        self.settings: dict[str, Any] = {"memory_limit": memory_limit, "threads": threads, "temp_directory": str(path.parent / "tmp")}

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """One transaction under the writer's lock: committed when the block ends, rolled back when it raises.

        Raises StoreBusyError when another process holds the lock too long, StoreError when the file cannot be opened or has
        lost what was committed to it.
        """
        if self._session is not None:
            with self._counted(self._session) as transaction:
                yield transaction
            return
        with self.lock(), self.connect() as connection, self._counted(connection) as transaction:
            yield transaction

    @contextmanager
    def session(self) -> Iterator[None]:
        """Hold the lock and the open file for the transactions of this block, each of which is still committed by itself.

        For a row of short transactions with nothing slow between them: opening and closing the file costs more than they do.
        Raises as `transaction` does.
        """
        with self.lock(), self.connect() as connection:
            self._session = connection
            try:
                yield
            finally:
                self._session = None

    @contextmanager
    def _counted(self, connection: duckdb.DuckDBPyConnection) -> Iterator[Transaction]:
        now_at = _generation(connection)
        generation.check(self.path, now_at)
        with committed(connection) as transaction:
            yield transaction
            if transaction.changed:
                transaction.merge("ops.state", [{"name": "generation", "value": str(now_at + 1)}], key=["name"])
        if transaction.changed:
            generation.write(self.path, now_at + 1)

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The open file, closed at the end (which leaves no .wal). The caller holds the lock."""
        engine = self._started()
        try:
            engine.execute(_attach(self.path))
        except duckdb.Error as fault:
            raise _failed(fault, self.path) from fault
        try:
            engine.execute(f"USE {STORE}")
            yield engine
        finally:
            self._let_go(engine)

    def _started(self) -> duckdb.DuckDBPyConnection:
        """DuckDB without a file: to start it for each transaction would cost several times what opening the file does."""
        if self._engine is None:
            self._engine = duckdb.connect(config={**STORAGE, **self.settings})
            self._engine.execute("SET TimeZone = 'UTC'")
            self._engine.execute("SET enable_progress_bar = false")
        return self._engine

    def _let_go(self, engine: duckdb.DuckDBPyConnection) -> None:
        try:
            engine.execute(f"USE memory; DETACH {STORE}")
        except duckdb.Error:  # an engine that has failed for good; stopped, it lets the file go
            self.close()

    @contextmanager
    def lock(self, name: str | None = None) -> Iterator[None]:
        """A lock of this store by name; without one, the writer's: on a file beside the store, freed when its process dies."""
        # DuckDB's own lock is dropped when this process opens and closes the store itself, so the lock is another file.
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            refuse_network(self.path.parent, mounted(self.path.parent))
            descriptor = os.open(self.path.with_name(f"{name or self.path.stem}.lock"), os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as fault:
            raise StoreError(
                f"{self.path.parent}: {fault.strerror}", hint="make the folder writable, or set another `data` folder"
            ) from fault
        try:
            self._wait(descriptor)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def holding(self, names: Iterable[str]) -> Iterator[None]:  # noqa: ARG002 - a lake's concern
        """Be the only one who has these names; on one machine with one file, each transaction's lock is enough."""
        yield

    def is_held(self, name: str) -> bool:  # noqa: ARG002 - a lake's concern
        """Whether somebody alive has this name; a file keeps no names, and has all runs on one machine, where Dagster sees them die."""
        return True

    def close(self) -> None:
        """Stop DuckDB; the next transaction starts it again. No file is open between transactions anyway."""
        engine, self._engine = self._engine, None
        if engine:
            engine.close()

    def portable(self, sql: str) -> str:
        """The text of a migration, or of views and comments, as this kind of store takes it."""
        return sql

    def keep_before(self, number: int) -> None:
        """Copy the file beside itself before migration `number` changes it. The caller holds the lock."""
        kept = self.path.with_name(f"{self.path.stem}.before-{number:04d}{self.path.suffix}")
        unfinished = kept.with_suffix(".part")
        shutil.copy2(self.path, unfinished)
        unfinished.replace(kept)

    def exists(self) -> bool:
        """Whether anything was ever stored."""
        return self.path.exists()

    def is_copied(self, copy: Path) -> bool:
        """Whether a copy that was stamped is of the store as it is now."""
        return copy.stat().st_mtime_ns == self.path.stat().st_mtime_ns  # not its size: the copy may say less

    def stamp(self, copy: Path) -> None:
        """Let `is_copied` know a copy that `copy_to` has made, whatever was done to it since."""
        shutil.copystat(self.path, copy)

    def copy_to(self, target: Path) -> None:
        """Write the whole store into a new file. The caller holds the lock."""
        self.settle()
        shutil.copy2(self.path, target)

    def settle(self) -> None:
        """Replay what a killed run left in the .wal, so that the file is whole. The caller holds the lock."""
        with self.connect():
            pass

    def _wait(self, descriptor: int) -> None:
        deadline = time.monotonic() + self.lock_seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise StoreBusyError(
                        f"{self.path}: another process is still writing after {self.lock_seconds:.0f} s",
                        hint="wait for the run to end, or look for it in the Dagster UI",
                    ) from None
                time.sleep(0.02)
            else:
                return


def _attach(path: Path) -> str:
    quoted = str(path).replace("'", "''")
    return f"ATTACH '{quoted}' AS {STORE} (STORAGE_VERSION '{STORAGE['storage_compatibility_version']}')"


def _bound(sql: str, parameters: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The parameters as the client takes them; lists that the statement reads as JSON (`$ids::JSON::VARCHAR[]`) as one text.

    For each value that is bound, and each member of a list, DuckDB's client tries to import pandas, which costs more than
    the statement when the ids are thousands.
    """
    texts = {name for name in parameters if f"${name}::JSON::" in sql and parameters[name] is not None}
    return {name: json.dumps(list(value)) if name in texts else value for name, value in parameters.items()} or None


def _failed(fault: duckdb.Error, path: Path | None = None) -> StoreError:
    """What went wrong with the file, and what a person can do about it."""
    words = str(fault).splitlines()[0]
    advice = next((hint for signs, hint in _ADVICE if any(sign in words.lower() for sign in signs)), "run: thinkwatch doctor")
    return StoreError(f"{path}: {words}" if path else f"the store cannot be read or written: {words}", hint=advice)


def _incoming(types: Mapping[str, str], columns: Sequence[str]) -> str:
    """A SELECT that turns the parameter `$rows` (JSON, a list a column) into typed rows of these columns."""
    structure = json.dumps({column: [types[column]] for column in columns}).replace("'", "''")
    values = ", ".join(f"unnest(given.{column}) AS {column}" for column in columns)
    return f"SELECT {values} FROM (SELECT from_json($rows::JSON, '{structure}') AS given)"  # noqa: S608 - columns of the program's own


def _parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _generation(connection: duckdb.DuckDBPyConnection) -> int:
    try:
        row = connection.execute("SELECT value FROM ops.state WHERE name = 'generation'").fetchone()
    except duckdb.CatalogException:  # a store before its first migration
        return 0
    except _FAILURES as fault:
        raise _failed(fault) from fault
    return int(row[0]) if row else 0


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
