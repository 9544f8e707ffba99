"""`thinkwatch extract`: one page, or a manifest of pages, to clean articles; stores nothing."""

import contextlib
import dataclasses
import gzip
import json
import sys
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from assets.extraction.records import Hints
from assets.extraction.workers import Limits, Workers
from pipelines.cli.output import dumps, note, read_bytes, write_json
from pipelines.words import counted
from warehouse.errors import ConfigError

if TYPE_CHECKING:
    from assets.extraction.templates import Rule

GZIP = b"\x1f\x8b"
TEXTS = ("path", "html", "url", "content_type")  # of a line of a manifest
LONGEST_NAME = 1000  # characters; what is longer is the page itself


@dataclasses.dataclass(frozen=True)
class Task:
    """A line of a manifest, with what all lines share."""

    entry: dict[str, Any]
    folder: Path
    hints: Hints
    rules: "tuple[Rule, ...]"
    now: datetime


@click.command("extract")
@click.argument("file", required=False, metavar="[FILE|-]")
@click.option("--url", help="The address that the page was fetched from.")
@click.option("--content-type", help="What the server said of the page in its Content-Type header.")
@click.option("--source", metavar="ID", help="The source that the page is of: its language, country and time zone guide the reading.")
@click.option("--manifest", metavar="IN.jsonl", help='Many pages: lines of {"id", "path" or "html", "url"?}, paths relative to it.')
@click.option("--out", metavar="OUT.jsonl", help="Where the results of --manifest go, one line a page.  [default: stdout]")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, metavar="N", help="How many processes read pages.")
@click.option(
    "--seconds",
    type=click.FloatRange(0, 3600, min_open=True),
    default=60.0,
    show_default=True,
    metavar="S",
    help="How long one page of --manifest may take before it is ended.",
)
@click.pass_obj
def extract(
    config: str | None,
    file: str | None,
    url: str | None,
    content_type: str | None,
    source: str | None,
    manifest: str | None,
    out: str | None,
    jobs: int,
    seconds: float,
) -> int:
    """Turn a page, HTML or PDF, into its clean article, as JSON; stores nothing.

    FILE is a path, or "-" for stdin; what is packed with gzip is unpacked. The result says what was kept (text and zones),
    what was cut, and by which rule. Where a manifest has several pages of a site, what recurs on them is cut as well.

    Example: thinkwatch extract page.html --url https://institute.example/2021/09/summit
    """
    if (file is None) == (manifest is None):
        raise ConfigError("give either a FILE or --manifest", hint="thinkwatch extract page.html; `thinkwatch extract --help` says more")
    hints = _hints(config, source) if source else Hints()
    if manifest is not None:
        return _extract_all(Path(manifest), out, hints, Workers(Limits(seconds=seconds, workers=jobs)))
    from assets.extraction.extract import extract as extract_page

    try:
        body = _unpacked(read_bytes(file or "-"))
    except (EOFError, OSError, zlib.error) as fault:
        raise ConfigError(f"packed with gzip and damaged: {fault}", path=file, hint="unpack it by hand, or fetch it again") from fault
    found = extract_page(body, url=url, content_type=content_type, hints=hints, now=datetime.now(UTC))
    write_json(found)
    return 1 if found.status == "error" else 0


def _hints(config: str | None, source_id: str) -> Hints:
    from assets.sources.registry import load_sources
    from pipelines.settings import load_settings

    settings = load_settings(config)
    known = {source.id: source for source in load_sources(settings.source_places)}
    if source_id not in known:
        raise ConfigError(f"no source is called {source_id}", hint=f"known ones: {', '.join(sorted(known)[:10])}")
    source = known[source_id]
    return Hints(language=next(iter(source.languages), None), country=source.country, timezone=source.timezone)


def _unpacked(body: bytes) -> bytes:
    return gzip.decompress(body) if body.startswith(GZIP) else body


