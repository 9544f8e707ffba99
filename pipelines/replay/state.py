"""What an institute shows at a tick: a pure function of the two."""

from datetime import datetime
from functools import cache

from pipelines.replay.articles import Article, load_articles
from pipelines.replay.clock import tick_time
from pipelines.replay.institutes import Institute, load_institutes
from pipelines.replay.seed import seed_article


@cache
def articles_of(institute: str) -> tuple[Article, ...]:
    """All articles that an institute ever shows, oldest first, unedited."""
    everything = (*load_articles(), seed_article())
    own = (article for article in everything if article.front.institute == institute)
    return tuple(sorted(own, key=lambda article: (article.published, article.slug)))


def shown(institute: str, tick: int) -> list[Article]:
    """What it has published by a tick, newest first, each as it reads then."""
    tick_time(tick)
    return [article.at(tick) for article in reversed(articles_of(institute)) if article.tick <= tick]


def article_at(institute: Institute, path: str, tick: int) -> Article | None:
    """The article whose page lies at a path, if it is out by then."""
    return next((article for article in shown(institute.id, tick) if institute.path_of(article) == path), None)


def changed_at(article: Article) -> datetime:
    """When the given revision was put up (UTC for edits, the institute's own offset for the first)."""
    return tick_time(article.front.edits[article.revision - 1].tick) if article.revision else article.published


def institute_named(name: str, tick: int) -> Institute:
    """An institute by its id, as it is at a tick. Raises KeyError for one that is not there."""
    return load_institutes()[name].at(tick)
