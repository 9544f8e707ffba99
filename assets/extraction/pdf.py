"""PDF reports as articles: what the layout found, as the blocks that every other page becomes, and what the file says of itself.

Reading is in `pdf_reading`, the layout in `pdf_layout`; from here on a report is treated like any page: datelines, bylines,
the tail and the metadata are the same code's work.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

from assets.extraction.blocks import Block, Frame, Page
from assets.extraction.pdf_layout import Part, lay_out, words_of
from assets.extraction.pdf_reading import Document, UnreadableError, read
from assets.extraction.records import Extract, Hints
from assets.extraction.structured import Statements
from assets.extraction.titles import without_site
from assets.extraction.wording import key, tidy
from assets.extraction.zones import Label

_HEAD = 16  # blocks around the title in which the byline and the date stand
_SCANNED = 0.5  # of a page that a picture covers
_FEW_WORDS = 25  # a page's, on average: a scan with a stamp on it
_GARBLED = 0.2  # of the characters that stand for nothing
_LONGEST_TITLE = 250  # characters
_DATE = re.compile(r"D?:?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:(Z)|([+-])(\d\d)'?(\d\d)?)?")
_RULES = {
    "page_number": "page number",
    "page_header": "line at the edge of several pages",
    "contents": "entry of the table of contents",
}


@dataclass(frozen=True, slots=True)
class Report:
    """A PDF as a page: its blocks, the labels of its furniture, what it states, its title, when it was made (not published).

    `sheets` is how many pages it has.
    """

    page: Page
    labels: list[Label | None]
    stated: Statements
    title: str | None
    head: range
    created: datetime | None
    warnings: tuple[str, ...]
    sheets: int


def is_pdf(body: bytes) -> bool:
    """Whether the bytes are a PDF; some begin with a few bytes of something else."""
    return b"%PDF-" in body[:1024] and not body[:1024].lstrip().startswith(b"<")


def read_report(body: bytes, hints: Hints) -> Report | str:
    """The report in a PDF, or the reason why there is none: scanned, encrypted_pdf, broken_pdf, unreadable_fonts, empty."""
    try:
        document = read(body)
    except UnreadableError as fault:
        return str(fault)
    reason = _obstacle(document)
    if reason:
        return reason
    parts = [part for part in lay_out(document.sheets) if part.text.strip()]
    shown = next((part.text for part in parts if part.kind == "title"), None)
    stated = _statements(document)
    title = _title(stated, shown, hints)
    page, labels = _page(parts)
    at = next((place for place, part in enumerate(parts) if part.kind == "title"), 0)
    missed = document.pages - len(document.sheets)
    warnings = (f"{missed}_pages_not_read",) if missed else ()
    head = range(max(0, at - 4), min(len(parts), at + _HEAD))
    return Report(page, labels, stated, title, head, pdf_date(document.stated.get("CreationDate")), warnings, document.pages)


def dated(made: Extract, report: Report) -> Extract:
    """The time at which a program wrote the file is a guess at the day of publication, and only where nothing else tells."""
    made = replace(made, warnings=(*made.warnings, *report.warnings), sheets=report.sheets)
    if made.status != "ok" or made.published or report.created is None:
        return made
    return replace(made, published=report.created, published_quality="guess")


def pdf_date(raw: str | None) -> datetime | None:
    """A date as PDF writes it (D:20240611093000+03'00'); None when it is none. Without a zone it is read as UTC."""
    found = _DATE.match(raw or "")
    if not found:
        return None
    year, month, day, hour, minute, second = (
        int(part) if part else low for part, low in zip(found.groups()[:6], (0, 1, 1, 0, 0, 0), strict=True)
    )
    offset = timedelta(hours=int(found[9] or 0), minutes=int(found[10] or 0)) * (-1 if found[8] == "-" else 1)
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=timezone(offset) if offset else UTC)
    except ValueError:
        return None


def _obstacle(document: Document) -> str | None:
    text = "".join(run.text for sheet in document.sheets for run in sheet.runs)
    words = len(text.split())
    scans = sum(sheet.pictured >= _SCANNED for sheet in document.sheets)
    if scans * 2 >= len(document.sheets) and words < _FEW_WORDS * len(document.sheets):
        return "scanned"
    solid = [char for char in text if not char.isspace()]
    if not solid:
        return "empty"
    garbled = sum(char == "\ufffd" or "\ue000" <= char <= "\uf8ff" or (ord(char) < 32 and char != "\x02") for char in solid)  # noqa: PLR2004
    return "unreadable_fonts" if garbled > _GARBLED * len(solid) else None


def _statements(document: Document) -> Statements:
    """What the file says of itself, without what programs put there."""
    found = Statements()
    title, author = tidy(document.stated.get("Title", "")), tidy(document.stated.get("Author", ""))
    if title and not words_of("refused_titles").search(title) and len(title) <= _LONGEST_TITLE:
        found.title = title
    account = author.isascii() and author == author.lower() and " " not in author  # the computer's user: jdoe, j.doe
    if author and not account and not words_of("refused_authors").search(author) and any(map(str.isalpha, author)):
        found.meta["author"] = [author]
    subject, keywords = tidy(document.stated.get("Subject", "")), tidy(document.stated.get("Keywords", ""))
    if len(subject) > 20:  # noqa: PLR2004 - a word is no description
        found.meta["description"] = [subject]
    if keywords:
        found.meta["keywords"] = [keywords.replace(";", ",")]
    return found


def _title(stated: Statements, shown: str | None, hints: Hints) -> str | None:
    """The line in the largest type, unless feed and file agree on another; a file's own title only where the text bears it out."""
    claims = [claim for claim in (hints.title, stated.title) if claim]
    if shown and any(_alike(shown, claim) for claim in claims):
        return tidy(shown)[:_LONGEST_TITLE]
    return next(iter([*([hints.title] if hints.title else []), *([shown] if shown else []), *claims]), None)


def _alike(left: str, right: str) -> bool:
    mine, theirs = set(key(without_site(left, [])).split()), set(key(right).split())
    return bool(mine) and len(mine & theirs) >= 0.5 * min(len(mine), len(theirs))


def _page(parts: Sequence[Part]) -> tuple[Page, list[Label | None]]:
    page, labels = Page(), []
    for place, part in enumerate(parts):
        frame = -1
        if part.kind == "notes":
            frame = len(page.frames)
            page.frames.append(Frame("div", ("footnotes",), -1, 0, place, place + 1))
        kind = {"title": "heading", "notes": "body", "": "body"}.get(part.kind, part.kind)
        level = {"title": 1, "heading": 2}.get(part.kind, 0)
        page.blocks.append(Block(part.text, kind, frame, level=level, bullet=part.kind == "list"))
        labels.append(Label(part.furniture, _RULES[part.furniture]) if part.furniture else None)
    return page, labels
