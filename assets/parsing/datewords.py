"""Names that dates are written with: months and weekdays of many languages (from CLDR), time zones, words without meaning.

Only look-ups belong here; how a date is put together is in `dates`.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# The languages that think tanks of our registry mostly write in: their months may also be cut short ("сен", "sett").
COMMON = ("en", "ru", "uk", "fr", "de", "de_AT", "es", "it", "pt", "tr", "pl")
OTHERS = (
    *(
        "nl",
        "be",
        "bg",
        "sr",
        "sr_Latn",
        "mk",
        "hr",
        "bs",
        "sl",
        "cs",
        "sk",
        "ro",
        "hu",
        "el",
        "sv",
        "da",
        "nb",
        "fi",
        "et",
        "lv",
        "lt",
        "sq",
    ),
    *("ca", "he", "ar", "ar_LB", "fa", "ka", "hy", "az", "kk", "uz", "ky", "tg", "id", "ms"),
)
EXTRA_MONTHS = {"mrz": 3, "maerz": 3, "sept": 9, "setiembre": 9}

ZONE_HOURS = {
    **dict.fromkeys(("z", "ut", "utc", "gmt", "wet"), 0.0),
    **dict.fromkeys(("cet", "mez", "west", "bst", "wat"), 1.0),
    **dict.fromkeys(("cest", "mesz", "eet", "sast", "cat"), 2.0),
    **dict.fromkeys(("eest", "trt", "eat", "idt"), 3.0),
    **{
        "msd": 4.0,
        "samt": 4.0,
        "gst": 4.0,
        "yekt": 5.0,
        "uzt": 5.0,
        "pkt": 5.0,
        "npt": 5.75,
        "omst": 6.0,
        "krat": 7.0,
        "ict": 7.0,
        "wib": 7.0,
    },
    **{"irkt": 8.0, "hkt": 8.0, "sgt": 8.0, "awst": 8.0, "yakt": 9.0, "jst": 9.0, "kst": 9.0, "acst": 9.5, "vlat": 10.0, "aest": 10.0},
    **{
        "aedt": 11.0,
        "nzst": 12.0,
        "nzdt": 13.0,
        "brt": -3.0,
        "art": -3.0,
        "nst": -3.5,
        "ndt": -2.5,
        "adt": -3.0,
        "akst": -9.0,
        "akdt": -8.0,
    },
    **{"hst": -10.0, "edt": -4.0, "est": -5.0, "cdt": -5.0, "cst": -6.0, "mdt": -6.0, "mst": -7.0, "pdt": -7.0, "pst": -8.0},
}
# Moscow moved its clock between +3 and +4, so the name alone is no fixed offset.
ZONE_PLACES = {"msk": "Europe/Moscow", "мск": "Europe/Moscow"}
MINUTES = 60
# One name, several offsets: only the zone of the source can tell, else the time of day is not known.
AMBIGUOUS_ZONES = frozenset({"ist", "ast", "amt", "gft"})

FILLERS = frozenset(
    {
        *("at", "on", "of", "the", "st", "nd", "rd", "th", "o", "clock", "hrs", "hr", "h", "t", "published", "posted", "date"),
        *("г", "года", "год", "гг", "р", "року", "в", "о", "об", "от", "го", "е", "ч", "час", "опубликовано", "дата", "опубліковано"),
        *("le", "la", "les", "er", "re", "a", "publie", "publiee", "den", "der", "am", "um", "uhr", "veroffentlicht"),
        *("de", "del", "el", "las", "los", "publicado", "publicada", "d", "do", "da", "as", "os", "il", "alle", "ore", "pubblicato"),
        *("saat", "tarihinde", "kl", "klo", "kell"),
    }
)


def fold(text: str) -> str:
    """Lower case without accents, so that "Août" is "aout" and "İ" is "i"; Hangul and kana stay whole."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if unicodedata.category(char) not in {"Mn", "Cf"})
    return unicodedata.normalize("NFC", bare.casefold()).replace("ı", "i")


def month_number(word: str, language: str | None) -> int | None:
    """The month (1-12) that a folded word names: in `language` first, then in the common ones, then in all; None when unsure."""
    tables = [_table((_locale(language),), short=True)] if language else []
    for table in (*tables, _table(("en",), short=True), _table(COMMON, short=True), _table(OTHERS, short=False)):
        months = table.get(word)
        if months:
            return next(iter(months)) if len(months) == 1 else None
    return EXTRA_MONTHS.get(word)


def is_weekday(word: str) -> bool:
    """Whether a folded word names a weekday in any of our languages."""
    return word in _weekdays()


def zone_named(name: str, home: tzinfo | None) -> tzinfo | None:
    """The zone behind a folded name such as "msk", "cest" or "europe/berlin"; `home` is the zone of the source."""
    if name in ZONE_PLACES:
        return ZoneInfo(ZONE_PLACES[name])
    if name in ZONE_HOURS:
        return timezone(timedelta(hours=ZONE_HOURS[name]))
    if name in AMBIGUOUS_ZONES:
        return home
    return _place(name) if "/" in name else None


def zone_offset(sign: str, hours: str, minutes: str | None) -> tzinfo | None:
    """A fixed offset; None when it is more than any place on earth has."""
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if offset > timedelta(hours=14) or int(minutes or 0) >= MINUTES:
        return None
    return timezone(-offset if sign == "-" else offset)


@cache
def source_zone(name: str | None) -> tzinfo | None:
    """The zone of a source as its file gives it: an IANA name or "+03:00"; None when absent or not known."""
    if not name:
        return None
    offset = re.fullmatch(r"(?:utc|gmt)?([+-])(\d{1,2}):?(\d{2})?", name.strip().casefold())
    if offset:
        return zone_offset(*offset.groups())
    return UTC if name.casefold() in {"utc", "gmt", "z"} else _place(name)


@cache
def _place(name: str) -> tzinfo | None:
    proper = "/".join("_".join(part.capitalize() for part in piece.split("_")) for piece in name.split("/"))
    for candidate in (name, proper):
        try:
            return ZoneInfo(candidate)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return None


@cache
def _locale(language: str) -> str:
    return re.split(r"[-_]", language.casefold())[0]


@cache
def _table(locales: tuple[str, ...], *, short: bool) -> dict[str, frozenset[int]]:
    """Folded word → the months it can mean in these locales; with `short`, beginnings that fit one month of a locale only."""
    names: dict[str, set[int]] = {}
    beginnings: dict[str, set[int]] = {}
    for locale in locales:
        for month, word in _cldr(locale, "months"):
            names.setdefault(word, set()).add(month)
            for length in range(3, len(word)) if short else ():
                beginnings.setdefault(word[:length], set()).add(month)
    return {word: frozenset(months) for word, months in {**beginnings, **names}.items()}


@cache
def _weekdays() -> frozenset[str]:
    return frozenset(word for locale in COMMON + OTHERS for _, word in _cldr(locale, "days")) | {"tues", "thur", "thurs", "weds"}


def _cldr(locale: str, what: str) -> Iterable[tuple[int, str]]:
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - slow to import, and most dates never need it

    try:
        contexts = getattr(Locale.parse(locale), what)
    except (UnknownLocaleError, ValueError):
        return
    for widths in contexts.values():
        for width, names in widths.items():
            for number, name in names.items() if width != "narrow" else ():
                word = fold(name).strip(". ")
                if word.replace("ʼ", "").isalpha():
                    yield number, word
