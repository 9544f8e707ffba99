"""How the parsing room does on hostile feeds and on the feeds of other parsers' test suites.

Usage: python bench/feeds.py [BENCHMARKS]    (default: ../shared/benchmarks/feeds beside the repository)
`parse` is the adapter that the battery's own checker calls: check.py BATTERY bench.feeds:parse
"""

import json
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assets.parsing.feed import parse_feed
from assets.parsing.identity import resolve
from assets.parsing.records import ParsedFeed

DATA = Path(__file__).resolve().parents[2] / "shared" / "benchmarks" / "feeds"
REASONS = Path(__file__).with_name("feeds_differences.tsv")
NOW = datetime(2026, 11, 23, tzinfo=UTC)

_known: dict[str, str] = {}

# The checker forks a process a case: what is imported here is not imported 124 times.
parse_feed(b"<rss version='2.0'><channel><item><title>t</title><pubDate>1 sen 2021</pubDate></item></channel></rss>", now=NOW)


def parse(data: bytes, content_type: str, url: str) -> dict[str, Any]:
    """One poll in the form that check.py judges; polls of one process are polls of one source."""
    feed = parse_feed(data, url=url, content_type=content_type, now=NOW)
    resolved = resolve(feed.entries, _known, scope="bench")
    _known.update({key: item.entry_id for item in resolved for key in item.keys})
    return {
        "verdict": feed.verdict,
        "problems": feed.problems,
        "entries": [
            {
                "id": item.entry_id,
                "title": item.entry.title,
                "link": item.entry.url,
                "published": item.entry.published.strftime("%Y-%m-%dT%H:%M:%SZ") if item.entry.published else None,
                "content": item.entry.content or item.entry.summary,
            }
            for item in resolved
        ],
    }


def distinct(feed: ParsedFeed) -> int:
    """How many different articles a feed shows."""
    return len({item.entry_id for item in resolve(feed.entries, {}, scope="bench")})


def third_party(directory: Path) -> list[tuple[str, int, int, str]]:
    """Every third-party feed whose number of entries differs from the consensus: (file, consensus, ours, what we say)."""
    consensus = {row["file"]: row for row in json.loads((directory / "consensus.json").read_text("utf-8"))}
    differing, raised, seen = [], 0, 0
    for archive in sorted(directory.glob("*.tar.gz")):
        with tarfile.open(archive) as pack:
            for member in pack:
                row = consensus.get(member.name)
                if row is None or not member.isfile():
                    continue
                seen += 1
                stream = pack.extractfile(member)
                feed = parse_feed(stream.read() if stream else b"", url="https://feeds.example/feed.xml", now=NOW)
                raised += any(problem.startswith("error:") for problem in feed.problems)
                if "identifiable" in row and distinct(feed) != row["identifiable"]:
                    differing.append(
                        (member.name, row["identifiable"], distinct(feed), f"{feed.verdict} {feed.kind} {'; '.join(feed.problems)}")
                    )
    print(f"third party: {seen} feeds read, {raised} parser failures, {len(differing)} with another number of entries")
    return differing


def reasons() -> dict[str, str]:
    """Why we differ from the consensus, by file: the table beside this file."""
    rows = (line.split("\t") for line in REASONS.read_text("utf-8").splitlines()[1:])
    return {row[0]: row[3] for row in rows}


def main(arguments: list[str]) -> int:
    """Run the battery and the third-party feeds; 1 when a difference has no reason in the table beside this file."""
    data = Path(arguments[0]) if arguments else DATA
    if not data.is_dir():
        print(f"no benchmark data at {data}")
        return 2
    sys.path.insert(0, str(data))
    import check  # pyrefly: ignore[missing-import] - comes with the data

    check.main(str(data), "bench.feeds:parse")
    named = reasons()
    differing = third_party(data / "thirdparty")
    for name, wanted, found, said in differing:
        print(f"{name}: {wanted} by consensus, {found} by us ({named.get(name, 'NO REASON GIVEN')}; {said})")
    return int(any(name not in named for name, *_ in differing))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
