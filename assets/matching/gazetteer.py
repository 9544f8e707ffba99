"""Names of territories in many languages, from the CLDR data that babel ships.

What belongs here: `from: cldr:XX`, and the longer territory names in which a territory's name means another place.
What does not: acronyms and inhabitants, which CLDR does not have.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from assets.matching.normalise import lower_name
from assets.matching.watchlist import Alias
from assets.matching.wordlists import read_lists

_VARIANT = re.compile(r"\s*[（(](.+?)[)）]\s*")

# Common names of world regions that CLDR gives otherwise.
_MORE_PLACES = {
    "es": ("América Latina", "América del Sur", "América Central"),
    "it": ("America Latina", "America del Sud", "America del Nord"),
}
# Where a language is written otherwise, or names countries otherwise: 紐西蘭, Arabia Saudita, Irão.
_ELSEWHERE = {
    "zh": ("zh_Hant", "zh_Hant_HK"),
    "es": ("es_419", "es_MX"),
    "pt": ("pt_PT",),
    "fr": ("fr_CA",),
    "de": ("de_CH",),
    "ar": ("ar_SA",),
}
_REGION = "019"
_SAY_THEIR_COUNTRY = frozenset({"HK", "MO", "BQ"})  # "Hong Kong SAR China" does speak of China
# Here the brackets hold a second name, Myanmar (Burma); elsewhere they say which of several places it is, Virgin Islands (USA).
_SECOND_NAME = frozenset({"MM"})


def territory_names(code: str, language: str) -> list[str]:
    """The names of an ISO 3166 or UN M49 territory in a language; "Myanmar (Burma)" gives both, "St. Lucia" Saint Lucia, too."""
    found = [form for names in _written(language) if code in names for form in _forms(names[code], code, language)]
    return list(dict.fromkeys(found))


@lru_cache(maxsize=64)
def _written(language: str) -> list[dict[str, str]]:
    """The territories of a language, and the countries where it is written otherwise: {code: name}."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - only where territories are named

    try:
        own = {str(code): str(name) for code, name in Locale.parse(language).territories.items()}
    except (UnknownLocaleError, ValueError):
        return []
    others = (Locale.parse(other).territories for other in _ELSEWHERE.get(language, ()))
    return [own, *({str(code): str(name) for code, name in names.items() if code.isalpha() and name != own.get(code)} for names in others)]


def _forms(name: str, code: str, language: str) -> list[str]:
    bare = _VARIANT.sub(" ", name).strip()
    found = [bare, *_VARIANT.findall(name)] if code in _SECOND_NAME else [name if _is_shared(bare, language) else bare]
    return [form for part in found for form in (part, _in_full(part, language))]


def _is_shared(bare: str, language: str) -> bool:
    """Whether several territories bear the name: 刚果（金） and 刚果（布）, of which 刚果 alone says nothing."""
    return len({code for code, name, _ in _places(language) if name == bare}) > 1


def _in_full(name: str, language: str) -> str:
    """The name without the abbreviations that CLDR is fond of: St. Kitts & Nevis."""
    for short, full in _shortened(language):
        name = name.replace(short, full)
    return name


@lru_cache(maxsize=64)
def _shortened(language: str) -> list[tuple[str, str]]:
    pairs = read_lists("abbreviations").get(language, frozenset())
    return [(short.replace("_", " "), full.replace("_", " ")) for short, _, full in (pair.partition("=") for pair in sorted(pairs))]


def territory_aliases(code: str, languages: tuple[str, ...]) -> Iterator[Alias]:
    """Aliases of a territory in all of the languages."""
    for language in languages:
        for name in territory_names(code, language):
            yield Alias(name, "name", language)


def other_places(name: str, language: str) -> list[str]:
    """Territory names that hold `name` but mean another place: South Sudan for Sudan, 印度尼西亚 for 印度.

    Only where `name` is a territory itself or the longer one is a region of the world (Latin America): of other pairs
    nobody can say that they differ (Vatican, Vatican City).
    """
    low = _simplified(lower_name(name), language)
    places = _places(language)
    exact = any(low == other for _, _, other in places)
    within = re.compile(re.escape(low)) if language in {"zh", "ja"} else re.compile(rf"\b{re.escape(low)}\b")
    return [
        original
        for code, original, other in places
        if low != other and code not in _SAY_THEIR_COUNTRY and (exact or code.isdigit()) and within.search(other)
    ]


@lru_cache(maxsize=64)
def _places(language: str) -> list[tuple[str, str, str]]:
    written = _written(language)
    if not written:
        return []
    named = [*(pair for names in written for pair in sorted(names.items())), *((_REGION, name) for name in _MORE_PLACES.get(language, ()))]
    return [(code, _VARIANT.sub(" ", name).strip(), _simplified(lower_name(_VARIANT.sub(" ", name)), language)) for code, name in named]


def _simplified(name: str, language: str) -> str:
    """A Chinese name in simplified characters, so that 西亚 is seen in 克羅埃西亞, too; others as they are."""
    return name.translate(_characters()) if language == "zh" else name


@cache
def _characters() -> dict[int, str]:
    return {ord(pair[1]): pair[0] for pair in read_lists("traditional")["pairs"]}


def is_known(code: str) -> bool:
    """Whether CLDR has the territory."""
    return bool(territory_names(code, "en"))
