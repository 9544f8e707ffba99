"""Text of an XML document made fit for a parser: junk, DOCTYPE, comments, forbidden characters and bad references out.

Nothing that a reader would see is lost: what is no markup becomes text. Where items begin and end is the matter of `items`.
Runs in time linear in the text, whatever the text.
"""

import html.entities
import re
from dataclasses import dataclass, field

ROOTS = "rss|rdf|feed|channel|urlset|sitemapindex|opml"
LONE = "entry|item"  # an entry may come without a feed around it
KNOWN_PREFIXES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "atom": "http://www.w3.org/2005/Atom",
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "yandex": "http://news.yandex.ru",
    "turbo": "http://turbo.yandex.ru",
}
LARGEST = 25_000_000  # characters of a document
LONGEST_ENTITY = 100  # characters of an entity that a document defines itself; longer ones are bombs
MOST_ENTITIES = 200
MOST_PREFIXES = 100
XML_ENTITIES = frozenset({"lt", "gt", "amp", "quot", "apos"})
LINE_BREAKS = (10, 13)  # as references: nobody's layout; a line separator instead lets `urls` see a forged link
LAST_CODE_POINT = 0x10FFFF

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SPECIAL = re.compile(r"<!\[CDATA\[|<!--|<\?|<!DOCTYPE\b", re.IGNORECASE)
_DOCTYPE_TOKEN = re.compile(r"\"[^\"]*\"|'[^']*'|<!--|[\[\]<>]")
_ENTITY = re.compile(r"<!ENTITY\s+([\w.-]{1,40})\s+(?:\"([^\"]*)\"|'([^']*)')\s*>")
_REFERENCE = re.compile(r"&(?:#(\d{1,8});?|#[xX]([0-9a-fA-F]{1,7});?|([A-Za-z][A-Za-z0-9._-]{0,40});)?")
_BARE_LESS = re.compile(r"<(?![A-Za-z_/!?:])|<(?=/?[^<>]{0,60}(?:<|\Z))")
_ITEM_END = re.compile(r"</(?:[\w.-]{1,40}:)?(?:item|entry)\s*>", re.IGNORECASE)
_FIELD_END = re.compile(r"</(?:[\w.-]{1,40}:)?(?:description|encoded|summary|content|title|link|item|entry)\s*>", re.IGNORECASE)
_ROOT_TAG = re.compile(rf"<(?:[\w.-]{{1,40}}:)?(?:{ROOTS}|{LONE})(?=[\s/>])[^<>]*", re.IGNORECASE)


@dataclass(slots=True)
class Cleaned:
    """The text for the parser, and what was mended on the way; `damaged` when something may be missing."""

    text: str
    problems: list[str] = field(default_factory=list)
    damaged: bool = False

    def lose(self, problem: str) -> None:
        """Note a problem that may have cost text."""
        self.problems.append(problem)
        self.damaged = True


def clean(text: str) -> Cleaned:
    """An XML document without what makes parsers stumble, raise or reach for the network."""
    cleaned = Cleaned(_FORBIDDEN.sub("", text[:LARGEST]).replace("\x85", " "))
    if len(text) > LARGEST:
        cleaned.lose(f"cut: the first {LARGEST} characters of {len(text)} were read")
    scanner = _Scanner(cleaned)
    mended = "".join(piece if is_verbatim else _mend(piece, scanner.entities) for is_verbatim, piece in scanner.pieces())
    cleaned.text = _declare_prefixes(_without_surroundings(mended, cleaned))
    return cleaned


