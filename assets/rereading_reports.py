"""Reports beside pages in the working copy: read anew from the archive, matched anew, and what differs noted. Nobody is told.

What belongs here: the rows of `attachments` and `attachment_mentions`. What does not: pages and texts (`assets.rereading`),
taking it over (`assets.adoption`).
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from assets.attachments import BATCH, mention_rows, read_reports, report_row, report_text
from assets.extraction.records import Extract
from assets.flow import Flow
from assets.matching.batches import Matched, Matchers
from assets.matching.compiling import Compiled
from assets.rereading_notes import apart, note, told
from warehouse.transaction import Row, Transaction

_COMPARED = ("state", "title", "authors", "language", "pages", "text", "zones")
_OF_MENTIONS = ("entity", "zone", "start_char", "end_char", "matched", "name", "via", "sentence_start", "sentence_end")


def reread_reports(flow: Flow, compiled: Compiled) -> None:
    """Read and match every report of the queue; a batch a transaction."""
    while rows := _waiting(flow, "reports_to_reread"):
        found = read_reports(flow, rows)
        with flow.warehouse.transaction() as transaction:
            for row, one in zip(rows, found, strict=True):
                _keep(transaction, row, one, flow.now())
            transaction.run("mark_reports_reread", attachment_ids=[row["attachment_id"] for row in rows])
    with Matchers(compiled, 1) as matchers:
        while rows := _waiting(flow, "reports_to_rematch"):
            matched = list(matchers.match([report_text(row) for row in rows]))
            with flow.warehouse.transaction() as transaction:
                for row, one in zip(rows, matched, strict=True):
                    _keep_mentions(transaction, row, one, compiled.hash)
                transaction.run("mark_reports_rematched", attachment_ids=[row["attachment_id"] for row in rows])


def _waiting(flow: Flow, query: str) -> Sequence[Row]:
    with flow.warehouse.transaction() as transaction:
        return transaction.rows(query, most=BATCH)


def _keep(transaction: Transaction, row: Row, found: Extract, now: datetime) -> None:
    if row["state"] == "read" and found.status != "ok":
        _note(transaction, row, "lost", row["text"], found.reason or "no text in the report")
        return
    fresh = report_row(row, found, now)
    if any((row[name] or None) != (fresh[name] or None) for name in _COMPARED):
        _note(transaction, row, "report", *apart(row["text"] or "", fresh["text"] or ""))
        transaction.merge("attachments", [fresh], key=["attachment_id"])


def _keep_mentions(transaction: Transaction, row: Row, found: Matched, watchlist_hash: str) -> None:
    if found.error:
        _note(transaction, row, "lost", None, found.error)
        return
    stored = transaction.rows("mentions_of_reports", attachment_ids=[row["attachment_id"]])
    fresh = mention_rows(row, found, watchlist_hash)
    if _compared(stored) == _compared(fresh):
        return
    transaction.run("forget_attachment_mentions", attachment_ids=[row["attachment_id"]])
    transaction.merge("attachment_mentions", fresh, key=["mention_id"])
    before, after = (Counter(one["entity"] for one in rows) for rows in (stored, fresh))
    _note(transaction, row, "report mentions", told(before - after), told(after - before))


def _compared(rows: Sequence[Row]) -> set[tuple]:
    return {tuple(row[name] for name in _OF_MENTIONS) for row in rows}


def _note(transaction: Transaction, row: Row, what: str, before: str | None, after: str | None) -> None:
    note(transaction, {"entry_id": row["article_id"], "source_id": row["source_id"]}, what, before, after)
