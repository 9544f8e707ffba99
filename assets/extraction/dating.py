"""Dates of an article: what the page states, else what it shows beside the title. Never invented, never from the furniture.

Reading one date string is the business of `assets.parsing.dates`; here it is found and weighed.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from assets.extraction.markup import fields
from assets.extraction.structured import Statements, texts
from assets.parsing.dates import Dated, parse_date

_PUBLISHED = re.compile(r"publi[sc][^.]{0,12}(?:date|time)|(?:date|time)[^.]{0,4}publi")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)\s*$")
_MONTH = r"[^\W\d_]{3,12}\.?"
_FORMS = (
    r"(?<!\d)\d{4}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d{1,2}(?!\d)",
    r"(?<!\d)\d{1,2}\s?[./]\s?\d{1,2}\s?[./]\s?(?:\d{4}|\d{2})(?!\d)",
    r"(?<!\d)\d{1,2}-\d{1,2}-\d{4}(?!\d)",
    r"(?<!\d)\d{4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]",
    rf"(?<!\d)\d{{1,2}}(?:st|nd|rd|th|er|º|\.)?\s?(?:of\s|de\s|del\s|-)?\s?{_MONTH},?\s?(?:de\s|del\s|of\s|-|')?\s?\d{{4}}(?!\d)",
    rf"(?<!\w){_MONTH}\s?\d{{1,2}}(?:st|nd|rd|th)?\s?,?\s?\d{{4}}(?!\d)",
)
_FOUND = re.compile("|".join(_FORMS), re.I)
_CLOCK = re.compile(
    r"[\s,|@·–—-]*(?:at|um|в|à|a las|kl\.?)?\s*\d{1,2}[:.h]\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?)?"
    r"(?:\s*(?:UTC|GMT|MSK|МСК|CET|CEST|EST|EDT|PST|PDT|BST)\b)?",
    re.I,
)
_CLOCK_ALONE = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?)?\b", re.I)
_URL = re.compile(r"[/_-]((?:19|20)\d\d)[/_-]?(0[1-9]|1[0-2])[/_-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)")


@dataclass(frozen=True, slots=True)
class Reading:
    """How dates are read on this page."""

    now: datetime
    locale: str | None = None
    timezone: str | None = None

    def read(self, raw: str | None) -> Dated:
        """One string; the offset that it was written with is kept."""
        dated = parse_date(raw, language=self.locale, timezone=self.timezone, now=self.now, last_resort=False)
        offset = _OFFSET.search(raw or "")
        if dated.value and offset and dated.quality == "exact":
            shift = timedelta(hours=int(offset[2]), minutes=int(offset[3])) * (-1 if offset[1] == "-" else 1)
            if abs(shift) < timedelta(hours=24):
                return Dated(dated.value.astimezone(timezone(shift)), dated.quality)
        return dated

    def first(self, raws: Iterable[str]) -> Dated | None:
        """The first string that is a date."""
        return next((dated for dated in map(self.read, raws) if dated.value), None)


def stated(statements: Statements, reading: Reading) -> tuple[Dated | None, Dated | None]:
    """Publication and change as the page states them to machines."""
    published = [
        text for thing in statements.things for name in ("datePublished", "dateCreated", "uploadDate") for text in texts(thing.get(name))
    ]
    modified = [text for thing in statements.things for text in texts(thing.get("dateModified"))]
    named = [text for name in statements.meta if _PUBLISHED.search(name) for text in statements.meta[name]]
    changed = reading.first([*modified, *statements.all(*fields("modified"))])
    return reading.first([*published, *statements.all(*fields("published")), *named]), changed


def in_text(text: str, reading: Reading) -> Iterator[tuple[str, Dated]]:
    """The dates that stand in a line, with the words that stand before each."""
    for found in _FOUND.finditer(text):
        clock = _CLOCK.match(text, found.end())
        dated = reading.read(text[found.start() : clock.end()]) if clock else reading.read(found[0])
        if not dated.value and clock:
            dated = reading.read(found[0])
        if dated.value:
            yield text[: found.start()], dated


def without_dates(line: str) -> str:
    """A line with its dates and times of day taken out, each leaving a bar."""
    return _CLOCK_ALONE.sub(" | ", _FOUND.sub(" | ", line)) if any(char.isdigit() for char in line) else line


def in_url(url: str | None, reading: Reading) -> Dated | None:
    """The day that stands in an address like /2021/09/19/."""
    found = _URL.search(url or "")
    dated = reading.read(f"{found[1]}-{found[2]}-{found[3]}") if found else None
    return dated if dated and dated.value else None


def aware(moment: datetime | None) -> datetime | None:
    """A time with its zone; one without is taken as UTC."""
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
