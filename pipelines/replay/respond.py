"""What an institute's server answers: a pure function of institute, path, request headers and tick. Sockets are in `site`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b

from pipelines.replay import render
from pipelines.replay.institutes import Institute, Validators, load_institutes
from pipelines.replay.pictures import picture
from pipelines.replay.state import article_at, changed_at, institute_named, shown

NOT_FOUND = 404
NOT_MODIFIED = 304


@dataclass(frozen=True)
class Response:
    """One answer: status, headers in their order, body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def respond(institute: str, path: str, headers: Mapping[str, str], tick: int) -> Response:
    """What `GET path` (with its query) gives at a tick.

    Raises KeyError for an institute that is not there, ValueError for a tick outside the replay.
    """
    site = institute_named(institute)
    routes: dict[str, Callable[[], Response]] = {
        "/": lambda: _ok(render.listing(site, tick), site.content_type),
        "/robots.txt": lambda: _ok(site.robots.encode(), "text/plain; charset=utf-8"),
        site.feed.path: lambda: _feed(site, headers, tick),
        site.style: lambda: _ok(render.stylesheet(site), "text/css"),
    }
    if path in routes:
        return routes[path]()
    if path.startswith(site.uploads) and path.endswith(".svg"):
        return _ok(picture(path), "image/svg+xml")
    return _page(site, path, headers, tick)


def hosts(port: int) -> Response:
    """The list of institutes, for a person who opens the replay without naming one."""
    return _ok(render.common("hosts.html", institutes=load_institutes().values(), port=port), "text/html; charset=utf-8")


def missing(what: str) -> Response:
    """The answer for a page that is not there."""
    return Response(NOT_FOUND, (("Content-Type", "text/html; charset=utf-8"),), render.common("missing.html", what=what))


def _feed(site: Institute, headers: Mapping[str, str], tick: int) -> Response:
    latest = max((changed_at(article) for article in shown(site.id, tick)), default=None)
    return _validated(_ok(render.feed(site, tick), site.feed.content_type), site.feed.validators, latest, headers)


def _page(site: Institute, path: str, headers: Mapping[str, str], tick: int) -> Response:
    article = article_at(site, path, tick)
    if article is None:
        return missing(site.absolute(path))
    return _validated(_ok(render.page(site, article, tick), site.content_type), site.validators, changed_at(article), headers)


def _ok(body: bytes, content_type: str) -> Response:
    return Response(200, (("Content-Type", content_type),), body)


def _validated(answer: Response, mode: Validators, changed: datetime | None, headers: Mapping[str, str]) -> Response:
    """Add the validators of this mode; 304 when the request already holds this version (RFC 9110: an ETag outranks a date)."""
    etag = _etag(answer.body, mode)
    modified = changed if mode in {"last-modified", "both"} else None
    marks = (("ETag", etag),) if etag else ()
    marks += (("Last-Modified", _http_date(modified)),) if modified else ()
    if _is_known(etag, modified, {name.lower(): value for name, value in headers.items()}):
        return Response(NOT_MODIFIED, marks, b"")
    return Response(answer.status, answer.headers + marks, answer.body)


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


def _http_date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)
