"""How the extraction room does on pages with gold text, beside its peers, how long it takes, and where the time goes.

Usage: python bench/extraction.py [BENCHMARK] [--jobs N] [--quick]    (default: ../shared/benchmarks/extraction beside the repository)

The figures are those of the benchmark's own scorer, text without the zones of kind `caption` (the gold has none). "with
templates" is ours where several pages of a site are known. `time` is processor time as a ratio to trafilatura's default in the
same run, `a second` pages a second of one core. Below each table stand the goals. --quick leaves out all peers but trafilatura.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assets.extraction.extract import extract
from assets.extraction.templates import LEAST_PAGES, MOST_TAUGHT, Rule, learn, read_page
from bench.peers import Prediction, missing, present
from bench.scorer import DATA, page, rows, scorer

NOW = datetime(2026, 11, 23, tzinfo=UTC)
COLUMNS = ("P", "R", "F1", "leak", "leakpages", "title", "author", "date", "dateprec", "invented", "lang")
GROUPS = {"all": None, "own-made": "sim"}
GOALS = {
    "all": {"F1": 0.955, "title": 0.90, "author": 0.80, "date": 0.93, "dateprec": 0.97, "lang": 0.99},
    "own-made": {"F1": 0.995, "leak": 0.005, "invented": 0.0},
}
BASE = "trafilatura"
STEPS = {
    "decode": "decode",
    "parse": "parse",
    "what is stated": "structured.read",
    "walk": "read_blocks",
    "title": "titles.find_title",
    "zones": "zones.label",
    "gate": "_judge",
    "decision": "decide",
    "tail": "sorting.sort",
    "authors": "people.find_authors",
    "dates": "times.find_times",
    "language": "language.identify",
}
Row = dict[str, Any]


def ours(body: bytes, row: Row, rules: tuple[Rule, ...] = ()) -> Prediction:
    """The product."""
    found = extract(body, url=row["url"], rules=rules, now=NOW)
    text = "\n\n".join(found.text[zone.start : zone.end] for zone in found.zones if zone.kind != "caption")
    date = found.published.isoformat() if found.published else None
    return {"text": text, "title": found.title, "author": list(found.authors), "date": date, "lang": found.language}


def run(task: tuple[str, Path, Row, tuple[Rule, ...]]) -> tuple[Prediction, float]:
    """One page through one system, with the processor time that it took."""
    name, folder, row, rules = task
    body = page(folder, row)
    begun = time.process_time()
    try:
        found = present()[name](body) if name in present() else ours(body, row, rules)
    except Exception as fault:
        print(f"{name} failed on {row['id']}: {fault}", file=sys.stderr)
        found = {"text": ""}
    return found, time.process_time() - begun


def warm(folder: Path, row: Row, names: list[str]) -> None:
    """Let a process import what the systems need, so that no page pays for it."""
    for name in names:
        run((name, folder, row, ()))


def learnt(folder: Path, manifest: list[Row]) -> dict[str, tuple[Rule, ...]]:
    """The rules of each site of which several pages are known."""
    sites: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in manifest:
        sites[urlsplit(row["url"] or "").hostname or ""].setdefault(row["url"], row)
    found = {}
    for host, pages in sites.items():
        if host and len(pages) >= LEAST_PAGES:
            taught = (read_page(page(folder, row)) for row in list(pages.values())[:MOST_TAUGHT])
            found[host] = learn([one for one in taught if one], NOW).rules
    return found


def line(name: str, figures: Iterable[Any]) -> str:
    """A row of the table."""
    cells = (f"{figure:.3f}" if isinstance(figure, float) else "-" if figure is None else str(figure) for figure in figures)
    return f"{name:24s}" + "".join(f"{cell:>10s}" for cell in cells)


def steps(folder: Path, manifest: list[Row]) -> None:
    """Where our time goes: each step's share, steps inside others left out of those."""
    seconds: dict[str, float] = defaultdict(float)
    inside: list[float] = []

    def timed(name: str, call: Callable[..., Any], *args: Any, **options: Any) -> Any:
        begun = time.process_time()
        inside.append(0.0)
        try:
            return call(*args, **options)
        finally:
            taken = time.process_time() - begun
            seconds[name] += taken - inside.pop()
            if inside:
                inside[-1] += taken

    warm(folder, manifest[0], ["thinkwatch"])
    patches = []
    for name, target in STEPS.items():
        holder, _, attribute = f"assets.extraction.extract.{target}".rpartition(".")
        patches.append(patch(f"{holder}.{attribute}", partial(timed, name, _resolve(holder, attribute))))
    for one in patches:
        one.start()
    begun = time.process_time()
    for row in manifest:
        timed("the rest", extract, page(folder, row), url=row["url"], now=NOW)
    total = time.process_time() - begun
    for one in patches:
        one.stop()
    print(
        "\nwhere our time goes: "
        + ", ".join(f"{name} {taken / total:.0%}" for name, taken in sorted(seconds.items(), key=lambda one: -one[1]))
    )


def _resolve(holder: str, attribute: str) -> Callable[..., Any]:
    from pydoc import locate

    found = locate(f"{holder}.{attribute}")
    if not callable(found):
        sys.exit(f"no step {holder}.{attribute}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmark", nargs="?", type=Path, default=DATA)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--quick", action="store_true")
    wanted = parser.parse_args()
    manifest, score = rows(wanted.benchmark), scorer(wanted.benchmark)
    if missing():
        print(f"not installed, left out: {', '.join(missing())}", file=sys.stderr)
    rules = learnt(wanted.benchmark, manifest)
    names = [BASE, *([] if wanted.quick else [name for name in present() if name != BASE]), "thinkwatch", "with templates"]
    figures, seconds = {}, {}
    with ProcessPoolExecutor(wanted.jobs, initializer=warm, initargs=(wanted.benchmark, manifest[0], names)) as pool:
        for name in names:
            known = [rules.get(urlsplit(row["url"] or "").hostname or "", ()) if name == "with templates" else () for row in manifest]
            tasks = [(name, wanted.benchmark, row, own) for row, own in zip(manifest, known, strict=True)]
            found = list(pool.map(run, tasks, chunksize=8))
            seconds[name] = sum(taken for _, taken in found)
            figures[name] = [score.score_page(row, prediction) for row, (prediction, _) in zip(manifest, found, strict=True)]
    for group, source in GROUPS.items():
        print(f"\n{line(group, (*COLUMNS, *(() if source else ('time', 'a second'))))}")
        for name, scored in figures.items():
            part = score.summary([one for one, row in zip(scored, manifest, strict=True) if source in {None, row["source"]}])
            speed = () if source else (seconds[name] / seconds[BASE], round(len(manifest) / seconds[name]))
            print(line(name, (*(part[column] for column in COLUMNS), *speed)))
        print(line("goal", (GOALS[group].get(column) for column in COLUMNS)))
    steps(wanted.benchmark, manifest[:: max(1, len(manifest) // 150)])


if __name__ == "__main__":
    main()
