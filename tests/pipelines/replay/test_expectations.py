"""What the articles are said to mention, held against the day-one watch list, read in the plainest way.

The list lies beside the checkout, not in it; without it these tests are skipped. The reading here is naive on purpose:
whole words, `*` for an ending, capitals as they are for acronyms. It shares no code with the matcher.
"""

import csv
import re
from functools import cache
from pathlib import Path

import pytest

from pipelines.replay.gold import gold_blocks

WATCHLIST = Path(__file__).parents[4] / "shared" / "data" / "watchlist-day-one.csv"
IDS = {"central_asia": "central-asia", "south_caucasus": "south-caucasus", "usa": "united-states", "un_pko": "un-peacekeeping"}
LANGUAGES = {"en", "ru", "fr", "de", "es", "zh"}
SILENT = {"dateline", "byline"}

pytestmark = pytest.mark.skipif(not WATCHLIST.exists(), reason=f"the day-one watch list is not at {WATCHLIST}")


@cache
def forms(language):
    with WATCHLIST.open(encoding="utf-8", newline="") as rows:
        return [
            (IDS.get(row["id"], row["id"]), pattern(alias)) for row in csv.DictReader(rows) for alias in row[language].split(";") if alias
        ]


def pattern(alias):
    if re.search("[\u4e00-\u9fff]", alias):
        return re.compile(alias)  # Chinese has no spaces between words
    wild = re.escape(alias).replace(r"\*", r"\w*").replace(r"\?", r"\w")
    exact = alias.isupper() or alias in {"Mali", "Niger"}
    return re.compile(rf"(?<!\w){wild}(?!\w)", 0 if exact else re.IGNORECASE)


def found(texts, language):
    if language not in LANGUAGES:
        pytest.skip(f"the list has no names in {language!r}")
    text = "\n".join(texts)
    return {name for name, form in forms(language) if form.search(text)}


def test_title_and_text_mention_what_is_expected_and_nothing_else(institute, article, tick):
    body = [text for kind, text in gold_blocks(article) if kind not in SILENT]
    assert found([article.title, *body], article.language) == article.expect


def test_the_silent_zones_mention_what_is_said_to_be_quiet(institute, article, tick):
    quiet = [text for kind, text in gold_blocks(article) if kind in SILENT]
    assert found(quiet, article.language) - article.expect == article.front.quiet


def test_teasers_name_what_they_are_said_to_name(institute):
    for card in institute.teasers:
        assert found([card.title, card.excerpt], card.language) == card.names, card.title
