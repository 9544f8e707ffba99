"""Undoing a merge: one entry that two identities were taken for becomes two, and stays two.

What counts as a merge is decided in `assets.parsing.merges`. Nothing here fetches: the next run visits both pages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from warehouse.errors import ConfigError
from warehouse.ids import hashed
from warehouse.transaction import Row, Transaction

SHORTEST_ID = 6


@dataclass(frozen=True)
class Undone:
    """What undoing a merge does.

    `merge` is its row, `entry_id` names the new entry, `restored` says whether the old one gets its identity back.
    """

    merge: Row
    entry_id: str
    restored: bool


def find_merge(transaction: Transaction, merge_id: str) -> Row:
    """The row of `ops.merges` whose id begins so. Raises ConfigError when there is none, or several."""
    rows = transaction.rows("merges_by_id", merge_id=merge_id) if len(merge_id) >= SHORTEST_ID else []
    if len(rows) != 1:
        problem = f"{len(rows)} merges begin with {merge_id!r}" if rows else f"there is no merge {merge_id!r}"
        raise ConfigError(problem, hint="list them with: thinkwatch sources merges")
    return rows[0]


def undo_merge(transaction: Transaction, merge_id: str, now: datetime, *, dry_run: bool = False) -> Undone:
    """Part what a merge joined, in this transaction; with `dry_run` only say what that would do.

    The new identity gets an entry of its own, marked as baseline so that it never alerts; its aliases lead to it, and pins
    keep it apart at every later poll. The old entry gets its link, guid and title back if the merge had replaced them. Both
    pages are due at once.

    Raises ConfigError for an unknown merge, one that was undone before, or one whose identities nothing can tell apart.
    """
    merge = find_merge(transaction, merge_id)
    _refuse_what_cannot_be_undone(merge)
    (entry,) = transaction.rows("entries_by_id", entry_ids=[merge["entry_id"]])
    parted = hashed("parted", merge["merge_id"])
    restored = (entry["guid"], entry["url"]) == (merge["after_guid"], merge["after_url"])
    if not dry_run:
        rows = [_parted(entry, merge, parted, now)] + ([_restored(entry, merge, now)] if restored else [])
        _store(transaction, rows, merge, parted, now)
    return Undone(merge, parted, restored)


def _store(transaction: Transaction, entries: Sequence[Row], merge: Row, parted: str, now: datetime) -> None:
    transaction.merge("entries", entries, key=["entry_id"])
    transaction.run("move_aliases", source_id=merge["source_id"], aliases=merge["aliases"], entry_id=parted)
    pins = [{"source_id": merge["source_id"], "alias": pin, "entry_id": parted, "added_at": now} for pin in merge["pins"]]
    transaction.merge("ops.entry_keys", pins, key=["source_id", "alias"])
    transaction.merge("ops.merges", [merge | {"undone_at": now, "undone_entry_id": parted}], key=["merge_id"])


def _refuse_what_cannot_be_undone(merge: Row) -> None:
    if merge["undone_at"]:
        when = f"{merge['undone_at']:%Y-%m-%d %H:%M}"
        raise ConfigError(f"the merge {merge['merge_id']} was undone on {when}", hint="its entries are apart; nothing is left to do")
    if not merge["pins"]:
        raise ConfigError(
            f"the merge {merge['merge_id']} cannot be undone: the two addresses differ only in http or https",
            hint="they are one page; nothing is wrong with that",
        )


def _parted(entry: Row, merge: Row, entry_id: str, now: datetime) -> Row:
    """An entry for the identity that was merged in; what its feed says of it comes with the next poll, its text from its page."""
    own = {
        "entry_id": entry_id,
        "feed_id": merge["feed_id"],
        "guid": merge["after_guid"],
        "url": merge["after_url"],
        "title": merge["after_title"],
    }
    unknown = dict.fromkeys(("published_at", "published_raw", "published_quality", "updated_at", "summary", "content"))
    return entry | own | unknown | {"baseline": True, "first_seen_at": now, "last_seen_at": now} | _due(own["url"], now)


def _restored(entry: Row, merge: Row, now: datetime) -> Row:
    own = {name: merge[f"before_{name}"] for name in ("guid", "url", "title")}
    return entry | own | _due(own["url"], now)


def _due(url: str | None, now: datetime) -> Row:
    """To be read anew: an empty hash makes whatever the feed shows next a change."""
    state = "due" if url else "none"
    return {
        "former_guid": None,
        "former_url": None,
        "content_hash": "",
        "page_state": state,
        "page_due_at": now,
        "page_visits": 0,
        "page_failures": 0,
        "page_misses": 0,
        "page_etag": None,
        "page_last_modified": None,
        "page_error": None,
    }
