"""Bytes to a feed: which kind of document it is, which reader reads it, and what was wrong with it.

The one entrance of this room. It never raises: a document that cannot be read is a feed with verdict "reject" and a reason.
Who an entry is across polls is decided in `identity`; fetching, and whether a link may be visited, are elsewhere.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from assets.parsing.cleaning import clean
from assets.parsing.dates import UNKNOWN, Dated, parse_date
from assets.parsing.decoding import Decoded, decode
from assets.parsing.fieldtext import one_line
from assets.parsing.items import complete, count, limit, tame
from assets.parsing.raw import RawEntry, RawFeed
from assets.parsing.records import Enclosure, Kind, ParsedEntry, ParsedFeed, Selectors
from assets.parsing.sniffing import Sniffed, sniff
from assets.parsing.urls import canonical_url

_LISTS: dict[str, str] = {"sitemap": "a sitemap lists pages", "opml": "an OPML file lists feeds"}
MOST_EVENTS = 1_500_000  # tags and references; feedparser handles some 300,000 a second
LAST_RESORTS = 50  # dates a feed that the slow date parser may try
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class _Context:
    """What is known of the source."""

    url: str | None
    language: str | None
    timezone: str | None
    now: datetime
    selectors: Selectors | None = None


def parse_feed(
    body: bytes,
    *,
    url: str | None = None,
    content_type: str | None = None,
    language: str | None = None,
    timezone: str | None = None,
    now: datetime,
    listing: bool = False,
    selectors: Selectors | None = None,
) -> ParsedFeed:
    """Read RSS, Atom, RDF, JSON Feed or WordPress posts, whole or damaged.

    Args:
        body: the document as received; gzip is unpacked.
        url: the address that it was fetched from; relative links are resolved against it.
        content_type: the HTTP header; hardly trusted.
        language: ISO 639 code of the source, for dates and a feed that names no language.
        timezone: zone of the source (IANA name or "+03:00"), for dates that bear none.
        now: aware UTC time; dates far ahead of it are refused.
        listing: whether a plain sitemap or an OPML file will do: these list addresses rather than articles, and are
            rejected (with their kind) when a feed was expected.
        selectors: set when a web page that lists articles will do, and how to find them on it.

    Returns:
        The feed; "ok_degraded" when something may be lost, "reject" when it is no feed, each with the reasons in `problems`.
    """
    context = _Context(url, language, timezone, now, selectors)
    try:
        decoded = decode(body, content_type=content_type, language=language)
        sniffed = sniff(decoded.text, url)
        if sniffed.is_page and selectors is not None:
            sniffed = Sniffed("listing")
        if sniffed.reason:
            return ParsedFeed("reject", sniffed.kind or "not_a_feed", problems=(sniffed.reason, *decoded.problems))
        return _finish(_read(decoded, sniffed, context), decoded, context, listing=listing)
    except Exception as fault:
        # A poll of one source must not end the run; the raw bytes are archived and can be read again once this is mended.
        return ParsedFeed("reject", "not_a_feed", problems=(f"error: the parser failed ({type(fault).__name__}: {str(fault)[:100]})",))


def _read(decoded: Decoded, sniffed: Sniffed, context: _Context) -> RawFeed:
    if sniffed.kind == "jsonfeed":
        from assets.parsing.jsonfeed import read_json  # noqa: PLC0415 - one reader a document

        return read_json(decoded.text, url=context.url)
    if sniffed.kind == "listing":
        from assets.parsing.webpages import read_webpage  # noqa: PLC0415

        return read_webpage(decoded.text, context.selectors or Selectors(), url=context.url)
    cleaned = clean(decoded.text)
    if sniffed.kind in {"sitemap", "opml"}:
        from assets.parsing.listings import read_listing  # noqa: PLC0415

        raw = read_listing(cleaned.text, sniffed.kind)
    else:
        limit(cleaned)
        complete(cleaned)
        raw = _read_xml(tame(cleaned.text), context)
    raw.problems = [*cleaned.problems, *raw.problems]
    raw.damaged |= cleaned.damaged
    raw.kind = raw.kind or sniffed.kind
    return raw


def _read_xml(text: str, context: _Context) -> RawFeed:
    """feedparser, or the plain reader where feedparser raises, finds fewer items than the text opens, or would take minutes."""
    from assets.parsing.rescue import read_tree  # noqa: PLC0415
    from assets.parsing.xmlfeed import read_with_feedparser  # noqa: PLC0415

    if text.count("&") + text.count("<") > MOST_EVENTS:
        raw = read_tree(text, url=context.url)
        raw.problems.append("size: so large that the plain reader read it")
        return raw
    reason = ""
    try:
        raw = read_with_feedparser(text, url=context.url)
    except Exception as fault:
        raw, reason = RawFeed(kind=None), f"{type(fault).__name__}"
    if reason or raw.telling < count(text):
        rescued = read_tree(text, url=context.url)
        if rescued.telling > raw.telling or reason:
            rescued.problems.append(f"damaged: read by the plain reader ({reason or 'entries were missing'})")
            rescued.damaged = True
            return rescued
    return raw


def _refusal(raw: RawFeed, *, listing: bool) -> str:
    """Why a document that was read is still no feed; empty when it is one."""
    if raw.kind is None:
        return raw.problems.pop(0) if raw.problems else "not_a_feed: nothing in it can be read"
    lists_articles = raw.kind == "sitemap" and any(entry.title and any(entry.published) for entry in raw.entries)
    if raw.kind in _LISTS and not listing and not lists_articles:
        return f"not_a_feed: {_LISTS[raw.kind]}, here {len(raw.entries)}"
    return ""


def _finish(raw: RawFeed, decoded: Decoded, context: _Context, *, listing: bool) -> ParsedFeed:
    refusal = _refusal(raw, listing=listing)
    kind: Kind = raw.kind or "not_a_feed"
    problems = [*decoded.problems, *raw.problems]
    if refusal:
        return ParsedFeed("reject", kind, problems=(refusal, *problems))
    language = _language(raw.language) or context.language
    dating = _Dating(context, language)
    base = context.url or canonical_url(raw.home)
    entries = [_entry(entry, dating, base, language) for entry in raw.entries]
    kept = tuple(entry for entry in entries if entry.url or entry.title or entry.summary or entry.content)
    if len(kept) < len(entries):
        problems.append(f"empty: {len(entries) - len(kept)} entries hold neither title nor link nor text")
    return ParsedFeed(
        verdict="ok_degraded" if raw.damaged or decoded.damaged else "ok",
        kind=kind,
        title=raw.title,
        language=language,
        entries=kept,
        problems=tuple(problems + dating.problems()),
        next_url=canonical_url(raw.next_url, base),
        ttl_minutes=raw.ttl_minutes,
        is_index=raw.is_index,
    )


class _Dating:
    """Reads the dates of one feed and counts what could not be read."""

    def __init__(self, context: _Context, language: str | None) -> None:
        self.context = context
        self.language = context.language or language
        self.unread: list[str] = []

    def first(self, candidates: list[str]) -> tuple[Dated, str | None]:
        """The first candidate that is a date, and its text as written; the first text when none is."""
        written = [raw for raw in candidates if raw.strip()]
        for raw in written:
            dated = self.read(raw)
            if dated.value:
                return dated, one_line(raw)
        if written:
            self.unread.append(written[0])
        return UNKNOWN, one_line(written[0]) if written else None

    def read(self, raw: str) -> Dated:
        """One date in the language and zone of the source."""
        context = self.context
        last_resort = len(self.unread) < LAST_RESORTS
        return parse_date(raw, language=self.language, timezone=context.timezone, now=context.now, last_resort=last_resort)

    def problems(self) -> list[str]:
        """One line about all dates that were not understood."""
        return [f"dates: {len(self.unread)} not understood, as {one_line(self.unread[0], 60)!r}"] if self.unread else []


def _entry(raw: RawEntry, dating: _Dating, base: str | None, language: str | None) -> ParsedEntry:
    dated, written = dating.first(raw.published)
    updated = dating.read(raw.updated) if raw.updated else UNKNOWN
    # Without a link, an identifier that is itself an address is the next best; never a bare number made absolute.
    links = [canonical_url(link, base) for link in raw.links if link.strip()]
    address = next((link for link in links if link), None) or canonical_url(
        raw.guid if re.match(r"(?i)https?://|/\w", raw.guid) else None, base
    )
    enclosures = _enclosures(raw.enclosures, base)
    address = address or next((each.url for each in enclosures if _is_report(each)), None)
    return ParsedEntry(
        guid=raw.guid or None,
        url=address,
        title=raw.title,
        published=dated.value,
        published_raw=written,
        published_quality=dated.quality,
        updated=updated.value,
        authors=raw.authors,
        summary=raw.summary,
        content=raw.content,
        categories=tuple(filter(None, raw.categories)),
        enclosures=enclosures,
        language=_language(raw.language) or language,
    )


def _is_report(enclosure: Enclosure) -> bool:
    """Whether a file is a text to be read, which can stand for the page of an entry that has none."""
    return enclosure.type == "application/pdf" or enclosure.url.lower().partition("?")[0].endswith(".pdf")


def _enclosures(found: tuple[Enclosure, ...], base: str | None) -> tuple[Enclosure, ...]:
    kept: dict[str, Enclosure] = {}
    for enclosure in found:
        address = canonical_url(enclosure.url, base)
        if address and address not in kept:
            kept[address] = Enclosure(address, enclosure.type, enclosure.length)
    return tuple(kept.values())


def _language(tag: str | None) -> str | None:
    """A language tag in its usual form ("en-US"), None for what is none."""
    found = _LANGUAGE.fullmatch((tag or "").strip())
    if not found:
        return None
    main, *rest = re.split("[-_]", found[0])
    return "-".join([main.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])  # noqa: PLR2004 - a country's letters
