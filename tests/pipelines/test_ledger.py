"""The fortnight's ledger: whatever goes wrong and in whatever order the days and sources come, every article is stored exactly once.

The steps of the flow without Dagster; the days one after the other are `test_demo`'s.
"""

import random
import shutil
from collections import Counter
from functools import cache

import pytest

from pipelines.replay.clock import LAST_TICK
from pipelines.replay.institutes import load_institutes
from pipelines.replay.truth import truth

# Days that are missed, days that are run twice, and a leap over the day on which one feed overflows and another server drips.
DAYS = {"missed-and-doubled": (0, 0, 2, 3, 5, 5, 8, 14, 14), "in-leaps-and-any-order": (0, 6, 11, 14)}


def live(settings, tick, order):
    """One day, the sources polled one after the other in the given order."""
    from assets.articles import extract_pages
    from assets.backfills import fill_gaps
    from assets.entries import read_fetches
    from assets.feeds import poll_feeds
    from assets.pages import visit_pages
    from pipelines.resources import open_flow

    with open_flow(settings, tick=tick) as flow:
        for sources in order:
            poll_feeds(flow, sources)
        for step in (read_fetches, fill_gaps, visit_pages, extract_pages):
            step(flow)


def orders(name):
    """For each day of a plan, which sources are polled together, and in which order."""
    shuffled, names = random.Random(name), list(load_institutes())
    for tick in DAYS[name]:
        shuffled.shuffle(names)
        yield tick, [[]] if name == "missed-and-doubled" else [names[:5], names[5:]]


@pytest.fixture(scope="module", params=list(DAYS))
def stored(request, tmp_path_factory, demo):
    """What is stored after the days of a plan: articles with their text, and the entities that they mention."""
    from assets.mentions import match_revisions
    from pipelines.replay.demo import install
    from pipelines.resources import open_flow

    # In this process, where all is loaded already: each of a dozen days would start workers of its own.
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("THINKWATCH_EXTRACTION__WORKERS", "0")
        environment.setenv("THINKWATCH_THREADS", "1")
        settings = install(tmp_path_factory.mktemp("ledger"))
    shutil.copytree(demo.folder / "cache", settings.data_folder / "cache")  # the same watch list, compiled
    for tick, order in orders(request.param):
        live(settings, tick, order)
    with open_flow(settings, tick=LAST_TICK) as flow:
        match_revisions(flow)
        with flow.warehouse.transaction() as transaction:
            execute = transaction.connection.execute
            articles = execute("SELECT source_id, url, title, text, language FROM articles").fetchall()
            mentions = execute("SELECT DISTINCT url, entity FROM mentions JOIN articles USING (revision_id) WHERE alerting").fetchall()
            health = dict(execute("SELECT url, state FROM feeds WHERE enabled").fetchall())
    return articles, mentions, health


@cache
def told():
    """Every address that was ever given for an article, with the article as it stands at the end."""
    return {address: article for article in truth(LAST_TICK) for address in article.addresses}


@pytest.mark.fault(
    "F1", "F9", "F15", "F17", "F18", "F19", "F20", "F26", "H32", "H34", "H39", "H42", "H43", "H44", "H50", "P54", "P62", "O127"
)
def test_every_article_that_was_ever_shown_is_stored_exactly_once(stored):
    articles, _, _ = stored
    assert Counter(told()[row[1]].slug if row[1] in told() else row[1] for row in articles) == Counter(
        article.slug for article in truth(LAST_TICK)
    )


def test_every_text_and_title_is_the_authors_as_they_stand_at_the_end(stored):
    articles, _, _ = stored
    different = [row[1] for row in articles if (row[2], row[3], row[4]) != as_written(told()[row[1]])]
    assert different == []


def as_written(article):
    return article.title, article.gold_text, article.language


@pytest.mark.fault("M81")
def test_every_article_mentions_whom_it_speaks_of_and_nobody_else(stored):
    _, mentions, _ = stored
    found = {}
    for url, entity in mentions:
        found.setdefault(told()[url].slug, set()).add(entity)
    expected = {article.slug: set(article.expect) for article in truth(LAST_TICK) if article.expect}
    assert found == expected


def test_only_the_feed_that_is_none_is_ill_at_the_end(stored):
    _, _, health = stored
    assert {url for url, state in health.items() if state not in {"working", "stale"}} == {"http://listing-only.example/rss"}
