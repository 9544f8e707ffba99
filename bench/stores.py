"""The demo on each kind of store, and whether its whole warehouse is the same.

Usage: python -m bench.stores [--days 15 | --demo demo] [--s3]
With --demo the store in a file is not replayed: it is the one that `thinkwatch demo` has left in that folder. Every row of
every table of both analysts' copies is compared, keys included; left out is what no two runs share (`PASSING`). Needs what
bench/services.py names.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import duckdb

from bench.services import postgres, s3
from pipelines.replay.clock import LAST_TICK, TICKS, tick_time

# Ids of runs, measured times, names of archive files and the places in them, and the stores' own bookkeeping.
PASSING = {
    "main.fetches": {"run_id", "elapsed_ms", "warc_file", "warc_offset", "warc_length", "fetch_id", "etag", "last_modified"},
    "main.pages": {"warc_file", "warc_offset", "warc_length"},
    "main.attachments": {"warc_file", "warc_offset", "warc_length"},
    "ops.schema_migrations": {"applied_at", "duckdb_version"},
}
# Only the server that drips on purpose may time out, however busy the machine is.
PATIENT = {"THINKWATCH_FETCH__TOTAL_SECONDS": "20"}
OWN_STATE = ("generation", "lake_snapshot", "views")
PLANNED_TIMEOUTS = 1  # that server's


def lake_environment(stack: ExitStack, folder: Path, *, in_s3: bool) -> dict[str, str]:
    """Start what a lake needs; the settings of a store there, as variables."""
    port = stack.enter_context(postgres())
    place = {"THINKWATCH_STORE__DATA": str(folder / "lake")}
    if in_s3:
        place = dict(stack.enter_context(s3()))
    return {
        "THINKWATCH_STORE__KIND": "ducklake",
        "THINKWATCH_STORE__CATALOGUE": f"host=127.0.0.1 port={port} dbname=thinkwatch user=thinkwatch",
        **place,
    }


def replay_days(folder: Path, days: int, environment: Mapping[str, str]) -> float:
    """Run the first days of the demo in a process of its own; seconds that it took."""
    began = time.monotonic()
    code = (
        "from itertools import islice; from pathlib import Path; from pipelines.replay.demo import install, replay\n"
        f"for _ in islice(replay(install(Path({str(folder)!r}))), {days}): pass"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, **PATIENT, **environment})
    return time.monotonic() - began


def finished_demo(folder: Path) -> Path | None:
    """The copy that the first whole run of a demo has published; None when it is not there, or was hurried by a busy machine."""
    copy = folder / "published" / f"warehouse-{tick_time(LAST_TICK):%Y%m%dT%H%M%SZ}.duckdb"
    if not copy.exists():
        return None
    with duckdb.connect(copy, read_only=True) as connection:
        timeouts = connection.execute("SELECT count(*) FROM fetches WHERE fault = 'timeout'").fetchall()[0][0]
    return copy if timeouts <= PLANNED_TIMEOUTS else None


def add_choice(parser: argparse.ArgumentParser, *, days: int) -> None:
    """The options that say what of the demo is compared."""
    parser.add_argument("--days", type=int, default=days, help="of the demo's fifteen")
    parser.add_argument("--demo", type=Path, help="a folder in which `thinkwatch demo` has run: compare with that, the whole fortnight")


def replayed(chosen: argparse.Namespace, folder: Path) -> tuple[Path, int]:
    """The copy of the locked DuckDB with its store in a file, and its days: of a demo that is there, else replayed in `folder`."""
    if chosen.demo and (copy := finished_demo(chosen.demo)):
        return copy, len(TICKS)
    days = len(TICKS) if chosen.demo else chosen.days
    print(f"{days} days in a file: {replay_days(folder, days, {}):.0f} s", flush=True)
    return folder / "thinkwatch.duckdb", days


def differences(one: Path, other: Path) -> Iterator[str]:
    """What is not the same in two analysts' copies: a line a table, none when all is."""
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{one}' AS one (READ_ONLY)")
        connection.execute(f"ATTACH '{other}' AS other (READ_ONLY)")
        tables = [f"{schema}.{table}" for schema, table in _names(connection, "one")]
        if tables != [f"{schema}.{table}" for schema, table in _names(connection, "other")]:
            yield "the tables are not the same"
        for table in tables:
            left, right = (_rows(connection, base, table) for base in ("one", "other"))
            only = connection.execute(f"({left} EXCEPT ALL {right}) LIMIT 3").fetchall()
            more = connection.execute(f"({right} EXCEPT ALL {left}) LIMIT 3").fetchall()
            if only or more:
                yield f"{table}: only here {only}, only there {more}"[:2000]


def counted(copy: Path) -> int:
    """All rows of all tables of a copy."""
    with duckdb.connect(copy, read_only=True) as connection:
        name = connection.execute("SELECT current_database()").fetchall()[0][0]
        return sum(connection.execute(f"SELECT count(*) FROM {s}.{t}").fetchall()[0][0] for s, t in _names(connection, name))


def _names(connection: duckdb.DuckDBPyConnection, base: str) -> list[tuple[str, str]]:
    listed = "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? AND NOT internal ORDER BY ALL"
    return connection.execute(listed, [base]).fetchall()


def _rows(connection: duckdb.DuckDBPyConnection, base: str, table: str) -> str:
    left_out = PASSING.get(table, set())
    columns = [row[0] for row in connection.execute(f"DESCRIBE {base}.{table}").fetchall() if row[0] not in left_out]
    where = f" WHERE name NOT IN {OWN_STATE}" if table == "ops.state" else ""
    # A JSON value is compared as a text, and columns by name.
    return f"SELECT {', '.join(f'{column}::VARCHAR AS {column}' for column in sorted(columns))} FROM {base}.{table}{where}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    add_choice(parser, days=15)
    parser.add_argument("--s3", action="store_true", help="the lake's rows in an S3 server instead of a folder")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="thinkwatch-stores-")))
        file, days = replayed(chosen, folder / "file")
        seconds = replay_days(folder / "lake-demo", days, lake_environment(stack, folder, in_s3=chosen.s3))
        lake = folder / "lake-demo" / "thinkwatch.duckdb"
        found = list(differences(file, lake))
        for line in found:
            print(line)
        print(f"{days} days: {counted(file)} rows in the file, {counted(lake)} in the lake ({seconds:.0f} s), {len(found)} tables differ")
    return bool(found)


if __name__ == "__main__":
    raise SystemExit(main())
