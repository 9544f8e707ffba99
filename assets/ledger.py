"""Fetched answers on their way to disk: body into the archive, then a row of `fetches`, in small batches.

A run that is killed loses at most the batch in hand, and asks for it again.
"""

from collections.abc import Mapping
from types import TracebackType

from assets.fetching.polling import fresh_seconds
from assets.fetching.records import Fetched
from assets.flow import Flow
from warehouse.archive import ArchiveRef
from warehouse.ids import hashed
from warehouse.transaction import Row

BATCH = 20


class FetchLedger:
    """Collects the answers of one step. Use as a context; what was added is stored when it ends, also by an error.

    `kept` says where the archive holds the last body, by the request's `ref`.
    """

    def __init__(self, flow: Flow, run_id: str | None = None, kept: Mapping[str, ArchiveRef] | None = None) -> None:
        self.flow = flow
        self.kept = kept or {}
        self.run_id = run_id
        self.fetched: list[Fetched] = []
        self._waiting: list[Row] = []

    def __enter__(self) -> "FetchLedger":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._flush()

    def add(self, fetched: Fetched, subject: Row) -> Row:
        """Archive one answer and queue its row. `subject` is the row of what was asked for."""
        row = self._row(fetched, subject)
        self.fetched.append(fetched.without_body())
        self._waiting.append(row)
        if len(self._waiting) >= BATCH:
            self._flush()
        return row

    def _flush(self) -> None:
        if self._waiting:
            self.flow.archive.sync()
            with self.flow.warehouse.transaction() as transaction:
                transaction.merge("fetches", self._waiting, key=["fetch_id"])
            self._waiting = []

    def _row(self, fetched: Fetched, subject: Row) -> Row:
        now = self.flow.now()
        request, fault = fetched.request, fetched.fault
        entry_id = {"page": subject.get("entry_id"), "attachment": subject.get("article_id")}.get(request.purpose)
        return {
            "fetch_id": hashed(request.url, now.isoformat()),
            "source_id": subject["source_id"],
            "purpose": request.purpose,
            "feed_id": None if entry_id else subject["feed_id"],
            "entry_id": entry_id,
            "run_id": self.run_id,
            "url": request.url,
            "final_url": fetched.final_url,
            "requested_at": now,
            "status": fetched.status,
            "not_modified": fetched.not_modified,
            "fault": fault.kind if fault else None,
            "error": fault.message if fault else None,
            "hint": fault.hint if fault else None,
            "retry_after_seconds": fault.retry_after_seconds if fault else None,
            "fresh_seconds": fresh_seconds(fetched.headers, now),
            "permanent_url": fetched.permanent_url,
            "elapsed_ms": fetched.elapsed_ms,
            "content_type": fetched.header("content-type"),
            "etag": fetched.header("etag"),
            "last_modified": fetched.header("last-modified"),
            "bytes": len(fetched.body),
            "total_pages": _number(fetched.header("x-wp-totalpages")),
            "handled_at": now if entry_id else None,
            **self._archived(fetched),
        }

    def _archived(self, fetched: Fetched) -> Row:
        if not fetched.body:
            return {"sha256": None, "warc_file": None, "warc_offset": None, "warc_length": None}
        ref = self.flow.archive.write(
            url=fetched.answered_by,
            requested_at=fetched.requested_at or self.flow.now(),
            status=fetched.status or 0,
            request_headers=fetched.request_headers,
            response_headers=fetched.headers,
            body=fetched.body,
            previous=self.kept.get(fetched.request.ref),
            asked=fetched.request.url if fetched.request.url != fetched.answered_by else None,
        )
        return {"sha256": ref.sha256, "warc_file": ref.file, "warc_offset": ref.offset, "warc_length": ref.length}


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isdecimal() and len(value) < 7 else None  # noqa: PLR2004 - what no site has
