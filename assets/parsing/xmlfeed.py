"""RSS, Atom and RDF: cleaned XML through feedparser, and its loose dictionaries turned into our records.

feedparser reads the vocabulary (its namespaces, its heuristics for escaped markup); bytes, dates, links and identity are ours.
It may raise or lose items: `feed` decides when `rescue` takes over.
"""

import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from assets.parsing.fieldtext import body_html, one_line, person, plain_to_html, title_text
from assets.parsing.raw import RawEntry, RawFeed
from assets.parsing.records import Enclosure, Kind

FULL_TEXT_KEYS = re.compile(r"(?:.*_)?(?:full-?text|turbo_content)")
_GUID = re.compile(r"<((?:[\w.-]{1,40}:)?(?:guid|id))(?:\s[^<>]*?)?(/?)>", re.IGNORECASE)
_PERIODS = {"hourly": 60, "daily": 1440, "weekly": 10080, "monthly": 43200, "yearly": 525600}


def read_with_feedparser(text: str, *, url: str | None) -> RawFeed:
    """What feedparser finds in cleaned XML. Raises whatever it raises."""
    import feedparser  # noqa: PLC0415 - slow to import

    # A guid is an identifier: feedparser would resolve "26736" against the address and hand it out as the entry's link.
    text = _GUID.sub(r'<\1 isPermaLink="false"\2>', text)
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url or ""}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = feedparser.parse(
            text.encode("utf-8", "replace"),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,  # its resolver rewrites the HTML by the rules of 1990; ours changes the links alone
        )
    return _raw_feed(found)


def _raw_feed(found: Mapping[str, Any]) -> RawFeed:
    feed = found["feed"]
    links = list(_links(feed))
    return RawFeed(
        kind=_kind(_text(found, "version")),
        title=title_text(_text(feed, "title")),
        language=_text(feed, "language"),
        home=_text(feed, "link"),
        next_url=next((href for rel, _, href in links if rel == "next"), None),
        ttl_minutes=_ttl(feed),
        entries=[_raw_entry(entry) for entry in found["entries"]],
    )


def _kind(version: str) -> Kind | None:
    if version.startswith("atom"):
        return "atom"
    if version in {"rss10", "rss090"}:
        return "rdf"
    return "rss" if version.startswith(("rss", "cdf")) else None


def _ttl(feed: Mapping[str, Any]) -> int | None:
    ttl = _text(feed, "ttl")
    if re.fullmatch(r"\d{1,6}", ttl):
        return int(ttl)
    period = _PERIODS.get(_text(feed, "sy_updateperiod").lower())
    times = _text(feed, "sy_updatefrequency")
    return period // max(int(times), 1) if period and re.fullmatch(r"\d{1,4}", times) else period


def _raw_entry(entry: Mapping[str, Any]) -> RawEntry:
    summary, content = _summary(entry), _content(entry)
    return RawEntry(
        guid=one_line(_text(entry, "id")),
        links=list(_entry_links(entry)),
        title=title_text(_text(entry, "title")),
        published=[_text(entry, key) for key in ("published", "created", "updated")],
        updated=_text(entry, "updated"),
        authors=tuple(dict.fromkeys(filter(None, map(person, _people(entry))))),
        summary="" if summary == content else summary,
        content=content,
        categories=tuple(
            dict.fromkeys(filter(None, (one_line(_text(tag, "label") or _text(tag, "term")).strip("/") for tag in _dicts(entry, "tags"))))
        ),
        enclosures=tuple(_enclosures(entry)),
        language=_language(entry),
    )


def _text(holder: Mapping[str, Any], key: str) -> str:
    """A string value; feedparser's own look-up is passed by, it answers "updated" with "published" and warns."""
    value = dict.get(holder, key) if isinstance(holder, dict) else None
    return value if isinstance(value, str) else ""


def _detail(holder: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = dict.get(holder, key) if isinstance(holder, dict) else None
    return value if isinstance(value, dict) else {}


def _dicts(holder: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    values = dict.get(holder, key) if isinstance(holder, dict) else None
    return (value for value in values if isinstance(value, dict)) if isinstance(values, list) else iter(())


def _links(holder: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for link in _dicts(holder, "links"):
        yield _text(link, "rel") or "alternate", _text(link, "type"), _text(link, "href")


def _entry_links(entry: Mapping[str, Any]) -> Iterator[str]:
    """Links of the article itself, best first; the caller takes the first that is an address."""
    yield _text(entry, "feedburner_origlink")
    yield _text(entry, "link")
    yield from (href for rel, _, href in _links(entry) if rel == "alternate")


def _people(entry: Mapping[str, Any]) -> list[str]:
    """Authors as written. feedparser cuts e-mail addresses out of the last one, and cuts into long ones; `author` is whole."""
    names = [_text(author, "name") for author in _dicts(entry, "authors")]
    whole = _text(entry, "author")
    return [*names[:-1], whole] if "@" in whole else names


def _summary(entry: Mapping[str, Any]) -> str:
    detail = _detail(entry, "summary_detail")
    return _html(_text(entry, "summary"), _text(detail, "type"), _text(detail, "base"))


def _content(entry: Mapping[str, Any]) -> str:
    """The longest of the texts that an entry bears as its content, Yandex' full text among them."""
    texts = [_html(_text(part, "value"), _text(part, "type"), _text(part, "base")) for part in _dicts(entry, "content")]
    texts += [body_html(value) for key, value in entry.items() if isinstance(value, str) and FULL_TEXT_KEYS.fullmatch(key)]
    return max(texts, key=len, default="")


def _html(value: str, kind: str, base: str) -> str:
    is_plain = kind == "text/plain" and not re.search(r"</\w+>|<br", value)
    return body_html(plain_to_html(value) if is_plain else value, base)


def _enclosures(entry: Mapping[str, Any]) -> Iterator[Enclosure]:
    for key in ("links", "enclosures", "media_content"):
        for part in _dicts(entry, key):
            if key == "links" and _text(part, "rel") != "enclosure":
                continue
            length = _text(part, "length") or _text(part, "filesize")
            address = _text(part, "href") or _text(part, "url")
            yield Enclosure(address, one_line(_text(part, "type")), int(length) if re.fullmatch(r"\d{1,15}", length) else None)


def _language(entry: Mapping[str, Any]) -> str:
    own = _text(entry, "language") or _text(_detail(entry, "title_detail"), "language")
    return own or next((_text(part, "language") for part in _dicts(entry, "content")), "")
