"""Thinkwatch on the next DuckDB: `python -m bench.engines [--days 3] [--tests]`.

Lays duckdb 2 over the locked packages (into .venv/duckdb2, once), runs the store's tests on it, replays the first days of the
demo on both, and compares every row of every table, keys included, as bench/stores.py does. The locked DuckDB reads both.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.stores import counted, differences, replay_days

ROOT = Path(__file__).resolve().parents[1]
OVERLAY = ROOT / ".venv" / "duckdb2"
NEXT = "duckdb>=2,<3"


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
    parser.add_argument("--days", type=int, default=3, help="of the demo's fifteen")
    parser.add_argument("--tests", action="store_true", help="also run tests/warehouse on the next DuckDB")
    chosen = parser.parse_args()
    environment = overlay()
    if chosen.tests:
        tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/warehouse"]
        if subprocess.run(tests, check=False, cwd=ROOT, env={**os.environ, **environment}).returncode:
            return 1
    with tempfile.TemporaryDirectory(prefix="thinkwatch-engines-") as place:
        folders = {version(given): (Path(place) / name, given) for name, given in (("locked", {}), ("next", environment))}
        for folder, given in folders.values():
            replay_days(folder, chosen.days, given)
        copies = [folder / "thinkwatch.duckdb" for folder, _ in folders.values()]
        found = list(differences(*copies))
        for line in found:
            print(line)
        print(f"{chosen.days} days: {counted(copies[0])} rows on duckdb {' and '.join(folders)}, {len(found)} tables differ")
    return bool(found)


if __name__ == "__main__":
    raise SystemExit(main())
