"""What an answer of the replay is made of, and the conditional requests that any of them may meet."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b

from pipelines.replay.institutes import Validators

NOT_FOUND = 404
NOT_MODIFIED = 304


@dataclass(frozen=True)
class Response:
    """One answer: status, headers in their order, body, and how a server that is not well sends it.

    Attributes:
        claimed: the length that is told, where it is not the body's.
        wait: seconds before the first byte.
        drip: seconds before each further byte of the body.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    claimed: int | None = None
    wait: float = 0.0
    drip: float = 0.0

    def header(self, name: str) -> str | None:
        """The value of a header, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def having(self, name: str, value: str) -> "Response":
        """The same answer with another value of a header."""
        kept = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=(*kept, (name, value)))


def found(body: bytes, content_type: str) -> Response:
    """A document that is there."""
    return Response(200, (("Content-Type", content_type),), body)


def validated(answer: Response, mode: Validators, changed: datetime | None, headers: Mapping[str, str]) -> Response:
    """Add the validators of this mode; 304 when the request already holds this version (RFC 9110: an ETag outranks a date)."""
    etag = _etag(answer.body, mode)
    modified = changed if mode in {"last-modified", "both"} else None
    marks = (("ETag", etag),) if etag else ()
    marks += (("Last-Modified", http_date(modified)),) if modified else ()
    if _is_known(etag, modified, {name.lower(): value for name, value in headers.items()}):
        return Response(NOT_MODIFIED, marks, b"")
    return replace(answer, headers=answer.headers + marks)


def http_date(moment: datetime) -> str:
    """A moment as headers write it."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _etag(body: bytes, mode: Validators) -> str | None:
    if mode not in {"etag", "weak", "both"}:
        return None
    mark = f'"{blake2b(body, digest_size=8).hexdigest()}"'
    return f"W/{mark}" if mode == "weak" else mark


def _is_known(etag: str | None, modified: datetime | None, headers: Mapping[str, str]) -> bool:
    if (asked := headers.get("if-none-match")) is not None:
        return etag is not None and (asked.strip() == "*" or etag.removeprefix("W/") in _marks(asked))
    since = headers.get("if-modified-since")
    return modified is not None and since is not None and modified <= _parsed(since)


def _marks(asked: str) -> set[str]:
    return {mark.strip().removeprefix("W/") for mark in asked.split(",")}


def _parsed(since: str) -> datetime:
    try:
        return parsedate_to_datetime(since)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
