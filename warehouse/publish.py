"""The analysts' copy: a read-only file beside the private store, switched atomically, never locked by a run.

Each copy is a file of its own (`warehouse-<UTC time>.duckdb`, mode 0444) and the link `warehouse.duckdb` names the
newest: who has an older one open keeps it unharmed, who opens the link next sees the new one. Subscribers' addresses are not in it.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import duckdb

from warehouse.database import Warehouse
from warehouse.errors import ConfigError, StoreError
from warehouse.laying_down import lay_down
from warehouse.migrations import views_mark
from warehouse.misasking import misasked
from warehouse.queries import statements
from warehouse.spilling import Spill, spill_of
from warehouse.transaction import FAILURES, Row
from warehouse.withholding import withhold_addresses

READ_ONLY = 0o444


@dataclass(frozen=True)
class Copy:
    """What a publication did: the newest copy, its size in bytes, and whether it is a new one."""

    path: Path
    bytes: int
    is_new: bool


def publish(warehouse: Warehouse, link: Path, now: datetime, *, folder: Path | None = None, keep: int = 3) -> Copy:
    """Copy the store for analysts and point `link` at it; nothing is copied when nothing has changed since.

    Args:
        warehouse: the private store.
        link: the path that analysts open.
        now: names the copy.
        folder: where the copies lie; default: `published/` beside the link.
        keep: how many copies stay.

    Raises StoreError when the disk is full or the folder cannot be written; the earlier copy then stays in place.
    """
    folder = folder or link.parent / "published"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with warehouse.lock("publication"):
            target = _free_name(folder, now)
            unfinished = target.with_suffix(".part")
            with warehouse.lock():
                warehouse.settle()
                if link.exists() and warehouse.is_copied(link):
                    newest = link.resolve()
                    return Copy(newest, newest.stat().st_size, is_new=False)
                with _whole_or_gone(unfinished):
                    warehouse.copy_to(unfinished)
            # From here on nobody else knows the copy: what it takes long to lay down keeps no writer waiting.
            with _whole_or_gone(unfinished):
                _prepare(warehouse, unfinished)
                unfinished.replace(target)
            _point(link, target)
            _thin_out(folder, target, keep)
    except (OSError, *FAILURES) as fault:
        words = fault.strerror if isinstance(fault, OSError) else str(fault).splitlines()[0]
        mend = "raise `memory_limit`" if isinstance(fault, duckdb.OutOfMemoryException) else "free some space or make the folder writable"
        raise StoreError(f"cannot publish to {folder}: {words or fault}", hint=f"{mend}; the earlier copy stands") from fault
    return Copy(target, target.stat().st_size, is_new=True)


def is_current(warehouse: Warehouse, link: Path) -> bool:
    """Whether the published copy is of the store as it is now; also true of a store that is not there."""
    return not warehouse.exists() or (link.exists() and warehouse.is_copied(link))


class AnalystsCopy:
    """The published copy, opened read-only for one question at a time, within `limits` of DuckDB's, such as memory_limit, if any."""

    def __init__(self, link: Path, limits: Mapping[str, Any] | None = None) -> None:
        self.link = link
        self.limits = limits or {}

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-only connection.

        Raises StoreError when nothing was published yet, when the copy cannot be read, or is of another version that lacks what is asked.
        """
        if not self.link.exists():
            raise StoreError(f"{self.link}: nothing has been published yet", hint="run: thinkwatch run")
        # The link's target is opened: one process may hold an old and a new copy at once only under different names.
        file = self.link.resolve()
        spill = spill_of(file)
        try:
            connection = duckdb.connect(file, read_only=True)
        except duckdb.Error as fault:
            raise _unreadable(file, fault) from fault
        try:
            _limit(connection, self.limits, spill)
            yield connection
        except (duckdb.BinderException, duckdb.CatalogException) as fault:
            self._refuse_other_version(connection, fault)
            raise
        except duckdb.IOException as fault:
            if _is_of(file, fault):
                raise _unreadable(file, fault) from fault
            raise
        finally:
            connection.close()

    @contextmanager
    def answering(self, sql: str, **parameters: Any) -> Iterator[tuple[list[str], duckdb.DuckDBPyConnection]]:
        """Column names of one statement, and what its rows are fetched from, as many at a time as one likes.

        Raises ConfigError with DuckDB's message when it cannot be run, now or while rows are fetched.
        """
        with self._asking(sql) as connection:
            cursor = connection.execute(sql, parameters or None)
            yield [column[0] for column in cursor.description or ()], cursor

    def ask(self, sql: str, **parameters: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Column names and all rows of one statement. Raises as `answering` does."""
        with self.answering(sql, **parameters) as (columns, cursor):
            return columns, cursor.fetchall()

    def write_parquet(self, sql: str, path: Path) -> int:
        """Write the rows of one statement to a Parquet file and return how many there are. Raises ConfigError when it cannot be done."""
        quoted = str(path).replace("'", "''")
        with self._asking(sql) as connection:
            # On lines of its own, for it may hold a comment.
            written = connection.execute(
                f"COPY (\n{_statement(connection, sql)}\n) TO '{quoted}' (FORMAT parquet, COMPRESSION zstd)"
            ).fetchall()
        return written[0][0]

    def rows(self, sql: str, **parameters: Any) -> list[Row]:
        """The rows of one of the program's own statements as dicts by column name. Raises as `connect` and `ask` do."""
        with self.connect() as connection:
            try:
                cursor = connection.execute(sql, parameters or None)
                columns = [column[0] for column in cursor.description or ()]
                return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
            except (duckdb.BinderException, duckdb.CatalogException) as fault:
                self._refuse_other_version(connection, fault)
                raise misasked(fault) from fault
            except duckdb.Error as fault:
                self._refuse(fault)

    @contextmanager
    def _asking(self, sql: str) -> Iterator[duckdb.DuckDBPyConnection]:
        with self.connect() as connection:
            try:
                if not connection.extract_statements(sql):
                    raise ConfigError("there is no statement", hint='such as: "FROM articles LIMIT 5"; see: thinkwatch views')
                yield connection
            except duckdb.Error as fault:
                self._refuse(fault)
            except UnicodeEncodeError as fault:
                raise ConfigError("the statement is not valid UTF-8", hint="write it as UTF-8") from fault

    def _refuse(self, fault: duckdb.Error) -> NoReturn:
        """Raise what is to be said of a statement that could not be run: is it to blame, or the copy's file?"""
        if _is_of(self.link.resolve(), fault):
            raise fault
        raise misasked(fault) from fault

    def _refuse_other_version(self, connection: duckdb.DuckDBPyConnection, fault: duckdb.Error) -> None:
        """Say so where the copy, not the statement, is the reason: it lacks what this version asks for."""
        mark = connection.execute(statements()["read_state"], {"name": "views"}).fetchone()
        if mark != (views_mark(),):
            raise StoreError(
                f"{self.link}: the copy was published by another version of Thinkwatch and lacks what is asked of it here",
                hint="publish it anew: thinkwatch run",
            ) from fault


