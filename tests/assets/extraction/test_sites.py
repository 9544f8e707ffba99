"""Stored pages of our own making, one a content system: each gives exactly its article, its zones and what is known of it.

`tests/sites/NAME.html` is the page, `NAME.txt` its article, `NAME.json` the rest. The markup follows the public sources of
each system (Elementor Pro's widgets before and since 3.2, Jetpack, Drupal 7's node template, Bitrix's news.detail, Joomla's
com_content); the texts are synthetic.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assets.extraction.extract import extract

SITES = Path(__file__).parents[2] / "sites"
NOW = datetime(2024, 11, 1, tzinfo=UTC)
NAMES = sorted(path.stem for path in SITES.glob("*.html"))


def stored(name: str):
    wanted = json.loads((SITES / f"{name}.json").read_text("utf-8"))
    page = (SITES / f"{name}.html").read_text("utf-8").encode(wanted["charset"], "xmlcharrefreplace")
    return wanted, extract(page, url=wanted["url"], content_type=wanted["content_type"], now=NOW)


def test_every_system_has_a_page():
    assert {"elementor-old", "elementor-new", "wordpress-jetpack", "drupal7", "bitrix", "joomla", "flat", "static-table"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_text_is_the_article_and_nothing_else(name):
    _, found = stored(name)
    assert found.status == "ok"
    assert found.text == (SITES / f"{name}.txt").read_text("utf-8").rstrip("\n")


@pytest.mark.parametrize("name", NAMES)
def test_every_block_is_in_its_zone(name):
    wanted, found = stored(name)
    assert [zone.kind for zone in found.zones] == wanted["zones"]
    assert "\n\n".join(found.text[zone.start : zone.end] for zone in found.zones) == found.text


@pytest.mark.parametrize("name", NAMES)
def test_what_is_known_of_the_article(name):
    wanted, found = stored(name)
    assert (found.title, list(found.authors), found.language, found.site) == (
        wanted["title"],
        wanted["authors"],
        wanted["language"],
        wanted["site"],
    )
    assert found.published is not None
    assert found.published.date().isoformat() == wanted["published"]
    assert bool(found.disclaimer) == wanted.get("disclaimer", False)


@pytest.mark.parametrize("name", NAMES)
def test_what_teasers_name_is_only_in_the_cuts(name):
    wanted, found = stored(name)
    gone = "\n".join(cut.text for cut in found.cut)
    for word in wanted["never"]:
        assert word not in found.text
    assert wanted["never"][0] in gone
    assert all(cut.kind and cut.rule for cut in found.cut)
