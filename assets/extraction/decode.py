"""From bytes to text: which encoding a page really has, whatever it says of itself.

Parsing is not done here, and no decoder may raise: a page with a few broken bytes is still a page.
"""

import codecs
import re
from dataclasses import dataclass

_META = re.compile(
    rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]+)|<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([a-zA-Z0-9_:.-]+)", re.I
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]+)", re.I)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Browsers read these names as the larger set that pages really mean.
_ALIASES = {
    "iso8859-1": "cp1252",
    "latin_1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "tis-620": "cp874",
    "iso8859-11": "cp874",
}
_CANDIDATES = ["cp1251", "koi8_r", "cp1252", "cp1250", "cp1254", "cp1256", "gb18030", "big5", "cp932", "euc_jp", "cp949"]
_REFUSED = frozenset(
    {
        "utf-7",
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
        "undefined",
        "base64",
        "hex",
        "zlib",
        "bz2",
        "rot13",
        "uu",
        "quopri",
        "mbcs",
        "oem",
    }
)
_SAMPLE = 200_000
_BROKEN_SHARE = 0.05
_SINGLE_BYTE = re.compile(r"cp1[0-9]{3}|koi8|iso8859|mac_|cp8")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the encoding that it was read in, and whether bytes had to be replaced."""

    text: str
    encoding: str
    damaged: bool = False


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """Read bytes as text: byte order mark, valid UTF-8, the HTTP header, the page's own word, a detector.

    Valid UTF-8 goes before any declaration, because text in another encoding is practically never valid UTF-8.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return _forced(body[len(mark) :], encoding)
    declared = [name for name in (_declared_by_header(content_type), _declared_by_page(body)) if name]
    wide = _without_mark(body)
    if wide:
        return _forced(body, wide)
    escaped = next((name for name in declared if name.startswith(("iso2022", "hz"))), None)
    if escaped:
        return _forced(body, escaped)
    return _utf8(body) or _as_declared(body, declared) or _mostly_utf8(body) or _detected(body)


def _forced(body: bytes, encoding: str) -> Decoded:
    text = body.decode(encoding, "replace")
    return Decoded(text, encoding, "\ufffd" in text)


def _without_mark(body: bytes) -> str | None:
    head = body[:400]
    if len(head) < len(b"<p>") or head.count(0) < len(head) // 3:
        return None
    return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"


def _declared_by_header(content_type: str | None) -> str | None:
    found = _HEADER.search(content_type or "")
    return _codec(found[1]) if found else None


def _declared_by_page(body: bytes) -> str | None:
    found = _META.search(body[:8192])
    return _codec((found[1] or found[2]).decode("ascii", "ignore")) if found else None


def _codec(name: str) -> str | None:
    try:
        canonical = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return None if canonical in _REFUSED else _ALIASES.get(canonical, canonical)


def _utf8(body: bytes) -> Decoded | None:
    try:
        return Decoded(body.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as fault:
        if fault.start >= len(body) - 3 and fault.reason == "unexpected end of data":
            return Decoded(body[: fault.start].decode("utf-8"), "utf-8", damaged=True)
        return None


def _as_declared(body: bytes, declared: list[str]) -> Decoded | None:
    for name in declared:
        if name.startswith(("utf-16", "utf-32")):
            continue  # a page that is read as far as its own declaration is not in these
        try:
            text = body.decode(name, "strict")
        except (UnicodeDecodeError, LookupError):
            if name == "utf-8" or not _SINGLE_BYTE.match(name):
                continue
            text = body.decode(name, "replace")
        if not _mojibake(text):
            return Decoded(text, name, "\ufffd" in text)
    return None


def _mojibake(text: str) -> bool:
    """Cyrillic bytes that were read as Latin: hardly a letter that is not accented."""
    letters = [char for char in text[:_SAMPLE] if char.isalpha() and ord(char) > 127]  # noqa: PLR2004 - ASCII
    accented = sum("\u00c0" <= char <= "\u00ff" for char in letters)
    runs = re.findall(r"[\u00c0-\u00ff]{5,}", text[:_SAMPLE])
    return accented > 40 and sum(map(len, runs)) > 0.5 * accented  # noqa: PLR2004 - five accented letters in a row hardly occur in Latin scripts


def _mostly_utf8(body: bytes) -> Decoded | None:
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    good = sum(ord(char) > 127 for char in text) - broken  # noqa: PLR2004 - ASCII
    if broken and broken < max(good * _BROKEN_SHARE, 1.5 if good else 0):
        return Decoded(text, "utf-8", damaged=True)
    return None


def _detected(body: bytes) -> Decoded:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - only few pages need it

    sample = re.sub(rb"<script.*?</script>|<style.*?</style>|<[^>]*>", b" ", body[:_SAMPLE], flags=re.S | re.I)
    best = from_bytes(sample[:20_000], cp_isolation=_CANDIDATES, steps=5, chunk_size=1024, preemptive_behaviour=False).best()
    return _forced(body, best.encoding if best else "cp1252")
