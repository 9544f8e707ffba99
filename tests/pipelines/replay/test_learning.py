"""Every page of the fortnight, read with nothing and with few and many pages learnt: the author's text and nothing of what is around it."""

from urllib.parse import urlsplit

import pytest

from assets.extraction.extract import extract
from assets.extraction.learning import STEPS, learn_from
from assets.extraction.records import Hints
from pipelines.replay.clock import LAST_TICK, TICKS, tick_time
from pipelines.replay.institutes import load_institutes
from pipelines.replay.respond import respond
from pipelines.replay.truth import planted, truth

NOW = tick_time(LAST_TICK)
TAUGHT = (0, *STEPS)


def visit(institute, url, tick):
    parts = urlsplit(url)
    answer = respond(institute, parts.path + (f"?{parts.query}" if parts.query else ""), {}, tick)
    return (answer.body, dict(answer.headers).get("Content-Type")) if answer.status == 200 else None


def days(institute, ill):
    """The pages of each article over the fortnight, each that differs once, with the day and what is true of it then."""
    found = {}
    for tick in TICKS:
        for article in truth(tick, institute.id):
            page = None if ill(institute, urlsplit(article.url).path, tick) else visit(institute.id, article.url, tick)
            if page:
                found.setdefault(article.slug, {}).setdefault((page, article.gold_text), (article, tick))
    return [[(page, *told) for (page, _), told in pages.items()] for pages in found.values()]


def wrong(read, article, tick, text):
    """What a text lacks of the author's, and what it has of the furniture that the page showed that day."""
    leaked = [words for words in planted(article.institute, article.slug, tick) if words in text]
    return [(tick, read, article.slug, text[:40], leaked)] if leaked or text != article.gold_text else []


@pytest.mark.parametrize("name", sorted(load_institutes()))
def test_every_page_of_every_day_gives_the_authors_text_and_nothing_planted_however_few_pages_were_learnt_from(name, ill):
    articles = days(load_institutes()[name], ill)
    newest = [pages[-1][0] for pages in articles if not pages[-1][1].report_text]
    rules = {step: learn_from(newest[:step], NOW).rules for step in TAUGHT}
    faults = []
    for pages in articles:
        for turn in range(max(len(pages), len(TAUGHT))):
            (body, content_type), article, tick = pages[turn % len(pages)]
            step = TAUGHT[turn % len(TAUGHT)]
            hints = Hints(title=article.title, language=article.language)
            found = extract(body, url=article.url, content_type=content_type, hints=hints, rules=rules[step], now=tick_time(tick))
            faults += wrong(step, article, tick, found.text)
    assert len(articles) == len(truth(LAST_TICK, name))
    assert faults == []
