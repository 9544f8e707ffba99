"""Which known entries came back under another guid or address: one row a case, so that a person can check and undo it.

Pure. How an entry is known again is decided in `identity`, which remembers nothing of a feature that changes on nearly all
entries of a poll, so that one bad poll cannot rewrite the ledger; once the next poll bears it too, it is told here. Undoing a
merge is done in `assets.merging`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from assets.parsing.identity import Resolved, pins
from assets.parsing.records import ParsedEntry
from assets.parsing.urls import url_key
from warehouse.ids import hashed
from warehouse.transaction import Row

FEATURES = {"u": "address", "g": "guid", "t": "title", "d": "date", "x": "text"}
MOVES = ("host changed", "scheme changed")  # the stored link follows them, so that each is said once without an alias


def note_merges(
    resolved: Iterable[Resolved], *, known: Mapping[str, Row], aliases: Mapping[str, str], feed: Row, now: datetime
) -> list[Row]:
    """The rows of `ops.merges` for the entries of one poll that bear another identity than the stored one.

    Args:
        resolved: the entries of the poll.
        known: rows of `entries` by entry_id, for those that the store has already.
        aliases: alias → entry_id, as the store had them before this poll.
        feed: the row of `feeds`.
        now: time of the poll.
    """
    rows = (_merge(item, known[item.entry_id], aliases, feed, now) for item in resolved if item.entry_id in known)
    return list({row["merge_id"]: row for row in rows if row}.values())


def _merge(item: Resolved, before: Row, aliases: Mapping[str, str], feed: Row, now: datetime) -> Row | None:
    entry = item.entry
    gained = [alias for alias in item.keys if alias not in aliases]
    before = _confirmed(before, entry, gained) or before
    rules = _rules(before, item, gained)
    if not rules:
        return None
    return {
        "merge_id": hashed(item.entry_id, *(value or "" for value in (before["guid"], before["url"], entry.guid, entry.url))),
        "merged_at": now,
        "source_id": feed["source_id"],
        "feed_id": feed["feed_id"],
        "entry_id": item.entry_id,
        "rule": ", ".join(rules),
        "proof": f"same {' and '.join(FEATURES[name] for name in item.proof)}" if item.proof else "listed beside it",
        **{f"before_{name}": before[name] for name in ("guid", "url", "title")},
        **{f"after_{name}": getattr(entry, name) for name in ("guid", "url", "title")},
        "aliases": gained,
        "pins": sorted(pins(entry.url, entry.guid) - pins(before["url"], before["guid"])),
        "undone_at": None,
        "undone_entry_id": None,
    }


def _confirmed(before: Row, entry: ParsedEntry, gained: Iterable[str]) -> Row | None:
    """The row as it was before guids or addresses changed on nearly all entries at once, if this poll is the one that confirms it.

    The poll that first showed the change remembered nothing of it: it might have been one that makes them anew each time.
    """
    if not gained or (before["guid"], before["url"]) != (entry.guid or before["guid"], entry.url or before["url"]):
        return None
    former = {name: before.get(f"former_{name}") for name in ("guid", "url")}
    told = former["url"] and entry.url and _address_rule(former["url"], entry.url) in MOVES
    return {**before, **former} if any(former.values()) and not told else None


def _rules(before: Row, item: Resolved, gained: Iterable[str]) -> list[str]:
    """What differs, in words; nothing where the identity is an old acquaintance, or made anew at every poll."""
    entry = item.entry
    learnt = {letter for alias in gained for letter in alias.partition(":")[0]}
    found: dict[str, str | None] = {}
    if before["guid"] and entry.guid and pins(None, before["guid"]) != pins(None, entry.guid):
        found["g"] = "guid changed"
    if before["url"] and entry.url and before["url"] != entry.url:
        found["u"] = _address_rule(before["url"], entry.url)
    return [rule for letter, rule in found.items() if rule and (letter in learnt or rule in MOVES)]


def _address_rule(before: str, after: str) -> str | None:
    old, new = urlsplit(before), urlsplit(after)
    if url_key(before) == url_key(after):
        return "scheme changed" if old.scheme != new.scheme else None
    hosts = [(parts.hostname or "").removeprefix("www.") for parts in (old, new)]
    return "slug edited" if hosts[0] == hosts[1] else "host changed"
