"""A plain reader of RSS, Atom and RDF for documents on which feedparser fails: lxml mends the tree, names are matched locally.

It knows the few elements that an alert needs and forgives everything: wrong case, wrong nesting, no namespaces.
"""

from collections.abc import Iterator

from lxml import etree

from assets.parsing.fieldtext import body_html, one_line, person, title_text
from assets.parsing.raw import RawEntry, RawFeed
from assets.parsing.records import Enclosure

ITEMS = frozenset({"item", "entry"})
ROOTS = {"rss": "rss", "feed": "atom", "rdf": "rdf", "channel": "rss"}
PUBLISHED = ("pubdate", "published", "issued", "date", "created", "updated", "modified")
# A field that was never closed holds the fields behind it: their text is not its own.
FIELDS = frozenset(
    {
        "title",
        "link",
        "guid",
        "id",
        "description",
        "summary",
        "encoded",
        "content",
        "author",
        "creator",
        "category",
        "enclosure",
        *PUBLISHED,
    }
)
MOST_NESTED = 20  # fields in fields
DEEPEST = 200  # elements below an item; deeper ones are an attack


def parse_tree(text: str) -> etree._Element | None:
    """A tree of cleaned XML, mended where it is broken; nothing outside the text is ever read."""
    parser = etree.XMLParser(recover=True, huge_tree=True, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def name_of(element: etree._Element) -> str:
    """The element's name in lower case, without namespace or prefix."""
    return element.tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(element.tag, str) else ""


def text_of(element: etree._Element, *names: str) -> str:
    """The text of the first child with one of the names, in the order of the names."""
    return next((text for name in names for child in element if name_of(child) == name and (text := own_text(child))), "")


def own_text(element: etree._Element) -> str:
    """The text of a field with its inline markup, without other fields that wrong nesting put into it."""
    parts = [element.text or ""]
    for child in element:
        parts.append("" if name_of(child) in FIELDS else "".join(map(str, child.itertext())))
        parts.append(child.tail or "")
    return "".join(parts).strip()


def read_tree(text: str, *, url: str | None = None) -> RawFeed:
    """A feed as far as its mended tree shows one; a feed without kind when there is no tree."""
    root = parse_tree(text)
    if root is None:
        return RawFeed(kind=None)
    channel = next((element for element in root.iter() if name_of(element) == "channel"), root)
    kind = ROOTS.get(name_of(root))
    return RawFeed(
        kind=kind,  # pyrefly: ignore[bad-argument-type]
        title=title_text(text_of(channel, "title")),
        language=text_of(channel, "language"),
        home=text_of(channel, "link"),
        entries=[_entry(element, url) for element in root.iter() if name_of(element) in ITEMS],
    )


def _entry(item: etree._Element, base: str | None) -> RawEntry:
    fields = list(_fields(item))
    content = body_html(_markup(fields, "encoded", "full-text", "content"), base)
    summary = body_html(_markup(fields, "description", "summary"), base)
    return RawEntry(
        guid=one_line(_first(fields, "guid", "id")),
        links=list(_links(fields)),
        title=title_text(_first(fields, "title")),
        published=[_first(fields, name) for name in PUBLISHED],
        updated=_first(fields, "updated", "modified"),
        authors=tuple(dict.fromkeys(filter(None, map(person, _authors(fields))))),
        summary="" if summary == content else summary,
        content=content,
        categories=tuple(
            one_line(own_text(child) or child.get("term") or "").strip("/") for child in fields if name_of(child) == "category"
        ),
        enclosures=tuple(Enclosure(child.get("url") or "", child.get("type") or "") for child in fields if name_of(child) == "enclosure"),
    )


def _fields(item: etree._Element, depth: int = 0) -> Iterator[etree._Element]:
    """The fields of an item: its children, and what wrong nesting put into a field that is plain text."""
    for child in item:
        name = name_of(child)
        if name in ITEMS:
            continue
        yield child
        if name in FIELDS - {"description", "summary", "encoded", "content", "author"} and depth < MOST_NESTED:
            yield from _fields(child, depth + 1)


def _first(fields: list[etree._Element], *names: str) -> str:
    return next((text for name in names for field in fields if name_of(field) == name and (text := own_text(field))), "")


def _markup(fields: list[etree._Element], *names: str) -> str:
    """The HTML of a field, whether it was escaped or stands there as elements."""
    for name in names:
        field = next((field for field in fields if name_of(field) == name), None)
        if field is not None:
            is_shallow = len(field) > 0 and _depth(field) < DEEPEST
            inner = "".join(etree.tostring(part, encoding="unicode") for part in field) if is_shallow else ""
            text = (field.text or "") + inner if inner else own_text(field)
            if text.strip():
                return text
    return ""


def _depth(element: etree._Element) -> int:
    depth = 0
    while len(element) and depth < DEEPEST:
        element, depth = element[0], depth + 1
    return depth


def _links(fields: list[etree._Element]) -> Iterator[str]:
    found = [field for field in fields if name_of(field) == "link"]
    yield from (own_text(field) for field in found)
    yield from (field.get("href") or "" for field in found if (field.get("rel") or "alternate") == "alternate")


def _authors(fields: list[etree._Element]) -> Iterator[str]:
    for field in fields:
        if name_of(field) in {"author", "creator"}:
            yield text_of(field, "name") or own_text(field)
