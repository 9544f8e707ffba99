"""Fields as they may be stored: no control characters, no lone surrogates, no bidi tricks, NFC; titles as one plain line.

Cleaning of whole documents before they are parsed is in `cleaning`; boilerplate is the extraction room's.
"""

import html
import re
import unicodedata
from urllib.parse import urljoin

LONGEST_TITLE = 1_000  # characters
LONGEST_NAME = 300

# Control characters, lone surrogates, non-characters; and what turns the direction of text around, which only hides things.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
_LINE_BREAKS = re.compile("[\x0b\x0c\x85\u2028\u2029]|\r\n?")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_SCRIPTS = re.compile(r"(?is)<(script|style)\b.*?(?:</\1\s*>|\Z)")
_TAGS = re.compile(
    r"(?i)</?(?:a|abbr|acronym|b|bdi|bdo|big|blink|blockquote|br|center|cite|code|del|dfn|div|em|font|h[1-6]|hr|i|img|ins|kbd|li|mark|nobr|ol|p|pre|q|s|samp"
    r"|script|small|span|strike|strong|style|sub|sup|svg|table|tbody|td|th|time|tr|tt|u|ul|var|wbr)(?:\s[^<>]*|/)?>"
)
_BLOCK_TAGS = re.compile(r"(?i)</?(?:blockquote|br|center|div|h[1-6]|hr|li|ol|p|pre|table|td|th|tr|ul)(?:\s[^<>]*|/)?>")
_LINK = re.compile(r"(<[a-zA-Z][^<>]*?\s(?:href|src|poster|cite)\s*=\s*)(?:\"([^\"<>]*)\"|'([^'<>]*)')", re.IGNORECASE)
_MARKS = re.compile(r"[^\w\s\x00-\x7f]{40,}")
MOST_MARKS = 20  # in a row; normalising takes time that is quadratic in their number, and no script needs so many
_EMAIL = re.compile(r"[^\s<>()]+@[^\s<>()]+\.\w+")


def normalised(text: str) -> str:
    """Unicode NFC, in time linear in the text."""
    return unicodedata.normalize("NFC", text if text.isascii() else _MARKS.sub(_fewer_marks, text))


def _fewer_marks(found: re.Match[str]) -> str:
    kept, run = [], 0
    for char in found[0]:
        run = run + 1 if unicodedata.combining(char) else 0
        if run <= MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def one_line(text: str, longest: int = LONGEST_TITLE) -> str:
    """Plain text on one line: white space folded, invisible characters gone, cut with an ellipsis at `longest` characters."""
    text = _UNWANTED.sub("", _INVISIBLE.sub("", text[: longest * 8]))
    text = " ".join(normalised(text).split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def title_text(markup: str, longest: int = LONGEST_TITLE) -> str:
    """A title as plain text, however often its markup was escaped: "R&amp;amp;D <b>now</b>" is "R&D now"."""
    text = markup[: longest * 20]
    for _ in range(2):  # escaped once more than needed is common
        text = html.unescape(_TAGS.sub("", _BLOCK_TAGS.sub(" ", _SCRIPTS.sub(" ", text))))
    return one_line(_TAGS.sub("", _SCRIPTS.sub(" ", text)), longest)


def body_html(markup: str, base: str | None = None) -> str:
    """HTML of an entry, fit to be stored: scripts and styles out, links absolute, its text otherwise as given."""
    text = _LINE_BREAKS.sub("\n", _SCRIPTS.sub("", markup) if "<" in markup else markup)
    text = normalised(_UNWANTED.sub("", text)).strip()
    return _LINK.sub(lambda found: found[1] + _absolute(found[2] or found[3] or "", base), text) if base else text


def _absolute(link: str, base: str) -> str:
    if link.startswith(("http://", "https://")):
        return f'"{link}"'
    try:
        address = urljoin(base, html.unescape(link).strip())
    except ValueError:
        address = ""
    is_active = re.match(r"(?i)\s*(?:javascript|vbscript|data):", address)
    return '"' + ("" if is_active else html.escape(address)) + '"'


def plain_to_html(text: str) -> str:
    """Plain text as HTML that shows the same."""
    return html.escape(text, quote=False)


def person(name: str) -> str:
    """An author's name without the e-mail address that many systems write beside it."""
    bare = _EMAIL.sub("", title_text(name, LONGEST_NAME))
    inner = re.fullmatch(r"\s*[<(]?\s*[>)]?\s*\(([^()]+)\)\s*", bare)
    return one_line(inner[1] if inner else re.sub(r"\(\s*\)|<\s*>", "", bare)).strip(" ,;-")


def plain_text(markup: str) -> str:
    """The words of some HTML on one line, for comparing; not for reading."""
    return " ".join(html.unescape(re.sub(r"(?s)<[^<>]*>", " ", _SCRIPTS.sub(" ", markup))).split())
