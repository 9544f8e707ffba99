"""Which PDF files a page offers as the article itself: the report that it is the landing page of, never one that it cites.

A page states it (`citation_pdf_url`), or has a button for it: a short line that is little but a link to a PDF, and that either
stands in a box for downloads or says "download" and stays on the site. What hangs in a site's head, menus and foot is not asked.
"""

import re
from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from assets.extraction.blocks import Block, Frame, Page
from assets.extraction.metadata import absolute
from assets.extraction.structured import Statements
from assets.extraction.zones import Label

MOST = 5  # files of a page; whoever offers more has a list of links
_LONGEST = 160  # characters of a line that is a button
_LINKED = 0.4  # of the line
_BOX = re.compile(r"(?:^|[-_])(?:downloads?|pdfs?|wp-block-file|file--application-pdf|publication-file|attachments?)(?:$|[-_])", re.I)
_SAID = re.compile(
    r"\bpdf\b|\bdownload|full (?:text|report|paper|study|brief)|(?:read|get) the (?:full )?(?:report|paper|study|brief)"
    r"|herunterlad|zum (?:papier|bericht)|t[ée]l[ée]charg|lire le (?:rapport|texte)|descarg|leer el (?:informe|documento)"
    r"|скача|загруз|завантаж|читать (?:доклад|полностью)|下载|下載|全文",
    re.IGNORECASE,
)
_CHROME_TAGS = frozenset({"nav", "footer", "dialog"})
_CHROME_ROLES = frozenset({"role=banner", "role=contentinfo", "role=navigation", "role=search"})
_FOREIGN = frozenset({"related", "cookie", "hidden", "newsletter", "comments", "donation", "event"})  # kinds of furniture
_BY_BOX = ("class", "box", "row", "tag", "hidden")  # how a rule begins that tells furniture by more than where a line stands
_SHORT = 3  # letters of the co, org, ac in co.uk, org.ua, ac.jp


def documents(stated: Statements, page: Page, labelled: Iterable[tuple[Block, Label | None]], url: str | None) -> tuple[str, ...]:
    """The addresses of a page's own PDF files, the stated ones first.

    Args:
        stated: what the page says of itself.
        page: its blocks and frames.
        labelled: its blocks, each with the label that it was cut by, None for the article's text.
        url: the page's address.
    """
    found = dict.fromkeys(target for raw in stated.all("citation_pdf_url") if (target := absolute(raw, url)))
    boxed = {id(page.blocks[at]) for at in _linked_places(page) if at < len(page.blocks)}
    for block, label in labelled:
        if len(block.text) <= _LONGEST and block.density >= _LINKED and not _is_foreign(label):
            found |= dict.fromkeys(target for target in _files(block, url) if _is_own(page, block, target, url, boxed))
    return tuple(found)[:MOST]


def is_pdf_address(url: str) -> bool:
    """Whether an address names a PDF file."""
    try:
        return urlsplit(url).path.lower().endswith(".pdf")
    except ValueError:
        return False


def _files(block: Block, url: str | None) -> list[str]:
    targets = [absolute(href, url) for href, _ in block.links]
    return [target for target in targets if target and is_pdf_address(target)]


def _is_own(page: Page, block: Block, target: str, url: str | None, boxed: Collection[int]) -> bool:
    frames = page.ancestors(block)
    if any(map(_is_chrome, frames)):
        return False
    if id(block) in boxed or any(map(_is_box, frames[:3])):
        return True
    return bool(_SAID.search(block.text)) and _site(target) == _site(url)


def _linked_places(page: Page) -> list[int]:
    """The places of blocks in which a link bears the name of a download; a link's frame is empty, as its block ends behind it."""
    return [frame.start for frame in page.frames if frame.tag == "a" and _is_box(frame)]


def _is_box(frame: Frame) -> bool:
    return any(_BOX.search(token) for token in frame.tokens)


def _is_foreign(label: Label | None) -> bool:
    return label is not None and label.kind in _FOREIGN and label.rule.startswith(_BY_BOX)


def _is_chrome(frame: Frame) -> bool:
    return frame.hidden or frame.tag in _CHROME_TAGS or not _CHROME_ROLES.isdisjoint(frame.tokens)


def _site(url: str | None) -> list[str]:
    """The part of a host name that belongs to one owner: institute.example of files.institute.example."""
    parts = (urlsplit(url or "").hostname or "").split(".")
    shared = len(parts) > 2 and len(parts[-1]) == 2 and len(parts[-2]) <= _SHORT  # noqa: PLR2004 - a country's own zones
    return parts[-3:] if shared else parts[-2:]
