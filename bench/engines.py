"""Thinkwatch on the next DuckDB: `python -m bench.engines [--days 3 | --demo demo] [--tests]`.

Lays duckdb 2 over the locked packages (into .venv/duckdb2, once), runs the store's tests on it, replays the first days of the
demo on both, and compares every row of every table, keys included, as bench/stores.py does. The locked DuckDB reads both.
With --demo it is compared with the fortnight that `thinkwatch demo` has left in that folder.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.stores import add_choice, counted, differences, replay_days, replayed

ROOT = Path(__file__).resolve().parents[1]
OVERLAY = ROOT / ".venv" / "duckdb2"
NEXT = "duckdb==2.0.1"  # exactly, so that what is checked changes only with a commit


def overlay() -> dict[str, str]:
    """The environment in which Python finds the next DuckDB first; installed when it is not there."""
    if not (OVERLAY / "duckdb").is_dir():
        command = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "--target", str(OVERLAY), NEXT]
        subprocess.run(command, check=True)
    paths = [str(OVERLAY), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(paths)}


def version(environment: dict[str, str]) -> str:
    """Which DuckDB a process in this environment has."""
    asked = [sys.executable, "-c", "import duckdb; print(duckdb.__version__)"]
    return subprocess.run(asked, check=True, capture_output=True, text=True, env={**os.environ, **environment}).stdout.strip()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    add_choice(parser, days=3)
    parser.add_argument("--tests", action="store_true", help="also run tests/warehouse on the next DuckDB")
    chosen = parser.parse_args()
    environment = overlay()
    if chosen.tests:
        tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/warehouse"]
        if subprocess.run(tests, check=False, cwd=ROOT, env={**os.environ, **environment}).returncode:
            return 1
    with tempfile.TemporaryDirectory(prefix="thinkwatch-engines-") as place:
        locked, days = replayed(chosen, Path(place) / "locked")
        seconds = replay_days(Path(place) / "next", days, environment)
        following = Path(place) / "next" / "thinkwatch.duckdb"
        found = list(differences(locked, following))
        for line in found:
            print(line)
        rows = f"{counted(locked)} rows on duckdb {version({})}, {counted(following)} on {version(environment)} ({seconds:.0f} s)"
        print(f"{days} days: {rows}, {len(found)} tables differ")
    return bool(found)


if __name__ == "__main__":
    raise SystemExit(main())
