"""Four writers and four readers for a minute: `python -m bench.contention [--seconds 60]`.

Each writer commits small transactions to the private store, each of one row in two tables; one process publishes; each reader
opens the published copy again and again and compares both tables. Printed: who was locked out, who saw half a transaction,
what was acknowledged and lost, and how long writers and readers waited.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warehouse.database import Warehouse
from warehouse.migrations import migrate
from warehouse.publish import AnalystsCopy, publish

WRITERS = READERS = 4
HALVES = "SELECT (SELECT count(*) FROM issues), (SELECT count(*) FROM alert_marks)"


def write(folder: Path, name: str, until: float) -> dict[str, Any]:
    """Commit until the time is over; acknowledged transactions and the seconds of each."""
    warehouse, waits = Warehouse(folder / "warehouse.duckdb", threads=1), []
    while not waits or time.time() < until:
        began, now, key = time.perf_counter(), datetime.now(UTC), f"{name}-{len(waits)}"
        issue = {
            "issue_id": key,
            "kind": "bench",
            "subject": name,
            "message": "x" * 500,
            "first_seen_at": now,
            "last_seen_at": now,
            "seen_count": 1,
        }
        with warehouse.transaction() as transaction:
            transaction.merge("issues", [issue], key=["issue_id"])
            transaction.merge("alert_marks", [{"alert_id": key, "verdict": "right", "because": None, "marked_at": now}], key=["alert_id"])
        waits.append(time.perf_counter() - began)
    return {"done": len(waits), "waits": waits}


def publish_again(folder: Path, name: str, until: float) -> dict[str, Any]:  # noqa: ARG001 - as the others
    """Publish until the time is over."""
    warehouse, waits = Warehouse(folder / "warehouse.duckdb", threads=1), []
    while not waits or time.time() < until:
        began = time.perf_counter()
        publish(warehouse, folder / "thinkwatch.duckdb", datetime.now(UTC))
        waits.append(time.perf_counter() - began)
        time.sleep(1)
    return {"done": len(waits), "waits": waits}


def read(folder: Path, name: str, until: float) -> dict[str, Any]:  # noqa: ARG001 - as the others
    """Open the copy and compare both tables until the time is over."""
    copy, waits, refused, halves, back, most = AnalystsCopy(folder / "thinkwatch.duckdb"), [], 0, 0, 0, 0
    while not waits or time.time() < until:
        began = time.perf_counter()
        try:
            _, [(one, other)] = copy.ask(HALVES)
        except Exception:
            refused += 1
            continue
        waits.append(time.perf_counter() - began)
        halves += one != other
        back += one < most
        most = max(most, one)
    return {"done": len(waits), "waits": waits, "refused": refused, "halves": halves, "back": back}


PARTS: dict[str, Callable[[Path, str, float], dict[str, Any]]] = {"write": write, "publish": publish_again, "read": read}


def run(folder: Path, seconds: float) -> dict[str, list[dict[str, Any]]]:
    """All of them at once; what each says."""
    warehouse = Warehouse(folder / "warehouse.duckdb")
    migrate(warehouse, datetime.now(UTC))
    publish(warehouse, folder / "thinkwatch.duckdb", datetime.now(UTC))
    until = str(time.time() + seconds)
    parts = [*(("write", n) for n in range(WRITERS)), ("publish", 0), *(("read", n) for n in range(READERS))]
    command = [sys.executable, "-m", "bench.contention", "--part"]
    started = [
        (part, subprocess.Popen([*command, part, f"{part}-{n}", str(folder), until], stdout=subprocess.PIPE, text=True))
        for part, n in parts
    ]
    said: dict[str, list[dict[str, Any]]] = {}
    for part, child in started:
        out, _ = child.communicate()
        if child.returncode:
            raise RuntimeError(f"a process of {part} ended with {child.returncode}")
        said.setdefault(part, []).append(json.loads(out))
    return said


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--part", nargs=4, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.part:
        part, name, folder, until = chosen.part
        print(json.dumps(PARTS[part](Path(folder), name, float(until))))
        return 0
    with tempfile.TemporaryDirectory(prefix="thinkwatch-contention-") as place:
        said = run(Path(place), chosen.seconds)
        with Warehouse(Path(place) / "warehouse.duckdb").transaction() as transaction:
            stored = transaction.connection.execute(HALVES).fetchall()[0]
    acknowledged = sum(one["done"] for one in said["write"])
    print(f"{'':10}{'done':>8}{'median s':>10}{'p95 s':>8}{'max s':>8}")
    for part, ones in said.items():
        waits = sorted(wait for one in ones for wait in one["waits"])
        print(f"{part:10}{len(waits):8}{waits[len(waits) // 2]:10.3f}{waits[len(waits) * 95 // 100]:8.3f}{waits[-1]:8.3f}")
    locked, halves, back = (sum(one[name] for one in said["read"]) for name in ("refused", "halves", "back"))
    print(f"readers locked out {locked}, half transactions seen {halves}, steps back in time {back}")
    print(f"transactions acknowledged {acknowledged}, stored {stored[0]} and {stored[1]}")
    return bool(locked or halves or back or stored != (acknowledged, acknowledged))


if __name__ == "__main__":
    raise SystemExit(main())
