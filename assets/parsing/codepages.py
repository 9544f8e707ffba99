"""Which old code page a text was written in, when nothing that is said about it is true.

Tables of letters and a score; the ladder that comes before a guess is in `decoding`.
"""

import re
from collections.abc import Iterable

LOOKED_AT = 400_000  # bytes of a document
SAMPLE = 8_000  # bytes of its text beyond ASCII

_HIGH_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][\x40-\x7e\x80-\xff]*")
_HIGH_RUN = re.compile(rb"[\x80-\xff]{3,}")
_MULTIBYTE = ("gb18030", "big5", "cp932", "euc_jp", "cp949", "cp874")
_LATIN_HOMES = {"tr": "cp1254", "az": "cp1254"} | dict.fromkeys(("pl", "cs", "sk", "hu", "ro", "hr", "sl", "bs", "sq"), "cp1250")
# The letters with accents of one language or a group of near ones, and the pages that may hold them.
_WESTERN = ("éèàçêôîûïâùëœ", "äöüß", "áéíóúñü", "áéíóúãõâêôçà", "àèéìíòóù", "åäöæøé")
_CENTRAL = ("ąćęłńóśźż", "áčďéěíňóřšťúůýžľĺŕôä", "áéíóöőúüű", "ăâîşţ", "čćđšž")
_ACCENTS = (
    *((letters + letters.upper(), ("cp1252",)) for letters in _WESTERN),
    ("çğıöşüâîûÇĞİÖŞÜ", ("cp1254",)),
    *((letters + letters.upper(), ("cp1250", "iso8859_2")) for letters in _CENTRAL),
)
# The letters that make up most of any text, and the pages that may hold them.
_ALPHABETS = (
    ("оеаинтсрвлкуі", ("cp1251", "koi8_u", "cp866", "iso8859_5")),
    ("αοιετσνηυρςί", ("cp1253", "iso8859_7")),
    ("יוהלאתרבמש", ("cp1255",)),
    ("اليمنرتوبسد", ("cp1256", "iso8859_6")),
)
_MOSTLY_COMMON = 0.5  # of all characters beyond ASCII; a text read with the wrong page has a third of them
_NEUTRAL = frozenset("«»„“”‘’–—…№\xa0")


def guess_page(body: bytes, language: str) -> str:
    """The code page of text that is no UTF-8: high bytes alone among Latin letters are accents, in runs they are another script."""
    sample = b" ".join(_HIGH_WORD.findall(re.sub(rb"<[^<>]*>", b" ", body[:LOOKED_AT])))[:SAMPLE]
    high = sum(byte > 0x7F for byte in sample)  # noqa: PLR2004 - the end of ASCII
    in_runs = sum(len(run) for run in _HIGH_RUN.findall(sample))
    if in_runs * 2 < high or not high:
        return (_LATIN_HOMES.get(language) or "cp1252") if language else _best(sample, _ACCENTS)[0]
    page, score = _best(sample, _ALPHABETS)
    return page if score >= _MOSTLY_COMMON else _detected(sample)


def _best(sample: bytes, alphabets: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[str, float]:
    """The first page that makes most of the letters beyond ASCII common ones of its language, and their share."""
    scores = [(page, _score(sample, page, letters)) for letters, pages in alphabets for page in pages]
    return max(scores, key=lambda scored: scored[1])


def _score(sample: bytes, page: str, letters: str) -> float:
    text = [char for char in sample.decode(page, "replace") if not char.isascii() and char not in _NEUTRAL]
    return sum(char in letters for char in text) / len(text) if text else 0.0


def _detected(sample: bytes) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - slow to import, needed for few feeds

    found = from_bytes(sample, cp_isolation=list(_MULTIBYTE), enable_fallback=False).best()
    return found.encoding if found else "cp1251"
