"""The language of a text: from the text itself, the page's and the source's word decides only where the text is too short.

Nothing but ISO 639-1 codes leaves this module. The tables are in `languages.toml`.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_SAMPLE = 2000  # characters
_LITTLE = 20  # characters below which nothing is guessed
_ENOUGH = 60  # characters of text from which the text goes before the declaration
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")


@dataclass(frozen=True, slots=True)
class _Tables:
    """What `languages.toml` holds."""

    codes: dict[str, str]
    cyrillic: frozenset[str]
    other: frozenset[str]
    scripts: tuple[tuple[re.Pattern[str], str, float], ...]


def normalise(tag: str | None) -> str | None:
    """The two letters of a language tag ("en-US", "ru_RU", "zh-Hans"); None for what is none."""
    found = re.match(r"\s*([a-zA-Z]{2})(?:$|[-_\s])", (tag or "") + " ")
    if not found:
        return None
    code = found[1].lower()
    return _tables().codes.get(code, code)


def identify(text: str, *declared: str | None) -> str | None:
    """The language of a text; `declared` are tags that were claimed for it, the most trusted first."""
    claims = [code for code in map(normalise, declared) if code]
    sample = re.sub(r"https?://\S+|\d+", " ", text[:_SAMPLE]).strip()
    if len(sample) < _ENOUGH:
        return claims[0] if claims else (_detect(sample, claims) if len(sample) >= _LITTLE else None)
    return _detect(sample, claims)


def _detect(sample: str, claims: list[str]) -> str | None:
    for pattern, code, share in _tables().scripts:
        if len(pattern.findall(sample)) >= share * len(sample):
            return code
    letters = sum(char.isalpha() for char in sample) or 1
    cyrillic = len(_CYRILLIC.findall(sample)) > 0.5 * letters  # most letters
    allowed = _tables().cyrillic if cyrillic else _tables().other
    ranked = [code for code, _ in _identifier().rank(sample) if code in allowed or code in claims]
    best = ranked[0] if ranked else None
    return _tables().codes.get(best, best) if best else (claims[0] if claims else None)


@cache
def _tables() -> _Tables:
    lists = tomllib.loads((files("assets.extraction") / "languages.toml").read_text("utf-8"))
    scripts = tuple((re.compile(script["characters"]), script["code"], script["share"]) for script in lists["scripts"])
    return _Tables(lists["codes"], frozenset(lists["cyrillic"]), frozenset(lists["other"]), scripts)


@cache
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - slow to import

    return LanguageIdentifier.from_model_file(MODEL_FILE)
