"""Answers that were found in the archive and that nobody has read, as after a restore: each step of a run takes up its own.

An answer counts as of the time when it was got, so that what it brings is dated as it was, and is in time for what came later.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import unquote

from assets.fetching.records import Fetched, Purpose, Request
from warehouse.archive import Archive, ArchiveRef, ascii_url
from warehouse.errors import ArchiveError
from warehouse.transaction import Row, Transaction

KEPT_FOR = timedelta(days=30)  # what belongs to nothing by then: pages of older entries that a search had asked for, and the like


def take_up_feeds(transaction: Transaction, mine: list[str] | None, now: datetime) -> int:
    """Make unread rows of `fetches` of the documents of known feeds; how many."""
    found = transaction.rows("recovered")
    if not found:
        return 0
    transaction.run("drop_recovered", before=now - KEPT_FOR)
    feeds = {ascii_url(url): feed for feed in transaction.rows("feeds_at", mine=mine) for url in feed["urls"]}
    rows = [
        fetch_row(answer, "feed", feed, feed_id=feed["feed_id"])
        for answer, feed in belonging(found, feeds)
        if feed["last_polled_at"] is None or answer["requested_at"] > feed["last_polled_at"]
    ]
    take_up(transaction, rows)
    return len(rows)


def belonging(found: Iterable[Row], subjects: Mapping[str, Row]) -> Iterator[tuple[Row, Row]]:
    """Each answer with the subject, of those by address, that was asked for, or that answers there."""
    for answer in found:
        subject = subjects.get(answer["asked"]) or subjects.get(answer["url"])
        if subject:
            yield answer, subject


def addresses(found: Iterable[Row]) -> list[str]:
    """Every way in which the store may write the addresses of these answers."""
    asked = {address for answer in found for address in (answer["asked"], answer["url"])}
    return sorted(asked | {unquote(address) for address in asked})


def fetch_row(
    answer: Row,
    purpose: Purpose,
    subject: Row,
    *,
    feed_id: str | None = None,
    entry_id: str | None = None,
    handled_at: datetime | None = None,
) -> Row:
    """The row of `fetches` that the lost one must have been, as far as the archive tells it."""
    told = (
        "fetch_id",
        "requested_at",
        "content_type",
        "etag",
        "last_modified",
        "bytes",
        "sha256",
        "warc_file",
        "warc_offset",
        "warc_length",
    )
    return {name: answer[name] for name in told} | {
        "source_id": subject["source_id"],
        "purpose": purpose,
        "feed_id": feed_id,
        "entry_id": entry_id,
        "url": answer["asked"],
        "final_url": answer["url"],
        "status": HTTPStatus.OK.value,
        "not_modified": False,
        "handled_at": handled_at,
    }


def as_fetched(answer: Row, request: Request, archive: Archive) -> Fetched | None:
    """The answer as its step gets one from the network; None where the archive cannot give its body."""
    place = ArchiveRef(answer["warc_file"], answer["warc_offset"], answer["warc_length"], answer["sha256"])
    try:
        body = archive.read(place)
    except ArchiveError:
        return None
    validators = (("ETag", answer["etag"]), ("Last-Modified", answer["last_modified"]))
    headers = tuple((name, value) for name, value in validators if value is not None)
    return Fetched(request, answer["url"], HTTPStatus.OK.value, headers, body=body, requested_at=answer["requested_at"])


def take_up(transaction: Transaction, rows: Iterable[Row]) -> None:
    """Store these rows of `fetches`; their answers are no longer waiting."""
    listed = list(rows)
    transaction.merge("fetches", listed, key=["fetch_id"], update=False)
    transaction.run("take_up_recovered", fetch_ids=[row["fetch_id"] for row in listed])
