"""Fetched documents on their way to entries: read from the archive, parsed, identified, stored. Shared by polls and backfills.

Not here: what an answer means for the feed (entries) or for a gap in it (backfills).
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from assets.flow import Flow
from assets.issues import Issue
from assets.parsing.feed import parse_feed
from assets.parsing.identity import Resolved, resolve
from assets.parsing.intake import Intake
from assets.parsing.records import ParsedEntry, ParsedFeed, Selectors
from assets.parsing.urls import is_home_page
from warehouse.archive import ArchiveRef
from warehouse.errors import ArchiveError
from warehouse.transaction import Row, Transaction


def read_document(fetch: Row, flow: Flow, *, listing: bool = False) -> ParsedFeed | None:
    """The document of a fetch as a feed; None when there is none. A list of addresses is one where the source or `listing` says so."""
    if fetch["fault"] or fetch["not_modified"] or not fetch["warc_file"]:
        return None
    ref = ArchiveRef(fetch["warc_file"], fetch["warc_offset"], fetch["warc_length"], fetch["sha256"])
    try:
        body = flow.archive.read(ref)
    except ArchiveError as fault:
        return ParsedFeed("reject", "not_a_feed", problems=(f"its archived copy cannot be read: {fault}",))
    definition = definition_of(fetch)
    return parse_feed(
        body,
        url=fetch["final_url"],
        content_type=fetch["content_type"],
        language=next(iter(fetch["languages"] or ()), None),
        timezone=fetch["timezone"],
        listing=listing or fetch["kind"] == "sitemap",
        selectors=Selectors(**definition.get("selectors", {})) if definition.get("kind") == "listing" else None,
        now=fetch["requested_at"],
    )


def definition_of(feed: Row) -> Row:
    """What the source's file says of a feed; defaults are absent."""
    return json.loads(feed["definition"] or "{}")


@dataclass(frozen=True)
class Identified:
    """Entries with their identity, in the order of their document; what the store had before: rows by entry_id, ids by alias."""

    resolved: list[Resolved]
    known: Mapping[str, Row]
    aliases: Mapping[str, str]


def identify(transaction: Transaction, entries: Iterable[ParsedEntry], source_id: str) -> Identified:
    """Say who each entry is."""
    aliases = {row["alias"]: row["entry_id"] for row in transaction.rows("aliases_of_source", source_id=source_id)}

    def borne(ids: Collection[str]) -> dict[str, tuple[str | None, str | None]]:
        return {row["entry_id"]: (row["url"], row["guid"]) for row in transaction.rows("entries_by_id", entry_ids=sorted(ids))}

    resolved = [_by_address(item, transaction, source_id) for item in resolve(entries, aliases, scope=source_id, borne=borne)]
    rows = transaction.rows("entries_by_id", entry_ids=[item.entry_id for item in resolved])
    return Identified(resolved, {row["entry_id"]: row for row in rows}, aliases)


def _by_address(item: Resolved, transaction: Transaction, source_id: str) -> Resolved:
    """A sitemap or a listing gives little more than the address: what a feed gave with its guid is known by that alone."""
    url = item.entry.url
    if not item.is_new or item.entry.guid or not url or is_home_page(url):
        return item
    owner = transaction.row("entry_by_url", source_id=source_id, url=url)
    return replace(item, entry_id=owner["entry_id"], is_new=False) if owner else item


def store(transaction: Transaction, intake: Intake) -> None:
    """Write what was taken in."""
    transaction.merge("entries", intake.entries, key=["entry_id"])
    transaction.merge("ops.entry_keys", intake.aliases, key=["source_id", "alias"], update=False)


def problems(parsed: ParsedFeed | None, fetch: Row, intake: Intake) -> list[Issue]:
    """What a person may want to look at: what was wrong with the document, and what was kept back from alerts."""
    if parsed is None:
        return []
    hint = "look at the document: thinkwatch feed " + fetch["url"]
    found = [Issue("feed_problem", fetch["source_id"], fetch["url"], problem, hint) for problem in parsed.problems]
    return found + _old_news(fetch, intake)


def _old_news(fetch: Row, intake: Intake) -> list[Issue]:
    if not intake.old or not fetch["first_good_at"]:
        return []
    message = (
        f"{intake.old} entries that were new to us are from before the poll of {fetch['last_good_at']:%Y-%m-%d %H:%M}: stored, never mailed"
    )
    hint = f"list them: thinkwatch sql \"FROM entries WHERE source_id = '{fetch['source_id']}' AND baseline ORDER BY first_seen_at DESC\""
    return [Issue("old_entries", fetch["source_id"], fetch["url"], message, hint)]
