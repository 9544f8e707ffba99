"""The title of a page: as the reader sees it, without the name of the site."""

import html
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from assets.extraction.blocks import Block, Page
from assets.extraction.markup import fields
from assets.extraction.structured import Statements, texts
from assets.extraction.wording import key, tidy

_BAR = re.compile(r"\s+[|»•·‖]\s+|\s*\|\s*|\s*::\s*|\s+»\s*")
_DASH = re.compile(r"\s+[-–—~<>/]+\s+")
_TAIL = re.compile(r"\s*[|_]\s*|\s[-–—]+\s|(?<=[\u3400-\u9fff])[-–—]+")
_COLON = re.compile(r"\s*:\s+")
_LONGEST = 300
_SAME, _SURE, _LIKELY = 0.9, 0.75, 0.4  # shares of common words
_SHORTEST_NAME, _MOST_WORDS = 4, 8  # characters and words of a site's name


def find_title(stated: Statements, page: Page, site: str | None, hint: str | None = None, url: str | None = None) -> str | None:
    """The heading that the page shows, where head or feed speak of the same thing; else what the head says; else the feed's title."""
    names = [name for name in (site, _host_words(url)) if name]
    claims = [
        claim
        for claim in (without_site(text, names) for text in _claims(stated, page, hint))
        if claim and key(claim) not in {key(name) for name in names}
    ]
    first = _headings(page, 1, names)
    for shown, least in ((first, _LIKELY), (_headings(page, 2, names)[:8], _SURE), (_headings(page, 3, names)[:8], _SURE)):
        best = max(shown, key=lambda text: _likeness(text, claims), default=None)
        if best and _likeness(best, claims) >= least:
            return best
    if claims:
        return _shown_part(page, claims) or claims[0][:_LONGEST]
    return (first or _headings(page, 2, names) or [None])[0]


def _claims(stated: Statements, page: Page, hint: str | None) -> list[str]:
    """What is claimed to be the title: by JSON-LD, meta elements, the title element and the feed."""
    raw = [
        *(text for thing in stated.things[:1] for text in texts(thing.get("headline"))[:1]),
        *stated.all(*fields("titles")),
        _head_of(stated.title, page),
        hint or "",
    ]
    return [tidy(html.unescape(text)) for text in raw if text]


def _shown_part(page: Page, claims: list[str]) -> str | None:
    """The line, no heading, that says what a claim says without what stands behind a bar, a dash or (in Chinese heads) a low line."""
    parts = {key(claim[: cut.start()]) for claim in claims for cut in _TAIL.finditer(claim)} | {key(claim) for claim in claims}
    return next((block.text for block in page.blocks if len(block.text) <= _LONGEST and key(block.text) in parts), None)


def _head_of(title: str, page: Page | None = None) -> str:
    """A title element without what stands behind its last bar, sections and sites; or before its first, as the page is headed."""
    bars = list(_BAR.finditer(title))
    if bars and page and not _heads(page, title[: bars[0].start()]) and _heads(page, title[bars[0].end() :]):
        return title[bars[0].end() :]
    return title[: bars[-1].start()] if bars and len(title[: bars[0].start()].split()) > 1 else title


def _heads(page: Page, part: str) -> bool:
    """Whether a heading of the page, a line in bold, or one line of several says this and is no link to somewhere else."""
    lines = (line for block in page.blocks if not block.linked for line in _marked(block))
    return any(key(line) == key(part) for line in lines)


def _marked(block: Block) -> list[str]:
    """The lines of a block that stand out: all of a heading's and of bold ones, else those that a break sets apart."""
    return block.text.split("\n") if block.level or block.bold or (block.kind == "body" and "\n" in block.text) else []


def _headings(page: Page, level: int, names: list[str]) -> list[str]:
    found = (without_site(block.text, names) for block in page.blocks if block.level == level)
    banned = {key(name) for name in names}
    return [text for text in dict.fromkeys(found) if key(text) and key(text) not in banned]


def are_alike(shown: Iterable[str], title: str) -> bool:
    """Whether one of the lines bears the title, or hardly differs from it."""
    return any(_common(part, title) >= _SURE for line in shown for part in (line, _head_of(line)))


def _likeness(shown: str, claims: list[str]) -> float:
    return max((_common(shown, claim) for claim in claims), default=0.0)


def _common(left: str, right: str) -> float:
    """The share of words that two titles have in common; the whole of one inside the other counts more."""
    mine, theirs = key(left).split(), key(right).split()
    if not mine or not theirs:
        return 0.0
    if mine == theirs:
        return 1.0
    both = len(set(mine) & set(theirs))
    even = 2 * both / (len(set(mine)) + len(set(theirs)))
    inside = len(mine) > 2 and set(mine) <= set(theirs)  # noqa: PLR2004 - one or two words are in anything
    return max(even, _SURE if inside else 0.0)


def without_site(text: str, names: list[str]) -> str:
    """A title without the name of the site before or behind it."""
    text = tidy(text)
    for pattern in (_BAR, _DASH, _COLON):
        same = _is_site if pattern is not _COLON else _is_exactly
        places = list(pattern.finditer(text))
        for place in reversed(places):
            left, right = text[: place.start()].strip(), text[place.end() :].strip()
            if any(same(right, name) for name in names) and key(left):
                return without_site(left, names)
            if any(same(left, name) for name in names) and key(right):
                return without_site(right, names)
    return text


def _is_site(part: str, name: str) -> bool:
    """Whether a part of a title is the name of the site, or the host that it is written as."""
    mine, theirs = key(part), key(name)
    if not mine or not theirs:
        return False
    glued, host = mine.replace(" ", ""), theirs.replace(" ", "")
    if mine == theirs or glued == host:
        return True
    short = len(glued) >= _SHORTEST_NAME and len(mine.split()) <= _MOST_WORDS
    return short and (host.startswith(glued) or (glued.startswith(host) and len(glued) <= 2 * len(host) + _SHORTEST_NAME))


def _is_exactly(part: str, name: str) -> bool:
    return key(part) == key(name)


def _host_words(url: str | None) -> str | None:
    try:
        host = (urlsplit(url or "").hostname or "").removeprefix("www.")
    except ValueError:
        return None
    labels = host.split(".")
    return max(labels[:-1] or labels, key=len) or None


def is_title(block: Block, title: str | None) -> bool:
    """Whether a block repeats the title."""
    if not title or len(block.text) > _LONGEST:
        return False
    return key(block.text) == key(title) or (block.level in {1, 2} and _common(block.text, title) >= _SAME)
