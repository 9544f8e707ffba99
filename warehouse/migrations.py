"""Numbered SQL migrations with a checksum ledger, then the comments and views, which are laid anew each time.

Each migration runs in one transaction under the writer's lock; before the first one that changes an existing store,
the file is copied beside it. A store that is newer than the code, or whose applied files were changed, is refused.
"""

import hashlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

import duckdb

from warehouse.database import Warehouse
from warehouse.errors import StoreError
from warehouse.transaction import Transaction, committed

_LEDGER = """
CREATE SCHEMA IF NOT EXISTS ops;
CREATE TABLE IF NOT EXISTS ops.schema_migrations
(number INTEGER, name VARCHAR, sha256 VARCHAR, applied_at TIMESTAMPTZ, duckdb_version VARCHAR)
"""


@dataclass(frozen=True)
class Migration:
    """One numbered file of schema/."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of its text, hexadecimal."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


@cache
def migrations() -> tuple[Migration, ...]:
    """All migrations in order."""
    found = sorted((file.name, file.read_text(encoding="utf-8")) for file in _folder("schema").iterdir() if file.name[:4].isdigit())
    return tuple(Migration(int(name[:4]), name.removesuffix(".sql"), sql) for name, sql in found)


def migrate(warehouse: Warehouse, now: datetime) -> list[str]:
    """Bring the store up to date and return the names of the migrations that ran (an empty list when it was).

    Raises StoreError for a store that is newer than this code or was made by a file that has since changed.
    """
    with warehouse.lock():
        with warehouse.connect() as connection:
            applied = _applied(connection)
        _refuse_strangers(warehouse.path, applied)
        pending = [migration for migration in migrations() if migration.number not in applied]
        if applied and pending:
            warehouse.keep_before(pending[0].number)
        with warehouse.connect() as connection:
            for migration in pending:
                with committed(connection):
                    _apply(connection, migration, warehouse.portable(migration.sql), now)
            with committed(connection) as transaction:
                _lay_anew(transaction, warehouse.portable)
    return [migration.name for migration in pending]


def refuse_unknown(path: Path) -> None:
    """Raise StoreError when the store in this file was made by a newer version, or is none of ours. It is only read."""
    try:
        with closing(duckdb.connect(path, read_only=True)) as connection:
            rows = connection.execute("SELECT number, name, sha256 FROM ops.schema_migrations").fetchall()
    except duckdb.Error as fault:
        raise StoreError(f"{path} is no store of Thinkwatch: {str(fault).splitlines()[0]}", hint="restore another backup") from fault
    _refuse_strangers(path, {number: (name, checksum) for number, name, checksum in rows})


def lay_schema(connection: duckdb.DuckDBPyConnection) -> None:
    """All tables, views and comments in an empty database, without a record of it: to look at, not to fill."""
    for sql in (_LEDGER, *(migration.sql for migration in migrations())):
        connection.execute(sql)
    connection.execute(_views_and_comments())


def _applied(connection: duckdb.DuckDBPyConnection) -> dict[int, tuple[str, str]]:
    with committed(connection):
        connection.execute(_LEDGER)
        rows = connection.execute("SELECT number, name, sha256 FROM ops.schema_migrations").fetchall()
    return {number: (name, checksum) for number, name, checksum in rows}


def _apply(connection: duckdb.DuckDBPyConnection, migration: Migration, sql: str, now: datetime) -> None:
    connection.execute(sql)
    connection.execute(
        "INSERT INTO ops.schema_migrations VALUES ($number, $name, $checksum, $now, $version)",
        {
            "number": migration.number,
            "name": migration.name,
            "checksum": migration.checksum,
            "now": now,
            "version": duckdb.__version__,
        },
    )


def _refuse_strangers(path: Path, applied: dict[int, tuple[str, str]]) -> None:
    known = {migration.number: migration for migration in migrations()}
    for number, (name, checksum) in applied.items():
        if number not in known:
            raise StoreError(f"{path} was made by a newer Thinkwatch (migration {name})", hint="upgrade Thinkwatch, or restore a backup")
        if known[number].checksum != checksum:
            raise StoreError(
                f"{path}: migration {name} has changed since it was applied",
                hint="put the released file back; a change of the schema is a new numbered file",
            )


def lay_out(path: Path) -> None:
    """Make an empty store in a new file, with all tables, views and comments."""
    migrate(Warehouse(path), datetime.fromtimestamp(0, UTC))


def _lay_anew(transaction: Transaction, portable: Callable[[str], str]) -> None:
    """Views and comments are text, not state: replace them all, then read each view once so that a broken one stops the start."""
    checksum = views_mark()
    if transaction.value("read_state", name="views") == checksum:
        return
    transaction.connection.execute(portable(_views_and_comments()))
    _read_each_view(transaction)
    transaction.merge("ops.state", [{"name": "views", "value": checksum}], key=["name"])


def views_mark() -> str:
    """What a store of this code keeps as `views` in ops.state: a checksum of all views and comments, which tell every column."""
    return hashlib.sha256(_views_and_comments().encode()).hexdigest()


def _views_and_comments() -> str:
    scripts = (*_sql_files("views"), "schema/docs.sql")
    return "\n".join(_folder(*name.split("/")).read_text(encoding="utf-8") for name in scripts)


def _read_each_view(transaction: Transaction) -> None:
    names = transaction.connection.execute(
        "SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main' AND database_name = current_database()"
    ).fetchall()
    for (name,) in names:
        transaction.connection.table(name).limit(0).fetchall()


def _sql_files(folder: str) -> list[str]:
    return sorted(f"{folder}/{file.name}" for file in _folder(folder).iterdir() if file.name.endswith(".sql"))


def _folder(*parts: str):  # noqa: ANN202 - importlib's Traversable moved between modules
    return files("warehouse").joinpath(*parts)
