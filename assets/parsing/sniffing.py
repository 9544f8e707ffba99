"""Which kind of document a text is, judged by the text alone: servers name any of them anything.

Also says what stands there instead of a feed (challenge page, web page, PDF, error message). Reads nothing in detail.
"""

import html
import re
from dataclasses import dataclass

from assets.parsing.fieldtext import plain_text
from assets.parsing.records import Kind
from assets.parsing.urls import canonical_url

HEAD = 60_000  # characters that are looked at
_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(rss|rdf|feed|channel|urlset|sitemapindex|opml)(?=[\s>/])", re.IGNORECASE)
_WRAPPED = re.compile(r"<rss\s[^<>]*version\s*=|<(?:[\w.-]{1,40}:)?feed\s[^<>]*w3\.org/2005/Atom", re.IGNORECASE)
_LONE = re.compile(r"<(?:[\w.-]{1,40}:)?(entry|item)(?=[\s>/])", re.IGNORECASE)
_PROLOG = re.compile(r"(?:\s|<\?.*?\?>)*", re.DOTALL)
_PAGE = re.compile(r"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_COMMENTS = re.compile(r"<!--(?:(?!<!--).){0,20000}?-->", re.DOTALL)
_KINDS: dict[str, Kind] = {
    "rss": "rss",
    "channel": "rss",
    "feed": "atom",
    "rdf": "rdf",
    "urlset": "sitemap",
    "sitemapindex": "sitemap",
    "opml": "opml",
}
_SHIELD = re.compile(
    r"cf-challenge|cf_chl_|/cdn-cgi/challenge-platform|_incapsula_resource|ddos-guard/js-challenge|cf-mitigated", re.IGNORECASE
)
_SHIELD_WORDS = re.compile(
    r"just a moment|checking your browser|attention required|ddos.{0,10}(?:guard|protection)|captcha"
    r"|are you (?:a )?(?:human|robot)|access denied"
    r"|enable javascript and cookies|bot (?:protection|verification)|unusual traffic|verify(?:ing)? (?:that )?you are"
    r"|проверка браузера|подтвердите, что вы не робот|доступ (?:ограничен|запрещ[её]н)",
    re.IGNORECASE,
)
WEB_PAGE = "not_a_feed: a web page"
SHIELD_TEXT = 1_500  # characters; a page with more to read is a page
_FEED_LINK = re.compile(
    r"<link\b(?=[^<>]*\btype\s*=\s*[\"']?application/(?:rss|atom|feed)\+(?:xml|json))[^<>]*\bhref\s*=\s*[\"']?([^\"'\s<>]+)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Sniffed:
    """The kind of a document, or the reason why it is no feed; `is_page` when that is an ordinary web page."""

    kind: Kind | None = None
    reason: str = ""
    is_page: bool = False


def sniff(text: str, url: str | None = None) -> Sniffed:
    """Look at the beginning of a text; `url` makes the feed that a web page points to absolute."""
    head = text[:HEAD].lstrip("\0\ufeff\t\r\n\f ")
    if not head and not text.strip("\0\ufeff\t\r\n\f "):
        return Sniffed(reason="empty: the answer has no content")
    if head.startswith(("{", "[")):
        return Sniffed("jsonfeed")
    bare = _COMMENTS.sub("", head)
    page = _PAGE.search(bare)
    root = _ROOT.search(bare) or (None if page else _ROOT.search(text))  # behind a DOCTYPE or comment of any length
    if root and (_WRAPPED.match(root.string, root.start()) or not (page and page.start() < root.start())):
        return Sniffed(_KINDS[root[1].lower()])
    prolog = _PROLOG.match(bare)
    lone = _LONE.match(bare, prolog.end() if prolog else 0)
    if lone:
        return Sniffed("atom" if lone[1].lower() == "entry" else "rss")
    reason = _what(head, bare, url)
    return Sniffed(reason=reason, is_page=reason.startswith(WEB_PAGE))


def _what(head: str, bare: str, url: str | None) -> str:
    if head.startswith("%PDF-"):
        return "not_a_feed: a PDF file"
    if _PAGE.search(bare) or re.search(r"<(?:p|div|h1|title|script)\b", bare, re.IGNORECASE):
        return _what_page(head, bare, url)
    if sum((char < " " and char not in "\t\r\n") or char == "\ufffd" for char in head) * 20 > len(head):
        return "not_a_feed: binary data"
    return "not_a_feed: no feed that we know"


def _what_page(head: str, bare: str, url: str | None) -> str:
    if _SHIELD.search(head) or (len(plain_text(bare)) < SHIELD_TEXT and _SHIELD_WORDS.search(bare)):
        return "blocked: a challenge page instead of the feed"
    link = _FEED_LINK.search(head)
    address = canonical_url(html.unescape(link[1]), url) if link else None
    return WEB_PAGE + (f"; it names the feed {address}" if address else "")
