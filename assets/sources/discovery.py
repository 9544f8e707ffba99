"""Where a site's feeds may be: what its page advertises and links, what WordPress says of itself, the usual paths, sitemaps.

Pure: a page and its headers come in, addresses to try go out, the most promising first. Asking is done in `exploring`.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from assets.fetching.records import Fetched
from assets.parsing.decoding import decode
from assets.parsing.fieldtext import one_line
from assets.parsing.urls import canonical_url

FEED_TYPE = re.compile(r"(?:application|text)/(?:rss|atom|rdf|feed)\+(?:xml|json)|application/(?:json|x-rss)", re.IGNORECASE)
FEED_ADDRESS = re.compile(
    r"(?:^|[/.?=&_-])(?:rss2?|atom)(?:$|[/.?=&_-])|/feeds?(?:[/?]|\.xml|\.json|$)|[?&=]feed(?:[=&]|$)|page=backend|//feeds?\.",
    re.IGNORECASE,
)
FEED_WORD = re.compile(r"\b(?:rss|atom)\b", re.IGNORECASE)
NOT_A_DOCUMENT = re.compile(r"\.(?:png|jpe?g|gif|svg|ico|css|js|pdf|mp3)(?:$|\?)|feedly\.com|/oembed", re.IGNORECASE)
FEED_HOSTS = re.compile(r"(?:^|\.)(?:feedburner\.com|feedpress\.\w+|feedblitz\.com|rss\.app)$")
API = "https://api.w.org/"
MOST_LINKS = 12
# Paths that a WordPress REST address needs to list posts, without the texts of the pages that they embed.
POSTS = "wp/v2/posts?per_page=20"


@dataclass(frozen=True)
class Candidate:
    """An address to try, and how it was found; `title` is what the site calls it."""

    url: str
    how: str
    title: str = ""


@dataclass(frozen=True)
class SitePage:
    """What a page says of its site. `feeds` are advertised or linked, `posts` is its WordPress REST list, both in order of promise."""

    url: str
    name: str = ""
    language: str | None = None
    feeds: tuple[Candidate, ...] = ()
    posts: Candidate | None = None


@cache
def words() -> dict[str, tuple[str, ...]]:
    """The lists of discovery.toml."""
    text = files("assets.sources").joinpath("discovery.toml").read_text(encoding="utf-8")
    return {name: tuple(values) for name, values in tomllib.loads(text).items()}


def read_page(fetched: Fetched) -> SitePage:
    """What a fetched page says of its site's feeds; never raises."""
    url = fetched.final_url
    advertised = list(_header_links(fetched))
    try:
        text = decode(fetched.body, content_type=fetched.header("content-type")).text
        root = html.document_fromstring(text, parser=html.HTMLParser(huge_tree=True))
    except (ValueError, etree.LxmlError):
        return _site_page(url, "", None, advertised)
    base = urljoin(url, next((element.get("href") or "" for element in root.iter("base")), ""))
    advertised += _advertised(root, base)
    return _site_page(url, _name(root), _language(root), [*advertised, *_linked(root, base)])


