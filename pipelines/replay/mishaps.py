"""What goes wrong on the replay's servers: each mishap turns the answer that was due into the one that is given.

Which befalls whom, and when, stands in the institutes' files. All are pure; how a mishap of the wire is sent is for `site`.
"""

import gzip
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b

from pipelines.replay import render
from pipelines.replay.answers import NOT_FOUND, NOT_MODIFIED, Response, http_date
from pipelines.replay.clock import STEP, tick_time
from pipelines.replay.institutes import Institute, Mishap
from pipelines.replay.state import articles_of

HUGE = 25 * 1024 * 1024
HTML = "text/html; charset=utf-8"
BOMB = b'<!DOCTYPE rss [<!ENTITY a "ha">%s]>' % b"".join(
    b'<!ENTITY %c "%s">' % (97 + place, b"&%c;" % (96 + place) * 10) for place in range(1, 12)
)

Effect = Callable[[Institute, Mishap, Response, int], Response]


def befall(site: Institute, path: str, answer: Response, headers: Mapping[str, str], tick: int) -> Response:
    """The answer after all that happens to this path at this tick."""
    for mishap in site.mishaps:
        if tick in mishap.ticks and path == path_of(site, mishap):
            answer = _unchanged(answer, headers) if mishap.does == "unchanged" else EFFECTS[mishap.does](site, mishap, answer, tick)
    return answer


def path_of(site: Institute, mishap: Mishap) -> str:
    """The path that a mishap befalls."""
    kind, _, slug = mishap.path.partition(":")
    if kind != "page":
        return mishap.path
    return next(site.path_of(article) for article in articles_of(site.id) if article.slug == slug)


def moved(where: str, status: int = 301) -> Response:
    """A redirect."""
    return Response(status, (("Location", where), ("Content-Type", HTML)), b"<title>Moved</title>")


def missing_with(body: bytes) -> Response:
    """The answer for what is not there, with this body."""
    return Response(NOT_FOUND, (("Content-Type", HTML),), body)


def _status(site: Institute, mishap: Mishap, _: Response, tick: int) -> Response:
    retry = http_date(tick_time(tick) + timedelta(seconds=mishap.seconds)) if mishap.retry == "date" else mishap.retry
    answer = _page(site, mishap.page or "sorry", mishap.status)
    answer = answer.having("Retry-After", retry) if retry else answer
    return answer.having("cf-mitigated", "challenge") if mishap.page == "challenge" else answer


def _instead(site: Institute, mishap: Mishap, _: Response, __: int) -> Response:
    return _page(site, mishap.page, 200)


def _page(site: Institute, name: str, status: int) -> Response:
    return Response(status, (("Content-Type", HTML),), render.common(f"mishaps/{name}.html", site=site, status=status))


def _redirect(site: Institute, mishap: Mishap, _: Response, __: int) -> Response:
    return moved(site.absolute(mishap.to), mishap.status)


def _truncated(_: Institute, __: Mishap, answer: Response, ___: int) -> Response:
    """The end of the last item is missing, and all that comes after it."""
    return replace(answer, body=answer.body[: answer.body.rindex(b"</title>")])


def _bomb(_: Institute, __: Mishap, answer: Response, ___: int) -> Response:
    head, mark, rest = answer.body.partition(b"<rss")
    return replace(answer, body=head + BOMB + mark + rest.replace(b"<description>", b"<description>&k;", 1))


def _mislabelled(_: Institute, __: Mishap, answer: Response, ___: int) -> Response:
    """Written in windows-1251, and both header and declaration still say UTF-8."""
    return replace(answer, body=answer.body.decode().encode("windows-1251", "xmlcharrefreplace"))


def _mistyped(_: Institute, __: Mishap, answer: Response, ___: int) -> Response:
    return answer.having("Content-Type", "text/plain")


def _broken_gzip(_: Institute, __: Mishap, answer: Response, ___: int) -> Response:
    packed = gzip.compress(answer.body, mtime=0)
    return replace(answer.having("Content-Encoding", "gzip"), body=packed[: len(packed) // 2])


def _huge(_: Institute, __: Mishap, answer: Response, ___: int) -> Response:
    return replace(answer, body=answer.body + b"\n" * (HUGE - len(answer.body)))


def _short(_: Institute, __: Mishap, answer: Response, ___: int) -> Response:
    """The connection ends before all that was announced is sent."""
    return replace(answer, claimed=len(answer.body), body=answer.body[: len(answer.body) // 2])


def _drip(_: Institute, mishap: Mishap, answer: Response, __: int) -> Response:
    return replace(answer, drip=mishap.seconds)


def _slow(_: Institute, mishap: Mishap, answer: Response, __: int) -> Response:
    return replace(answer, wait=mishap.seconds)


def _empty(_: Institute, __: Mishap, answer: Response, ___: int) -> Response:
    return replace(answer, body=re.sub(rb"\s*<item>.*</item>", b"", answer.body, flags=re.DOTALL))


def _one_guid(site: Institute, __: Mishap, answer: Response, ___: int) -> Response:
    """Every item bears the same identity."""
    return replace(answer, body=re.sub(rb"(<guid[^>]*>)[^<]*", rb"\g<1>" + site.home.encode(), answer.body))


def _new_guids(_: Institute, __: Mishap, answer: Response, tick: int) -> Response:
    """Every item bears an identity that it never had before."""

    def fresh(found: re.Match[bytes]) -> bytes:
        return found[1] + blake2b(b"%d %s" % (tick, found[2]), digest_size=8).hexdigest().encode()

    return replace(answer, body=re.sub(rb"(<guid[^>]*>)([^<]*)", fresh, answer.body))


def _skewed(_: Institute, __: Mishap, answer: Response, tick: int) -> Response:
    """The server's clock is a day ahead."""
    ahead = answer.having("Date", http_date(tick_time(tick) + STEP))
    return ahead.having("Last-Modified", http_date(tick_time(tick) + STEP)) if ahead.header("Last-Modified") else ahead


def _unchanged(answer: Response, headers: Mapping[str, str]) -> Response:
    """Whoever asks whether there is anything new is told that there is not."""
    conditional = {"if-none-match", "if-modified-since"} & {name.lower() for name in headers}
    kept = tuple(pair for pair in answer.headers if pair[0] in {"ETag", "Last-Modified"})
    return Response(NOT_MODIFIED, kept, b"") if conditional else answer


EFFECTS: dict[str, Effect] = {
    "status": _status,
    "redirect": _redirect,
    "instead": _instead,
    "truncated": _truncated,
    "entity-bomb": _bomb,
    "mislabelled": _mislabelled,
    "mistyped": _mistyped,
    "broken-gzip": _broken_gzip,
    "huge": _huge,
    "short": _short,
    "drip": _drip,
    "slow": _slow,
    "empty": _empty,
    "one-guid": _one_guid,
    "new-guids": _new_guids,
    "skewed": _skewed,
}
