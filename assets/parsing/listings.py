"""Documents that list addresses rather than articles: sitemaps and sitemap indexes, news sitemaps, OPML.

Discovery and `sources import` use them; a news sitemap, whose addresses bear titles and dates, serves as a feed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from assets.parsing.fieldtext import one_line, title_text
from assets.parsing.items import MOST_ENTRIES
from assets.parsing.raw import RawEntry, RawFeed
from assets.parsing.records import Kind
from assets.parsing.rescue import name_of, parse_tree, text_of

DEEPEST_FOLDER = 10


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed that an OPML file lists, with the folders that it lies in, outermost first; `line` is 1-based, `kind` as it says."""

    title: str
    feed_url: str
    site_url: str
    folders: tuple[str, ...] = ()
    language: str = ""
    line: int = 0
    kind: str = ""


def read_listing(text: str, kind: Kind) -> RawFeed:
    """The addresses in cleaned XML of a sitemap or an OPML file."""
    root = parse_tree(text)
    if root is None:
        return RawFeed(kind=None, problems=["not_a_feed: XML that cannot be read"])
    if kind == "opml":
        entries = [RawEntry(links=[outline.feed_url], title=outline.title, categories=outline.folders) for outline in outlines(root)]
        head = next((child for child in root if name_of(child) == "head"), root)
        return _limited(RawFeed(kind="opml", title=title_text(text_of(head, "title")), entries=entries))
    pages = [_page(element) for element in root if name_of(element) in {"url", "sitemap"}]
    listed = [page for page in pages if page.links[0]]
    return _limited(RawFeed(kind="sitemap", entries=listed, is_index=name_of(root) == "sitemapindex"))


def outlines(root: etree._Element) -> Iterator[Outline]:
    """Every feed of an OPML tree, in its order."""
    for element in root.iter():
        attributes = {str(key).lower(): str(value) for key, value in element.attrib.items()} if name_of(element) == "outline" else {}
        if attributes.get("xmlurl"):
            title = title_text(attributes.get("title") or attributes.get("text", ""))
            above = islice((folder for folder in element.iterancestors() if name_of(folder) == "outline"), DEEPEST_FOLDER)
            folders = [title_text(folder.get("title") or folder.get("text") or "") for folder in above]
            yield Outline(
                title,
                attributes["xmlurl"].strip(),
                attributes.get("htmlurl", "").strip(),
                tuple(filter(None, folders[::-1])),
                attributes.get("language", ""),
                element.sourceline or 0,
                attributes.get("type", "").strip().lower(),
            )


def _page(element: etree._Element) -> RawEntry:
    news = next((child for child in element if name_of(child) == "news"), element)
    publication = next((child for child in news if name_of(child) == "publication"), news)
    modified = text_of(element, "lastmod")
    return RawEntry(
        links=[text_of(element, "loc")],
        title=title_text(text_of(news, "title")),
        published=[text_of(news, "publication_date"), modified],
        updated=modified,
        categories=tuple(filter(None, (one_line(word) for word in text_of(news, "keywords").split(",")))),
        language=text_of(publication, "language"),
    )


def _limited(raw: RawFeed) -> RawFeed:
    """Without what is too much: of a sitemap, which may begin with its oldest address, those that bear the latest dates stay."""
    if len(raw.entries) > MOST_ENTRIES:
        latest = sorted(raw.entries, key=lambda entry: next((date for date in entry.published if date), ""), reverse=True)
        which = "first" if latest == raw.entries else "latest"
        raw.problems.append(f"cut: the {which} {MOST_ENTRIES} of {len(raw.entries)} addresses were read")
        raw.damaged = True
        kept = {id(entry) for entry in latest[:MOST_ENTRIES]}
        raw.entries = [entry for entry in raw.entries if id(entry) in kept]
    return raw
