"""What the archive costs: bytes a page on disk, and writing and reading beside plain gzip files of the same pages.

The pages are made up, with the sizes of real ones (log-normal, median 60 KB, at most 2 MB) and markup that packs about as
well as theirs. Fewer are measured than the figure for 100,000 says: it is the measured one times their number. Rates are
ratios of CPU time, ours to gzip's: 1.2 means a fifth more. Prints one JSON object.

    python -m bench.archive [--pages 600] [--revisits 0.5]
"""

import argparse
import gzip
import json
import math
import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from warehouse.archive import Archive, ArchiveRef

START = datetime(2026, 1, 1, tzinfo=UTC)
MEDIAN_BYTES, SPREAD, MOST_BYTES = 60_000, 0.9, 2_000_000
WORDS = 20_000
REQUEST = [("Host", "institute.example"), ("User-Agent", "Thinkwatch/0.1 (+https://thinkwatch.example/robot)")]
RESPONSE = [("Content-Type", "text/html; charset=utf-8"), ("ETag", '"0123456789abcdef"'), ("Server", "nginx")]


def page(chance: random.Random, words: list[str], furniture: str) -> bytes:
    """One page: the site's furniture, the same on all of its pages, and paragraphs of Zipf-distributed words."""
    size = min(chance.lognormvariate(math.log(MEDIAN_BYTES), SPREAD), MOST_BYTES)
    parts, length = [furniture], len(furniture)
    while length < size:
        text = " ".join(words[min(int(chance.paretovariate(0.9)) - 1, WORDS - 1)] for _ in range(80))
        parts.append(f'<p class="has-text-{chance.randrange(9)}"><a href="/{chance.getrandbits(40):x}/">{text[:30]}</a>{text[30:]}</p>\n')
        length += len(parts[-1])
    return "".join(parts).encode()


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds and the result."""
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def write(archive: Archive, pages: list[bytes], revisits: float) -> list[ArchiveRef]:
    """Archive each page, then a share of them again as a later visit found them, unchanged."""
    refs = []
    with archive:
        for number, body in enumerate(pages):
            moment = START + timedelta(seconds=number)
            refs.append(archive.write(f"https://institute.example/{number}", moment, 200, REQUEST, RESPONSE, body))
        for number in range(int(len(pages) * revisits)):
            moment = START + timedelta(days=1, seconds=number)
            archive.write(f"https://institute.example/{number}", moment, 200, REQUEST, RESPONSE, pages[number], previous=refs[number])
    return refs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--revisits", type=float, default=0.5, help="share of the pages that are visited again, unchanged")
    asked = parser.parse_args()
    chance = random.Random(20260301)
    words: list[str] = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(2, 11))) for _ in range(WORDS)]
    furniture = "".join(f'<li class="menu-item-{n}"><a href="/{words[n]}/">{words[n]} {words[-n]}</a></li>\n' for n in range(1, 300))
    pages = [page(chance, words, furniture) for _ in range(asked.pages)]
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive(Path(folder))
        writing, refs = timed(lambda: write(archive, pages, 0))
        once = sum(path.stat().st_size for path in Path(folder).rglob("*.gz"))
        reading, _ = timed(lambda: [archive.read(ref) for ref in refs])
    with tempfile.TemporaryDirectory() as folder:
        write(Archive(Path(folder)), pages, asked.revisits)
        again = sum(path.stat().st_size for path in Path(folder).rglob("*.gz"))
    packing, packed = timed(lambda: [gzip.compress(body) for body in pages])
    unpacking, _ = timed(lambda: [gzip.decompress(body) for body in packed])
    raw, plain = sum(map(len, pages)), sum(map(len, packed))
    found = {
        "pages_measured": asked.pages,
        "mean_page_bytes": raw // asked.pages,
        "archived_bytes_a_page": once // asked.pages,
        "share_of_raw": round(once / raw, 3),
        "size_to_gzip": round(once / plain, 3),
        "bytes_a_revisit": round((again - once) / max(1, int(asked.pages * asked.revisits))),
        "gigabytes_for_100000_pages": round(once / asked.pages * 100_000 / 1e9, 2),
        "write_cpu_to_gzip": round(writing / packing, 2),
        "read_cpu_to_gunzip": round(reading / unpacking, 2),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
