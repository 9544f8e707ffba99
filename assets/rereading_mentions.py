"""Texts of the working copy matched anew, and for whom the difference would have mattered. Nobody is told.

What belongs here: mentions before and after, and what the subscriptions' rules say of both. What does not: reading texts
(`assets.rereading`), what a changed watch list changes (`assets.rematching`).
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from alerts.candidates import read_candidates
from alerts.records import Rule, read_rule
from alerts.rules import judge
from assets.extraction.records import Zone
from assets.matching.batches import Matched, Matchers, Text
from assets.matching.compiling import Compiled
from assets.rematching import Progress, mention_row
from assets.rereading_notes import note, told
from warehouse.database import Warehouse
from warehouse.transaction import Row, Transaction

BATCH = 500
DECISION = "read anew"
_COMPARED = ("entity", "field", "zone", "start_char", "end_char", "matched", "name", "via", "sentence_start", "sentence_end", "alerting")


def rematch(warehouse: Warehouse, compiled: Compiled, now: datetime, *, processes: int, progress: Progress) -> None:
    """Match each current text of the queue, and store and note what differs; a batch a transaction."""
    with warehouse.transaction() as transaction:
        total, rules = transaction.value("count_to_rematch"), _rules(transaction)
    done = 0
    with Matchers(compiled, processes) as matchers:
        while True:
            with warehouse.transaction() as transaction:
                rows = transaction.rows("texts_to_rematch", most=BATCH)
            if not rows:
                return
            matched = list(matchers.match([_text(row) for row in rows]))
            with warehouse.transaction() as transaction:
                for row, found in zip(rows, matched, strict=True):
                    _keep(transaction, row, found, compiled.hash, rules, now)
                transaction.run("mark_rematched", entry_ids=[row["entry_id"] for row in rows])
            done += len(rows)
            progress(done, total)


def _rules(transaction: Transaction) -> dict[str, Rule]:
    """What the subscriptions ask of an article itself; what they ask of the history is left aside."""
    rows = transaction.rows("active_rules")
    return {row["subscription_id"]: replace(read_rule(json.loads(row["rule"])), first_mention_days=0, volume=None) for row in rows}


def _text(row: Row) -> Text:
    zones = tuple(Zone(zone["kind"], zone["start_char"], zone["end_char"]) for zone in row["zones"] or ())
    return Text(row["revision_id"], row["title"], row["text"], row["language"], zones)


def _keep(transaction: Transaction, row: Row, found: Matched, watchlist_hash: str, rules: dict[str, Rule], now: datetime) -> None:
    if found.error:
        note(transaction, row, "lost", None, found.error)
        return
    same = row["base_id"] == row["revision_id"]
    stored = _mentions(transaction, row["base_id"])
    fresh = {one["mention_id"]: one for one in (mention_row(each, row, watchlist_hash) for each in found.mentions)}
    if same and _compared(stored) == _compared(fresh.values()):
        return
    before = _raised(transaction, row, row["base_id"], rules)
    _store(transaction, row["revision_id"], list(fresh.values()), watchlist_hash, now)
    named, names = _named(stored), _named(fresh.values())
    if named != names:
        note(transaction, row, "mentions", told(named - names), told(names - named))
    elif same:
        note(transaction, row, "details", "mentions", "other places or labels")
    after = _raised(transaction, row, row["revision_id"], rules)
    if before != after:
        note(transaction, row, "alerts", ", ".join(sorted(before - after)), ", ".join(sorted(after - before)))


def _mentions(transaction: Transaction, revision_id: str | None) -> list[Row]:
    return transaction.rows("mentions_to_replace", revision_ids=[revision_id], entities=None) if revision_id else []


def _compared(rows: Iterable[Row]) -> set[tuple]:
    """What of mentions counts; those that only prove an earlier alert are silent and come from a list or text before."""
    return {tuple(row[name] for name in _COMPARED) for row in rows if row["alerting"] or not row.get("proof")}


def _named(rows: Iterable[Row]) -> Counter[str]:
    return Counter(row["entity"] for row in rows if row["alerting"])


def _raised(transaction: Transaction, row: Row, revision_id: str | None, rules: dict[str, Rule]) -> set[str]:
    """The subscriptions whose rule a revision hits as it stands in the working copy now."""
    candidates = [one for one in read_candidates(transaction, article_id=row["article_id"]) if one.revision_id == revision_id]
    return {name for name, rule in rules.items() for candidate in candidates[-1:] if judge(rule, candidate).hit}


def _store(transaction: Transaction, revision_id: str, rows: Sequence[Row], watchlist_hash: str, now: datetime) -> None:
    """Replace a revision's mentions, and mark it as decided: what is read anew is told to nobody."""
    transaction.run("forget_mentions", revision_ids=[revision_id], entities=None)
    transaction.run("silence_proof", revision_ids=[revision_id], entities=None)
    transaction.merge("mentions", rows, key=["mention_id"])
    transaction.merge(
        "ops.mention_state", [{"revision_id": revision_id, "watchlist_hash": watchlist_hash, "error": None}], key=["revision_id"]
    )
    mark = {"revision_id": revision_id, "watchlist_hash": watchlist_hash, "matched_at": now, "decided_at": now}
    transaction.merge(
        "ops.matched", [mark | {"decision": DECISION, "error": None, "news": None}], key=["revision_id", "watchlist_hash"], update=False
    )
