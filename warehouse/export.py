"""The way out: every table of the analysts' copy as Parquet, the large ones a file a month, and a file that says what is in them."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.errors import ConfigError, StoreError
from warehouse.publish import AnalystsCopy

SCHEMA = "schema.json"
# The time by which a table is cut into months; a table that is not here is one file.
MONTHS = {
    "articles": "coalesce(published_at, first_seen_at)",
    "entries": "first_seen_at",
    "fetches": "requested_at",
    "pages": "fetched_at",
    "attachments": "first_seen_at",
    "revisions": "seen_from",
    "alerts": "created_at",
    "deliveries": "created_at",
}
# Tables whose rows go by the month of the revision that they speak of.
BY_REVISION = ("mentions",)


@dataclass(frozen=True)
class Exported:
    """One file: its path below the folder, its table, its rows and whether it was written anew (False: it was the same already)."""

    path: str
    table: str
    rows: int
    is_new: bool


def export(copy: AnalystsCopy, folder: Path) -> list[Exported]:
    """Write every table of schema main below `folder`, then `schema.json`; files that would not change are left alone.

    Each file appears whole or not at all. Files of an earlier export that no longer belong are deleted.
    Raises StoreError when the folder cannot be written, ConfigError when it holds files that are not an export.
    """
    _refuse_strangers(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with copy.connect() as connection:
            done = [exported for table in _tables(connection) for exported in _export_table(connection, table, folder)]
            described = _described(connection, done, folder)
        _write_whole(folder / SCHEMA, json.dumps(described, ensure_ascii=False, indent=1).encode())
        _clear(folder, {exported.path for exported in done})
    except (OSError, duckdb.IOException) as fault:
        words = (isinstance(fault, OSError) and fault.strerror) or str(fault).splitlines()[0]
        raise StoreError(f"cannot export to {folder}: {words}", hint="free some space or choose another folder") from fault
    return done


def _refuse_strangers(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()) and not (folder / SCHEMA).exists():
        raise ConfigError(f"{folder} holds other files", hint="name a new folder, or one that an export wrote")


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' AND NOT internal ORDER BY ALL").fetchall()
    return [name for (name,) in rows]


def _export_table(connection: duckdb.DuckDBPyConnection, table: str, folder: Path) -> list[Exported]:
    rows, month = _dated(table)
    if not month:
        return [_export_rows(connection, table, f"FROM {table}", f"{table}.parquet", folder)]
    name = f"strftime({month}, '%Y-%m')"
    months = connection.execute(f"SELECT DISTINCT {name} AS month FROM {rows} ORDER BY ALL").fetchall()  # noqa: S608 - names of the store
    done = []
    for (value,) in months:
        wanted = f"= '{value}'" if value else "IS NULL"
        query = f"SELECT t.* FROM {rows} WHERE {name} {wanted}"  # noqa: S608 - the same
        done.append(_export_rows(connection, table, query, f"{table}/{value or 'undated'}.parquet", folder))
    return done


def _dated(table: str) -> tuple[str, str | None]:
    if table in BY_REVISION:
        return f"{table} AS t LEFT JOIN revisions AS r ON r.revision_id = t.revision_id", "r.seen_from"
    return f"{table} AS t", MONTHS.get(table)


def _export_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: str, name: str, folder: Path) -> Exported:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".part")
    quoted = str(fresh).replace("'", "''")
    # In a fixed order, so that the same rows give the same file.
    count = connection.execute(f"COPY ({rows} ORDER BY ALL) TO '{quoted}' (FORMAT parquet, COMPRESSION zstd)").fetchall()[0][0]
    is_new = not path.exists() or _checksum(path) != _checksum(fresh)
    if is_new:
        fresh.replace(path)
    else:
        fresh.unlink()
    return Exported(name, table, count, is_new)


def _described(connection: duckdb.DuckDBPyConnection, done: list[Exported], folder: Path) -> dict[str, Any]:
    columns = connection.execute(
        "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() WHERE schema_name = 'main' ORDER BY 1, column_index"
    ).fetchall()
    comments = dict(connection.execute("SELECT table_name, comment FROM duckdb_tables() WHERE schema_name = 'main'").fetchall())
    return {
        "tables": {
            table: {
                "comment": comments[table],
                "columns": [{"name": name, "type": kind, "comment": comment} for of, name, kind, comment in columns if of == table],
                "files": [
                    {"path": one.path, "rows": one.rows, "sha256": _checksum(folder / one.path)} for one in done if one.table == table
                ],
            }
            for table in dict.fromkeys(one.table for one in done)
        }
    }


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_whole(path: Path, content: bytes) -> None:
    fresh = path.with_suffix(".part")
    fresh.write_bytes(content)
    fresh.replace(path)


def _clear(folder: Path, kept: set[str]) -> None:
    for path in folder.rglob("*"):
        if path.suffix in {".parquet", ".part"} and path.relative_to(folder).as_posix() not in kept:
            path.unlink()
