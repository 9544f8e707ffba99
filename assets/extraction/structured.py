"""What a page says of itself for machines: meta elements, JSON-LD, microdata, links of the head.

Only reading; which of several statements to believe is decided in `titles`, `people`, `dating` and `metadata`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from lxml import html

from assets.extraction.wording import tidy

ARTICLES = frozenset(
    [
        *(
            "article",
            "newsarticle",
            "blogposting",
            "report",
            "scholarlyarticle",
            "techarticle",
            "analysisnewsarticle",
            "opinionnewsarticle",
        ),
        *("reportagenewsarticle", "backgroundnewsarticle", "reviewnewsarticle", "socialmediaposting", "liveblogposting"),
        *("medicalscholarlyarticle", "advertisercontentarticle", "satiricalarticle", "askpublicnewsarticle"),
    ]
)
PAGES = frozenset(
    [
        *("webpage", "medicalwebpage", "itempage", "creativework", "recipe", "review", "howto", "faqpage", "podcastepisode"),
        *("videoobject", "book", "product", "course", "event", "aboutpage"),
    ]
)
_SUBJECTS = frozenset({"videoobject", "book", "product", "event", "course"})
_DEPTH = 12
_MOST_NODES = 2000


@dataclass(slots=True)
class Statements:
    """The machine-readable side of a page, as written.

    `meta` maps lower-case names to their contents; `things` are the JSON-LD objects that speak of an article or a page, articles first.
    """

    title: str = ""
    language: str = ""
    canonical: str = ""
    meta: dict[str, list[str]] = field(default_factory=dict)
    things: list[dict[str, Any]] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)
    translations: list[tuple[str, str]] = field(default_factory=list)  # language, address

    def first(self, *wanted: str) -> str | None:
        """The first content of the first of these names that has one."""
        return next((value for name in wanted for value in self.meta.get(name, ()) if value), None)

    def all(self, *wanted: str) -> list[str]:
        """All contents of these names, in the order of the names."""
        return [value for name in wanted for value in self.meta.get(name, ()) if value]


def read(root: html.HtmlElement) -> Statements:
    """Collect what the page states."""
    found = Statements(language=root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang") or "")
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        content = tidy(element.get("content") or "")
        if name and content:
            found.meta.setdefault(name.strip().lower(), []).append(content)
    titles = [element for element in root.iter("title") if not any(above.tag == "svg" for above in element.iterancestors())]
    found.title = tidy(titles[0].text_content()) if titles else ""
    for link in root.iter("link"):
        rel, target = (link.get("rel") or "").lower(), link.get("href") or ""
        if rel == "canonical" and not found.canonical:
            found.canonical = target
        elif rel == "alternate" and target and (link.get("hreflang") or "x-default").lower() != "x-default":
            found.translations.append((link.get("hreflang") or "", target))
    _read_linked_data(root, found)
    _read_authors(root, found)
    return found


def _read_linked_data(root: html.HtmlElement, found: Statements) -> None:
    pages: list[dict[str, Any]] = []
    named: dict[str, str] = {}
    for script in root.iter("script"):
        if (script.get("type") or "").partition(";")[0].strip().lower() != "application/ld+json":
            continue
        for thing in _objects(_loads(script.text or "")):
            kinds = _types(thing)
            if isinstance(thing.get("@id"), str) and isinstance(thing.get("name"), str):
                named.setdefault(thing["@id"], thing["name"])
            if kinds & ARTICLES:
                found.things.append(thing)
            elif kinds & PAGES:
                pages.append(thing)
            elif kinds & {"website", "organization", "newsmediaorganization"} and isinstance(thing.get("name"), str):
                found.sites.append(tidy(thing["name"]))
    found.things += pages
    for thing in found.things:
        if "author" in thing:
            thing["author"] = _resolved(thing["author"], named)


def _resolved(value: Any, named: dict[str, str]) -> Any:
    """A value whose references to objects elsewhere on the page bear the names of those."""
    if isinstance(value, list):
        return [_resolved(item, named) if isinstance(item, dict) else item for item in value]
    if isinstance(value, dict) and not value.get("name") and isinstance(value.get("@id"), str) and value["@id"] in named:
        return {**value, "name": named[value["@id"]]}
    return value


def _read_authors(root: html.HtmlElement, found: Statements) -> None:
    """The authors that are marked in the text (microdata), but those of remarks."""
    for element in root.xpath(
        "//*[@itemprop='author'][not(self::meta)][not(ancestor::*[@itemprop='comment' or contains(@itemtype, 'Comment')])]"
    ):
        inner = element.xpath(".//*[@itemprop='name']")
        name = tidy((inner[0].get("content") or inner[0].text_content()) if inner else element.text_content())
        if name:
            found.meta.setdefault("itemprop:author", []).append(name)
            return


def _loads(text: str) -> Any:
    text = re.sub(r"^\s*(?://)?\s*<!\[CDATA\[|(?://)?\s*\]\]>\s*$|^\s*<!--|-->\s*$", "", text)
    for attempt in (text, re.sub(r",\s*([}\]])", r"\1", re.sub(r"[\x00-\x1f]+", " ", text))):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """All objects of a JSON-LD document, outermost first."""
    waiting, seen = [(value, 0)], 0
    while waiting and seen < _MOST_NODES:
        node, depth = waiting.pop(0)
        seen += 1
        if isinstance(node, dict):
            yield node
            inner = [node[name] for name in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement") if name in node]
        elif isinstance(node, list):
            inner = node
        else:
            continue
        if depth < _DEPTH:
            waiting += [(child, depth + 1) for child in inner]


def _types(thing: dict[str, Any]) -> set[str]:
    kinds = thing.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return {kind.rpartition("/")[2].lower() for kind in kinds if isinstance(kind, str)}


def speaks_of_article(statements: Statements) -> bool:
    """Whether the page's linked data describe an article."""
    return any(_types(thing) & ARTICLES for thing in statements.things)


def is_text(thing: dict[str, Any]) -> bool:
    """Whether an object is a text or the page itself, and no film, book, product or event that the page is about."""
    return not _types(thing) <= _SUBJECTS


def about(statements: Statements, url: str | None) -> None:
    """Leave out the articles of other pages: where several are described, those that bear another address than the page's."""
    articles = [thing for thing in statements.things if _types(thing) & ARTICLES]
    addresses = {_path(url), _path(statements.canonical)} - {""}
    others = [thing for thing in articles if (own := _addresses(thing)) and not own & addresses]
    if addresses and others and len(others) < len(articles):
        statements.things = [thing for thing in statements.things if not any(thing is other for other in others)]


def _addresses(thing: dict[str, Any]) -> set[str]:
    page = thing.get("mainEntityOfPage")
    raws = [thing.get("url"), thing.get("@id"), page, *((page.get("@id"), page.get("url")) if isinstance(page, dict) else ())]
    return {_path(raw) for raw in raws if isinstance(raw, str)} - {""}


def _path(url: str | None) -> str:
    """The path of an address, which is what tells pages of a site apart."""
    try:
        return urlsplit(url or "").path.strip("/").casefold()
    except ValueError:
        return ""


def texts(value: Any) -> list[str]:
    """The strings of a JSON-LD value: itself, its items, the names of its objects."""
    if isinstance(value, str):
        return [tidy(value)] if tidy(value) else []
    if isinstance(value, dict):
        return texts(value.get("name")) or texts(value.get("@value"))
    if isinstance(value, list):
        return [text for item in value[:50] if not isinstance(item, list) for text in texts(item)]
    return []
