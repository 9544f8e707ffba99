"""What is known about an article beside its text: site, description, tags, links, attachments.

Titles, authors and dates are weighed in modules of their own: `titles`, `people`, `times`.
"""

import re
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

from assets.extraction.blocks import Block
from assets.extraction.markup import fields
from assets.extraction.structured import Statements, texts
from assets.extraction.wording import key, tidy

_FILES = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|odt|rtf|epub|zip|csv)(?:$|[?#])", re.I)
_LONGEST_TAG, _MOST_TAGS = 80, 50  # characters, tags


def find_site(stated: Statements, url: str | None) -> str | None:
    """The name of the site, as it states it."""
    named = stated.first(*fields("sites"))
    publishers = [text for thing in stated.things for text in texts(thing.get("publisher"))]
    return next((tidy(name) for name in (named, *publishers, *stated.sites) if name), None) or urlsplit(url or "").hostname


def description(stated: Statements) -> str | None:
    """The page's own summary."""
    return stated.first(*fields("descriptions"))


def tags(stated: Statements, cut_tags: Iterable[Block]) -> tuple[str, ...]:
    """Key words as stated, then the linked tags of the article's tag list."""
    listed = [text for thing in stated.things for text in texts(thing.get("keywords"))]
    parts = [part for text in (*listed, *stated.all(*fields("tags"))) for part in text.split(",")]
    shown = [text for block in cut_tags for _, text in block.links]
    found: dict[str, str] = {}
    for tag in map(tidy, (*parts, *shown)):
        if key(tag) and len(tag) <= _LONGEST_TAG:
            found.setdefault(key(tag), tag)
    return tuple(found.values())[:_MOST_TAGS]


def links(blocks: Iterable[Block], base: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Where the text's links lead, and which of them are files."""
    found: dict[str, None] = {}
    for block in blocks:
        for href, _ in block.links:
            target = absolute(href, base)
            if target:
                found.setdefault(target)
    return tuple(found), tuple(target for target in found if _FILES.search(target))


def translations(stated: Statements, base: str | None, own: Iterable[str | None]) -> tuple[str, ...]:
    """The same article in other languages, as "fr https://…", as its head names them; its own addresses are left out."""
    found = ((code, absolute(href, base)) for code, href in stated.translations)
    return tuple(dict.fromkeys(f"{code} {target}" for code, target in found if target and target not in own))[:_MOST_TAGS]


def absolute(href: str, base: str | None) -> str | None:
    """Where a link leads, on the web; None when it leads nowhere or within the page."""
    href = tidy(href)
    if not href or href.startswith("#"):
        return None
    try:
        target = urljoin(base or "", href)
        return target if urlsplit(target).scheme in {"http", "https"} else None
    except ValueError:
        return None