def usual_places(url: str) -> list[Candidate]:
    """The usual paths below an address and, when it is not the root, below the root."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}/"
    first = re.match(r"/([a-z]{2})(?:[-_][A-Za-z]{2})?(?:/|$)", parts.path)
    bases = [urljoin(root, f"{first[0].strip('/')}/"), root] if first else [root]
    return [Candidate(urljoin(base, path), "a usual path") for base in bases for path in words()["usual_paths"]]


def sitemaps(robots: Fetched, site: str) -> list[Candidate]:
    """The sitemaps that robots.txt names, news first, else the usual one."""
    lines = robots.body[:500_000].decode("utf-8-sig", "replace").splitlines() if robots.fault is None else []
    named = [canonical_url(line.partition(":")[2].strip(), site) for line in lines if line.strip().lower().startswith("sitemap:")]
    found = sorted({url for url in named if url}, key=lambda url: (not re.search(r"news|post|article", url), url))
    return [Candidate(url, "a sitemap that robots.txt names") for url in found] or [
        Candidate(urljoin(site, "/sitemap.xml"), "the usual sitemap")
    ]


def _site_page(url: str, name: str, language: str | None, found: Sequence[Candidate]) -> SitePage:
    feeds: dict[str, Candidate] = {}
    for candidate in found:
        if candidate.how != API and candidate.url != url:
            feeds.setdefault(candidate.url, candidate)
    posts = next((candidate.url for candidate in found if candidate.how == API), None)
    if posts and "rest_route=" in posts:
        listed = Candidate(posts.rstrip("/") + "/" + POSTS.replace("?", "&"), "WordPress says so")
    else:
        listed = Candidate(urljoin(posts, POSTS), "WordPress says so") if posts else None
    return SitePage(url, name, language, tuple(feeds.values()), listed)


def _header_links(fetched: Fetched) -> Iterator[Candidate]:
    """Links in the HTTP header: `<https://…>; rel="alternate"; type="application/rss+xml"`."""
    for name, value in fetched.headers:
        for target, parameters in re.findall(r"<([^<>]*)>((?:\s*;[^,<>]*)*)", value) if name.lower() == "link" else ():
            url = canonical_url(target, fetched.final_url)
            if url and API in parameters:
                yield Candidate(url, API)
            elif url and "alternate" in parameters and FEED_TYPE.search(parameters):
                yield Candidate(url, "advertised in the HTTP header")


def _advertised(root: etree._Element, base: str) -> Iterator[Candidate]:
    for link in root.iter("link"):
        rel = (link.get("rel") or "").lower().split()
        url = canonical_url(link.get("href"), base)
        if not url:
            continue
        if API in rel:
            yield Candidate(url, API)
        elif _is_feed_link(link, rel) and "/wp-json/" not in url:
            yield Candidate(url, "advertised", one_line(link.get("title") or ""))


def _is_feed_link(link: etree._Element, rel: Sequence[str]) -> bool:
    media_type = (link.get("type") or "").partition(";")[0].strip()
    return "feed" in rel or ("alternate" in rel and bool(FEED_TYPE.fullmatch(media_type)))


def _linked(root: etree._Element, base: str) -> list[Candidate]:
    """Links in the text that look like feeds or like a page that lists feeds."""
    found: dict[str, Candidate] = {}
    for anchor in root.iter("a"):
        href = anchor.get("href") or ""
        text = one_line(" ".join(anchor.itertext()) or anchor.get("title") or "")[:80]
        if not (FEED_ADDRESS.search(href) or FEED_WORD.search(text)) or NOT_A_DOCUMENT.search(href):
            continue
        url = canonical_url(href, base)
        if url and _same_site(url, base):
            found.setdefault(url, Candidate(url, "linked", text))
    return list(found.values())[:MOST_LINKS]


def _same_site(url: str, base: str) -> bool:
    """Whether an address may be a feed of this site: on its domain, or with a service that serves feeds for others."""
    hosts = [(urlsplit(address).hostname or "").removeprefix("www.") for address in (url, base)]
    domains = [".".join(host.split(".")[-2:]) for host in hosts]
    return domains[0] == domains[1] or bool(FEED_HOSTS.search(hosts[0]))


def _name(root: etree._Element) -> str:
    for meta in root.iter("meta"):
        if meta.get("property") == "og:site_name" and meta.get("content"):
            return one_line(meta.get("content") or "")
    title = one_line(next(("".join(element.itertext()) for element in root.iter("title")), ""))
    parts = [part for part in re.split(r"\s+[|–—·-]\s+", title) if part.casefold() not in {"", *words()["home"]}]
    return parts[0] if parts else ""


def _language(root: etree._Element) -> str | None:
    code = (root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "").lower()
    found = re.match(r"[a-z]{2,3}(?=$|[-_])", code)
    return found[0] if found else None
