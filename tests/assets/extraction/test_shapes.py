"""Pages in shapes that no rule was made for: text, dates, authors and zones are right with no sister page known, and with five."""

import html
import re
from datetime import UTC, datetime

import pytest

from assets.extraction.extract import Extract, extract
from assets.extraction.templates import learn, read_page

from .shapes import NAMES, PLAIN_CAPTIONS, Shown, site

NOW = datetime(2024, 11, 1, tzinfo=UTC)


def read(shape: str, language: str, known: int, number: int = 0) -> tuple[Shown, Extract]:
    pages = site(shape, language)
    others = [page for page in pages if page is not pages[number]][:known]
    rules = learn([page for page in (read_page(other.html) for other in others) if page], NOW).rules if known else ()
    return pages[number], extract(pages[number].html, url=pages[number].url, rules=rules, now=NOW)


@pytest.mark.parametrize("known", [0, 5])
@pytest.mark.parametrize(("shape", "language"), NAMES)
def test_the_article_is_read_whole_and_alone(shape, language, known):
    page, found = read(shape, language, known)
    assert found.text == page.text
    assert found.published is not None
    assert (found.title, list(found.authors), found.language) == (page.title, [page.author], language)
    assert found.published.date().isoformat() == page.day


@pytest.mark.parametrize(("shape", "language"), NAMES)
def test_what_teasers_say_is_only_in_the_cuts(shape, language):
    page, found = read(shape, language, 0, number=3)
    gone = re.sub(r"\s+", " ", " ".join(cut.text for cut in found.cut))
    shown = [teaser for teaser in page.teasers if teaser in html.unescape(page.html.decode())]
    assert not any(teaser in found.text for teaser in shown)
    assert all(teaser in gone for teaser in shown)


@pytest.mark.parametrize(("shape", "language"), [name for name in NAMES if name[0] not in PLAIN_CAPTIONS])
def test_quotes_headings_and_captions_stay_in_zones_of_their_own(shape, language):
    _, found = read(shape, language, 0)
    kinds = [zone.kind for zone in found.zones]
    assert kinds == ["body", "body", "heading", "body", "body", "body", "body", "quote", "body", "caption", "body"]
