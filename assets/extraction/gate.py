"""Whether a page is an article at all. What stands between us and the text is "blocked"; what has no text is "no_article".

Every extractor finds words on a challenge page or a soft 404; only a gate keeps them out of the archive. A long text
passes whatever it says: an article may well be about robots, cookies or pages that were not found. A short one passes where
feed or head vouch for it: no obstacle bears the entry's title, and most short news stand beside a cookie notice or a log-in form.
A wall that asks for consent may be longer and worded in any way; it is known by how densely it asks (`consent`).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from assets.extraction import consent
from assets.extraction.phrases import gate_words
from assets.extraction.wording import words

SHORT = 140  # words of prose; with more, no phrase turns an article away
LONG = 600  # words of prose; with more, not even its title does
_OBSTACLES = ("challenge", "captcha", "consent", "login", "maintenance")
_ABSENT = ("not_found", "parked", "javascript")
_REASONS = {"not_found": "soft_404", "javascript": "empty"}
_VENDORS = (
    *("/cdn-cgi/challenge-platform", "_cf_chl_opt", "cf-browser-verification", r"ddos-guard\.net", r"/\.well-known/ddos-guard"),
    *("_Incapsula_Resource", "px-captcha", "perimeterx", "datadome", "sucuri_cloudproxy", "__qrator", "aws-waf-token"),
    *("awswafintegration", "kpsdk", "anubis_challenge"),
)
_MARKUP = {
    "challenge": re.compile("|".join(_VENDORS), re.I),
    "captcha": re.compile(r"g-recaptcha|h-captcha|cf-turnstile|smart-captcha|captcha-delivery|/showcaptcha", re.I),
    "login": re.compile(r"<input[^>]+type\s*=\s*[\"']?password", re.I),
    "refresh": re.compile(r"<meta[^>]+http-equiv\s*=\s*[\"']?refresh[^>]+url\s*=", re.I),
}
_BINARY = (
    *(b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"Rar!", b"7z\xbc", b"\x7fELF"),
    *(b"OggS", b"ID3", b"RIFF", b"{\\rtf"),
)
_TAG = re.compile(rb"<(?:!doctype|!--|\?xml|/?[a-z][a-z0-9]*[\s>/])", re.IGNORECASE)
_TITLES = ("not_found", "parked", "captcha")
_PARTS = re.compile(r"\s+[|–—-]\s+|\s*[|»]\s*|^[^:]*:\s+")
_NEEDLESS = re.compile(r"(?<=[\u3400-\u9fff]) (?=\w)|(?<=\w) (?=[\u3400-\u9fff])")
_EDGES = re.compile(r"^\W*(?:(?:error|ошибка|fehler|erreur|помилка|404)\W+)?|\W+(?:404)?\W*$")
_FEW, _HARDLY_ANY, _ENOUGH = 60, 40, 8  # words of prose
_SENTENCE, _BESIDE_A_FORM = 12, 20  # words; with fewer of its own, nobody can vouch for a page
_MOSTLY = 0.7  # of a page's own words
_LONGEST_HEADLINE, _SAID = 300, 6000  # characters that are looked at


Voucher = Literal["", "head", "feed"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a page is no article."""

    status: Literal["no_article", "blocked"]
    reason: str


def judge_bytes(body: bytes, content_type: str | None) -> Verdict | None:
    """What can be said before anything is read: nothing there, or no text."""
    head = body[:1024].lstrip()
    kind = (content_type or "").partition(";")[0].strip().lower()
    if not head and not body.strip():
        return Verdict("no_article", "empty")
    if kind == "application/pdf" and b"%PDF-" not in body[:1024] and not head.startswith(b"<"):
        return Verdict("no_article", "broken_pdf")
    if kind.startswith(("image/", "audio/", "video/", "font/")) and not head.startswith(b"<"):
        return Verdict("no_article", kind.partition("/")[0])
    if head.startswith(_BINARY) or (b"\x00" in head and not _is_text(body)):
        return Verdict("no_article", "not_html")
    return None


def _is_text(body: bytes) -> bool:
    """Whether a body with bytes of nought may be read all the same: a PDF, or a page by a mark of UTF-16 or a tag in whatever width."""
    marked = body.startswith((b"\xff\xfe", b"\xfe\xff")) or b"%PDF-" in body[:1024]
    return marked or _TAG.search(body[:4096].replace(b"\x00", b"")) is not None


