"""Gaps between two polls: whether there is one, and which addresses lead to the entries that lie in it. Pure.

What is taken of the documents there is told in `stretches`, how a search goes on and ends in `backfilling`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from assets.parsing.identity import Resolved
from assets.parsing.intake import BASELINE_AGE
from assets.parsing.records import ParsedEntry, ParsedFeed
from warehouse.transaction import Row

POSTS_A_PAGE = 100  # the most that WordPress gives
MOST_CHILDREN = 5  # sitemaps of one index that are read at first, those that changed last
MOST_PINNED = 2  # entries that a site keeps above the newest ones
FEWEST_IN_ORDER = 3
_SECTIONS = re.compile(r"/(?:category|tag|author|topic|type|series|comments)/", re.IGNORECASE)
_FEED_PATH = re.compile(r"/feed/?(?:rss2?/?|atom/?)?$", re.IGNORECASE)
_WORDPRESS_GUID = re.compile(r"[?&]p=\d+$")
_LIKELY = re.compile(r"news|post|article|publication", re.IGNORECASE)


def shows_gap(resolved: Sequence[Resolved], known: Mapping[str, Row], since: datetime | None) -> bool:
    """Whether a poll overlaps nothing that was known at the last good one (`since`), so that entries may lie between.

    What a site pins above its newest entries is no overlap: it is shown however much was missed.
    """
    new = [item for item in resolved if item.entry_id not in known]
    if since is None or not new:
        return False
    anchors = [place for place, item in enumerate(resolved) if was_known(known.get(item.entry_id), since)]
    return not anchors or are_pinned(anchors, resolved, new)


def was_known(row: Row | None, since: datetime) -> bool:
    """Whether an entry was known before the gap; what another feed has shown since then is none."""
    return row is not None and row["first_seen_at"] <= since


def are_pinned(anchors: Sequence[int], resolved: Sequence[Resolved], new: Sequence[Resolved]) -> bool:
    """Known entries that stand above newer ones in a list which otherwise runs from the newest down."""
    dates = [item.entry.published for item in new if item.entry.published]
    if len(anchors) > MOST_PINNED or len(dates) < FEWEST_IN_ORDER or any(later < earlier for later, earlier in pairwise(dates)):
        return False
    above = [resolved[place].entry.published for place in anchors]
    return anchors[-1] < len(anchors) and all(date is not None and date < min(dates) for date in above)


def ways(feed: Row, definition: Row, parsed: ParsedFeed, *, sitemaps: Sequence[str] = (), since: datetime | None) -> tuple[str, ...]:
    """The plan for a gap or a history: what the document itself names, then what sites of its make offer, surest first.

    Args:
        feed: the row of `feeds`.
        definition: what the source's file says of the feed.
        parsed: the document that showed the gap.
        sitemaps: addresses that robots.txt names.
        since: how far back a history is wanted; None: all of it, and for a gap, which ends at what is known and not at a date.
    """
    url = feed["moved_url"] or feed["url"]
    plan = [f"next {parsed.next_url}"] if parsed.next_url else []
    if definition.get("pages"):
        plan.append(f"pages {definition['pages'].replace('{n}', '2')}")
    if parsed.kind == "wordpress":
        plan.append(f"wordpress {with_parameters(url, page='2')}")
    if parsed.kind in {"rss", "atom", "rdf"} and _is_wordpress(url, parsed.entries):
        plan.append(f"paged {with_parameters(url, paged='2')}")
        if site := _main_feed_of(url):
            plan.append(f"wordpress {_posts(site, since)}")
    if _covers_site(url):
        plan += [f"sitemap {address}" for address in (sitemaps or [urljoin(url, "/sitemap.xml")]) if address != url]
    return tuple(dict.fromkeys(plan))


def children(parsed: ParsedFeed, since: datetime | None, most: int = MOST_CHILDREN) -> tuple[str, ...]:
    """The sitemaps of an index that may list something new: changed since then, latest first; then the likeliest without a date."""
    dated = [entry for entry in parsed.entries if entry.url and entry.published]
    fresh = [entry for entry in dated if since is None or _date(entry) >= since - BASELINE_AGE]
    undated = [entry for entry in parsed.entries if entry.url and not entry.published]
    likeliest = sorted(undated, key=lambda entry: _likelihood(entry.url or ""), reverse=True)
    chosen = [*sorted(fresh, key=_date, reverse=True), *likeliest[: MOST_CHILDREN if dated else None]]
    return tuple(entry.url for entry in chosen[:most] if entry.url)


def changed_children(index: ParsedFeed, before: Mapping[str, str | None]) -> tuple[str, ...]:
    """The sitemaps of an index of which it says something else than `before`, by address; at first, and of those without dates, only some.

    That the date of a change is another one tells it, not that it is late: a post that is dated back may bring an old one.
    """
    dated = [entry for entry in index.entries if entry.published]
    if not dated or not any(entry.url in before for entry in dated):
        return children(index, None)
    changed = [entry for entry in dated if before.get(entry.url or "") != entry.published_raw]
    undated = [entry for entry in index.entries if not entry.published]
    return children(replace(index, entries=(*changed, *undated)), None, len(changed) + MOST_CHILDREN)


def sitemap_steps(index: ParsedFeed, since: datetime, most: int) -> tuple[str, ...]:
    """What a gap asks of an index: the sitemaps that may have changed since it began, and then the older ones."""
    is_dated = any(entry.published for entry in index.entries)
    changed = children(index, since, most if is_dated else MOST_CHILDREN)
    return tuple(f"{'sitemap' if address in changed else 'older'} {address}" for address in children(index, None, most))


def shape(url: str) -> str:
    """What the addresses of a site's articles have in common: folders with digits as 0, the last step as *."""
    parts = urlsplit(url)
    *folders, last = parts.path.rstrip("/").split("/")
    ending = re.search(r"\.\w{1,5}$", last)
    names = "&".join(sorted(name for name, _ in parse_qsl(parts.query)))
    return re.sub(r"\d+", "0", "/".join(folders)) + "/*" + (ending[0] if ending else "") + (f"?{names}" if names else "")