def _extract_all(manifest: Path, out: str | None, hints: Hints, workers: Workers) -> int:
    now = datetime.now(UTC)
    entries = _entries(manifest)
    templates = _templates(entries, manifest.parent, now, workers)
    tasks = [Task(entry, manifest.parent, hints, templates.get(_host(entry), ()), now) for entry in entries]
    failed = 0
    with Path(out).open("w", encoding="utf-8") if out else contextlib.nullcontext(sys.stdout) as target:
        for found in _results(tasks, workers):
            failed += found["status"] == "error"
            target.write(dumps(found) + "\n")
    if failed:
        note(f"{failed} of {counted(len(tasks), 'page')} could not be read; `reason` in the output says why")
    return 1 if failed else 0


def _entries(manifest: Path) -> list[dict[str, Any]]:
    found = []
    for number, line in enumerate(read_bytes(str(manifest)).decode("utf-8", "replace").split("\n"), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except ValueError as fault:
            raise ConfigError(f"not JSON: {fault}", path=manifest, line=number, hint='a line is {"id": "…", "path": "…"}') from fault
        if not isinstance(entry, dict) or "id" not in entry or not (entry.get("path") or entry.get("html")):
            raise ConfigError(
                'a line needs "id" and "path" (or "html")', path=manifest, line=number, hint='{"id": "1", "path": "page.html"}'
            )
        if odd := next((key for key in TEXTS if not isinstance(entry.get(key), str | None)), None):
            raise ConfigError(f"{odd} is no text", path=manifest, line=number, hint='put it in quotes: {"id": "1", "path": "page.html"}')
        found.append(entry)
    return found


def _host(entry: dict[str, Any]) -> str | None:
    try:
        return urlsplit(str(entry.get("url") or "")).hostname
    except ValueError:
        return None


def _templates(entries: list[dict[str, Any]], folder: Path, now: datetime, workers: Workers) -> "dict[str | None, tuple[Rule, ...]]":
    """What recurs on each site of which the manifest has several pages; pages of one address count once."""
    from assets.extraction.templates import LEAST_PAGES, MOST_TAUGHT

    sites: dict[str | None, dict[str, dict[str, Any]]] = {}
    for entry in entries:
        sites.setdefault(_host(entry), {}).setdefault(str(entry.get("url")), entry)
    hosts = [host for host, pages in sites.items() if host is not None and len(pages) >= LEAST_PAGES]
    calls = [(_learnt, {"entries": list(sites[host].values())[:MOST_TAUGHT], "folder": folder, "now": now}) for host in hosts]
    return {host: found for host, found in zip(hosts, workers.run(calls), strict=True) if isinstance(found, tuple)}


def _learnt(entries: list[dict[str, Any]], folder: Path, now: datetime) -> "tuple[Rule, ...]":
    from assets.extraction.templates import learn, read_page

    read = [read_page(_body(entry, folder), entry.get("content_type")) for entry in entries]
    return learn([page for page in read if page is not None], now).rules


def _results(tasks: list[Task], workers: Workers) -> Iterator[dict[str, Any]]:
    for place, outcome in workers.stream((_result, {"task": task}) for task in tasks):
        if isinstance(outcome, dict):
            yield outcome
        else:
            from assets.extraction.calls import extracted

            yield {"id": tasks[place].entry["id"], **dataclasses.asdict(extracted(outcome))}


def _result(task: Task) -> dict[str, Any]:
    from assets.extraction.extract import extract as extract_page

    try:
        body = _body(task.entry, task.folder)
    except (OSError, EOFError, ValueError) as fault:
        return {"id": task.entry["id"], "status": "error", "reason": f"cannot read the page: {fault}", "text": ""}
    found = extract_page(
        body, url=task.entry.get("url"), content_type=task.entry.get("content_type"), hints=task.hints, rules=task.rules, now=task.now
    )
    return {"id": task.entry["id"], **dataclasses.asdict(found)}


def _body(entry: dict[str, Any], folder: Path) -> bytes:
    """The page: at its path, or in `html` itself where no file is called so."""
    name = str(entry.get("path") or entry["html"])
    may_be_path = len(name) <= LONGEST_NAME and "<" not in name and "\x00" not in name
    if entry.get("path") or (may_be_path and (folder / name).is_file()):
        return _unpacked((folder / name).read_bytes())
    return name.encode("utf-8", "replace")
