"""What parsing hands on: a feed and its entries, as data.

No parsing and no cleaning here: a record is filled by `feed` with text that is already clean (no control characters, no
lone surrogates, NFC) and with links that are already absolute.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Verdict = Literal["ok", "ok_degraded", "reject"]
Kind = Literal["rss", "atom", "rdf", "jsonfeed", "sitemap", "opml", "wordpress", "listing", "not_a_feed"]
DateQuality = Literal["exact", "day", "guess"]


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that comes with an entry: `type` is its media type, `length` its size in bytes as announced (None when unknown)."""

    url: str
    type: str = ""
    length: int | None = None


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """One entry as its feed shows it at one poll; who it is, across polls, is decided by `identity`.

    `published_quality` says how far `published` can be trusted: "exact" to the minute, "day" (midnight UTC stands for the
    whole day), "guess" (zone or day/month order assumed), None when there is no date. `published_raw` is kept as written.
    """

    guid: str | None = None
    url: str | None = None
    title: str = ""
    published: datetime | None = None
    published_raw: str | None = None
    published_quality: DateQuality | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    summary: str = ""
    content: str = ""
    categories: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Selectors:
    """Where a web page that lists articles bears them, as CSS selectors; all but `item` are looked for inside an item.

    Attributes:
        item: one listed article; None leaves the whole page to the heuristic.
        link: the link to it (default: the first).
        title: its title (default: the text of the link).
        date: its date, the `datetime` attribute before the text (default: what looks like one).
        summary: its teaser (default: none).
        next: the link to the page with older ones, anywhere on the page (default: rel=next).
    """

    item: str | None = None
    link: str | None = None
    title: str | None = None
    date: str | None = None
    summary: str | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A document read as a feed. "reject" has no entries and says why in `problems`; "ok_degraded" says what was lost.

    `next_url` is where the document itself says that older entries are. An index (`is_index`) lists other documents of
    its kind, not articles.
    """

    verdict: Verdict
    kind: Kind
    title: str = ""
    language: str | None = None
    entries: tuple[ParsedEntry, ...] = ()
    problems: tuple[str, ...] = ()
    next_url: str | None = None
    ttl_minutes: int | None = None
    is_index: bool = False