def following(way: str, asked: str, parsed: ParsedFeed, definition: Row, total_pages: int | None) -> str | None:
    """Address of the page behind this one, None when this was the last."""
    if way == "pages" and not parsed.next_url:
        pattern = re.escape(definition.get("pages") or "").replace(r"\{n\}", r"(\d+)")
        found = re.fullmatch(pattern, asked)
        return definition["pages"].replace("{n}", str(int(found[1]) + 1)) if found else None
    if way in {"paged", "wordpress"}:
        name = "paged" if way == "paged" else "page"
        number = int(dict(parse_qsl(urlsplit(asked).query)).get(name, "1"))
        last = total_pages is not None and number >= total_pages
        return None if last else with_parameters(asked, **{name: str(number + 1)})
    return parsed.next_url if parsed.next_url != asked else None


def with_parameters(url: str, **values: str) -> str:
    """The address with these query parameters set, the others in their order."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in values]
    return urlunsplit(parts._replace(query=urlencode([*kept, *values.items()])))


def _is_wordpress(url: str, entries: Sequence[ParsedEntry]) -> bool:
    by_address = bool(_FEED_PATH.search(urlsplit(url).path)) or "feed=" in urlsplit(url).query
    return by_address or any(_WORDPRESS_GUID.search(entry.guid or "") for entry in entries)


def _covers_site(url: str) -> bool:
    """Whether a feed is its site's main one: what else the site lists then belongs to it."""
    parts = urlsplit(url)
    return not _SECTIONS.search(parts.path) and not re.search(r"(?:^|&)(?:cat|tag|author)=", parts.query)


def _main_feed_of(url: str) -> str | None:
    """The address of the site, if this is its main feed; a section's feed must not bring in the posts of all others."""
    parts = urlsplit(url)
    if not _covers_site(url) or not (_FEED_PATH.search(parts.path) or "feed=" in parts.query):
        return None
    return urlunsplit(parts._replace(path=_FEED_PATH.sub("", parts.path).rstrip("/") + "/", query="", fragment=""))


def _posts(site: str, since: datetime | None) -> str:
    after = {"after": f"{since - BASELINE_AGE:%Y-%m-%dT%H:%M:%S}"} if since else {}
    return with_parameters(f"{site}wp-json/wp/v2/posts", per_page=str(POSTS_A_PAGE), **after, orderby="date", order="desc", page="1")


def _date(entry: ParsedEntry) -> datetime:
    assert entry.published  # noqa: S101 - chosen for it
    return entry.published


def _likelihood(url: str) -> tuple[bool, int, str]:
    numbers = re.findall(r"\d+", urlsplit(url).path)
    return bool(_LIKELY.search(url)), int(numbers[-1][:9]) if numbers else 0, url
