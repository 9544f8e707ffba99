"""What is true of the replay at a tick, from the article files alone: the ledger that tests hold the product's work against."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipelines.replay.articles import Article
from pipelines.replay.clock import LAST_TICK
from pipelines.replay.furniture import planted as planted_words
from pipelines.replay.furniture import traps as trap_entities
from pipelines.replay.gold import gold_text, report_text
from pipelines.replay.institutes import Institute, load_institutes
from pipelines.replay.reports import PDF
from pipelines.replay.state import articles_of, institute_named, shown

Change = Literal["silent edit", "title edit", "withdrawal", "restoration", "copy"]
GONE = 410  # a page that answers so is taken down; another fault only keeps it from us


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
        copies: slug of the article of another institute that it shows again, if it does.
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
    copies: str | None


def truth(tick: int, institute: str | None = None) -> list[Truth]:
    """Every article that is shown by a tick (of one institute, or of all), newest first for each institute."""
    names = [institute] if institute else list(load_institutes())
    return [_told(institute_named(name, tick), article, tick) for name in names for article in shown(name, tick)]


def planted(institute: str, slug: str, tick: int) -> list[str]:
    """The boilerplate that an article's page shows at a tick, none of which may stand in the stored text; nothing before it is out."""
    site = institute_named(institute, tick)
    return [words for article in shown(institute, tick) if article.slug == slug for words in planted_words(site, article, tick)]


def changes() -> list[tuple[Change, str]]:
    """Everything that the institutes have done to what they had published, or to each other's texts, by the last tick: what and slug."""
    articles = [article for name in load_institutes() for article in articles_of(name)]
    edits = [(_edit_kind(article, edit.tick), article.slug) for article in articles for edit in article.front.edits]
    copies: list[tuple[Change, str]] = [("copy", article.slug) for article in articles if article.front.copies]
    gone = {
        mishap.path.partition("page:")[2]: max(mishap.ticks)
        for site in load_institutes().values()
        for mishap in site.mishaps
        if mishap.status == GONE
    }
    back: list[tuple[Change, str]] = [("restoration", slug) for slug, last in gone.items() if last < LAST_TICK]
    return [*edits, *copies, *(("withdrawal", slug) for slug in gone), *back]


def _edit_kind(article: Article, tick: int) -> Change:
    return "title edit" if gold_text(article.at(tick - 1)) == gold_text(article.at(tick)) else "silent edit"


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
        copies=article.front.copies,
    )
