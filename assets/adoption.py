"""What reading the archive anew has changed in the working copy: told, and taken over into the store in one transaction.

Nobody is mailed: what is taken over has been marked as decided.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assets.flow import Flow
from assets.parsing.rerun import FROM_FEED
from assets.rereading import Begun, Scope, folder_of
from warehouse.shadow import drop_shadow, shadow_at
from warehouse.transaction import Row, Transaction

BATCH = 500
SAMPLES = 3  # of each source and kind of change
_OF_ENTRIES, _OF_REPORTS = {"entry", "found"}, {"report", "report mentions"}
# Rows of the current state of articles that are taken over: query, table, key. Mentions are replaced, not merged.
_TAKEN = (
    ("articles_by_id", "articles", ("article_id",)),
    ("current_revisions", "revisions", ("revision_id",)),
    ("extractions_of_current", "extractions", ("page_id",)),
    ("page_marks_of_current", "pages", ("page_id",)),
    ("mentions_of_current", "mentions", ("mention_id",)),
    ("mention_state_of_current", "ops.mention_state", ("revision_id",)),
    ("matched_of_current", "ops.matched", ("revision_id", "watchlist_hash")),
)
_TAKEN_OF_NEW = (
    ("stories_of", "stories", ("story_id",)),
    ("story_articles_of", "story_articles", ("article_id",)),
    ("fingerprints_of", "ops.fingerprints", ("fingerprint", "article_id")),
)


@dataclass(frozen=True)
class Difference:
    """What would change.

    Attributes:
        entries: entries that were looked at.
        on_their_way: entries in the scope that the flow has not finished with; they are left to it.
        counts: how many changed, by kind: entry, found (an entry that nobody had seen), article (a text where there was none), text,
            title, date, details, mentions, alerts (another verdict of a subscription's rule), report and report mentions (of a report
            beside the page), lost (no text any more: not taken over).
        by_source: the same by source.
        samples: source_id, what, entry_id, title, url, before, after; some of each source and kind.
    """

    entries: int
    on_their_way: int
    counts: Counter[str] = field(default_factory=Counter)
    by_source: dict[str, dict[str, int]] = field(default_factory=dict)
    samples: list[Row] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {**vars(self), "counts": dict(self.counts)}


@dataclass(frozen=True)
class Adopted:
    """What was taken over: entries and articles, and those left as they were because they have changed meanwhile."""

    taken: int
    left_aside: int


def difference(flow: Flow, begun: Begun) -> Difference:
    """What the working copy, read to its end, differs in."""
    with shadow_at(flow.warehouse, folder_of(flow)).transaction() as transaction:
        entries = transaction.value("count_reread_entries")
        told = Difference(entries, begun.in_scope - entries, samples=transaction.rows("reread_samples", most=SAMPLES))
        for row in transaction.rows("reread_counts"):
            told.counts[row["what"]] += row["count"]
            told.by_source.setdefault(row["source_id"], {})[row["what"]] = row["count"]
    return told


def adopt(flow: Flow, begun: Begun, scope: Scope, told: Difference) -> Adopted:
    """Take over what differs in one transaction, then delete the working copy.

    What has changed in the store since the copy was made stays as it is there. Killed before its commit it has done nothing;
    after it, the next one begins with a new copy.
    """
    shadow = shadow_at(flow.warehouse, folder_of(flow))
    with shadow.transaction() as source, flow.warehouse.transaction() as target:
        changed = source.rows("changed_by_reread")
        kept, aside = 0, 0
        for start in range(0, len(changed), BATCH):
            some = changed[start : start + BATCH]
            same = _unchanged(target, some)
            _take(source, target, same, flow.now())
            _take_reports(source, target, same)
            kept, aside = kept + len(same), aside + len(some) - len(same)
        if changed:
            target.merge("rereads", [_ledger(begun, scope, told, aside, flow.now())], key=["reread_id"])
    drop_shadow(folder_of(flow))
    return Adopted(kept, aside)


def _unchanged(target: Transaction, changed: Sequence[Row]) -> list[Row]:
    """Those that the store still has as they were when the copy was made; what was found is not there yet."""
    now = {row["entry_id"]: row for row in target.rows("state_of_entries", entry_ids=[row["entry_id"] for row in changed])}
    compared = ("content_hash", "revision_id", "changed_at")
    return [row for row in changed if _is_same(row, now.get(row["entry_id"]), compared)]


def _is_same(before: Row, now: Row | None, compared: Iterable[str]) -> bool:
    if now is None or "found" in before["whats"]:
        return now is None and "found" in before["whats"]
    return all(before[name] == now[name] for name in compared)


def _take(source: Transaction, target: Transaction, changed: Sequence[Row], now: datetime) -> None:
    found = [row["entry_id"] for row in changed if "found" in row["whats"]]
    target.merge("entries", source.rows("entries_by_id", entry_ids=found), key=["entry_id"])
    target.merge("ops.entry_keys", source.rows("keys_of_entries", entry_ids=found), key=["source_id", "alias"], update=False)
    entries = source.rows("entries_by_id", entry_ids=[row["entry_id"] for row in changed if "entry" in row["whats"]])
    target.merge("entries", [{name: row[name] for name in ("entry_id", *FROM_FEED)} for row in entries], key=["entry_id"])
    _copy(source, target, _TAKEN_OF_NEW, [row["entry_id"] for row in changed if "article" in row["whats"]])
    ids = [row["entry_id"] for row in changed if set(row["whats"]) - _OF_ENTRIES - _OF_REPORTS]
    revisions = [row["revision_id"] for row in source.rows("current_revisions", entry_ids=ids)]
    target.run("forget_mentions", revision_ids=revisions, entities=None)
    _copy(source, target, _TAKEN, ids)
    target.run("date_taken_articles", entry_ids=ids, changed=[row["changed_at"] for row in changed if row["changed_at"]], now=now)
    target.run("date_taken_revisions", entry_ids=ids, known=[row["revision_id"] for row in changed if row["revision_id"]], now=now)


def _take_reports(source: Transaction, target: Transaction, changed: Sequence[Row]) -> None:
    """Reports that the store still has as they were."""
    ids = [row["entry_id"] for row in changed if _OF_REPORTS & set(row["whats"])]
    rows = {row["attachment_id"]: row for row in source.rows("reports_reread_of", entry_ids=ids)}
    now = {row["attachment_id"]: row["read_at"] for row in target.rows("reports_read_at", attachment_ids=list(rows))}
    same = [name for name, row in rows.items() if now.get(name) == row["known_read_at"]]
    reports = [{name: value for name, value in rows[one].items() if name != "known_read_at"} for one in same]
    target.merge("attachments", reports, key=["attachment_id"])
    target.run("forget_attachment_mentions", attachment_ids=same)
    target.merge("attachment_mentions", source.rows("mentions_of_reports", attachment_ids=same), key=["mention_id"])


def _copy(source: Transaction, target: Transaction, tables: Iterable[tuple[str, str, tuple[str, ...]]], ids: Sequence[str]) -> None:
    for query, table, key in tables:
        target.merge(table, source.rows(query, entry_ids=ids), key=key)


def _ledger(begun: Begun, scope: Scope, told: Difference, left_aside: int, now: datetime) -> Row:
    return {
        "reread_id": begun.reread_id,
        "begun_at": begun.begun_at,
        "adopted_at": now,
        "scope": scope.plain(),
        "entries": told.entries,
        "changes": dict(told.counts),
        "left_aside": left_aside,
    }
