"""Posts as the WordPress REST API lists them (`/wp-json/wp/v2/posts`): JSON without a feed around it.

Where that list is, and how to page through it, is decided in `gaps`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from assets.parsing.fieldtext import body_html, one_line, person, title_text
from assets.parsing.items import MOST_ENTRIES
from assets.parsing.raw import RawEntry, RawFeed
from assets.parsing.records import Enclosure

Post = Mapping[str, Any]


def is_posts(data: object) -> bool:
    """Whether some JSON is a list of posts; an empty list is one of none."""
    return isinstance(data, list) and all(
        isinstance(post, dict) and isinstance(post.get("title"), dict) and "link" in post for post in data
    )


def read_posts(posts: Sequence[Post], *, url: str | None = None, damaged: str = "") -> RawFeed:
    """The posts as a feed; `damaged` says why some may be missing."""
    raw = RawFeed(
        kind="wordpress",
        entries=[_entry(post, url) for post in posts[:MOST_ENTRIES]],
        problems=[damaged] if damaged else [],
        damaged=bool(damaged),
    )
    if len(posts) > MOST_ENTRIES:
        raw.problems.append(f"cut: the first {MOST_ENTRIES} of {len(posts)} posts were read")
        raw.damaged = True
    return raw


def _entry(post: Post, base: str | None) -> RawEntry:
    return RawEntry(
        guid=one_line(_rendered(post, "guid")),
        links=[_string(post, "link")],
        title=title_text(_rendered(post, "title")),
        published=[_utc(_string(post, "date_gmt")), _string(post, "date")],
        updated=_utc(_string(post, "modified_gmt")) or _string(post, "modified"),
        authors=tuple(dict.fromkeys(filter(None, (person(_string(author, "name")) for author in _embedded(post, "author"))))),
        summary=body_html(_rendered(post, "excerpt"), base),
        content=body_html(_rendered(post, "content"), base),
        categories=tuple(dict.fromkeys(filter(None, (title_text(_string(term, "name")) for term in _embedded(post, "wp:term"))))),
        enclosures=tuple(_medium(medium) for medium in _embedded(post, "wp:featuredmedia") if _string(medium, "source_url")),
        language=_string(post, "lang"),
    )


def _utc(moment: str) -> str:
    """A `…_gmt` field, which bears no zone, as UTC; drafts have zeros there."""
    return f"{moment}Z" if moment and not moment.startswith("0000") and not moment.endswith("Z") else ""


def _rendered(post: Post, key: str) -> str:
    """The text of a field that comes as {"rendered": …}; nothing of what a password protects."""
    field = post.get(key)
    if not isinstance(field, dict):
        return field if isinstance(field, str) else ""
    return "" if field.get("protected") is True else _string(field, "rendered")


def _embedded(post: Post, name: str) -> list[Post]:
    """Authors, terms or media that came with the post (`?_embed`); terms are lists by taxonomy."""
    embedded = post.get("_embedded")
    found = embedded.get(name) if isinstance(embedded, dict) else None
    flat = [each for part in found for each in (part if isinstance(part, list) else [part])] if isinstance(found, list) else []
    return [each for each in flat if isinstance(each, dict)]


def _medium(medium: Post) -> Enclosure:
    return Enclosure(_string(medium, "source_url"), one_line(_string(medium, "mime_type")), None)


def _string(holder: Post, key: str) -> str:
    value = holder.get(key)
    return value if isinstance(value, str) else ""
