"""JSON Feed 1.0 and 1.1 (jsonfeed.org), also when its end is missing; other JSON is told apart here."""

import json
import re
from collections.abc import Iterator
from typing import Any

from assets.parsing.fieldtext import body_html, one_line, person, plain_to_html, title_text
from assets.parsing.items import MOST_ENTRIES
from assets.parsing.raw import RawEntry, RawFeed
from assets.parsing.records import Enclosure
from assets.parsing.wordpress import is_posts, read_posts


def read_json(text: str, *, url: str | None = None) -> RawFeed:
    """The JSON Feed or the WordPress posts at `url`, or a feed without kind when the JSON is of another sort or beyond reading."""
    text = text.strip("\0\ufeff\t\r\n ")
    damaged = ""
    try:
        data = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        data, damaged = _salvaged(text), "truncated: the JSON is damaged; the entries before the damage were read"
    if isinstance(data, list) and is_posts(data) and (data or not damaged):
        return read_posts(data, url=url, damaged=damaged)
    if not isinstance(data, dict) or not _is_feed(data):
        return RawFeed(kind=None, problems=["not_a_feed: JSON, but no JSON Feed"])
    items = [item for item in _list(data, "items") if isinstance(item, dict)]
    raw = RawFeed(
        kind="jsonfeed",
        title=title_text(_string(data, "title")),
        language=_string(data, "language"),
        home=_string(data, "home_page_url"),
        next_url=_string(data, "next_url") or None,
        entries=[_entry(item, url) for item in items[:MOST_ENTRIES]],
        problems=[damaged] if damaged else [],
        damaged=bool(damaged),
    )
    if len(items) > MOST_ENTRIES:
        raw.problems.append(f"cut: the first {MOST_ENTRIES} of {len(items)} entries were read")
        raw.damaged = True
    return raw


def _is_feed(data: dict[str, Any]) -> bool:
    if "jsonfeed.org" in _string(data, "version"):
        return True
    return isinstance(data.get("items"), list) and any(key in data for key in ("home_page_url", "feed_url", "version"))


def _salvaged(text: str) -> dict[str, Any] | list[Any]:
    """What stands before the damage: the feed's own strings, and the items that are whole."""
    if text.startswith("["):
        return list(_whole_items(text, 1))
    found = re.search(r'"items"\s*:\s*\[', text)
    if not found:
        return {}
    head = dict(re.findall(r'"(version|title|home_page_url|feed_url|next_url|language)"\s*:\s*"([^"\\]*)"', text[: found.start()]))
    return {**head, "items": list(_whole_items(text, found.end()))}


def _whole_items(text: str, place: int) -> Iterator[Any]:
    decoder = json.JSONDecoder(strict=False)
    while True:
        place = text.find("{", place)
        if place < 0:
            return
        try:
            item, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            return
        yield item


def _entry(item: dict[str, Any], base: str | None) -> RawEntry:
    plain = _string(item, "content_text")
    content = body_html(_string(item, "content_html") or plain_to_html(plain), base)
    return RawEntry(
        guid=one_line(_string(item, "id")),
        links=[_string(item, "url"), _string(item, "external_url")],
        title=title_text(_string(item, "title")),
        published=[_string(item, "date_published"), _string(item, "date_modified")],
        updated=_string(item, "date_modified"),
        authors=tuple(dict.fromkeys(filter(None, (person(_string(author, "name")) for author in _authors(item))))),
        summary=body_html(plain_to_html(_string(item, "summary"))),
        content=content,
        categories=tuple(one_line(tag) for tag in _list(item, "tags") if isinstance(tag, str)),
        enclosures=tuple(_attachment(part) for part in _list(item, "attachments") if isinstance(part, dict)),
        language=_string(item, "language"),
    )


def _authors(item: dict[str, Any]) -> list[dict[str, Any]]:
    authors = [*_list(item, "authors"), item.get("author")]
    return [author for author in authors if isinstance(author, dict)]


def _attachment(part: dict[str, Any]) -> Enclosure:
    size = part.get("size_in_bytes")
    return Enclosure(
        _string(part, "url"), one_line(_string(part, "mime_type")), size if isinstance(size, int) and 0 <= size < 1 << 53 else None
    )


def _string(holder: dict[str, Any], key: str) -> str:
    """A string; identifiers and dates are sometimes written as numbers."""
    value = holder.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value) if isinstance(value, str) or abs(value) < 1 << 63 else ""


def _list(holder: dict[str, Any], key: str) -> list[Any]:
    value = holder.get(key)
    return value if isinstance(value, list) else []
