"""The warehouse at size: `python -m bench.at_size [ARTICLES …] [--index] [--in FOLDER]`, by default 20,000 and 100,000; ten mentions each.

For each size, in a process of its own: seconds of loading beside a bare COPY of the same rows, and of a publication; of each question of
docs/analysts.md on the published copy and of searches, the better of two, by the clock and of the processor; and the most memory that
was used. With --index also the search index, which takes minutes for 100,000 articles. With --in the store is made in FOLDER/ARTICLES and
stays, and one that is there already is not made again. Needs some 6 GB of disk for a million.
"""

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.made import UNTIL, make
from warehouse.database import Warehouse
from warehouse.migrations import migrate
from warehouse.publish import AnalystsCopy, publish
from warehouse.search.asking import Limits
from warehouse.search.finding import find, refresh
from warehouse.search.index import SearchIndex

PAGE = Path(__file__).parent.parent / "docs" / "analysts.md"
QUESTION = re.compile(r"^### (\d+\. [^\n]*)\n.*?```sql\n(.*?)```", re.MULTILINE | re.DOTALL)
SEARCHED = ("договор", '"вода дорога"', "treaty border", "minister -army")


Taken = tuple[float, float]  # seconds by the clock, and of the processor in all threads, which a shared machine does not change


def taken(work: Callable[[], object], times: int = 2) -> Taken:
    """The least that it takes."""
    found = []
    for _ in range(times):
        began = time.perf_counter(), time.process_time()
        work()
        found.append((time.perf_counter() - began[0], time.process_time() - began[1]))
    return round(min(clock for clock, _ in found), 2), round(min(processor for _, processor in found), 2)


def measure(articles: int, folder: Path, *, index: bool) -> dict[str, Any]:
    """All figures of one size; those of loading only where the store is not in the folder yet."""
    figures: dict[str, Any] = {"articles": articles}
    warehouse, link = Warehouse(folder / "warehouse.duckdb"), folder / "thinkwatch.duckdb"
    if not warehouse.exists():
        figures["load"] = taken(lambda: make(folder, articles), 1)
        figures["bare COPY"] = _bare_copy(warehouse, folder)
    migrate(warehouse, UNTIL)
    figures["megabytes"] = round(warehouse.path.stat().st_size / 1e6)
    link.unlink(missing_ok=True)
    figures["publication"] = taken(lambda: publish(warehouse, link, datetime.now(UTC), keep=1), 1)
    copy = AnalystsCopy(link)
    asked = QUESTION.findall(PAGE.read_text(encoding="utf-8"))
    figures["questions"] = {name: taken(lambda sql=sql: copy.ask(sql)) for name, sql in asked}
    figures["search"] = _searches(copy, SearchIndex(folder / "search"), index=index)
    figures["peak megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return figures


def _bare_copy(warehouse: Warehouse, folder: Path) -> Taken:
    """Seconds that DuckDB's own COPY takes for the same rows, from Parquet into tables of the same shape."""
    tables = ("entries", "pages", "fetches", "articles", "revisions", "mentions")
    with warehouse.lock(), warehouse.connect() as connection:
        for table in tables:
            connection.execute(f"COPY {table} TO '{folder / table}.parquet' (FORMAT parquet, COMPRESSION zstd)")
        connection.execute(f"ATTACH '{folder}/bare.duckdb' AS bare (STORAGE_VERSION 'v1.5.0')")
        for table in tables:
            connection.execute(f"CREATE TABLE bare.{table} AS FROM {table} LIMIT 0")
        took = taken(lambda: [connection.execute(f"COPY bare.{table} FROM '{folder / table}.parquet'") for table in tables], 1)
        connection.execute("DETACH bare")
    for left in [folder / "bare.duckdb", *folder.glob("*.parquet")]:
        left.unlink()
    return took


def _searches(copy: AnalystsCopy, kept: SearchIndex, *, index: bool) -> dict[str, Taken]:
    found: dict[str, Taken] = {}
    if index:
        found["build the index"] = taken(lambda: refresh(copy, kept), 1)
        found |= {f"index: {words}": taken(lambda words=words: find(copy, kept, words, Limits(), UNTIL)) for words in SEARCHED}
    month = (UNTIL - timedelta(days=30)).date().isoformat()
    found["search_text of a month"] = taken(lambda: copy.ask(f"FROM search_text('договор вода', '{month}') LIMIT 20"))
    return found


def show(rows: list[dict[str, Any]]) -> None:
    """The table, two columns a size: by the clock, of the processor."""

    def line(name: str, *values: object) -> None:
        shown = (f"{value[0]:>10}{value[1]:>10}" if isinstance(value, list | tuple) else f"{value:>20}" for value in values)
        print(f"{name[:60]:60}" + "".join(shown))

    line("", *(f"{row['articles']:,}" for row in rows))
    for name in ("megabytes", "load", "bare COPY", "publication", "peak megabytes"):
        line(name, *(row.get(name, "") for row in rows))
    for part in ("questions", "search"):
        for name in rows[-1][part]:
            line(name, *(row[part].get(name, "") for row in rows))
        asked = [[value for name, value in row[part].items() if name != "build the index"] for row in rows]
        line(f"slowest of {part}", *((max(one[0] for one in values), max(one[1] for one in values)) for values in asked))


@contextmanager
def _place(kept: Path | None, articles: int) -> Iterator[Path]:
    if kept:
        folder = kept / str(articles)
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
    else:
        with tempfile.TemporaryDirectory(prefix="thinkwatch-bench-") as place:
            yield Path(place)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("articles", type=int, nargs="*", default=[20_000, 100_000])
    parser.add_argument("--index", action="store_true", help="build the search index too")
    parser.add_argument("--in", dest="kept", type=Path, help="keep the stores in this folder")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        with _place(chosen.kept, chosen.articles[0]) as folder:
            print(json.dumps(measure(chosen.articles[0], folder, index=chosen.index)))
        return
    rows = []
    for size in chosen.articles:
        options = [*(["--index"] if chosen.index else []), *(["--in", str(chosen.kept)] if chosen.kept else [])]
        command = [sys.executable, "-m", "bench.at_size", str(size), "--one", *options]
        rows.append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))
    show(rows)


if __name__ == "__main__":
    main()
