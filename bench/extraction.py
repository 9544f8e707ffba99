"""How the extraction room does on pages with gold text, beside trafilatura in its default and its precise mode.

Usage: python bench/extraction.py [BENCHMARK] [--jobs N] [--by group]    (default: ../shared/benchmarks/extraction beside the repository)

The figures are those of the benchmark's own scorer, text without the zones of kind `caption` (the gold has none); then the
processor time of each system, ours without and with templates, as a ratio to trafilatura's default in the same run.
"""

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assets.extraction.extract import extract

DATA = Path(__file__).resolve().parents[2] / "shared" / "benchmarks" / "extraction"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
Row = dict[str, Any]
Prediction = dict[str, Any]


def ours(page: bytes, row: Row) -> Prediction:
    """The product, page by page, with nothing known of the site."""
    found = extract(page, url=row["url"], now=NOW)
    text = "\n\n".join(found.text[zone.start : zone.end] for zone in found.zones if zone.kind != "caption")
    date = found.published.isoformat() if found.published else None
    return {"text": text, "title": found.title, "author": list(found.authors), "date": date, "lang": found.language}


def default(page: bytes, row: Row) -> Prediction:  # noqa: ARG001 - one signature for all systems
    """Trafilatura as it comes."""
    return _trafilatura(page)


def precise(page: bytes, row: Row) -> Prediction:  # noqa: ARG001
    """Trafilatura with favor_precision."""
    return _trafilatura(page, favor_precision=True)


def _trafilatura(page: bytes, **options: Any) -> Prediction:
    from trafilatura import bare_extraction

    found = bare_extraction(page, include_comments=False, with_metadata=True, **options)
    if found is None or isinstance(found, dict):
        return {"text": ""}
    return {"text": found.text, "title": found.title, "author": found.author, "date": found.date, "lang": found.language}


SYSTEMS: dict[str, Callable[[bytes, Row], Prediction]] = {"thinkwatch": ours, "trafilatura": default, "trafilatura precise": precise}


def run(task: tuple[str, str, Row]) -> tuple[Prediction, float]:
    """One page through one system, with the processor time that it took."""
    name, folder, row = task
    page = gzip.decompress((Path(folder) / row["html"]).read_bytes())
    begun = time.process_time()
    try:
        found = SYSTEMS[name](page, row)
    except Exception as fault:
        print(f"{name} failed on {row['id']}: {fault}", file=sys.stderr)
        found = {"text": ""}
    return {"id": row["id"], **found}, time.process_time() - begun


def templated(folder: Path, jobs: int, out: Path) -> None:
    """The product as its command runs: several pages of a site teach its template."""
    raw = out.with_suffix(".raw")
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", "extract", "--manifest", str(folder / "manifest.jsonl")]
    subprocess.run([*command, "--out", str(raw), "--jobs", str(jobs)], check=True, cwd=Path(__file__).resolve().parents[1])
    with out.open("w", encoding="utf-8") as target:
        for line in raw.read_text("utf-8").splitlines():
            row = json.loads(line)
            text = "\n\n".join(row["text"][zone["start"] : zone["end"]] for zone in row.get("zones", ()) if zone["kind"] != "caption")
            known = {"title": row.get("title"), "author": row.get("authors"), "date": row.get("published"), "lang": row.get("language")}
            target.write(json.dumps({"id": row["id"], "text": text, **known}) + "\n")


def score(folder: Path, predictions: Path, *options: str) -> str:
    """What the benchmark's scorer says."""
    command = [sys.executable, str(folder / "score.py"), str(folder / "manifest.jsonl"), str(predictions), *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmark", nargs="?", type=Path, default=DATA)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--by", help="a field of the manifest to score by")
    wanted = parser.parse_args()
    if not (wanted.benchmark / "manifest.jsonl").is_file():
        sys.exit(f"no benchmark at {wanted.benchmark}")
    rows = [json.loads(line) for line in (wanted.benchmark / "manifest.jsonl").read_text("utf-8").splitlines()]
    options = ["--by", wanted.by] if wanted.by else []
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as place, ProcessPoolExecutor(wanted.jobs) as pool:
        for name in SYSTEMS:
            found = list(pool.map(run, [(name, str(wanted.benchmark), row) for row in rows], chunksize=8))
            seconds[name] = sum(taken for _, taken in found)
            path = Path(place) / f"{name}.jsonl"
            path.write_text("".join(json.dumps(prediction) + "\n" for prediction, _ in found), "utf-8")
            print(f"== {name}\n{score(wanted.benchmark, path, *options)}")
        path = Path(place) / "templated.jsonl"
        templated(wanted.benchmark, wanted.jobs, path)
        print(f"== thinkwatch with templates\n{score(wanted.benchmark, path, *options)}")
    print("processor time:", ", ".join(f"{name} {taken / seconds['trafilatura']:.2f}" for name, taken in seconds.items()))


if __name__ == "__main__":
    main()
