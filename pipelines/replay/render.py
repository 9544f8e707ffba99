"""Articles and furniture put into the markup of a content system, by the templates in `templates/<cms>/`.

Here belong the environment, its filters and what a template is handed. Which words a page shows is decided in `furniture`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime as rfc822
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from pipelines.replay.articles import Article
from pipelines.replay.blocks import Block
from pipelines.replay.clock import tick_time
from pipelines.replay.furniture import Furniture, day_text, excerpt_of, furniture
from pipelines.replay.institutes import ROOT, Feed, Institute, number_of
from pipelines.replay.reports import report_pdf
from pipelines.replay.state import changed_at, shown

FEED_EXCERPT_WORDS = 55
LISTING_EXCERPT_WORDS = 30

_INLINE = re.compile(r"\[\^(?P<mark>\d+)\](?P<note>:)?|\[(?P<words>[^\]]+)\]\((?P<target>[^)]+)\)|\*(?P<stress>[^*]+)\*")


@dataclass(frozen=True)
class View:
    """An article as templates see it.

    Attributes:
        number: the id that the content system gave it.
        date: its day as the page tells it; empty when it tells none.
        zoned: its moment in the institute's own zone.
        changed: when this revision was put up.
        boiler: the furniture around it.
        report_length: of the PDF beside it, in bytes.
    """

    title: str
    slug: str
    language: str
    number: int
    path: str
    url: str
    byline: str
    summary: str
    excerpt: str
    lead: str
    tags: tuple[str, ...]
    blocks: tuple[Block, ...]
    date: str
    zoned: datetime
    changed: datetime
    boiler: Furniture
    report_length: int


def view(institute: Institute, article: Article, tick: int) -> View:
    """What a template gets of an article."""
    zoned = article.published.astimezone(ZoneInfo(institute.timezone))
    path = institute.path_of(article)
    return View(
        title=article.title,
        slug=article.slug,
        language=article.language,
        number=number_of(article.slug),
        path=path,
        url=institute.link_of(article),
        byline=article.front.byline,
        summary=article.front.summary or excerpt_of(article, LISTING_EXCERPT_WORDS),
        excerpt=excerpt_of(article, FEED_EXCERPT_WORDS),
        lead=excerpt_of(article, LISTING_EXCERPT_WORDS),
        tags=article.front.tags,
        blocks=article.blocks,
        date="" if article.front.undated else day_text(institute, article.published, article.language),
        zoned=zoned,
        changed=changed_at(article).astimezone(ZoneInfo(institute.timezone)),
        boiler=furniture(institute, article, tick),
        report_length=len(report_pdf(article.slug)) if article.report else 0,
    )


def page(institute: Institute, article: Article, tick: int) -> bytes:
    """An article's page, in the institute's encoding for that language."""
    text = _render(institute, "page.html", tick, article=view(institute, article, tick), language=article.language)
    return _encoded(text, institute.charset_of(article.language))


def listing(institute: Institute, tick: int) -> bytes:
    """The page that lists what is out, newest first."""
    language = institute.languages[0]
    text = _render(institute, "listing.html", tick, articles=_views(institute, shown(institute.id, tick), tick), language=language)
    return _encoded(text, institute.charset_of(language))


def fitting(institute: Institute, feed: Feed, tick: int) -> list[Article]:
    """The articles that a feed has shown by a tick, newest first."""
    return [
        article
        for article in shown(institute.id, tick)
        if (not feed.languages or article.language in feed.languages) and (feed.died is None or article.published.date() < feed.died)
    ]


def listed(institute: Institute, feed: Feed, tick: int, page: int = 1) -> list[Article]:
    """The articles on a page of a feed, newest first."""
    return fitting(institute, feed, tick)[(page - 1) * feed.window : page * feed.window]


def feed_page(institute: Institute, feed: Feed, tick: int, page: int = 1) -> bytes:
    """A feed: the newest articles, as many as its window holds, or those of an older page."""
    now = tick_time(tick).astimezone(ZoneInfo(institute.timezone))
    articles = _views(institute, listed(institute, feed, tick, page), tick)
    more = page + 1 if feed.paging and listed(institute, feed, tick, page + 1) else None
    language = (feed.languages or institute.languages)[0]
    text = _render(institute, feed.template, tick, articles=articles, language=language, now=now, feed=feed, page=page, more=more)
    return _encoded(text, institute.charset_of("feed"))


def stylesheet(institute: Institute) -> bytes:
    """The style sheet that its pages link to."""
    return (ROOT / "templates" / institute.cms / "style.css").read_bytes()


def common(name: str, **values: Any) -> bytes:
    """A page that belongs to no institute, such as the list of hosts."""
    return _encoded(environment().get_template(name).render(**values), "utf-8")


@cache
def environment() -> Environment:
    """The templates with their filters. Missing values raise, so that a template cannot silently leave something out."""
    loader = FileSystemLoader(ROOT / "templates")
    made = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    made.filters |= {"inline": inline, "rfc822": rfc822, "pattern": _pattern, "slug": _slug}
    return made


def inline(line: str) -> Markup:
    """One line of article source as HTML: emphasis, links, footnote marks (linked both ways)."""
    parts, end = [], 0
    for found in _INLINE.finditer(line):
        parts += [escape(line[end : found.start()]), _element(found)]
        end = found.end()
    return Markup("").join([*parts, escape(line[end:])])


def _element(found: re.Match[str]) -> Markup:
    if mark := found["mark"]:
        note = Markup('<a href="#_ftnref{0}" name="_ftn{0}">[{0}]</a>')
        call = Markup('<sup><a href="#_ftn{0}" name="_ftnref{0}">[{0}]</a></sup>')
        return (note if found["note"] else call).format(mark)
    if words := found["words"]:
        return Markup('<a href="{}">{}</a>').format(found["target"], words)
    return Markup("<em>{}</em>").format(found["stress"])


def _views(institute: Institute, articles: Sequence[Article], tick: int) -> list[View]:
    return [view(institute, article, tick) for article in articles]


def _render(institute: Institute, name: str, tick: int, **values: Any) -> str:
    template = environment().get_template(f"{institute.cms}/{name}")
    phrases = institute.phrases(values["language"])
    return template.render(
        site=institute, phrases=phrases, charset=institute.charset_of(values["language"]), year=tick_time(tick).year, **values
    )


def _encoded(text: str, charset: str) -> bytes:
    return text.encode(charset, "xmlcharrefreplace")


def _pattern(moment: datetime, pattern: str, language: str) -> str:
    return format_datetime(moment, pattern, locale=language)


def _slug(text: str) -> str:
    return re.sub(r"\W+", "-", text.lower()).strip("-")
