"""Which script a language or a word is written in, as far as matching cares.

What belongs here: the few script facts that decide which forms a word gets and where a name is looked for.
"""

import re
from typing import Literal

from assets.matching.tokens import UNSPACED

Script = Literal["latin", "cyrillic", "arabic", "hebrew", "hangul", "unspaced", "other"]

_WRITTEN: dict[Script, tuple[str, ...]] = {
    "cyrillic": ("ru", "uk", "be", "bg", "mk", "sr", "kk", "ky", "tg", "mn", "tt", "ba", "os", "ab"),
    "arabic": ("ar", "fa", "ur", "ps", "ug", "ckb", "sd"),
    "hebrew": ("he", "yi"),
    "hangul": ("ko",),
    "unspaced": ("zh", "ja", "th", "lo", "km", "my"),
    "other": ("el", "hy", "ka", "hi", "bn", "ta", "te", "ml", "kn", "mr", "gu", "pa", "am", "ti", "si", "ne"),
}
_SCRIPTS = {language: script for script, languages in _WRITTEN.items() for language in languages}
_BLOCKS: tuple[tuple[Script, re.Pattern[str]], ...] = (
    ("unspaced", re.compile(f"[{UNSPACED}]")),
    ("cyrillic", re.compile("[\u0400-\u052f]")),
    ("arabic", re.compile("[\u0600-\u06ff]")),
    ("hebrew", re.compile("[\u0590-\u05ff]")),
    ("hangul", re.compile("[\uac00-\ud7af]")),
    ("latin", re.compile("[A-Za-z\u00c0-\u024f]")),
)


def script_of_language(language: str) -> Script:
    """The script of an ISO 639 language; Latin when it is not known."""
    return _SCRIPTS.get(language, "latin")


def script_of(text: str) -> Script:
    """The script of a name; of a mixed one the script that is rarer on the web, since it decides how to search."""
    return next((script for script, pattern in _BLOCKS if pattern.search(text)), "other")


def base_language(language: str | None) -> str | None:
    """The bare code: "en" for "en-GB" and "EN_us"; None for an unknown language ("", "und", "mul")."""
    code = (language or "").replace("_", "-").split("-")[0].lower()
    return None if code in {"", "und", "mul", "zxx"} else code
