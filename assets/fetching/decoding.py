"""From the bytes on the wire to the document: gzip, deflate, brotli and zstd, with a limit and a check for completeness.

Pure functions on bytes. Our own, because httpx2's decoders take a cut or many-part gzip body for a whole one.
"""

import sys
import zlib
from collections.abc import Sequence

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MOST_CODINGS = 3
STEP_BYTES = 1024 * 1024
GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class BodyTooLargeError(Exception):
    """More than the allowed bytes after decompression."""


class BrokenBodyError(Exception):
    """The body is not what its Content-Encoding says, or not all of it."""


def decode(body: bytes, codings: Sequence[str], limit: int) -> bytes:
    """Undo `codings`, last applied first.

    Args:
        body: as it came over the wire.
        codings: values of Content-Encoding, in their order.
        limit: most bytes that any step may give.

    Raises:
        BodyTooLargeError: a step gave more than `limit`; no more than that was unpacked.
        BrokenBodyError: unknown coding, too many of them, damaged or incomplete data.
    """
    names = [name for name in (coding.strip().lower().removeprefix("x-") for coding in codings) if name not in ("", "identity")]
    if len(names) > MOST_CODINGS:
        raise BrokenBodyError(f"{len(names)} content encodings on top of one another")
    for name in reversed(names):
        if name not in DECODERS:
            raise BrokenBodyError(f"unknown content encoding {name!r}")
        try:
            body = DECODERS[name](body, limit) if body else body
        except (zlib.error, brotli.error, zstd.ZstdError) as fault:
            raise BrokenBodyError(f"damaged {name} data: {fault}") from fault
    return body


def _gunzip(body: bytes, limit: int) -> bytes:
    # Servers that say gzip and send plain text are common, and nothing is lost by believing the bytes.
    if not body.startswith(GZIP_MAGIC):
        return body
    parts: list[bytes] = []
    room = limit
    while body.startswith(GZIP_MAGIC):
        part, body = _inflate(body, room, zlib.MAX_WBITS | 16)
        parts.append(part)
        room -= len(part)
    return b"".join(parts)


def _undeflate(body: bytes, limit: int) -> bytes:
    try:
        return _inflate(body, limit, zlib.MAX_WBITS)[0]
    except zlib.error:
        return _inflate(body, limit, -zlib.MAX_WBITS)[0]  # what old servers take "deflate" for


def _inflate(body: bytes, limit: int, window_bits: int) -> tuple[bytes, bytes]:
    """One compressed stream, and the bytes behind it."""
    stream = zlib.decompressobj(window_bits)
    plain = stream.decompress(body, limit + 1)
    if len(plain) > limit:
        raise BodyTooLargeError
    if not stream.eof:
        raise BrokenBodyError("compressed data ends too early")
    return plain, stream.unused_data


def _unbrotli(body: bytes, limit: int) -> bytes:
    stream = brotli.Decompressor()
    plain = bytearray(stream.process(body, output_buffer_limit=STEP_BYTES))
    while len(plain) <= limit and (part := stream.process(b"", output_buffer_limit=STEP_BYTES)):
        plain += part
    if len(plain) > limit:
        raise BodyTooLargeError
    if not stream.is_finished():
        raise BrokenBodyError("compressed data ends too early")
    return bytes(plain)


def _unzstd(body: bytes, limit: int) -> bytes:
    if not body.startswith(ZSTD_MAGIC):
        return body
    parts: list[bytes] = []
    room = limit
    while body:
        stream = zstd.ZstdDecompressor()
        part = stream.decompress(body, room + 1)
        if len(part) > room:
            raise BodyTooLargeError
        if not stream.eof:
            raise BrokenBodyError("compressed data ends too early")
        parts.append(part)
        room -= len(part)
        body = stream.unused_data
    return b"".join(parts)


DECODERS = {"gzip": _gunzip, "deflate": _undeflate, "br": _unbrotli, "zstd": _unzstd}
