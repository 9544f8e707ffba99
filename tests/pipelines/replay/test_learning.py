"""What is learnt of each institute's pages, from few and from many: never a line of an article is lost to it."""

import json
from urllib.parse import urlsplit

import pytest

from assets.extraction.extract import extract
from assets.extraction.learning import STEPS, learn_from
from assets.extraction.records import Hints
from pipelines.replay.clock import LAST_TICK, tick_time
from pipelines.replay.institutes import load_institutes
from pipelines.replay.respond import respond
from pipelines.replay.truth import planted, truth

NOW = tick_time(LAST_TICK)


def visit(institute, url):
    parts = urlsplit(url)
    answer = respond(institute, parts.path + (f"?{parts.query}" if parts.query else ""), {}, LAST_TICK)
    return (answer.body, dict(answer.headers).get("Content-Type")) if answer.status == 200 else None


@pytest.mark.parametrize("name", sorted(load_institutes()))
def test_no_article_loses_a_line_to_what_recurs_however_few_pages_it_was_learnt_from(name):
    articles = [article for article in truth(LAST_TICK, name) if not article.report_text]
    pages = {article.url: page for article in articles if (page := visit(name, article.url))}
    articles = [article for article in articles if article.url in pages]  # the hostile one withdraws a page
    lost, leaked = [], []
    for step in (0, *STEPS):
        taught = list(pages.values())[:step]
        rules = learn_from(taught, NOW).rules
        for article in articles:
            body, content_type = pages[article.url]
            found = extract(
                body,
                url=article.url,
                content_type=content_type,
                hints=Hints(title=article.title, language=article.language),
                rules=rules,
                now=NOW,
            )
            lines = set(article.gold_text.split("\n\n"))
            missing = lines - set(found.text.split("\n\n"))
            lost += [(step, article.url, found.reason, sorted(missing)[:2])] if missing else []
            leaked += [(step, words) for words in planted(name, article.slug, LAST_TICK) if words in found.text]
    assert json.dumps(lost, ensure_ascii=False) == "[]"
    assert leaked == []
