"""The bytes of single WARC records, made and read with warcio.

Where records lie, and in which file, is `archive`'s business; that imports this module when it first needs it, because
warcio is slow to import.
"""

import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from http import HTTPStatus
from io import BytesIO
from typing import BinaryIO
from urllib.parse import urlsplit

from warcio.archiveiterator import WARCIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordbuilder import RecordBuilder
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from warehouse.archive import ascii_url

Headers = Iterable[tuple[str, str]]

# They describe the bytes on the wire; the archive holds the decoded body.
WIRE_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding"})

# A field of our own: WARC knows none for it, and whoever does not know this one passes over it.
ASKED = "Thinkwatch-Asked-URI"
READ_BYTES = 1024 * 1024
PHRASES = {status.value: status.phrase for status in HTTPStatus}


class DamagedRecordError(Exception):
    """These bytes are not one whole record."""


def warcinfo(name: str) -> bytes:
    """The record that opens a file, and says what the file is."""
    fields = {"software": "thinkwatch", "format": "WARC File Format 1.1", "description": "bodies are stored decoded"}
    return pack(_builder().create_warcinfo_record(name, fields))


def response(
    url: str, moment: datetime, status: int, headers: Headers, body: bytes, sha256: str, asked: str | None = None
) -> ArcWarcRecord:
    """An answer with its body; `asked` is the address that led there, if it was another."""
    fields = {"WARC-Date": _timestamp(moment), "WARC-Payload-Digest": f"sha256:{sha256}", **_asked(asked)}
    http = _answer_headers(status, headers, body)
    return _builder().create_warc_record(
        ascii_url(url), "response", payload=BytesIO(body), length=len(body), http_headers=http, warc_headers_dict=fields
    )


def revisit(
    url: str, moment: datetime, status: int, headers: Headers, body: bytes, original: ArcWarcRecord, asked: str | None = None
) -> ArcWarcRecord:
    """An answer whose body is the one of `original`."""
    return _builder().create_revisit_record(
        ascii_url(url),
        field(original, "WARC-Payload-Digest"),
        field(original, "WARC-Target-URI"),
        field(original, "WARC-Date"),
        http_headers=_answer_headers(status, headers, body),
        warc_headers_dict={"WARC-Date": _timestamp(moment), **_asked(asked)},
    )


def request(url: str, moment: datetime, headers: Headers, answer: ArcWarcRecord) -> ArcWarcRecord:
    """What was asked to get `answer`."""
    parts = urlsplit(ascii_url(url))
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    http = StatusAndHeaders(f"GET {target} HTTP/1.1", list(headers), is_http_request=True)
    fields = {"WARC-Date": _timestamp(moment), "WARC-Concurrent-To": field(answer, "WARC-Record-ID")}
    return _builder().create_warc_record(ascii_url(url), "request", http_headers=http, warc_headers_dict=fields)


def pack(record: ArcWarcRecord) -> bytes:
    """The record as one gzip member."""
    out = BytesIO()
    WARCWriter(out, gzip=True, warc_version="1.1").write_record(record)
    return out.getvalue()


def unpack(member: bytes) -> ArcWarcRecord:
    """The record in one gzip member. Raises DamagedRecordError."""
    # Unpacked here, as warcio hands out what it could read of a damaged member without an error.
    unzip = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        plain = unzip.decompress(member)
    except zlib.error as fault:
        raise DamagedRecordError(str(fault)) from fault
    if not unzip.eof:
        raise DamagedRecordError("it ends too early")
    return _parsed(plain)


def members(stream: BinaryIO) -> Iterator[tuple[int, int, ArcWarcRecord]]:
    """Offset, compressed length and record of each gzip member; a last one that was cut off is left out.

    Raises:
        DamagedRecordError: with the offset as its second argument, at the first member that is damaged.
    """
    offset, rest = 0, b""
    while chunk := rest or stream.read(READ_BYTES):
        unzip, plain, length = zlib.decompressobj(zlib.MAX_WBITS | 16), BytesIO(), 0
        try:
            while chunk and not unzip.eof:
                plain.write(unzip.decompress(chunk))
                length += len(chunk)
                chunk = b"" if unzip.eof else stream.read(READ_BYTES)
            if not unzip.eof:
                return
            record = _parsed(plain.getvalue())
        except (zlib.error, DamagedRecordError) as fault:
            raise DamagedRecordError(str(fault), offset) from fault
        rest = unzip.unused_data
        length -= len(rest)
        yield offset, length, record
        offset += length


def _parsed(plain: bytes) -> ArcWarcRecord:
    try:
        return next(iter(WARCIterator(BytesIO(plain))))
    except (ArchiveLoadFailed, StopIteration) as fault:
        raise DamagedRecordError(str(fault)) from fault


def facts(record: ArcWarcRecord) -> tuple[str, str, datetime, int, tuple[tuple[str, str], ...]]:
    """Checksum of the body, address, time of the request, status and headers of an answer."""
    return (
        field(record, "WARC-Payload-Digest").removeprefix("sha256:"),
        field(record, "WARC-Target-URI"),
        datetime.fromisoformat(field(record, "WARC-Date")),
        int(record.http_headers.get_statuscode()),
        tuple(record.http_headers.headers),
    )


def field(record: ArcWarcRecord, name: str) -> str:
    """A header of the record itself, or an empty string."""
    return record.rec_headers.get_header(name) or ""


def asked_for(record: ArcWarcRecord) -> str:
    """The address that was asked, where redirects led from it to the one of the answer."""
    return field(record, ASKED) or field(record, "WARC-Target-URI")


def _asked(url: str | None) -> dict[str, str]:
    return {ASKED: ascii_url(url)} if url else {}


def _builder() -> RecordBuilder:
    return RecordBuilder(warc_version="1.1")


def _answer_headers(status: int, headers: Headers, body: bytes) -> StatusAndHeaders:
    kept = [(f"X-Archive-Orig-{name}" if name.lower() in WIRE_HEADERS else name, value) for name, value in headers]
    line = f"{status} {PHRASES.get(status, '')}"
    return StatusAndHeaders(line, [*kept, ("Content-Length", str(len(body)))], protocol="HTTP/1.1")


def _timestamp(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
