"""Times of day with their zones, as they stand inside a written date: "10:00:00 GMT+03:00", "下午3:05", "14h05", "9 PM EST".

Works on folded text (see `datewords.fold`). Days, months and years are read in `dates`.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from assets.parsing.datewords import zone_named, zone_offset

NOON = 12
MIDNIGHT = 24  # hours: "24:00" is the end of the day
LEAP_SECOND = 60

_TIME = re.compile(
    r"(?P<cjk>上午|下午|오전|오후)?\s*(?<![\d:.])(?P<hour>\d{1,2})"
    r"(?:\s*[:h時时시点]\s*(?P<minute>\d{2})(?:\s*[:分분]\s*(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?)?\s*[분초秒分]?(?![\d:])"
    r"\s*(?P<half>[ap]\.?\s?m\b\.?)?"
    r"|\s*(?P<only>[ap]\.?\s?m\b\.?)|\.(?P<dotted>\d{2})(?=\s*uhr\b))(?:\s*uhr\b)?"
)
_ZONE = re.compile(
    r"\s*(?:(?:utc|gmt|ut|z)?\s*(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?![\d:])"
    r"(?:\s*\([^()]*\)|\s*(?P<echo>[a-zа-я]{1,5})\b)?"
    r"|[(\[]?(?P<name>[a-z]+/[a-z_/+-]+|[a-zа-я]{1,5}\b)[)\]]?)"
)


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day. `zone` is None when none is written, or when its name has several meanings (`vague`)."""

    hour: int
    minute: int
    second: int
    microsecond: int
    zone: tzinfo | None
    vague: bool = False

    def on(self, midnight: datetime, home: tzinfo | None) -> datetime:
        """The moment in UTC on the day that starts at `midnight` (naive). Raises ValueError for a time that no clock shows."""
        if self.hour == MIDNIGHT and (self.minute or self.second):
            raise ValueError("after midnight")
        spill = timedelta(days=self.hour == MIDNIGHT, seconds=self.second == LEAP_SECOND)
        hour = 0 if self.hour == MIDNIGHT else self.hour
        second = LEAP_SECOND - 1 if self.second == LEAP_SECOND else self.second
        local = midnight.replace(hour=hour, minute=self.minute, second=second, microsecond=self.microsecond) + spill
        return local.replace(tzinfo=self.zone or home or UTC).astimezone(UTC)


def take_time(text: str, home: tzinfo | None) -> tuple[Clock | None, str]:
    """The time of day with its zone, and the text without them. Raises ValueError for an offset that no place has."""
    found = _TIME.search(text)
    if not found:
        return None, text
    hour, end = _hour(found)
    fraction = ((found["fraction"] or "") + "000000")[:6]
    zone, vague, end = _take_zone(text, end, home)
    minute, second = int(found["minute"] or found["dotted"] or 0), int(found["second"] or 0)
    return Clock(hour, minute, second, int(fraction), zone, vague), f"{text[: found.start()]} {text[end:]}"


def _hour(found: re.Match[str]) -> tuple[int, int]:
    """The hour of 24, and where the time ends: "18:00 am" is German, "am" there belongs to the day."""
    hour = int(found["hour"])
    half = (found["half"] or found["only"] or "")[:1]
    if found["cjk"]:
        half = "p" if found["cjk"] in {"下午", "오후"} else "a"
    if not half or not 1 <= hour <= NOON:
        return hour, found.start("half") if found["half"] else found.end()
    return hour % NOON + (NOON if half == "p" else 0), found.end()


def _take_zone(text: str, start: int, home: tzinfo | None) -> tuple[tzinfo | None, bool, int]:
    """The zone that stands right after the time, whether its name has several meanings, and where it ends."""
    found = _ZONE.match(text, start)
    if not found:
        return None, False, start
    if found["sign"]:
        offset = zone_offset(found["sign"], found["hours"], found["minutes"])
        if offset is None:
            raise ValueError("no place has such an offset")
        is_echo = found["echo"] is None or zone_named(found["echo"], UTC)
        return offset, False, found.end() if is_echo else found.start("echo")
    zone = zone_named(found["name"], home)
    vague = zone is None and zone_named(found["name"], UTC) is not None
    return zone, vague, found.end() if zone or vague else start
