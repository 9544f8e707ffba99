"""What goes into a fetch and what comes out of it.

Plain frozen records, no network: every other room may import them at no cost.
How a fetch is done stands in `fetcher`, what an outcome means for a source in `polling`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from ipaddress import ip_address
from typing import Literal

from warehouse.errors import ConfigError

Purpose = Literal["feed", "page", "backfill", "attachment"]
FaultKind = Literal[
    "dns",
    "connect",
    "tls",
    "timeout",
    "protocol",
    "too_large",
    "blocked_address",
    "robots",
    "http_status",
    "redirects",
    "challenge",
    "deferred",
]

MEGABYTE = 1024 * 1024
MORE_THAN_NOTHING = (
    "connect_seconds",
    "total_seconds",
    "source_seconds",
    "run_seconds",
    "concurrency",
    "max_feed_bytes",
    "max_page_bytes",
    "max_attachment_bytes",
)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How we behave towards other people's servers, and what we accept from them.

    Attributes:
        contact: web address that says who we are and how to reach us; sent with every request.
        user_agent: name and version of the robot; the contact address is appended.
        connect_seconds: limit for finding the address and connecting to it, and again for TLS.
        total_seconds: limit for one request with its redirects, without the time that it waits for its turn.
        pace_seconds: shortest time between the end of one request to a host and the start of the next.
        patience_seconds: after this long a slow request no longer counts among `concurrency`, so that it delays nobody.
        concurrency: hosts that are asked at the same time; one host never has more than one connection.
        source_seconds: how long one source may be asked in one go; what is left of it waits for the next run.
        run_seconds: how long all of them may be asked in one run. A request that has begun is not cut short by it.
        max_feed_bytes: largest feed, after decompression.
        max_page_bytes: largest page, after decompression.
        max_attachment_bytes: largest report beside a page.
        max_redirects: redirects that are followed for one request.
        robots_for_feeds: whether a Disallow in robots.txt also holds for feeds, which exist to be polled by machines.
            A Crawl-delay always holds.
        connect_to: host to "127.0.0.1:port". The one switch that allows loopback; the URL keeps its host name.
        ca_file: PEM file of the certificate authorities to trust instead of the usual ones.
    """

    contact: str
    user_agent: str = "Thinkwatch/0.1"
    connect_seconds: float = 10.0
    total_seconds: float = 30.0
    pace_seconds: float = 1.0
    patience_seconds: float = 2.0
    concurrency: int = 16
    source_seconds: float = 300.0
    run_seconds: float = 900.0
    max_feed_bytes: int = 20 * MEGABYTE
    max_page_bytes: int = 10 * MEGABYTE
    max_attachment_bytes: int = 25 * MEGABYTE
    max_redirects: int = 5
    robots_for_feeds: bool = False
    connect_to: Mapping[str, str] = field(default_factory=dict)
    ca_file: str | None = None

    def __post_init__(self) -> None:
        """Refuse what would make every later request fail or misbehave. Raises ConfigError."""
        for name in ("contact", "user_agent"):
            value = getattr(self, name)
            if not value.strip() or not value.isascii() or not value.isprintable():
                raise ConfigError(f"{name} must be one line of ASCII text, not {value!r}", hint=f"set {name} in the configuration")
        for name in MORE_THAN_NOTHING:
            if getattr(self, name) <= 0:
                raise ConfigError(f"{name} must be more than 0, not {getattr(self, name)}", hint="leave it out to use the default")
        for host, target in self.connect_to.items():
            loopback_target(host, target)

    @property
    def agent(self) -> str:
        """The User-Agent header: robot, version and how to reach its operator."""
        return f"{self.user_agent} (+{self.contact})"

    def max_bytes(self, purpose: Purpose) -> int:
        """Largest decoded body for this purpose."""
        return {"page": self.max_page_bytes, "attachment": self.max_attachment_bytes}.get(purpose, self.max_feed_bytes)


def loopback_target(host: str, target: str) -> tuple[str, int]:
    """Split "127.0.0.1:8000" or "[::1]:8000" into address and port. Raises ConfigError for anything but loopback."""
    address, _, port = target.rpartition(":")
    address = address.strip("[]")
    try:
        allowed = ip_address(address).is_loopback and 0 < int(port) < 2**16
    except ValueError:
        allowed = False
    if not allowed:
        raise ConfigError(
            f"connect_to sends {host} to {target!r}, which is not a loopback address with a port",
            hint='write it as host = "127.0.0.1:8000"; other private addresses cannot be opened',
        )
    return address, int(port)


@dataclass(frozen=True)
class Request:
    """One address to get, with the validators of the body that the caller still has (and only then).

    `ref` is the caller's own mark; `source` says on whose budget it goes.
    """

    url: str
    purpose: Purpose
    etag: str | None = None
    last_modified: str | None = None
    ref: str = ""
    source: str = ""

    @property
    def is_conditional(self) -> bool:
        """Whether a 304 is an answer to this request."""
        return self.etag is not None or self.last_modified is not None


@dataclass(frozen=True)
class Fault:
    """Why a fetch gave nothing to use: `message` says what happened, `hint` what a person can do.

    `retry_after_seconds` is what the server asked for, counted from its own clock and never more than 7 days.
    """

    kind: FaultKind
    message: str
    hint: str = ""
    retry_after_seconds: int | None = None


@dataclass(frozen=True)
class Fetched:
    """How one request ended.

    Attributes:
        status: of the last answer, or None when there was none.
        headers: of the last answer, in their order, names as sent.
        request_headers: that we sent to get the last answer.
        body: decoded (no gzip, br, zstd left). Complete unless there is a fault; empty for a 304.
        size: bytes of the body, where that was let go.
        requested_at: when the last request was sent, UTC.
        elapsed_ms: over all redirects, without waiting for our turn.
        not_modified: a 304 to a conditional request.
        redirects: (status, URL that sent us on), first to last.
        permanent_url: where an unbroken chain of 301 and 308 from the requested URL led, if that differs from it.
    """

    request: Request
    final_url: str
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    size: int = 0
    requested_at: datetime | None = None
    elapsed_ms: int = 0
    not_modified: bool = False
    fault: Fault | None = None
    redirects: tuple[tuple[int, str], ...] = ()
    permanent_url: str | None = None
    request_headers: tuple[tuple[str, str], ...] = ()

    @property
    def ok(self) -> bool:
        """A complete body, or a 304 that confirms the one that the caller has."""
        return self.fault is None

    @property
    def answered_by(self) -> str:
        """The address that gave status and body: not `final_url` where a redirect led to what was refused or could not be had."""
        status, url = self.redirects[-1] if self.redirects else (None, self.final_url)
        return url if status in (None, self.status) else self.final_url

    def without_body(self) -> "Fetched":
        """The record for whoever counts and reports: a run must not hold all that it fetched."""
        return replace(self, body=b"", size=len(self.body))

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)
