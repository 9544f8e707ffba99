"""Where dates stand: in what a page states to machines, in a line of text, in an address.

Reading one date string is the business of `assets.parsing.dates`; which of several dates to believe is decided in `times`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from assets.extraction import structured
from assets.extraction.markup import fields
from assets.extraction.structured import Statements, texts
from assets.parsing.dates import Dated, parse_date

_PUBLISHED = re.compile(r"publi[sc][^.]{0,12}(?:date|time)|(?:date|time)[^.]{0,4}publi")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)\s*$")
_MONTH = r"[^\W\d_]{3,12}\.?"
_OF = r"\s?(?:of\s|de\s|del\s|[-/'])?\s?"
_WORDED = rf"(?<!\d)\d{{1,2}}(?:st|nd|rd|th|er|º|°|\.)?{_OF}{_MONTH}[,،]?{_OF}\d{{4}}(?!\d)"
_FORMS = (
    r"(?<!\d)\d{4}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d{1,2}(?!\d)",
    r"(?<!\d)\d{1,2}\s?[./]\s?\d{1,2}\s?[./]\s?(?:\d{4}|\d{2})(?!\d)",
    r"(?<!\d)\d{1,2}-\d{1,2}-\d{4}(?!\d)",
    r"(?<!\d)\d{4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]",
    rf"{_WORDED}(?:\s?[гр](?:\.|(?!\w)))?",
    rf"(?<!\w){_MONTH}\s?\d{{1,2}}(?:st|nd|rd|th)?\s?[,،]?\s?\d{{4}}(?!\d)",
    r"(?<!\d)\d{1,2}\s[^\W\d_]{3,12}\s?/\s?[^\W\d_]{3,12}\s\d{4}(?!\d)",  # 19 أيلول/سبتمبر 2021: both Arabic names of a month
    rf"(?<!\d)\d{{4}}\.?\s{_MONTH}\s\d{{1,2}}(?!\d)\.?",
    r"(?<![〇零一二三四五六七八九])[〇零一二三四五六七八九]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日",
)
_FOUND = re.compile("|".join(_FORMS), re.I)
_CLOCK = re.compile(
    r"[\s,|@·–—-]*(?:at|um|в|à|a las|kl\.?)?\s*\d{1,2}[:.h]\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?)?"
    r"(?:\s*(?:UTC|GMT|MSK|МСК|CET|CEST|EST|EDT|PST|PDT|BST)\b)?",
    re.I,
)
_WITH_CLOCK = re.compile(rf"(?:{_FOUND.pattern})(?:{_CLOCK.pattern})?", re.I)
_AGO = re.compile(
    r"\b(?:\d{1,2}\s(?:minutes?|hours?|days?|weeks?|months?)\sago|vor\s\d{1,2}\s(?:minute|stunde|tag|woche|monat)(?:e?n)?"
    r"|il\sy\sa\s\d{1,2}\s(?:minutes?|heures?|jours?|semaines?|mois)|hace\s\d{1,2}\s(?:minutos?|horas?|días?|semanas?|mes(?:es)?)"
    r"|há\s\d{1,2}\s(?:minutos?|horas?|dias?|semanas?|mes(?:es)?)|\d{1,2}\s(?:minut[oi]|or[ae]|giorn[oi]|settiman[ae]|mes[ei])\sfa"
    r"|\d{1,2}\s(?:минут|час|дн|день|недел|месяц)[а-я]{0,3}\sназад|\d{1,2}\s(?:хвилин|годин|дн|день|тижн|тижд|місяц)[а-яії]{0,3}\sтому"
    r"|\d{1,2}\s(?:minut|godzin|dni|dzień|tygodni|miesi)\w{0,3}\stemu|\d{1,2}\s(?:dakika|saat|gün|hafta|ay)\sönce)\b"
    r"|\d{1,2}\s?(?:分钟|小时|天|周|个月)前|منذ\s[\d٠-٩]{1,2}\s(?:دقيقة|دقائق|ساعة|ساعات|يوم|أيام|أسبوع|أسابيع|شهر|أشهر)",
    re.I,
)
_CLOCK_ALONE = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?)?\b", re.I)
_URL = re.compile(r"[/_-]((?:19|20)\d\d)[/_-]?(0[1-9]|1[0-2])[/_-]?(0[1-9]|[12]\d|3[01])(?=[^0-9A-Za-z]|$)")
_URL_WORDED = re.compile(r"/((?:19|20)\d\d)/([a-z]{3,9})/(\d{1,2})(?=/)", re.I)
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4})(?!\d)")
_LAST_MONTH, _LAST_DAY = 12, 31
_LONGEST_DATED = 200  # characters of a line that is looked at for the order of its numbers
_A_DAY = timedelta(hours=38)  # of 24 hours, seen from zones up to 14 hours away


@dataclass(frozen=True, slots=True)
class Reading:
    """How dates are read on this page."""

    now: datetime
    locale: str | None = None
    timezone: str | None = None
    day_first: bool | None = None

    def read(self, raw: str | None) -> Dated:
        """One string; the offset that it was written with is kept."""
        dated = parse_date(raw, language=self.locale, timezone=self.timezone, now=self.now, day_first=self.day_first, last_resort=False)
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
    things = [thing for thing in statements.things if structured.is_text(thing)]
    published = [text for thing in things for name in ("datePublished", "dateCreated") for text in texts(thing.get(name))]
    modified = [text for thing in things for text in texts(thing.get("dateModified"))]
    named = [text for name in statements.meta if _PUBLISHED.search(name) for text in statements.meta[name]]
    changed = reading.first([*modified, *statements.all(*fields("modified"))])
    told = [dated for dated in map(reading.read, [*published, *statements.all(*fields("published"))]) if dated.value]
    named_days = [dated for dated in map(reading.read, named) if dated.value]
    return (with_clock(told) if told else min(named_days, key=_moment, default=None)), changed


def stating(statements: Statements, when: Dated) -> Iterator[str]:
    """The names under which a page states a day to machines."""
    day = when.value.date().isoformat() if when.value else "?"
    things = [text for thing in statements.things for name in ("datePublished", "dateCreated") for text in texts(thing.get(name))]
    yield from ["JSON-LD"] if any(text.startswith(day) for text in things) else []
    named = (name for name in statements.meta if name in fields("published") or _PUBLISHED.search(name))
    yield from (name for name in named if any(text.startswith(day) for text in statements.meta[name]))


def _moment(dated: Dated) -> datetime:
    return dated.value or datetime.max.replace(tzinfo=UTC)


def with_clock(told: Sequence[Dated]) -> Dated:
    """The first, or one that states the same day with its time: midnight mostly stands for a day."""
    first = told[0]
    exact = (dated for dated in told[1:] if dated.quality == "exact" and has_clock(dated) and abs(_moment(dated) - _moment(first)) < _A_DAY)
    return first if has_clock(first) and first.quality == "exact" else next(exact, first)


def has_clock(dated: Dated) -> bool:
    """Whether a time of day is known: midnight mostly stands for a day."""
    return dated.value is not None and (dated.value.hour, dated.value.minute, dated.value.second) != (0, 0, 0)


def in_text(text: str, reading: Reading) -> Iterator[tuple[str, Dated]]:
    """The dates that stand in a line, with the words that stand before each, behind the one before."""
    last = 0
    for found in _FOUND.finditer(text):
        clock = _CLOCK.match(text, found.end())
        dated = reading.read(text[found.start() : clock.end()]) if clock else reading.read(found[0])
        if not dated.value and clock:
            dated = reading.read(found[0])
        if dated.value:
            yield text[last : found.start()], dated
            last = found.end()


def without_dates(line: str) -> str:
    """A line with its dates, times of day and "3 days ago" taken out, each leaving a bar."""
    if not any(char.isnumeric() for char in line):
        return line
    return _CLOCK_ALONE.sub(" | ", _AGO.sub(" | ", _WITH_CLOCK.sub(" | ", line)))


def in_url(url: str | None, reading: Reading) -> Dated | None:
    """The day that stands in an address like /2021/09/19/ or /2021/sep/19/."""
    found = _URL.search(url or "") or _URL_WORDED.search(url or "")
    dated = reading.read(" ".join(found.groups()[::-1]) if found.re is _URL_WORDED else "-".join(found.groups())) if found else None
    return dated if dated and dated.value else None


def undecided(line: str) -> Iterator[tuple[int, int, int]]:
    """Dates like 03/10/2023, of which either number may be the day: both numbers and the year."""
    for found in _NUMERIC.finditer(line):
        first, second = int(found[1]), int(found[3])
        if first != second and max(first, second) <= _LAST_MONTH:
            yield first, second, int(found[4])


def orders(line: str) -> Iterator[bool]:
    """Whether the day stands first, for each date of a line like 21/10/2023 that can be read in one way only: a site has one order."""
    for found in _NUMERIC.finditer(line) if len(line) <= _LONGEST_DATED else ():
        first, second = int(found[1]), int(found[3])
        if min(first, second) <= _LAST_MONTH < max(first, second) <= _LAST_DAY and found[2] != ".":
            yield first > second


def decided(lines: Iterable[str]) -> set[tuple[int, int, int]]:
    """The days, as year, month and day, that are written so that they can be read in one way only: with a name, or year first."""
    reading = Reading(datetime.max.replace(tzinfo=UTC) - timedelta(days=3))
    found = (match[0] for line in lines for match in _FOUND.finditer(line) if not _NUMERIC.search(match[0]))
    days = (reading.read(text).value for text in found)
    return {(day.year, day.month, day.day) for day in days if day}


def aware(moment: datetime | None) -> datetime | None:
    """A time with its zone; one without is taken as UTC."""
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
