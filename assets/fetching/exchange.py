"""One request and its answer over an open pool: limits of time and size, and every failure as a fault.

No redirects, no turns, no robots.txt: that is the fetcher's part.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

import httpcore2
import httpx2

from assets.fetching import faults
from assets.fetching.decoding import BodyTooLargeError, BrokenBodyError, decode
from assets.fetching.records import Fault

Headers = tuple[tuple[str, str], ...]

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """What came back. With a `fault`, status and headers may still be there, and the body may be an error page."""

    status: int | None = None
    headers: Headers = ()
    body: bytes = b""
    fault: Fault | None = None


@dataclass(frozen=True)
class Limits:
    """Seconds to connect, seconds in all, and bytes of the decoded body."""

    connect_seconds: float
    total_seconds: float
    body_bytes: int


async def exchange(
    pool: httpcore2.AsyncConnectionPool, url: httpx2.URL, headers: Headers, limits: Limits, now: datetime, *, content: bytes | None = None
) -> Answer:
    """Ask once. Never raises for what a server or the network does.

    Args:
        pool: with the guarded backend.
        url: checked address.
        headers: all that is sent, Host included.
        limits: of this one exchange.
        now: for servers that give a date to come back at, but no date of their own.
        content: what is posted; without it the document is asked for.
    """
    answer = Answer()
    try:
        async with asyncio.timeout(limits.total_seconds), _opened(pool, url, headers, limits, content) as response:
            head = tuple((_text(name), _text(value)) for name, value in response.headers)
            answer = Answer(response.status, head, fault=faults.of_status(response.status, head, now))
            body = await _body(response, head, limits.body_bytes)
        return replace(answer, body=body)
    except (BodyTooLargeError, BrokenBodyError) as failure:
        fault = _of_body(failure, limits.body_bytes)
    except Exception as failure:  # hostile servers find new ones, and none may stop the others
        fault = faults.of_exception(failure)
    # A refusal says more than the way in which its error page broke off.
    return answer if answer.fault else replace(answer, fault=fault)


def _opened(pool: httpcore2.AsyncConnectionPool, url: httpx2.URL, headers: Headers, limits: Limits, content: bytes | None):  # noqa: ANN202
    # Built from the parts that were checked, so that no second parser can understand the address differently.
    target = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    method = "GET" if content is None else "POST"
    return pool.stream(method, target, headers=raw, content=content, extensions={"timeout": {"connect": limits.connect_seconds}})


async def _body(response: httpcore2.Response, headers: Headers, limit: int) -> bytes:
    announced = faults.value_of(headers, "content-length") or ""
    if announced.isdigit() and int(announced[:20]) > limit:
        raise BodyTooLargeError
    wire = bytearray()
    async for part in response.aiter_stream():
        wire += part
        if len(wire) > limit:
            raise BodyTooLargeError
    codings = [coding for name, value in headers if name.lower() == "content-encoding" for coding in value.split(",")]
    return decode(bytes(wire), codings, limit)


def _of_body(failure: Exception, limit: int) -> Fault:
    if isinstance(failure, BodyTooLargeError):
        return Fault("too_large", f"larger than {limit / MEGABYTE:g} MB after unpacking", "raise the limit if this source is in order")
    return Fault("protocol", f"the document cannot be unpacked: {failure}", "it is tried again later")


def _text(raw: bytes) -> str:
    # Latin-1 gives every byte a character, so that an ETag can be sent back byte for byte.
    return raw.decode("latin-1")