def judge_page(
    source: str, titles: Sequence[str], headings: str, shown: str, prose_words: int, own: Sequence[str], vouched: Voucher = ""
) -> Verdict | None:
    """What a page's own words say about it.

    Args:
        source: the page's HTML.
        titles: its title element and its first headings.
        headings: the headings below them.
        shown: all text that it shows.
        prose_words: how many words of running text were found on it.
        own: the paragraphs of it that stand in no furniture; a soft 404 may well be full of teasers.
        vouched: who says that it is an article: the feed, whose entry bears the page's title, or the page's head.
    """
    own_words = sum(map(words, own))
    named = _named(titles) if own_words <= LONG else None
    if named or own_words > SHORT:
        return _verdict(named) if named else None
    said, headline = _folded(shown)[:_SAID], _folded(" ".join([*titles, headings]))
    marked = [kind for kind, pattern in _MARKUP.items() if pattern.search(source)]
    least = _BESIDE_A_FORM if "login" in marked else _SENTENCE
    unlike = sum(words(text) for text in own if not _speaks(text))
    vouched = vouched if unlike >= least else ""
    if vouched == "feed":
        return None
    if "challenge" in marked and (own_words < _FEW or gate_words("challenge").stand_in(headline)):
        return Verdict("blocked", "challenge")
    by_text = prose_words <= SHORT and not vouched
    return _by_headline(headline, said, marked, own_words) or (_by_text(said, marked, prose_words, unlike) if by_text else None)


def judge_wall(source: str, lines: Sequence[str], own: Sequence[tuple[str, bool]]) -> Verdict | None:
    """Whether a page asks for consent and says nothing else; nobody vouches for a wall, whatever its head and the feed call it.

    Args:
        source: the page's HTML.
        lines: all lines that it shows.
        own: the paragraphs of it that stand in no furniture, and whether a consent platform made them (`consent.together`).
    """
    texts = [_folded(text) for text, _ in own]
    asks = consent.asking(texts, list(map(_folded, lines)), source)
    if consent.speaks_of_it(" ".join(text for text, (_, platforms) in zip(texts, own, strict=True) if platforms)):
        asks = [one or platforms for one, (_, platforms) in zip(asks, own, strict=True)]
    asked = sum(words(text) for (text, _), one in zip(own, asks, strict=True) if one)
    total = sum(words(text) for text, _ in own)
    return _verdict("consent") if total - asked < _SENTENCE and asked and asked >= _MOSTLY * total else None


def _speaks(text: str) -> bool:
    """Whether a paragraph says what stands between the reader and the text."""
    folded = _folded(text)
    return any(gate_words(kind).stand_in(folded) for kind in (*_OBSTACLES, "javascript", "paywall") if kind != "maintenance")


def _named(titles: Iterable[str]) -> str | None:
    """The obstacle that a title names and nothing else: "404", "Page not found – Institute"; no article is called so."""
    parts = [part for title in titles for part in (title, *_PARTS.split(title))]
    folded = {_EDGES.sub("", _folded(part)) for part in parts}
    return next((kind for kind in _TITLES if any(gate_words(kind).are(part) for part in folded if part)), None)


def _folded(text: str) -> str:
    folded = " ".join(text.casefold().replace("ё", "е").split())
    return folded if folded.isascii() else _NEEDLESS.sub("", folded)


def _by_headline(headline: str, said: str, marked: list[str], prose_words: int) -> Verdict | None:
    """The title names the obstacle, and there is not much more on the page."""
    if not headline or len(headline) > _LONGEST_HEADLINE:
        return None
    for kind in (*_ABSENT[:2], *_OBSTACLES):
        if gate_words(kind).stand_in(headline) and (prose_words < _FEW or gate_words(kind).stand_in(said.replace(headline, ""))):
            if kind == "login" and "login" not in marked:
                continue
            return _verdict(kind)
    return None


def _by_text(said: str, marked: list[str], prose_words: int, unlike: int) -> Verdict | None:
    if "captcha" in marked and prose_words < _HARDLY_ANY:
        return Verdict("blocked", "captcha")
    if "login" in marked and prose_words < _HARDLY_ANY:
        return Verdict("blocked", "login")
    if prose_words < _FEW:
        for kind in (*_OBSTACLES, *_ABSENT):
            if kind == "consent" and unlike >= _SENTENCE:
                continue  # a banner beside a short note
            if kind != "login" and gate_words(kind).stand_in(said):
                return _verdict(kind)
    return Verdict("no_article", "redirect") if "refresh" in marked and prose_words < _HARDLY_ANY else None


def _verdict(kind: str) -> Verdict:
    return Verdict("blocked" if kind in _OBSTACLES else "no_article", _REASONS.get(kind, kind))


def is_truncated(tail_text: str, source: str) -> bool:
    """Whether what follows the text, or the page's own statement, says that the rest is behind a paywall."""
    if "isAccessibleForFree" in source and re.search(r"[\"']isAccessibleForFree[\"']\s*:\s*[\"']?false", source, re.I):
        return True
    return gate_words("paywall").stand_in(_folded(tail_text))


def passes(text: str) -> bool:
    """Whether there is enough text to be an article."""
    return words(text) >= _ENOUGH
