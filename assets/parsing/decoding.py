"""Bytes to text, by a ladder that trusts bytes more than what is said about them.

Unpacked gzip → byte-order mark → UTF-16 by its zero bytes → strict UTF-8 → UTF-8 with few errors → declared code page if its
text is plausible → a code page guessed by script and language. Nothing about XML or HTML structure belongs here.
"""

import re
import zlib
from dataclasses import dataclass, replace

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, resolve_encoding

from assets.parsing.codepages import guess_page

LARGEST = 25_000_000  # bytes after unpacking; more is a bomb
FEWEST_ZEROS = 4

_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_PAGE = re.compile(rb"<(?:!doctype\s+)?html\b", re.IGNORECASE)
_LATIN = re.compile("cp125[0247]|iso8859-(?:1|2|3|4|9|1[03-6])|mac.*|ascii|latin.*")
_SMART_PUNCTUATION = range(0x80, 0xA0)
_MOSTLY_ACCENTS = 0.3  # of all letters; no language written in Latin letters has that many
_ODD_CASE = 0.01  # of all letters: a lower-case one before an upper-case one, in a text that is mostly upper case


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the encoding that gave it, and what was wrong with it; `damaged` when characters were lost."""

    text: str
    encoding: str
    problems: tuple[str, ...] = ()
    damaged: bool = False


def decode(body: bytes, *, content_type: str | None = None, language: str | None = None) -> Decoded:
    """Decode a document that may be packed, mislabelled or damaged; never raises.

    Args:
        body: as received, packed with gzip or not.
        content_type: the HTTP header; its charset is the weakest evidence.
        language: ISO 639 code of the source, which helps a guess.
    """
    body, problems = _unpacked(body)
    decoded = _decode(body, content_type, language, problems)
    return replace(decoded, damaged=True) if any(problem.startswith("truncated") for problem in problems) else decoded


def _decode(body: bytes, content_type: str | None, language: str | None, problems: tuple[str, ...]) -> Decoded:
    name, mark = read_bom(body)
    if name and mark:
        return _marked(body[len(mark) :], name, problems)
    wide = _wide_encoding(body)
    if wide:
        return Decoded(body.decode(wide, "replace"), wide, problems)
    declared = _declared(body, content_type)
    if b"\x1b" in body[:5000] and (declared or "").startswith("iso2022"):
        return Decoded(body.decode(declared or "ascii", "replace"), declared or "ascii", problems)
    return _utf8(body, problems) or _code_page(body, declared, language, problems)


def _unpacked(body: bytes) -> tuple[bytes, tuple[str, ...]]:
    problems: tuple[str, ...] = ()
    for _ in range(2):  # some servers pack what is packed already
        if not body.startswith(b"\x1f\x8b\x08"):
            break
        unpacker = zlib.decompressobj(wbits=31)
        try:
            body = unpacker.decompress(body, LARGEST)
        except zlib.error:
            return b"", ("encoding: packed with gzip and damaged",)
        problems = ("encoding: packed with gzip without saying so",)
        if not unpacker.eof:
            problems = ("truncated: the gzip data is cut short or too large",)
    return body, problems


def _marked(body: bytes, name: str, problems: tuple[str, ...]) -> Decoded:
    text = body.decode(name, "replace").lstrip("\ufeff")
    lost = text.count("\ufffd") - body.count("\ufffd".encode(name))
    if name == "utf-8" and lost > 0:
        return _utf8(body, problems) or Decoded(text, name, (*problems, f"encoding: {lost} bytes are no {name}"), damaged=True)
    return Decoded(text, name, problems)


def _wide_encoding(body: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: markup has zero bytes in every second place, or in three of four."""
    head = body[:400]
    for start, encoding in ((b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")):
        if head.startswith(start):
            return encoding
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) < FEWEST_ZEROS or max(even, odd) * 4 < len(head) or min(even, odd) * 4 > max(even, odd):
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _declared(body: bytes, content_type: str | None) -> str | None:
    found = _DECLARED.search(body[:2000])
    # A page that lists articles says it in a meta element; in a feed such an element is part of an entry.
    stated = html_body_declared_encoding(body) if _PAGE.search(body[:1000]) else None
    for label in (found[1].decode("ascii") if found else None, stated, http_content_type_encoding(content_type)):
        encoding = resolve_encoding(label) if label else None
        if encoding and not encoding.startswith(("utf-16", "utf-32")):
            return encoding
    return None


def _utf8(body: bytes, problems: tuple[str, ...]) -> Decoded | None:
    """UTF-8 if it is, or if well-formed characters by far outnumber broken ones; a broken one costs one character."""
    try:
        return Decoded(body.decode("utf-8").lstrip("\ufeff"), "utf-8", problems)
    except UnicodeDecodeError:
        text = body.decode("utf-8", "surrogateescape").lstrip("\ufeff")
    broken = len(re.findall("[\udc80-\udcff]+", text))
    sound = len(re.findall("[^\x00-\x7f\udc80-\udcff]", text))
    if sound <= 2 * broken:
        return None
    text = re.sub("(?<=([\x00-\x7f]))?[\udc80-\udcff]+", _mended, text)
    return Decoded(text, "utf-8", (*problems, f"encoding: {broken} places are no UTF-8"), damaged=True)


def _mended(found: re.Match[str]) -> str:
    """A lone byte in Latin text is punctuation of Windows; all else is lost and says so."""
    code = ord(found[0][0]) - 0xDC00
    if found[1] and len(found[0]) == 1 and code in _SMART_PUNCTUATION:
        return bytes([code]).decode("cp1252", "replace")
    return "\ufffd"


def _code_page(body: bytes, declared: str | None, language: str | None, problems: tuple[str, ...]) -> Decoded:
    tag = (language or "")[:2].lower()
    if declared and declared != "utf-8":
        try:
            text = body.decode(declared)
        except UnicodeDecodeError:
            text = None
        if text is not None and _plausible(text, declared):
            return Decoded(text, declared, problems)
    guess = guess_page(body, tag)
    text = body.decode(guess, "replace")
    said = f"declared {declared}, " if declared else ""
    return Decoded(text, guess, (*problems, f"encoding: {said}read as {guess}"), damaged="\ufffd" in text)


def _plausible(text: str, encoding: str) -> bool:
    """Whether text looks written, not like one code page read as another ("Ñàììèò", "яЮЛЛХР")."""
    text = re.sub("<[^<>]*>", " ", text[:200_000])
    letters = re.findall(r"[^\W\d_]", text)
    if not letters:
        return True
    if _LATIN.fullmatch(encoding):
        return sum("\xc0" <= char <= "\xff" for char in letters) < _MOSTLY_ACCENTS * len(letters)
    inverted = sum("Ѐ" <= char <= "ӿ" and char.isupper() for char in letters) > len(letters) / 2
    return not (inverted and len(re.findall("[а-яё][А-ЯЁ]", text)) > _ODD_CASE * len(letters))
