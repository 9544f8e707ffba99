"""What goes into an extraction beside the bytes, and what comes out of it.

Plain frozen records; how a page becomes one of them is in `extract`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from assets.parsing.records import DateQuality

Status = Literal["ok", "no_article", "blocked", "error"]
Winner = Literal["site_rule", "zones", "feed", "trafilatura"]
ZoneKind = Literal["body", "dateline", "byline", "heading", "quote", "caption", "table", "notes"]


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known of the page before it is read: its feed entry (`content` is its HTML), and of its source.

    `language` and `country` are ISO codes, `timezone` an IANA name: they order 05/06/2024 and place times that bear no zone.
    """

    title: str | None = None
    published: datetime | None = None
    published_quality: DateQuality | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    content: str | None = None
    country: str | None = None
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """One block of the article: `text[start:end]`, in characters, end exclusive."""

    kind: ZoneKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cut:
    """What was left out: `kind` from the boilerplate taxonomy, `rule` the evidence, `text` as it stood on the page."""

    kind: str
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Extract:
    """One page as an article, or the reason why it is none.

    Attributes:
        status: "ok"; "no_article" (settled: nothing to read here); "blocked" (an obstacle stands before the page: try again); "error".
        reason: one word for what is not "ok" ("challenge", "soft_404", "pdf", …).
        text: the article without its title, NFC; paragraphs joined by one blank line, list items begin with "- ".
        zones: one per block of `text`, in order, touching nothing but the blank lines between them.
        cut: what was left out, by which rule.
        published, modified: aware times; `published_quality` says how far to trust the first, None when there is no date.
        authors: persons, or the desk that signs where no person does.
        truncated: the page shows only the beginning (paywall).
        warnings: what a careful reader should know ("canonical_is_home", "future_date", …).
        documents: addresses of the PDF files that the page offers as the article itself.
        sheets: how many pages a PDF has; None for all else.
        score: 0..1, how sure the choice of the body is.
        winner: whose view of where the article is stands; None where there was nothing to choose (feeds, plain text, PDF).
        evidence: whose view of the body won and what the others said, then a line a datum: what title, authors, day, … stand on.
        signature: who signs below the text, as it stands there; `about_authors` what a box beside it or a paragraph says of them.
        dateline_place, dateline_desk: whence, and who speaks, as the dateline says.
        translations: the same article in other languages, as "fr https://…".
    """

    status: Status
    reason: str | None = None
    title: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    published_quality: DateQuality | None = None
    modified: datetime | None = None
    language: str | None = None
    site: str | None = None
    description: str | None = None
    text: str = ""
    zones: tuple[Zone, ...] = ()
    cut: tuple[Cut, ...] = ()
    links: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    sheets: int | None = None
    tags: tuple[str, ...] = ()
    dateline: str | None = None
    disclaimer: str | None = None
    canonical: str | None = None
    truncated: bool = False
    warnings: tuple[str, ...] = ()
    score: float = 0.0
    winner: Winner | None = None
    evidence: tuple[str, ...] = ()
    signature: str | None = None
    about_authors: str | None = None
    dateline_place: str | None = None
    dateline_desk: str | None = None
    translations: tuple[str, ...] = ()