class _Scanner:
    """One walk over a document that tells CDATA from text and leaves comments, instructions and the DOCTYPE out."""

    def __init__(self, cleaned: Cleaned) -> None:
        self.cleaned = cleaned
        self.text = cleaned.text
        self.entities: dict[str, str] = {}
        self._absent: set[str] = set()  # closers that do not occur any more: looking again would cost quadratic time

    def pieces(self) -> list[tuple[bool, str]]:
        """The text as (verbatim?, piece): CDATA sections are verbatim."""
        found, place = [], 0
        for special in _SPECIAL.finditer(self.text):
            if special.start() < place:
                continue
            found.append((False, self.text[place : special.start()]))
            mark = special[0].upper()
            if mark == "<![CDATA[":
                content, place = self._cdata(special.end())
                found.append((True, f"<![CDATA[{content}]]>"))
            elif mark == "<!DOCTYPE":
                place = self._doctype(special.end())
            else:
                place = self._after("-->" if mark == "<!--" else "?>", special.end())
        return [*found, (False, self.text[place:])]

    def _find(self, closer: str, start: int) -> int:
        place = -1 if closer in self._absent else self.text.find(closer, start)
        if place < 0:
            self._absent.add(closer)
        return place

    def _after(self, closer: str, start: int) -> int:
        """Behind a comment or instruction; one that is never closed hides nothing."""
        place = self._find(closer, start)
        return start if place < 0 else place + len(closer)

    def _cdata(self, start: int) -> tuple[str, int]:
        """The content of a CDATA section and what follows it; one that swallows the end of its item was never closed."""
        end = self._find("]]>", start)
        again = self.text.find("<![CDATA[", start, end) if end >= 0 else -1
        if end >= 0 and (again < 0 or not _ITEM_END.search(self.text, start, again)):
            return self.text[start:end], end + 3
        self.cleaned.lose("damaged: a CDATA section is not closed")
        close = _FIELD_END.search(self.text, start)
        place = close.start() if close else len(self.text)
        return self.text[start:place], place

    def _doctype(self, start: int) -> int:
        """Behind the DOCTYPE; the short plain entities that it defines are kept, all others are refused."""
        place, depth, end = start, 0, None
        while end is None and (token := _DOCTYPE_TOKEN.search(self.text, place)):
            place = self._after("-->", token.end()) if token[0] == "<!--" else token.end()
            depth += {"[": 1, "]": -1}.get(token[0], 0)
            end = place if token[0] == ">" and depth <= 0 else None
        end = end or self.text.find(">", start) + 1 or len(self.text)
        self._define(self.text[start:end])
        return end

    def _define(self, doctype: str) -> None:
        if "SYSTEM" in doctype or "%" in doctype:
            self.cleaned.problems.append("doctype: external definitions were not read")
        for name, double, single in _ENTITY.findall(doctype)[:MOST_ENTITIES]:
            value = double or single
            if len(value) <= LONGEST_ENTITY and not re.search("[&<%]", value):
                self.entities[name] = value
            elif len(value) > LONGEST_ENTITY or re.search(r"&\w+;", value):
                self.cleaned.lose("hostile: the document defines entities that blow up; they were not expanded")
                return


def _mend(text: str, entities: dict[str, str]) -> str:
    """Character data and tags: references that mean something as they are, all else as the text that it is."""
    if "&" in text:
        text = _REFERENCE.sub(lambda found: _reference(found, entities), text)
    return _BARE_LESS.sub("&lt;", text)


def _reference(found: re.Match[str], entities: dict[str, str]) -> str:
    decimal, hexadecimal, name = found.groups()
    if decimal or hexadecimal:
        return _character(int(decimal) if decimal else int(hexadecimal, 16))
    if name in XML_ENTITIES:
        return found[0]
    if name in entities:
        return entities[name]
    if name and f"{name};" in html.entities.html5:
        return "".join(f"&#{ord(char)};" for char in html.entities.html5[f"{name};"])
    return "&amp;" + found[0][1:]


def _character(code: int) -> str:
    """A numeric reference; those of Windows are meant, those of no character are dropped."""
    if code in LINE_BREAKS:
        return "&#8232;"
    text = html.unescape(f"&#{code};") if code <= LAST_CODE_POINT else ""
    if not text or _FORBIDDEN.search(text) or text == "\ufffd":
        return ""
    return f"&#{ord(text)};"


def _without_surroundings(text: str, cleaned: Cleaned) -> str:
    """The document alone: without warnings of PHP or a web page before it, comments of caches and advertisements behind it."""
    root = _ROOT_TAG.search(text)
    if not root:
        return text
    if text[: root.start()].strip():
        cleaned.problems.append("junk: there is text before the document")
    name = re.split(r"[\s/>]", root[0][1:], maxsplit=1)[0]
    end = max((found.end() for found in re.finditer(rf"</{re.escape(name)}\s*>", text, re.IGNORECASE)), default=len(text))
    return text[root.start() : max(end, root.end())]


def _declare_prefixes(text: str) -> str:
    """Prefixes that are used and nowhere declared, declared at the root: a strict parser would refuse the whole feed."""
    used = set(re.findall(r"<([A-Za-z_][\w.-]{0,40}):[A-Za-z]", text)) | set(
        re.findall(r"\s([A-Za-z_][\w.-]{0,40}):[\w.-]{1,40}\s?=\s?[\"']", text)
    )
    root = _ROOT_TAG.search(text)
    if not root:
        return text
    missing = sorted(used - set(re.findall(r"xmlns:([\w.-]+)\s*=", text)) - {"xml", "xmlns"})
    extra = "".join(f' xmlns:{prefix}="{KNOWN_PREFIXES.get(prefix, "urn:undeclared:" + prefix)}"' for prefix in missing[:MOST_PREFIXES])
    end = root.end() - (text[root.end() - 1] == "/")
    return text[:end] + extra + text[end:]
