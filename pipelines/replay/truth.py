"""What is true of the replay at a tick, from the article files alone: the ledger that tests hold the product's work against."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipelines.replay.articles import Article
from pipelines.replay.furniture import planted as planted_words
from pipelines.replay.furniture import traps as trap_entities
from pipelines.replay.gold import gold_text, report_text
from pipelines.replay.institutes import Institute, load_institutes
from pipelines.replay.reports import PDF
from pipelines.replay.state import institute_named, shown


@dataclass(frozen=True)
class Truth:
    """One article as it stands at a tick.

    Attributes:
        institute: the source id.
        url: the address that feed and listing give for it at that tick.
        addresses: every address that they have given for it so far.
        title: as it reads at that tick.
        published: when, with the institute's offset; None when neither page nor feed tells it.
        published_quality: how much of it page and feed together tell.
        gold_text: what a perfect extractor stores of what lies at that address.
        report_text: the same of the PDF beside it; empty where there is none.
        expect: watched entities that must raise alerts: title or text mention them, footnotes too.
        quiet: watched entities that only a dateline mentions.
        inside: watched entities that the PDF beside it mentions: none of them may raise an alert for that.
        traps: watched entities that only the furniture of the page mentions; an alert for one of them is false.
        language: ISO 639-1.
        revision: 0 for the first version, then the number of the edit.
        slug: the article's name in the replay.
    """

    institute: str
    url: str
    addresses: frozenset[str]
    title: str
    published: datetime | None
    published_quality: Literal["exact", "day"] | None
    gold_text: str
    report_text: str
    expect: frozenset[str]
    quiet: frozenset[str]
    inside: frozenset[str]
    traps: frozenset[str]
    language: str
    revision: int
    slug: str


def truth(tick: int, institute: str | None = None) -> list[Truth]:
    """Every article that is shown by a tick (of one institute, or of all), newest first for each institute."""
    names = [institute] if institute else list(load_institutes())
    return [_told(institute_named(name, tick), article, tick) for name in names for article in shown(name, tick)]


def planted(institute: str, slug: str, tick: int) -> list[str]:
    """The boilerplate that an article's page shows at a tick, none of which may stand in the stored text; nothing before it is out."""
    site = institute_named(institute, tick)
    return [words for article in shown(institute, tick) if article.slug == slug for words in planted_words(site, article, tick)]


def _told(site: Institute, article: Article, tick: int) -> Truth:
    report = report_text(article)
    return Truth(
        institute=site.id,
        url=site.link_of(article),
        addresses=frozenset(institute_named(site.id, day).link_of(article) for day in range(article.tick, tick + 1)),
        title=article.title,
        published=None if article.front.undated else article.published,
        published_quality=None if article.front.undated else site.date_quality,
        gold_text=report if site.link_of(article).endswith(PDF) else gold_text(article),
        report_text=report,
        expect=article.expect,
        quiet=article.front.quiet,
        inside=article.front.inside,
        traps=trap_entities(site, article, tick),
        language=article.language,
        revision=article.revision,
        slug=article.slug,
    )
