"""The store past one machine: DuckLake, with its catalogue in PostgreSQL and its rows as Parquet files in a folder or in S3.

All that differs from the store in one file stands here; statements, migrations and rows are the same. What an operating-system
lock is there is an advisory lock of PostgreSQL here, freed when its session dies. DuckLake knows no keys, and two writers who
merge the same new rows both insert them without an error: so there is one transaction at a time, and one writer a source.
"""

import importlib
import importlib.util
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import duckdb

from warehouse import moving
from warehouse.database import Warehouse
from warehouse.errors import ConfigError, StoreBusyError, StoreError
from warehouse.spilling import Spill, local_root
from warehouse.transaction import Transaction, committed

NAME = "lake"
INSTALL = "install what the store past one machine needs: pip install --require-hashes -r requirements-scale.lock"
_VIEW = re.compile(r"CREATE OR REPLACE VIEW ([\w.]+)")
_COLUMN_COMMENT = re.compile(r"^COMMENT ON COLUMN ([\w.]+)\.\w+ IS .*;$", re.MULTILINE)
_MACRO_COMMENT = re.compile(r"^COMMENT ON MACRO .*;$", re.MULTILINE)
_BOOLEAN_DEFAULT = re.compile(r"BOOLEAN DEFAULT (true|false)", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """Where a lake lies.

    Attributes:
        catalogue: how libpq reaches the PostgreSQL database, such as `host=db dbname=thinkwatch user=thinkwatch`.
        data: a folder, or `s3://bucket/prefix`.
        password: of the PostgreSQL role; None: as libpq finds it.
        s3: options of DuckDB's S3 secret: KEY_ID, SECRET, REGION, ENDPOINT, URL_STYLE, USE_SSL.
    """

    catalogue: str
    data: str
    password: str | None = None
    s3: tuple[tuple[str, str], ...] = ()

    @property
    def conninfo(self) -> str:
        """For libpq, with the password."""
        quoted = (self.password or "").replace("\\", "\\\\").replace("'", "\\'")
        return f"{self.catalogue} password='{quoted}'" if self.password else self.catalogue


class Lake(Warehouse):
    """The store at `place`; `path` names the folder of what stays beside it: temporary files, the journal of sent mail.

    The connection stays open between transactions, as opening it costs seconds; each transaction sees what all others have
    committed. Usable from several threads.
    """

    def __init__(self, path: Path, place: Place, *, memory_limit: str = "1GB", threads: int = 2, lock_seconds: float = 120) -> None:
        super().__init__(path, memory_limit=memory_limit, threads=threads, lock_seconds=lock_seconds)
        self.place = place
        # The folder of the path may be on a network file system; what DuckDB spills must not go there.
        self.spill_root = local_root()
        self._root: duckdb.DuckDBPyConnection | None = None
        self._opening = threading.Lock()

    @property
    def words(self) -> str:
        """How messages name the store: without the password."""
        return f"the lake at {self.place.catalogue}"

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """As of a file; what is committed is what PostgreSQL has committed. Rolled back when the lock was lost meanwhile."""
        if self._session is not None:
            with committed(self._session) as transaction:
                yield transaction
            return
        with self._locked(["store"]) as still_held, self.connect() as connection, committed(connection) as transaction:
            yield transaction
            still_held()

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own to the lake. Raises StoreError when the catalogue or the files cannot be reached."""
        connection = self._cursor()
        try:
            yield connection
        except (duckdb.IOException, duckdb.InternalException):
            self.close()  # the next transaction begins with fresh connections to PostgreSQL
            raise
        finally:
            with suppress(duckdb.Error):
                connection.close()

    @contextmanager
    def lock(self, name: str | None = None) -> Iterator[None]:
        """A lock of this store by name; without one, the writer's."""
        with self._locked([name or "store"]):
            yield

    @contextmanager
    def holding(self, names: Iterable[str]) -> Iterator[None]:
        """Be the only one, on whatever machine, who has these names until the block ends or the process dies. Raises StoreBusyError."""
        with self._locked(names):
            yield

    def is_held(self, name: str) -> bool:
        """Whether somebody alive has this name."""
        session = self._session_of(_psycopg2())
        try:
            with session.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [_key(name)])
                return not cursor.fetchone()[0]
        finally:
            session.close()

    def close(self) -> None:
        """Close what is open; the next transaction opens it again."""
        with self._opening:
            root, self._root = self._root, None
            spill, self._spill = self._spill, None
        if root:
            with suppress(duckdb.Error):
                root.close()
        if spill:
            spill.close()

    def portable(self, sql: str) -> str:
        """As DuckLake takes it: a boolean default only as a text, no comments on macros and on columns of views (the copies have them)."""
        views = set(_VIEW.findall(sql))
        kept = _COLUMN_COMMENT.sub(lambda found: "" if found[1] in views else found[0], sql)
        return _BOOLEAN_DEFAULT.sub(r"BOOLEAN DEFAULT '\1'", _MACRO_COMMENT.sub("", kept))

    def keep_before(self, number: int) -> None:
        """Nothing is to be kept aside: each snapshot of the lake stays until it is expired."""

    def exists(self) -> bool:
        """Always: who opens a lake makes it."""
        return True

    def settle(self) -> None:
        """Nothing is to be taken up: what PostgreSQL has committed is whole."""

    def is_copied(self, copy: Path) -> bool:
        """Whether a copy that `copy_to` has made is of the present snapshot."""
        with self.connect() as connection, duckdb.connect(copy, read_only=True) as made:
            known = made.execute("SELECT value FROM ops.state WHERE name = ?", [moving.SNAPSHOT]).fetchone()
            return known == (_snapshot(connection),)

    def copy_to(self, target: Path) -> None:
        """Write the whole store into a new DuckDB file, as if it had always been one. The caller holds the lock."""
        with tempfile.TemporaryDirectory(prefix="thinkwatch-copy-") as folder:
            made = Path(folder) / "copy.duckdb"
            with self.connect() as connection:
                moving.write_copy(connection, made, _snapshot(connection))
            shutil.move(made, target)

    def take_over(self, file: Path, state: Mapping[str, str]) -> dict[str, int]:
        """Put every row of a store in a file into this lake, which must be empty, in one transaction; rows by table.

        `state` are names and values for ops.state besides. Raises as `moving.take_over` does.
        """
        with self.lock(), self.connect() as connection:
            return moving.take_over(connection, NAME, file, state)

    def tidy(self) -> None:
        """Merge small files, let go of what only snapshots of the last week's beginning still show, delete files nobody needs."""
        with self.lock(), self.connect() as connection:
            connection.execute(f"CALL {NAME}.set_option('expire_older_than', '7 days')")
            connection.execute(f"CALL {NAME}.set_option('delete_older_than', '7 days')")
            connection.execute(f"CHECKPOINT {NAME}")

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        with self._opening:
            if self._root is None:
                self._spill = self._spill or Spill(self.spill_root)
                self._root = self._opened(self._spill)
            connection = self._root.cursor()
        for statement in (f"USE {NAME}", "SET TimeZone = 'UTC'", "SET enable_progress_bar = false"):
            connection.execute(statement)
        return connection

    def _opened(self, spill: Spill) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(config={**self.settings, "temp_directory": str(spill.path)})
        try:
            for name in ("postgres_scanner", "ducklake", *(["httpfs"] if self.place.data.startswith("s3://") else [])):
                connection.execute(f"LOAD {_quoted(str(extension(name)))}")
            if self.place.s3:
                options = ", ".join(f"{name} {value if name == 'USE_SSL' else _quoted(value)}" for name, value in self.place.s3)
                connection.execute(f"CREATE SECRET (TYPE s3, {options})")
            # All rows in files: MERGE inlines none in the catalogue anyway, and there is one place less to look for a row.
            data = _quoted(self.place.data.rstrip("/") + "/")
            connection.execute(
                f"ATTACH {_quoted('ducklake:postgres:' + self.place.conninfo)} AS {NAME} (DATA_PATH {data}, DATA_INLINING_ROW_LIMIT 0)"
            )
        except duckdb.Error as fault:
            connection.close()
            raise StoreError(f"{self.words}: {self._scrubbed(fault)}", hint="check [store] in thinkwatch.toml; docs/scaling.md") from fault
        return connection

    def _scrubbed(self, fault: BaseException) -> str:
        words = str(fault).strip().splitlines()[0]
        return words.replace(self.place.password, "…") if self.place.password else words

    @contextmanager
    def _locked(self, names: Iterable[str]) -> Iterator[Callable[[], None]]:
        """Hold advisory locks in a session of their own; gives what raises StoreError when that session has died."""
        psycopg2, name = _psycopg2(), ""
        session = self._session_of(psycopg2)
        try:
            with session.cursor() as cursor:
                # In one order everywhere, so that two never wait for each other.
                for name in sorted(set(names)):
                    cursor.execute("SELECT pg_advisory_lock(%s)", [_key(name)])

                def still_held() -> None:
                    try:
                        cursor.execute("SELECT 1")
                    except psycopg2.Error as fault:
                        raise StoreError(
                            f"{self.words}: the connection that held the lock is lost; nothing was committed", hint="run again"
                        ) from fault

                yield still_held
        except psycopg2.errors.LockNotAvailable as fault:
            raise StoreBusyError(
                f"{self.words}: another process still holds {name!r} after {self.lock_seconds:.0f} s",
                hint="wait for the run to end, or look for it in the Dagster UI",
            ) from fault
        finally:
            session.close()

    def _session_of(self, psycopg2: Any) -> Any:
        try:
            # The server must notice a machine that has lost its power.
            options = f"-c lock_timeout={max(int(self.lock_seconds * 1000), 1)} -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5"
            session = psycopg2.connect(self.place.conninfo, connect_timeout=10, options=options, application_name="thinkwatch lock")
        except psycopg2.OperationalError as fault:
            raise StoreError(f"{self.words}: {self._scrubbed(fault)}", hint="is PostgreSQL running, and may this role log in?") from fault
        session.autocommit = True
        return session


def extension(name: str) -> Path:
    """The file of a DuckDB extension that was installed as a wheel. Raises ConfigError when it is not there for this DuckDB."""
    found = importlib.util.find_spec(f"duckdb_extension_{name}")
    path = (
        Path(found.origin).parent / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension" if found and found.origin else None
    )
    if path is None or not path.exists():
        raise ConfigError(f"DuckDB's extension {name} is not installed for DuckDB {duckdb.__version__}", hint=INSTALL)
    return path


def _snapshot(connection: duckdb.DuckDBPyConnection) -> str:
    return str(connection.execute(f"SELECT max(snapshot_id) FROM {NAME}.snapshots()").fetchall()[0][0])  # noqa: S608 - our own name


def _psycopg2() -> Any:
    try:
        return importlib.import_module("psycopg2")
    except ImportError as fault:
        raise ConfigError("psycopg2, which talks to PostgreSQL, is not installed", hint=INSTALL) from fault


def _key(name: str) -> int:
    return int.from_bytes(blake2b(f"thinkwatch {name}".encode(), digest_size=8).digest(), signed=True)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
