"""What the archive holds and the store does not know: found after a restore, and queued for the next run.

Here: finding it. Not here: which feed, page or report an answer belongs to; the steps of a run know that and take it up
(`assets.recovery`), some only when others have been: a page's entry may be in a feed that is still to be read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import groupby
from pathlib import Path

from warehouse.archive import Archive, Archived, ArchiveRef, ascii_url
from warehouse.database import Warehouse
from warehouse.ids import hashed
from warehouse.transaction import Row

# A request may be older than the newest row by as long as a run fetches.
MARGIN = timedelta(hours=1)


@dataclass(frozen=True)
class Found:
    """How many answers are new to the store, the files that were read, and what could not be read of them."""

    answers: int
    files: int
    damage: tuple[str, ...]


def queue_unknown(archive: Archive, warehouse: Warehouse, now: datetime, *, dry_run: bool = False) -> Found:
    """Queue every good answer in the archive that is newer than the store and that it does not know; twice finds nothing new.

    A record that was torn when its run was killed is said, and everything before it is taken. Only while no run is under way:
    what that has archived and not yet committed would be read twice.
    """
    with warehouse.transaction() as transaction:
        newest = transaction.value("newest_fetch")
        since = newest - MARGIN if newest else None
        known = {(ascii_url(row["final_url"]), row["sha256"]) for row in transaction.rows("known_answers", since=since)}
        queued = {row["fetch_id"] for row in transaction.rows("recovered")}
    files = [file for file in archive.files() if since is None or Path(file).name[:8] >= f"{since:%Y%m%d}"]
    read = [archive.answers(file) for file in files]
    scanned = [answer for answers, _ in read for answer in answers]
    fresh = [one for one in scanned if _is_good(one, since, now) and (one.url, one.ref.sha256) not in known]
    places = {answer.ref.sha256: answer.ref for answer in scanned if answer.ref.file}
    with warehouse.transaction() as transaction:
        missing = list({one.ref.sha256 for one in fresh} - places.keys())
        for row in transaction.rows("bodies_kept", digests=missing):
            places[row["sha256"]] = ArchiveRef(row["warc_file"], row["warc_offset"], row["warc_length"], row["sha256"])
        found = {row["fetch_id"]: row for row in _rows(_changed(fresh), places, now)}
        rows = [row for fetch_id, row in found.items() if fetch_id not in queued]
        if not dry_run:
            transaction.merge("ops.recovered", rows, key=["fetch_id"], update=False)
    return Found(len(rows), len(files), tuple(words for _, words in read if words))


def _is_good(answer: Archived, since: datetime | None, now: datetime) -> bool:
    return answer.status == HTTPStatus.OK and (since is None or answer.requested_at >= since) and answer.requested_at <= now


def _changed(answers: Iterable[Archived]) -> Iterator[Archived]:
    """Of each address what differs from the answer before it, oldest first."""
    for _, of_address in groupby(sorted(answers, key=lambda one: (one.asked, one.requested_at)), key=lambda one: one.asked):
        before = ""
        for answer in of_address:
            if answer.ref.sha256 != before:
                yield answer
            before = answer.ref.sha256


def _rows(answers: Iterable[Archived], places: Mapping[str, ArchiveRef], now: datetime) -> Iterator[Row]:
    for answer in answers:
        ref = places.get(answer.ref.sha256)
        if ref is None:  # seen before in a file that is no longer there
            continue
        headers = {name.lower(): value for name, value in reversed(answer.headers)}
        yield {
            "fetch_id": _id(answer),
            "url": answer.url,
            "asked": answer.asked,
            "requested_at": answer.requested_at,
            "content_type": headers.get("content-type"),
            "etag": headers.get("etag"),
            "last_modified": headers.get("last-modified"),
            "bytes": int(headers["content-length"]),
            "sha256": ref.sha256,
            "warc_file": ref.file,
            "warc_offset": ref.offset,
            "warc_length": ref.length,
            "found_at": now,
        }


def _id(answer: Archived) -> str:
    return hashed(answer.asked, answer.requested_at.isoformat())
