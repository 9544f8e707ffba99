"""What went wrong, in words: from exceptions, status codes and headers to a `Fault`.

Pure functions. Whether a fault makes a source failing, blocked or gone is decided in `polling`.
"""

import re
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpcore2

from assets.fetching.guard import LookupFailedError, PrivateAddressError, UnreachableError
from assets.fetching.records import Fault

Headers = tuple[tuple[str, str], ...]

RETRY_AFTER_LIMIT_SECONDS = 7 * 24 * 3600

# (header, what its value begins with): how firewalls say that they gave a riddle for humans in place of the document.
CHALLENGES = (
    ("cf-mitigated", "challenge"),
    ("sg-captcha", "challenge"),
    ("x-amzn-waf-action", "challenge"),
    ("x-amzn-waf-action", "captcha"),
    ("x-vercel-mitigated", "challenge"),
)

NO_DOCUMENT = {
    204: "answered without a document",
    205: "answered without a document",
    206: "sent a part of the document that nobody asked for",
}

CERTIFICATE_HINTS = {
    10: "its certificate has expired: tell the site; nothing is fetched from it until it is renewed",
    18: "its certificate is self-signed; if you trust it, name it in ca_file",
    19: "its certificate comes from an unknown authority; if you trust that, name it in ca_file",
    20: "the server does not send its intermediate certificate, or its authority is unknown: tell the site, or name it in ca_file",
    21: "the server does not send its intermediate certificate, or its authority is unknown: tell the site, or name it in ca_file",
    62: "its certificate is for another host: check the address, a www. may be missing or too much",
}


def of_exception(fault: BaseException) -> Fault:
    """A fault for what httpcore2 and the guard raise, and for the end of the time that a request has."""
    if isinstance(fault, LookupFailedError):
        return Fault("dns", str(fault), "check the host name, and that this machine can look names up")
    if isinstance(fault, PrivateAddressError):
        return Fault("blocked_address", str(fault), "if it is a test server of yours, map its host in connect_to")
    if isinstance(fault, UnreachableError):
        return Fault("connect", str(fault), "the server is down, or a firewall is between us; it is tried again later")
    if isinstance(fault, httpcore2.ConnectError | httpcore2.ConnectTimeout):
        return _of_handshake(fault)
    if isinstance(fault, TimeoutError):
        return Fault("timeout", "no complete answer in the time that a request has", "the server is slow; it is tried again later")
    return Fault("protocol", f"the server broke off or does not speak HTTP: {fault or type(fault).__name__}", "it is tried again later")


def of_status(status: int, headers: Headers, now: datetime) -> Fault | None:
    """The fault of an answer, or None when its body is the document."""
    name = challenge(headers)
    wait = retry_after(headers, now)
    if name:
        message = f"status {status} with a riddle for humans ({name}) in place of the document"
        return Fault("challenge", message, "ask the site to let our robot in, or read it by another feed", wait)
    if status in NO_DOCUMENT:
        return Fault("http_status", f"status {status}: the server {NO_DOCUMENT[status]}", "it is tried again later", wait)
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    phrase = f" {HTTPStatus(status).phrase}" if status in STATUSES else ""
    return Fault("http_status", f"status {status}{phrase}", _hint(status), wait)


def challenge(headers: Headers) -> str | None:
    """The header by which a firewall says that this is not the document."""
    for name, value in headers:
        if any(name.lower() == header and value.lower().startswith(start) for header, start in CHALLENGES):
            return name
    return None


def retry_after(headers: Headers, now: datetime) -> int | None:
    """Seconds that the server wants to be left alone, at most 7 days; a date is read against the server's own clock."""
    value = value_of(headers, "retry-after")
    if value is None:
        return None
    if re.fullmatch(r"\s*\d+\s*", value):
        return min(int(value[:20]), RETRY_AFTER_LIMIT_SECONDS)
    until, clock = http_date(value), http_date(value_of(headers, "date"))
    if until is None:
        return None
    seconds = (until - (clock or now)).total_seconds()
    return max(0, min(int(seconds), RETRY_AFTER_LIMIT_SECONDS))


def http_date(value: str | None) -> datetime | None:
    """A date as HTTP writes it, in UTC; None for anything else."""
    try:
        moment = parsedate_to_datetime(value or "")
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def value_of(headers: Headers, name: str) -> str | None:
    """The first header of that (lower-case) name."""
    return next((value for key, value in headers if key.lower() == name), None)


STATUSES = frozenset(status.value for status in HTTPStatus)


def _of_handshake(fault: BaseException) -> Fault:
    cause: BaseException | None = fault
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            hint = CERTIFICATE_HINTS.get(cause.verify_code, "the site's certificate is not in order: tell the site")
            return Fault("tls", f"certificate refused: {cause.verify_message}", hint)
        cause = cause.__cause__ or cause.__context__
    reason = str(fault) or ("no answer in time" if isinstance(fault, httpcore2.ConnectTimeout) else "the server broke off")
    return Fault("tls", f"no encrypted connection: {reason}", "the server's encryption is broken or out of date: tell the site")


def _hint(status: int) -> str:
    if status in (401, 402, 403, 407, 451):
        return "the site does not let us in: ask it, or read it by another feed"
    if status in (404, 410):
        return "look for the new address on the site and set it"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "the site wants fewer requests: raise its pace"
    return "it is tried again later"
