"""The warehouse at size: `python -m bench.at_size [ARTICLES …] [--in FOLDER]`, by default 20,000 and 100,000; ten mentions each.

For each size, in a process of its own: seconds of loading beside a bare COPY of the same rows, of a publication, and of building the
search index; of each question of docs/analysts.md on the published copy and of each kind of search, as `thinkwatch search` asks, the
better of two, by the clock and of the processor; and the most memory that was used by the end of each part. Last by how much each grew
from the first size to the last. With --in all is made in FOLDER/ARTICLES and stays; what is there already is not made again, and what its
making took stands in making.json. A million articles take a quarter of an hour and leave 4.5 GB there.
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
MONTH = UNTIL - timedelta(days=30)
SHOWN = 10  # as `thinkwatch search` does
SEARCHED = {
    "word": ("договор", Limits()),
    "word in another form": ("договорами", Limits()),
    "words": ("treaty border", Limits()),
    "word without another": ("minister -army", Limits()),
    "prefix": ("дого*", Limits()),
    "phrase": ('"Central Asia"', Limits()),
    "phrase of common words": ('"вода дорога"', Limits()),
    "two phrases of common words": ('"вода дорога" "саммит база"', Limits()),
    "commonest phrase": ('"переговоры порт"', Limits()),
    "phrase of three common words": ('"зерно переговоры зерно"', Limits()),
    "phrase of no article": ('"вода договор дорога вода"', Limits()),
    "phrase of a source": ('"вода дорога"', Limits(sources=("source-3",))),
    "phrase of a country": ('"вода дорога"', Limits(countries=("RU",))),
    "phrase of a month": ('"вода дорога"', Limits(since=MONTH)),
    "word of a month and language": ("договор", Limits(since=MONTH, languages=("ru",))),
}

Taken = tuple[float, float]  # seconds by the clock, and of the processor in all threads, which a shared machine does not change


def taken(work: Callable[[], object], times: int = 2) -> Taken:
    """The least that it takes."""
    found = []
    for _ in range(times):
        began = time.perf_counter(), time.process_time()
        work()
        found.append((time.perf_counter() - began[0], time.process_time() - began[1]))
    return round(min(clock for clock, _ in found), 2), round(min(processor for _, processor in found), 2)


def measure(articles: int, folder: Path) -> dict[str, Any]:
    """All figures of one size; those of making the store and the index also from an earlier run in the same folder."""
    noted = folder / "making.json"
    figures: dict[str, Any] = json.loads(noted.read_text()) if noted.exists() else {"articles": articles}
    warehouse, link, index = Warehouse(folder / "warehouse.duckdb"), folder / "thinkwatch.duckdb", SearchIndex(folder / "search")
    if not warehouse.exists():
        figures["load"] = taken(lambda: make(folder, articles), 1)
        figures["memory: loaded"] = _memory()
    if "bare COPY" not in figures:
        figures["bare COPY"] = _bare_copy(warehouse, folder)
    migrate(warehouse, UNTIL)
    link.unlink(missing_ok=True)
    publication = taken(lambda: publish(warehouse, link, datetime.now(UTC), keep=1), 1)
    copy = AnalystsCopy(link)
    if not index.exists:
        figures["building the index"] = taken(lambda: refresh(copy, index), 1)
        figures["memory: indexed"] = _memory()
    refresh(copy, index)
    noted.write_text(json.dumps(figures))
    sizes = {"store": _megabytes(warehouse.path), "copy": _megabytes(link), "index": _megabytes(*index.folder.iterdir())}
    asked = QUESTION.findall(PAGE.read_text(encoding="utf-8"))
    asked.append(("search_text of a month", f"FROM search_text('договор вода', '{MONTH:%Y-%m-%d}') LIMIT 20"))
    questions = {name: taken(lambda sql=sql: copy.ask(sql)) for name, sql in asked}
    searches = _searches(copy, index)
    return figures | sizes | {"publication": publication, "questions": questions, "search": searches, "memory: all": _memory()}


def _megabytes(*files: Path) -> int:
    return round(sum(path.stat().st_size for path in files) / 1e6)


def _memory() -> int:
    """The most megabytes that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


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


def _searches(copy: AnalystsCopy, index: SearchIndex) -> dict[str, Taken]:
    return {
        f"{kind}: {words}": taken(lambda words=words, limits=limits: find(copy, index, words, limits, UNTIL, limit=SHOWN))
        for kind, (words, limits) in SEARCHED.items()
    }


def show(rows: list[dict[str, Any]]) -> None:
    """The table, two columns a size: by the clock, of the processor; then how many times the last is the first, of the processor."""

    def line(name: str, values: list[Any]) -> None:
        shown = (f"{value[0]:>10}{value[1]:>10}" if isinstance(value, list | tuple) else f"{value:>20}" for value in values)
        first, last = ((value[1] if isinstance(value, list | tuple) else value) for value in (values[0], values[-1]))
        print(f"{name[:60]:60}" + "".join(shown) + (f"{last / first:>8.1f}x" if first and last and len(values) > 1 else ""))

    line("articles", [row["articles"] for row in rows])
    for name in ("store", "copy", "index"):
        line(f"megabytes of the {name}", [row[name] for row in rows])
    for name in ("load", "bare COPY", "publication", "building the index"):
        line(name, [row.get(name, "") for row in rows])
    for part in ("questions", "search"):
        for name in rows[-1][part]:
            line(name, [row[part][name] for row in rows])
        line(f"slowest of {part}", [[max(column) for column in zip(*row[part].values(), strict=True)] for row in rows])
    for name in ("loaded", "indexed", "all"):
        line(f"most memory, megabytes: {name}", [row.get(f"memory: {name}", "") for row in rows])


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
    parser.add_argument("--in", dest="kept", type=Path, help="keep stores and indexes in this folder")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        with _place(chosen.kept, chosen.articles[0]) as folder:
            print(json.dumps(measure(chosen.articles[0], folder)))
        return
    rows = []
    for size in chosen.articles:
        options = ["--in", str(chosen.kept)] if chosen.kept else []
        command = [sys.executable, "-m", "bench.at_size", str(size), "--one", *options]
        rows.append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))
    show(rows)


if __name__ == "__main__":
    main()
