"""Dates as sources write them, read without inventing anything: a date that is not understood is None, never "now".

The whole string must be understood: one unknown word and there is no date. Names of months, weekdays and zones are in
`datewords`, times of day in `daytimes`. Finding a date inside running text is not done here.
"""

import re
import unicodedata
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from assets.parsing.datewords import FILLERS, fold, is_weekday, month_number, source_zone
from assets.parsing.daytimes import take_time
from assets.parsing.records import DateQuality

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
AHEAD = timedelta(hours=48)
LONGEST = 100  # characters; no date is longer
LAST_MONTH = 12

_EPOCH = re.compile(r"(\d{10})(?:\.\d+)?|(\d{10})\d{3}")
_COMPACT = re.compile(r"^(\d{4})(\d\d)(\d\d)(?:[t\s]?(\d\d)(\d\d)(\d\d)?)?(?=$|z|\s*[+-])")
_ZONED_DAY = re.compile(r"^(\d{4}-\d\d-\d\d)\s?(?:z|[+-]\d\d:\d\d)$")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s*[-/.年년]\s*(\d{1,2})\s*[-/.月월]\s*(\d{1,2})(?!\d)\s*[日일號号]?")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(?:(\d{4})|(\d{2}))(?!\d)")
_IN_CHARACTERS = re.compile(r"([〇零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日")
_WORDS = re.compile(r"\d+|[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Dated:
    """A moment in UTC and how far to trust it; both None when the text was not understood or lies out of bounds."""

    value: datetime | None = None
    quality: DateQuality | None = None


@dataclass(frozen=True, slots=True)
class _Day:
    year: int
    month: int
    day: int
    assumed: bool = False  # the order of day and month was taken from the language

    def midnight(self) -> datetime:
        return datetime(self.year, self.month, self.day)  # noqa: DTZ001 - naive until its zone is known


UNKNOWN = Dated()


def parse_date(
    raw: str | None,
    *,
    language: str | None = None,
    timezone: str | None = None,
    now: datetime,
    day_first: bool | None = None,
    last_resort: bool = True,
) -> Dated:
    """Read one date.

    Args:
        raw: the date as the source wrote it.
        language: ISO 639 code of the source, with region when known ("en-US"); names of months and the order of 05/06/2024 follow it.
        timezone: IANA name or offset of the source ("Europe/Moscow", "+03:00"), for times that bear no zone.
        now: aware UTC time; what lies more than 48 hours after it, or before 1990, is refused.
        day_first: the order of 05/06/2024 when it is known better than from the language.
        last_resort: whether dateparser may try what this parser does not understand (slow; its result is a "guess").

    Returns:
        The moment in UTC with its quality: "exact" = day, time and zone known; "day" = midnight UTC stands for the day;
        "guess" = zone taken as UTC, or the order of day and month taken from the language.
    """
    if not raw or len(raw) > LONGEST * 4:
        return UNKNOWN
    text = _tidy(raw)
    if len(text) > LONGEST or not re.search(r"\d", text):
        return UNKNOWN
    try:
        dated = _epoch(text) or _written(text, language, source_zone(timezone), now, day_first)
    except (ValueError, OverflowError):
        return UNKNOWN  # understood, and impossible: 30 February, 25 o'clock
    if dated is None and last_resort:
        dated = _last_resort(text, language, timezone, now)
    return dated if dated and dated.value and EARLIEST <= dated.value <= now + AHEAD else UNKNOWN


def _tidy(raw: str) -> str:
    text = re.sub("[−–—]", "-", unicodedata.normalize("NFKC", raw))
    text = _IN_CHARACTERS.sub(_in_digits, text)
    text = "".join(str(unicodedata.decimal(char, char)) for char in text)
    return " ".join(fold(text).split())


def _in_digits(found: re.Match[str]) -> str:
    """二〇二一年九月十九日 as 2021年9月19日."""
    year, *rest = found.groups()
    return f"{''.join(map(_digit, year))}年{_number(rest[0])}月{_number(rest[1])}日"


def _digit(character: str) -> str:
    return str(int(unicodedata.numeric(character)))


def _number(characters: str) -> int:
    """A number below a hundred: 九, 十, 十九, 二十, 二十一."""
    tens, ten, ones = characters.rpartition("十")
    return (int(_digit(tens or "一")) * 10 if ten else 0) + (int(_digit(ones)) if ones else 0)


def _epoch(text: str) -> Dated | None:
    found = _EPOCH.fullmatch(text)
    return Dated(datetime.fromtimestamp(int(found[1] or found[2]), UTC), "exact") if found else None


def _written(text: str, language: str | None, home: tzinfo | None, now: datetime, day_first: bool | None) -> Dated | None:
    text = _COMPACT.sub(_spread, text)
    text = re.sub(r"(?<=\d)t(?=\d)", " ", _ZONED_DAY.sub(r"\1", text))
    clock, rest = take_time(text, home)
    day = _read_day(rest, language, now, day_first)
    if day is None:
        return None
    if clock is None or clock.vague:
        return Dated(day.midnight().replace(tzinfo=UTC), "guess" if day.assumed else "day")
    return Dated(clock.on(day.midnight(), home), "exact" if (clock.zone or home) and not day.assumed else "guess")


def _spread(found: re.Match[str]) -> str:
    date = f"{found[1]}-{found[2]}-{found[3]}"
    return date + (f" {found[4]}:{found[5]}:{found[6] or '00'}" if found[4] else "")


def _read_day(text: str, language: str | None, now: datetime, day_first: bool | None) -> _Day | None:
    found = _YEAR_FIRST.search(text) or _YEAR_LAST.search(text)
    if found is None:
        return _worded(_meaningful(text), language, now)
    if _meaningful(f"{text[: found.start()]} {text[found.end() :]}"):
        return None
    if found.re is _YEAR_FIRST:
        return _Day(int(found[1]), int(found[2]), int(found[3]))
    return _ordered(found, language, now, day_first)


def _meaningful(text: str) -> list[str]:
    return [word for word in _WORDS.findall(text) if word not in FILLERS]


def _ordered(found: re.Match[str], language: str | None, now: datetime, day_first: bool | None) -> _Day | None:
    """19.09.2021 or 09/19/2021: dots always mean day first; else a number over 12 decides, then what is known of the source."""
    first, mark, second, year, short_year = found.groups()
    if short_year and mark == "-":
        return None  # 21-09-19 may be read in three ways
    order = _order(int(first), mark, int(second))
    assumed = order is None and day_first is None
    order = order if order is not None else day_first if day_first is not None else _order_of(language)
    if order is None:
        return None
    day, month = (first, second) if order else (second, first)
    return _Day(int(year) if year else _whole_year(int(short_year), now), int(month), int(day), assumed)


def _order(first: int, mark: str, second: int) -> bool | None:
    """Whether the day stands first; None when the numbers do not tell."""
    if mark == "." or first > LAST_MONTH or first == second:
        return True
    return False if second > LAST_MONTH else None


def _order_of(language: str | None) -> bool | None:
    tag = (language or "").replace("_", "-").casefold()
    if tag in {"en-us", "en-ph"}:
        return False
    return None if tag in {"", "en"} else True


def _whole_year(two_digits: int, now: datetime) -> int:
    year = now.year - now.year % 100 + two_digits
    return year if year <= now.year + 1 else year - 100


def _worded(words: list[str], language: str | None, now: datetime) -> _Day | None:
    """21 September 2021, September 21st, 2021, 2021 Sep 21, Tue 21 Sep 21: one month and two numbers, nothing else."""
    marks = [_mark(word, language) for word in words]
    if marks.count("m") > 1:  # "mar. 21 sept.": a Tuesday, not March
        marks = ["w" if mark == "m" and is_weekday(word) else mark for word, mark in zip(words, marks, strict=True)]
    kept = [(mark, word) for word, mark in zip(words, marks, strict=True) if mark != "w"]
    months = [month_number(word, language) for mark, word in kept if mark == "m"]
    if len(months) > 1 and len(set(months)) == 1:  # أيلول/سبتمبر: both Arabic names of the month
        kept.remove(next(one for one in kept if one[0] == "m"))
    shape = "".join(mark for mark, _ in kept)
    if shape not in {"dmy", "mdy", "ymd", "dmd"}:
        return None
    year = _whole_year(int(kept[2][1]), now) if shape == "dmd" else int(kept[shape.index("y")][1])
    month = month_number(kept[shape.index("m")][1], language)
    return _Day(year, month, int(kept[shape.index("d")][1])) if month else None


def _mark(word: str, language: str | None) -> str:
    """One letter for what a word is: day, year, month, weekday; "?" for what is none of them."""
    if word.isdecimal():
        return {1: "d", 2: "d", 4: "y"}.get(len(word), "?")
    if month_number(word, language):
        return "m"
    return "w" if is_weekday(word) else "?"


def _last_resort(text: str, language: str | None, timezone: str | None, now: datetime) -> Dated | None:
    """What dateparser makes of it, if language and order are fixed and the day and year it returns stand in the text."""
    if not language or not re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", text) or re.search(r"\d[-/.]\d", text):
        return None
    import dateparser  # noqa: PLC0415 - very slow to import, hardly ever needed

    settings = {
        "DATE_ORDER": "MDY" if _order_of(language) is False else "DMY",
        "STRICT_PARSING": True,
        "PARSERS": ["absolute-time"],
        "RELATIVE_BASE": now.replace(tzinfo=None),
        "RETURN_AS_TIMEZONE_AWARE": True,
        "TIMEZONE": timezone or "UTC",
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = dateparser.parse(text, languages=[re.split("[-_]", language)[0]], settings=settings)  # pyrefly: ignore[bad-argument-type]
    except Exception:
        return None  # whatever ails the helper, the date is not known
    numbers = {int(number) for number in re.findall(r"\d+", text)}
    return Dated(value.astimezone(UTC), "guess") if value and {value.year, value.day} <= numbers else None
