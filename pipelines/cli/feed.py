"""`thinkwatch feed`: a feed of any supported kind, or successive polls of one. Stores nothing, needs no configuration."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, NamedTuple

import click

from pipelines.cli.known import code_of
from pipelines.cli.output import note, read_bytes, write_lines
from warehouse.errors import ConfigError, ThinkwatchError

SCOPE = "thinkwatch feed"


class Document(NamedTuple):
    """One poll: what was received, and what is known of where it came from."""

    name: str
    body: bytes
    url: str | None
    content_type: str | None


class Reading(NamedTuple):
    """What the options say about the source."""

    language: str | None
    timezone: str | None
    listing: bool


@click.command("feed")
@click.argument("documents", nargs=-1, required=True, metavar="[FILE|URL|-]…")
@click.option("--url", help="The address that the documents were fetched from; relative links are resolved against it.")
@click.option("--content-type", metavar="TYPE", help="What the server said about them, as in its Content-Type header.")
@click.option(
    "--language",
    metavar="CODE",
    callback=code_of("language"),
    help="Language of the source (ISO 639), for its dates and for a feed that names none.",
)
@click.option(
    "--timezone", metavar="ZONE", help='Zone for dates that bear none: "Europe/Berlin" or "+03:00".  [default: UTC, marked as a guess]'
)
@click.option("--listing", is_flag=True, help="Also read plain sitemaps and OPML files, which list addresses rather than articles.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a document (which is also the default).")
@click.pass_context
def feed(
    ctx: click.Context,
    documents: tuple[str, ...],
    url: str | None,
    content_type: str | None,
    language: str | None,
    timezone: str | None,
    listing: bool,
    as_json: bool,  # noqa: ARG001 - there is no other form
) -> int:
    """Read a feed of any supported kind; stores nothing.

    Each FILE, URL or "-" (stdin) is one poll of the same source: one line of JSON a poll, and an entry that is known
    from an earlier poll bears the same id. A document that is no feed has the verdict "reject" and says why in `problems`.

    Example: thinkwatch feed monday.xml tuesday.xml --url https://institute.example/feed/
    """
    _refuse_zone(timezone)
    reading = Reading(language, timezone, listing)
    failures: list[str] = []
    polls = list(_documents(documents, url, content_type, ctx.obj, failures))  # a wrong path is found before anything is written
    write_lines(_polls(polls, reading, failures))
    return 1 if failures else 0


def _refuse_zone(timezone: str | None) -> None:
    from assets.parsing.datewords import source_zone

    if timezone and source_zone(timezone) is None:
        raise ConfigError(f"{timezone!r} is no time zone", hint="such as Europe/Berlin or +03:00")


def _polls(documents: Iterable[Document], reading: Reading, failures: list[str]) -> Iterator[dict[str, Any]]:
    """One JSON object a document, with ids that last over the documents."""
    from assets.parsing.feed import parse_feed
    from assets.parsing.identity import resolve

    known: dict[str, str] = {}
    for document in documents:
        parsed = parse_feed(document.body, url=document.url, content_type=document.content_type, now=datetime.now(UTC), **reading._asdict())
        resolved = resolve(parsed.entries, known, scope=SCOPE)
        for item in resolved:
            known |= dict.fromkeys(item.keys, item.entry_id)
        if parsed.verdict == "reject":
            note(f"{document.name}: {parsed.problems[0]}")
        if parsed.problems and parsed.problems[0].startswith("error:"):
            failures.append(document.name)
        entries = [{"id": item.entry_id, **asdict(item.entry)} for item in resolved]
        yield {name: getattr(parsed, name) for name in ("verdict", "kind", "title", "language")} | {
            "entries": entries,
            "problems": parsed.problems,
            "next_url": parsed.next_url,
            "ttl_minutes": parsed.ttl_minutes,
        }


def _documents(
    names: tuple[str, ...], url: str | None, content_type: str | None, config_path: str | None, failures: list[str]
) -> Iterator[Document]:
    for name in names:
        if not name.lower().startswith(("http://", "https://")):
            yield Document(name, read_bytes(name), url, content_type)
            continue
        try:
            fetched = _fetched(name, config_path)
        except _NotFetchedError as fault:
            note(f"{name}: {fault.message}")
            note(f"  hint: {fault.hint or 'check the address in a browser'}")
            failures.append(name)
            continue
        yield fetched._replace(url=url or fetched.url, content_type=content_type or fetched.content_type)


class _NotFetchedError(ThinkwatchError):
    """A document could not be fetched; the others are read."""


def _fetched(address: str, config_path: str | None) -> Document:
    """The document at an address, by the polite client that polls use. Raises _NotFetchedError."""
    from assets.fetching.records import Request
    from pipelines.reach import with_fetcher
    from pipelines.settings import load_settings

    fetched = with_fetcher(load_settings(config_path, required=False), lambda fetcher: fetcher.fetch(Request(address, "feed")))
    if fetched.fault:
        raise _NotFetchedError(fetched.fault.message, hint=fetched.fault.hint)
    return Document(address, fetched.body, fetched.final_url, fetched.header("Content-Type"))
