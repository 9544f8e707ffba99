"""What an institute's server answers: a pure function of institute, path, request headers and tick. Sockets are in `site`.

What goes wrong on the way is in `mishaps`.
"""

from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlsplit

from pipelines.replay import render
from pipelines.replay.answers import NOT_FOUND, NOT_MODIFIED, Response, found, validated
from pipelines.replay.institutes import Feed, Institute, load_institutes
from pipelines.replay.mishaps import befall, missing_with, moved
from pipelines.replay.pictures import picture
from pipelines.replay.reports import PDF, report_pdf
from pipelines.replay.state import article_at, changed_at, institute_named

__all__ = ["NOT_FOUND", "NOT_MODIFIED", "Response", "hosts", "missing", "respond"]


def respond(institute: str, path: str, headers: Mapping[str, str], tick: int, host: str = "") -> Response:
    """What `GET path` (with its query) gives at a tick; on a host that the institute has left, where to go instead.

    Raises KeyError for an institute that is not there, ValueError for a tick outside the replay.
    """
    site = institute_named(institute, tick)
    if host and host != site.host and host not in site.aliases:
        return moved(site.absolute(path))
    return befall(site, path, _answer(site, path, headers, tick), headers, tick)


def hosts(port: int) -> Response:
    """The list of institutes, for a person who opens the replay without naming one."""
    return found(render.common("hosts.html", institutes=load_institutes().values(), port=port), "text/html; charset=utf-8")


def missing(what: str) -> Response:
    """The answer for a page that is not there."""
    return missing_with(render.common("missing.html", what=what))


def _answer(site: Institute, path: str, headers: Mapping[str, str], tick: int) -> Response:
    routes: dict[str, Callable[[], Response]] = {
        "/": lambda: found(render.listing(site, tick), site.content_type),
        "/robots.txt": lambda: found(site.robots.encode(), "text/plain; charset=utf-8"),
        site.style: lambda: found(render.stylesheet(site), "text/css"),
    }
    if path in routes:
        return routes[path]()
    for feed in site.feeds:
        if number := _page_number(feed, path):
            return _feed(site, feed, number, headers, tick)
    if path.startswith(site.uploads) and path.endswith(".svg"):
        return found(picture(path), "image/svg+xml")
    return _page(site, path, headers, tick)


def _page_number(feed: Feed, path: str) -> int:
    """Which page of this feed a path asks for; 0 when it is another document."""
    if path == feed.path:
        return 1
    asked, own = urlsplit(path), urlsplit(feed.path)
    query = parse_qs(asked.query)
    number = query.pop(feed.paging, ["0"])[0] if feed.paging and asked.path == own.path else "0"
    return int(number) if number.isdecimal() and query == parse_qs(own.query) else 0


def _feed(site: Institute, feed: Feed, page: int, headers: Mapping[str, str], tick: int) -> Response:
    if page > 1 and not render.listed(site, feed, tick, page):
        return missing(f"{site.absolute(feed.path)} page {page}")
    latest = max((changed_at(article) for article in render.fitting(site, feed, tick)), default=None)
    return validated(found(render.feed_page(site, feed, tick, page), feed.content_type), feed.validators, latest, headers)


def _page(site: Institute, path: str, headers: Mapping[str, str], tick: int) -> Response:
    article = article_at(site, path.removesuffix(PDF), tick)
    if article is None or (path.endswith(PDF) and not article.report):
        return missing(site.absolute(path))
    if path.endswith(PDF):
        return found(report_pdf(article.slug), "application/pdf")
    return validated(found(render.page(site, article, tick), site.content_type), site.validators, changed_at(article), headers)
