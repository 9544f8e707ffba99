"""A web page that lists articles, read as a feed: by the source's own CSS selectors, or by what repeats on the page.

A listing gives link, title and, where it shows one, date and teaser; the text comes from the article's page. Not here:
articles themselves (extraction), and which page lists the older ones when the page does not say (`gaps`).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from assets.parsing.fieldtext import body_html, one_line, plain_to_html, title_text
from assets.parsing.raw import RawEntry, RawFeed
from assets.parsing.records import Selectors
from assets.parsing.urls import canonical_url, is_home_page, url_key

if TYPE_CHECKING:
    from bs4 import Tag

LONGEST = 3_000_000  # characters; what lies behind them is no list of news
MOST_ITEMS = 500
FEWEST_ALIKE = 3  # links of one make that are a list
SHORTEST_TITLE = 15  # characters of a link that is a title; "Read more" is shorter
SHORTEST_DENSE_TITLE = 6  # in scripts that write a word in one or two characters
LONGEST_DATE = 45
MOST_SIBLINGS = 3  # elements behind a title that may belong to it where nothing encloses both
ENOUGH_ALIKE, ENOUGH_TITLE = 30, 100  # more links, or longer ones, do not make a better list

FURNITURE = ("nav", "footer", "aside", "form", "select")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
ROOTS = {"html", "body", "[document]"}
_DENSE = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_DATED = re.compile(r"(?:19|20)\d\d|\d{1,2}[./]\d{1,2}[./]\d{2}")
_DATE_CLASS = re.compile(r"(?:^|[-_])(?:date|datetime|time|published|pubdate|posted)(?:$|[-_])", re.IGNORECASE)
_PASSING = re.compile(r"\d|^(?:odd|even|first|last|active|current|sticky|featured)$", re.IGNORECASE)


def read_webpage(text: str, selectors: Selectors, *, url: str | None) -> RawFeed:
    """The articles that a page lists, or a feed without kind when there is no list to be found.

    Raises soupsieve's SelectorSyntaxError for a selector that is none.
    """
    from bs4 import BeautifulSoup  # noqa: PLC0415 - slow to import

    page = BeautifulSoup(text[:LONGEST], "lxml")
    declared = page.find("base", href=True)
    base = urljoin(url or "", str(declared["href"])) if declared else url or ""
    entries = list(islice(_selected(page, selectors, base) if selectors.item else _guessed(page, base), MOST_ITEMS))
    if not any(link for entry in entries for link in entry.links):
        how = f"no element {selectors.item!r} with a link" if selectors.item else "no list of articles"
        return RawFeed(kind=None, problems=[f"not_a_feed: a web page with {how} on it"])
    return RawFeed(
        kind="listing", title=_title_of(page), language=_language_of(page), next_url=_next(page, selectors, base), entries=entries
    )


def _selected(page: "Tag", selectors: Selectors, base: str) -> Iterator[RawEntry]:
    """What the selectors find, in the order of the page; an item without a link is none."""
    for item in page.select(selectors.item or "", limit=MOST_ITEMS):
        link = item.select_one(selectors.link) if selectors.link else _first_link(item)
        link = _first_link(link) if link is not None and not link.get("href") else link
        if link is None or not link.get("href"):
            continue
        titled = item.select_one(selectors.title) if selectors.title else None
        dated = item.select(selectors.date) if selectors.date else None
        summary = item.select_one(selectors.summary) if selectors.summary else None
        title = _text(titled) if titled else _title([item], link)
        yield _entry(link, base, title, _dates([item]) if dated is None else _written(dated), _text(summary) if summary else "")


def _guessed(page: "Tag", base: str) -> Iterator[RawEntry]:
    """The links that are most like a list of articles: many of one make, with titles, under headings, beside dates."""
    alike: dict[tuple[str, ...], dict[str, Tag]] = {}
    for link in page.find_all("a", href=True):
        address = canonical_url(str(link["href"]), base)
        if address and _may_be_article(address, base) and _is_title(_text(link)) and not link.find_parent(FURNITURE):
            alike.setdefault(_make(link), {}).setdefault(address, link)
    lists = [list(links.values()) for links in alike.values() if len(links) >= FEWEST_ALIKE]
    for parts, link in _items(max(lists, key=_worth, default=[])):
        title = _title(parts, link)
        teaser = max((_text(paragraph) for part in parts for paragraph in part.find_all("p")), key=len, default="")
        yield _entry(link, base, title, _dates(parts), teaser if teaser != title else "")


def _entry(link: "Tag", base: str, title: str, dates: list[str], summary: str) -> RawEntry:
    address = urljoin(base, str(link["href"]).strip())
    return RawEntry(links=[address], title=title_text(plain_to_html(title)), published=dates, summary=body_html(plain_to_html(summary)))


def _may_be_article(address: str, base: str) -> bool:
    same_site = _site(address) == _site(base)
    return same_site and not is_home_page(address) and url_key(address) != url_key(base)


def _site(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _is_title(text: str) -> bool:
    return len(text) >= (SHORTEST_DENSE_TITLE if _DENSE.search(text) else SHORTEST_TITLE)


def _make(link: "Tag") -> tuple[str, ...]:
    """How a link is built in: names and lasting classes of it and of the elements around it."""
    return tuple(f"{element.name}.{'.'.join(sorted(_lasting(element)))}" for element in [link, *islice(link.parents, 3)])


def _lasting(element: "Tag") -> list[str]:
    return [name for name in _classes(element) if not _PASSING.search(name)]


def _worth(links: Sequence["Tag"]) -> float:
    length = sum(min(len(_text(link)), ENOUGH_TITLE) for link in links) / len(links)
    in_heading = sum(bool(link.find_parent(HEADINGS) or link.find(HEADINGS)) for link in links) / len(links)
    dated = sum(bool(_dates(parts)) for parts, _ in _items(links)) / len(links)
    return min(len(links), ENOUGH_ALIKE) * length * (1 + in_heading) * (1 + 2 * dated)


def _items(links: Sequence["Tag"]) -> Iterator[tuple[list["Tag"], "Tag"]]:
    """Each link with the elements that belong to it: the largest one without another link of the list, and what follows that."""
    listed = {id(link) for link in links}
    for link in links:
        item = link
        for around in link.parents:
            # One by one: who lists them all here, for each of some thousand links, lists millions.
            if around.name in ROOTS or any(id(other) in listed and other is not link for other in around.descendants):
                break
            item = around
        yield [item, *_followers(item, listed)], link


def _followers(item: "Tag", listed: set[int]) -> Iterator["Tag"]:
    for sibling in item.find_next_siblings(limit=MOST_SIBLINGS):
        if any(id(element) in listed for element in [sibling, *sibling.find_all("a")]):
            return
        yield sibling


def _title(parts: Sequence["Tag"], link: "Tag") -> str:
    heading = next((found for part in parts for found in [part, *part.find_all(HEADINGS)] if found.name in HEADINGS and _text(found)), None)
    return _text(heading) if heading is not None else _text(link)


def _dates(parts: Sequence["Tag"]) -> list[str]:
    """What looks like a date, best first: marked up as one, named one, or a short text with a year in it."""
    times = [element for part in parts for element in [part, *part.find_all("time")] if element.name == "time"]
    named = [element for part in parts for element in part.find_all(class_=_DATE_CLASS)]
    short = [text.strip() for part in parts for text in part.find_all(string=_DATED) if len(text.strip()) <= LONGEST_DATE]
    return list(dict.fromkeys([*_written([*times, *named]), *short]))


def _written(elements: Sequence["Tag"]) -> list[str]:
    texts = [value for element in elements for value in (element.get("datetime"), element.get("content"), _text(element))]
    return [str(text) for text in texts if text and len(str(text)) <= LONGEST_DATE]


def _next(page: "Tag", selectors: Selectors, base: str) -> str | None:
    found = page.select_one(selectors.next or "link[rel~=next][href], a[rel~=next][href], a.next[href], .next > a[href]")
    link = found if found is None or found.get("href") else _first_link(found)
    return urljoin(base, str(link["href"])) if link is not None else None


def _first_link(element: "Tag") -> "Tag | None":
    return element if element.name == "a" and element.get("href") else element.find("a", href=True)


def _text(element: "Tag") -> str:
    return one_line(element.get_text(" "))


def _classes(element: "Tag") -> list[str]:
    value = element.get("class")
    return [str(name) for name in value] if isinstance(value, list) else []


def _title_of(page: "Tag") -> str:
    found = page.find("title")
    return title_text(plain_to_html(_text(found))) if found else ""


def _language_of(page: "Tag") -> str:
    found = page.find("html", lang=True)
    return str(found["lang"]) if found else ""
