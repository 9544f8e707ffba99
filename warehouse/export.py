"""The way out: every table of the analysts' copy as Parquet, the large ones a file a month, and a file that says what is in them."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.errors import ConfigError, StoreError
from warehouse.publish import AnalystsCopy

SCHEMA, BEGUN = "schema.json", "schema.part"
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

    Each file appears whole or not at all. Files of an earlier export that no longer belong are deleted; what others have put there
    stays. Raises StoreError when the folder cannot be written, ConfigError when it holds files that are not an export.
    """
    _refuse_strangers(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / BEGUN).touch()  # one that is stopped can be gone on with
        with copy.connect() as connection:
            done = [exported for table in _tables(connection) for exported in _export_table(connection, table, folder)]
            described = _described(connection, done, folder)
        _clear(folder, {exported.path for exported in done}, set(described["tables"]))
        _write_whole(folder, json.dumps(described, ensure_ascii=False, indent=1).encode())
    except (OSError, duckdb.IOException) as fault:
        words = (isinstance(fault, OSError) and fault.strerror) or str(fault).splitlines()[0]
        raise StoreError(f"cannot export to {folder}: {words}", hint="free some space or choose another folder") from fault
    return done


def _refuse_strangers(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()) and not any((folder / name).exists() for name in (SCHEMA, BEGUN)):
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


def _write_whole(folder: Path, content: bytes) -> None:
    (folder / BEGUN).write_bytes(content)
    (folder / BEGUN).replace(folder / SCHEMA)


def _clear(folder: Path, kept: set[str], tables: set[str]) -> None:
    """Delete what an earlier export wrote and this one did not: what its schema lists, and months of tables."""
    earlier = _listed(folder)
    for path in [*folder.glob("*"), *folder.glob("*/*")]:
        name = path.relative_to(folder)
        if name.as_posix() not in kept and (name.as_posix() in earlier or _is_ours(name, tables)):
            path.unlink(missing_ok=True)


def _listed(folder: Path) -> set[str]:
    try:
        tables = json.loads((folder / SCHEMA).read_text(encoding="utf-8"))["tables"].values()
        return {file["path"] for table in tables for file in table["files"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # none yet, or somebody else's
        return set()


def _is_ours(name: Path, tables: set[str]) -> bool:
    place, stem = name.parent.as_posix(), name.stem
    return name.suffix in {".parquet", ".part"} and (
        (place in tables and re.fullmatch(r"-?\d+-\d\d|undated|infinity|-infinity", stem) is not None) or (place == "." and stem in tables)
    )