def _limit(connection: duckdb.DuckDBPyConnection, limits: Mapping[str, Any], spill: Spill | None) -> None:
    for name, value in {**limits, "TimeZone": "UTC", "enable_progress_bar": False}.items():
        connection.execute(f"SET {name} = $value", {"value": value})
    place = str(spill.path) if spill else ""
    if connection.execute("SELECT current_setting('temp_directory')").fetchall() != [(place,)]:
        connection.execute("SET temp_directory = $place", {"place": place})


def _is_of(file: Path, fault: duckdb.Error) -> bool:
    """Whether it is the copy's own file that cannot be read."""
    return isinstance(fault, duckdb.IOException) and (str(file) in str(fault) or "Corrupt database file" in str(fault))


def _unreadable(file: Path, fault: duckdb.Error) -> StoreError:
    words = str(fault).splitlines()[0].removeprefix("IO Error: ")
    forbidden = "ermission" in words
    hint = "let this user read the file and look into its folder" if forbidden else "delete that file and publish it anew: thinkwatch run"
    return StoreError(f"{file}: {words}", hint=hint)


def _statement(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The one statement of this text, without a semicolon or a comment behind it. Raises ConfigError for several, or none."""
    *found, _ = connection.extract_statements(f"{sql}\n;SELECT 0")  # each but the last ends at its semicolon
    if len({one.query for one in found}) > 1:
        raise ConfigError(f"{len(found)} statements cannot be one file", hint="write the rows of the last one: leave the others out")
    return found[0].query or sql.strip().rstrip(";") if found else ""


def _free_name(folder: Path, now: datetime) -> Path:
    stem, count = f"warehouse-{now:%Y%m%dT%H%M%SZ}", 1
    while (path := folder / f"{stem}{f'-{count}' if count > 1 else ''}.duckdb").exists():
        count += 1
    return path


@contextmanager
def _whole_or_gone(unfinished: Path) -> Iterator[None]:
    """Leave no half copy behind when the block fails: on a full disk each attempt would add one."""
    try:
        yield
    except BaseException:
        for left in unfinished.parent.glob(f"{unfinished.name}*"):
            left.unlink(missing_ok=True)
        raise


def _prepare(warehouse: Warehouse, copy: Path) -> None:
    """Make the copy what analysts open; it keeps its time, by which `is_copied` knows it."""
    taken = copy.stat()
    with warehouse.beside(copy) as connection:
        connection.execute("BEGIN")
        withhold_addresses(connection)
        lay_down(connection)
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")
    os.utime(copy, ns=(taken.st_atime_ns, taken.st_mtime_ns))
    descriptor = os.open(copy, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    copy.chmod(READ_ONLY)


def _point(link: Path, target: Path) -> None:
    fresh = link.with_name(f".{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(os.path.relpath(target, link.parent))
    fresh.replace(link)


def _thin_out(folder: Path, published: Path, keep: int) -> None:
    """Keep `published` and the latest before it. A copy bears its store's time: that of a restored one is earlier than those it follows."""
    earlier = sorted((path for path in folder.glob("warehouse-*.duckdb") if path != published), key=lambda path: path.stat().st_mtime_ns)
    for path in earlier[: len(earlier) - max(keep - 1, 0)]:
        path.unlink(missing_ok=True)
    for path in folder.glob("warehouse-*.part*"):
        path.unlink(missing_ok=True)
