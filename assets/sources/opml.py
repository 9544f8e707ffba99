"""OPML: lists of feeds, as feed readers exchange them. Version 1 and 2, outlines in outlines.

Pure: text comes in and goes out. Which of the feeds become sources, and where their files go, is decided by the commands.
"""

from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path

from lxml import etree

from assets.parsing.listings import Outline, outlines
from assets.sources.registry import Source
from warehouse.errors import ConfigError

LISTS = frozenset({"sitemap", "listing", "wordpress"})  # what no feed reader reads keeps its name, so that it can come back


def read_opml(body: bytes, path: Path | str) -> list[Outline]:
    """Every feed of an OPML file, in its order, whatever its address is worth. Raises ConfigError, with the line, for what is no OPML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body.lstrip(), parser)
    except etree.XMLSyntaxError as fault:
        skipped = body[: len(body) - len(body.lstrip())].count(b"\n")
        message = f"not valid XML: {fault.msg.partition(', line')[0]}" if fault.msg else "no XML: the file is empty"
        raise ConfigError(message, path=path, line=(fault.lineno or 1) + skipped, hint="export it again, or mend the line") from fault
    if str(etree.QName(root).localname).lower() != "opml":
        message = f"no OPML: the file begins with <{etree.QName(root).localname}>"
        raise ConfigError(message, path=path, line=1, hint="a single feed is added with: thinkwatch sources add URL")
    return list(outlines(root))


def write_opml(sources: Iterable[Source], *, title: str, now: datetime) -> bytes:
    """An OPML 2.0 file of these sources' feeds, in a folder a country."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = title
    etree.SubElement(head, "dateCreated").text = format_datetime(now)
    body = etree.SubElement(root, "body")
    folders: dict[str, etree._Element] = {}
    for source in sorted(sources, key=lambda source: (source.country or "~", source.id)):
        country = source.country or "other"
        if country not in folders:
            folders[country] = etree.SubElement(body, "outline", text=country, title=country)
        for feed in source.feeds:
            attributes = {
                "type": feed.kind if feed.kind in LISTS else "rss",
                "text": source.name,
                "title": source.name,
                "xmlUrl": feed.url,
                "htmlUrl": source.home,
                "language": next(iter(source.languages), None),
            }
            etree.SubElement(folders[country], "outline", {name: value for name, value in attributes.items() if value})
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
