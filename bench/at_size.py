"""The warehouse at size: `python -m bench.at_size [ARTICLES …] [--index]`, by default 20,000 and 100,000; ten mentions each.

For each size, in a process of its own: seconds of loading beside a bare COPY of the same rows and of a publication; processor
seconds of each question of docs/analysts.md on the published copy and of searches; and the most memory that was used. With --index also the
search index, which takes minutes for 100,000 articles. Needs some 3 GB of disk for a million.
"""

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.made import UNTIL, make
from warehouse.database import Warehouse
from warehouse.publish import AnalystsCopy, publish
from warehouse.search.asking import Limits
from warehouse.search.finding import find, refresh
from warehouse.search.index import SearchIndex

PAGE = Path(__file__).parent.parent / "docs" / "analysts.md"
QUESTION = re.compile(r"^### (\d+\. [^\n]*)\n.*?```sql\n(.*?)```", re.MULTILINE | re.DOTALL)
SEARCHED = ("договор", '"вода дорога"', "treaty border", "minister -army")


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return round(time.perf_counter() - began, 3)


def processor_seconds(work: Callable[[], object]) -> float:
    """The processor time of all threads that it takes, the better of two: what a shared machine does not change."""
    taken = []
    for _ in range(2):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return round(min(taken), 3)


def measure(articles: int, *, index: bool) -> dict[str, Any]:
    """All figures of one size."""
    with tempfile.TemporaryDirectory(prefix="thinkwatch-bench-") as place:
        folder = Path(place)
        made: list[Warehouse] = []
        load = seconds(lambda: made.append(make(folder, articles)))
        link = folder / "thinkwatch.duckdb"
        figures: dict[str, Any] = {"articles": articles, "megabytes": round(made[0].path.stat().st_size / 1e6), "load": load}
        figures["copy"] = _bare_copy(made[0], folder)
        figures["publish"] = seconds(lambda: publish(made[0], link, datetime.now(UTC)))
        copy = AnalystsCopy(link)
        figures["questions"] = {
            name: seconds(lambda sql=sql: copy.ask(sql)) for name, sql in QUESTION.findall(PAGE.read_text(encoding="utf-8"))
        }
        figures["search"] = _searches(copy, SearchIndex(folder / "search"), index=index)
        figures["peak_megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return figures


def _bare_copy(warehouse: Warehouse, folder: Path) -> float:
    """Seconds that DuckDB's own COPY takes for the same rows, from Parquet into tables of the same shape."""
    tables = ("entries", "pages", "fetches", "articles", "revisions", "mentions")
    with warehouse.lock(), warehouse.connect() as connection:
        for table in tables:
            connection.execute(f"COPY {table} TO '{folder / table}.parquet' (FORMAT parquet, COMPRESSION zstd)")
        connection.execute(f"ATTACH '{folder}/bare.duckdb' AS bare (STORAGE_VERSION 'v1.5.0')")
        for table in tables:
            connection.execute(f"CREATE TABLE bare.{table} AS FROM {table} LIMIT 0")
        took = seconds(lambda: [connection.execute(f"COPY bare.{table} FROM '{folder / table}.parquet'") for table in tables])
        connection.execute("DETACH bare")
    for left in [folder / "bare.duckdb", *folder.glob("*.parquet")]:
        left.unlink()
    return took


def _searches(copy: AnalystsCopy, kept: SearchIndex, *, index: bool) -> dict[str, float]:
    found: dict[str, float] = {}
    if index:
        found["build the index"] = seconds(lambda: refresh(copy, kept))
        find(copy, kept, SEARCHED[0], Limits(), UNTIL)
        found |= {f"index: {words}": processor_seconds(lambda words=words: find(copy, kept, words, Limits(), UNTIL)) for words in SEARCHED}
    month = (UNTIL - timedelta(days=30)).date().isoformat()
    found["scan of a month"] = processor_seconds(lambda: copy.ask(f"FROM search_text('договор вода', '{month}') LIMIT 20"))
    return found


def show(rows: list[dict[str, Any]]) -> None:
    """The table, a column a size."""

    def line(name: str, *values: object) -> None:
        print(f"{name[:60]:60}" + "".join(f"{value:>12}" for value in values))

    line("", *(f"{row['articles']:,}" for row in rows))
    for name in ("megabytes", "load", "copy", "publish", "peak_megabytes"):
        line(name, *(row[name] for row in rows))
    line("load / bare COPY", *(round(row["load"] / row["copy"], 1) for row in rows))
    for part in ("questions", "search"):
        for name in rows[-1][part]:
            line(name, *(row[part].get(name, "") for row in rows))
        line(f"slowest of {part}", *(max(value for name, value in row[part].items() if name != "build the index") for row in rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("articles", type=int, nargs="*", default=[20_000, 100_000])
    parser.add_argument("--index", action="store_true", help="build the search index too")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(measure(chosen.articles[0], index=chosen.index)))
        return
    rows = []
    for size in chosen.articles:
        command = [sys.executable, "-m", "bench.at_size", str(size), "--one", *(["--index"] if chosen.index else [])]
        rows.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    show(rows)


if __name__ == "__main__":
    main()
