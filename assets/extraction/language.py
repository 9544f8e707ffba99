"""The language of a text: from the text itself, the page's and the source's word decides only where the text is too short.

Nothing but ISO 639-1 codes leaves this module.
"""

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_SAMPLE = 2000  # characters
_LITTLE = 20  # characters below which nothing is guessed
_ENOUGH = 60  # characters of text from which the text goes before the declaration
_CODES = {
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "ua": "uk",
    "cn": "zh",
    "jp": "ja",
    "gr": "el",
    "cz": "cs",
    "dk": "da",
    "no": "nb",
    "nn": "nb",
}
# Small languages that the detector likes too well are left to the page's own word.
_CYRILLIC_CODES = frozenset(["ru", "uk", "bg", "sr", "mk", "be", "kk", "ky"])
_OTHER_CODES = frozenset(
    [
        *("en", "fr", "de", "es", "it", "pt", "pl", "tr", "zh", "ja", "ko", "ar", "fa", "he", "nl", "sv", "nb", "no", "da", "fi", "et"),
        *("lv", "lt", "cs", "sk", "hu", "ro", "hr", "sl", "el", "az", "hy", "ka", "hi", "ur", "id", "vi", "th", "ca", "sq"),
    ]
)
# Scripts that one language alone uses, and the share of the text from which they decide; kana before the characters that it stands among.
_SCRIPTS = tuple(
    (re.compile(pattern), code, share)
    for pattern, code, share in (
        ("[\u3040-\u30ff]", "ja", 0.05),
        ("[\uac00-\ud7af]", "ko", 0.2),
        ("[\u4e00-\u9fff]", "zh", 0.3),
        ("[\u10a0-\u10ff]", "ka", 0.3),
        ("[\u0530-\u058f]", "hy", 0.3),
        ("[\u0370-\u03ff]", "el", 0.4),
        ("[\u0590-\u05ff]", "he", 0.4),
        ("[\u0e00-\u0e7f]", "th", 0.3),
    )
)
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")


def normalise(tag: str | None) -> str | None:
    """The two letters of a language tag ("en-US", "ru_RU", "zh-Hans"); None for what is none."""
    found = re.match(r"\s*([a-zA-Z]{2})(?:$|[-_\s])", (tag or "") + " ")
    if not found:
        return None
    code = found[1].lower()
    return _CODES.get(code, code)


def identify(text: str, *declared: str | None) -> str | None:
    """The language of a text; `declared` are tags that were claimed for it, the most trusted first."""
    claims = [code for code in map(normalise, declared) if code]
    sample = re.sub(r"https?://\S+|\d+", " ", text[:_SAMPLE]).strip()
    if len(sample) < _ENOUGH:
        return claims[0] if claims else (_detect(sample, claims) if len(sample) >= _LITTLE else None)
    return _detect(sample, claims)


def _detect(sample: str, claims: list[str]) -> str | None:
    for pattern, code, share in _SCRIPTS:
        if len(pattern.findall(sample)) >= share * len(sample):
            return code
    letters = sum(char.isalpha() for char in sample) or 1
    cyrillic = len(_CYRILLIC.findall(sample)) > 0.5 * letters  # most letters
    allowed = _CYRILLIC_CODES if cyrillic else _OTHER_CODES
    ranked = [code for code, _ in _identifier().rank(sample) if code in allowed or code in claims]
    best = ranked[0] if ranked else None
    return _CODES.get(best, best) if best else (claims[0] if claims else None)


@cache
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - slow to import

    return LanguageIdentifier.from_model_file(MODEL_FILE)
