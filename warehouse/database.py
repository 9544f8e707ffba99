"""The private store: one DuckDB file, one writer at a time, one short transaction at a time.

Here: opening and locking. Not here: what is done within a transaction (transaction.py), what the rows mean (schema/), what is
asked of them (queries/), the analysts' copy (publish.py). Nothing may fetch, extract or match while a transaction is open.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import duckdb

from warehouse import generation
from warehouse.errors import StoreBusyError, StoreError
from warehouse.filesystem import copy_file, mounted, refuse_network
from warehouse.spilling import Spill, local_root
from warehouse.transaction import FAILURES, Transaction, committed, failed

# Readable by 1.5 tools and compressed; each version's own default is not (design: storage format).
STORAGE = {"storage_compatibility_version": "v1.5.0"}
PATIENCE = 5.0  # seconds after which nobody waits for his turn any more: who has it may be a stopped process
STORE = "store"  # what an open store is called within DuckDB, whatever its file is called


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
        self._spill: Spill | None = None
        self.spill_root = path.parent / "tmp"
        self.settings: dict[str, Any] = {"memory_limit": memory_limit, "threads": threads}

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
        try:
            engine = self._started()
            engine.execute(_attach(self.path))
        except duckdb.Error as fault:
            self.close()  # it may have failed for good; the next transaction starts another
            raise failed(fault, self.path) from fault
        try:
            engine.execute(f"USE {STORE}")
            yield engine
        finally:
            self._let_go(engine)

    def _started(self) -> duckdb.DuckDBPyConnection:
        """DuckDB without a file: to start it for each transaction would cost several times what opening the file does."""
        if self._engine is None:
            self._spill = self._spill or Spill(self.spill_root, local_root())
            self._engine = duckdb.connect(config={**STORAGE, **self.settings, "temp_directory": str(self._spill.path)})
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
        name = name or self.path.stem
        with ExitStack() as files:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                refuse_network(self.path.parent, mounted(self.path.parent))
                lock = files.enter_context(_opened(self.path.with_name(f"{name}.lock")))
                turn = files.enter_context(_opened(self.path.with_name(f"{name}.next.lock")))
            except OSError as fault:
                raise StoreError(
                    f"{self.path.parent}: {fault.strerror}", hint="make the folder writable, or set another `data` folder"
                ) from fault
            self._wait(lock, turn)
            fcntl.flock(turn, fcntl.LOCK_UN)
            yield

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
        spill, self._spill = self._spill, None
        if spill:
            spill.close()

    @contextmanager
    def beside(self, file: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """Another DuckDB file, such as a copy, opened within this store's limits, in UTC; closed when the block ends."""
        spill = Spill(self.spill_root, local_root())
        config = {**self.settings, "temp_directory": str(spill.path)}
        try:
            with duckdb.connect(file, read_only=read_only, config=config) as connection:
                connection.execute("SET TimeZone = 'UTC'")
                connection.execute("SET enable_progress_bar = false")
                yield connection
        finally:
            spill.close()

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
        """Whether a copy that bears the time of the store when `copy_to` made it is of the store as it is now."""
        return copy.stat().st_mtime_ns == self.path.stat().st_mtime_ns  # not its size: the copy may say less

    def copy_to(self, target: Path) -> None:
        """Write the whole store into a new file. The caller holds the lock."""
        self.settle()
        copy_file(self.path, target)

    def settle(self) -> None:
        """Replay what a killed run left in the .wal, so that the file is whole. The caller holds the lock."""
        with self.connect():
            pass

    def _wait(self, lock: int, turn: int) -> None:
        """Take the lock; who waits takes his turn first, so that a process which comes back at once does not overtake him."""
        began, is_next = time.monotonic(), False
        while True:
            waited = time.monotonic() - began
            is_next = is_next or _taken(turn)
            if (is_next or waited > PATIENCE) and _taken(lock):
                return
            if waited > self.lock_seconds:
                raise StoreBusyError(
                    f"{self.path}: another process is still writing after {self.lock_seconds:.0f} s",
                    hint="wait for the run to end, or look for it in the Dagster UI",
                )
            time.sleep(0.005 if is_next else 0.02)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _attach(path: Path) -> str:
    quoted = str(path).replace("'", "''")
    return f"ATTACH '{quoted}' AS {STORE} (STORAGE_VERSION '{STORAGE['storage_compatibility_version']}')"


def _generation(connection: duckdb.DuckDBPyConnection) -> int:
    try:
        row = connection.execute("SELECT value FROM ops.state WHERE name = 'generation'").fetchone()
    except duckdb.CatalogException:  # a store before its first migration
        return 0
    except FAILURES as fault:
        raise failed(fault) from fault
    return int(row[0]) if row else 0
