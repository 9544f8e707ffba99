"""Rules for one site: what a source's YAML may say, what it does to a page, and that it ends."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from assets.extraction.extract import extract
from assets.extraction.site_rules import SiteRules, xpath
from warehouse.documents import Document
from warehouse.errors import ConfigError

NOW = datetime(2024, 11, 1, 12, tzinfo=UTC)
OWN = [
    f"Paragraph {number} tells how the port was built, who paid for it, and why the ferries still run late in winter."
    for number in range(6)
]
NOTE = "Our readers carry this house, and whoever gives a little every month keeps it open for all the others too."
QUOTE = "The sea does not wait, and neither does the grain that stands on the quay when the first ice comes down."
PAGE = f"""<html><head><title>The port</title></head><body><div class="lay"><div class="col one">
<div class="zz top"><span class="when">12.03.2024</span> <span class="who">Dana Yesimova</span></div><h1>The port</h1>
<div id="content" data-part="text">{"".join(f"<p>{line}</p>" for line in OWN[:3])}<p class="note">{NOTE}</p>
{"".join(f"<p>{line}</p>" for line in OWN[3:])}</div><aside class="pull">{QUOTE}</aside></div></div></body></html>"""


def rules(**given) -> SiteRules:
    return SiteRules.model_validate({"until": "2025-01-01", **given})


def read(given: SiteRules | None, page: str = PAGE):
    return extract(page.encode(), url="https://institute.example/port", site_rules=given, now=NOW)


def test_what_is_dropped_goes_and_says_so():
    found = read(rules(drop=["#content p.note"]))
    assert NOTE in read(None).text
    assert found.text.split("\n\n") == OWN
    assert [(cut.rule, cut.text) for cut in found.cut if cut.kind == "site_rule"] == [("drop #content p.note", NOTE)]


def test_what_is_kept_stays_although_it_looks_like_furniture():
    assert QUOTE not in read(None).text
    assert QUOTE in read(rules(keep=["aside.pull"])).text


def test_the_body_is_where_the_rule_says():
    page = PAGE.replace('<div id="content"', f'<div class="lead"><p>{QUOTE}</p></div><div id="content"')
    assert QUOTE in read(None, page).text
    assert read(rules(body="[data-part=text]"), page).text.split("\n\n") == [*OWN[:3], NOTE, *OWN[3:]]


def test_date_and_author_are_what_the_rule_says():
    found = read(rules(date=".top > span.when", author=".top .who"))
    assert found.authors == ("Dana Yesimova",)
    assert found.published == datetime(2024, 3, 12, tzinfo=UTC)


def test_a_body_that_is_not_there_is_a_warning_and_the_page_is_read_all_the_same():
    found = read(rules(body="#gone", drop=[".gone"]))
    assert found.text
    assert found.warnings == ("rule_unmatched: body #gone",)


def test_rules_end_on_their_day():
    late = rules(until="2024-10-31", drop=[".note"], body="#gone")
    assert (read(late).text, read(late).warnings) == (read(None).text, ())
    assert NOTE not in read(rules(until="2024-11-01", drop=[".note"])).text


@pytest.mark.parametrize(
    ("selector", "path"),
    [
        ("p", ".//p"),
        (".a", ".//*[contains(concat(' ', normalize-space(@class), ' '), ' a ')]"),
        ("div#x > p", ".//div[@id='x']/p"),
        ("[itemprop='datePublished']", ".//*[@itemprop='datePublished']"),
        ("ul li[data-x]", ".//ul//li[@data-x]"),
    ],
)
def test_selectors(selector, path):
    assert xpath(selector) == path


@pytest.mark.parametrize("selector", ["", " ", "p >", "a:hover", "p, div", "p::before", "div[", "x' or '1", ".1a", "//p"])
def test_a_selector_that_is_not_understood_is_refused(selector):
    with pytest.raises(ValueError, match="selector"):
        xpath(selector)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("until: 2025-01-01\ndrop: ['p:hover']", 2, "is not understood at 'p:hover'"),
        ("until: 2025-01-01\ndrop: [.a, body]", 2, "would take the whole page away"),
        ("until: soon\ndrop: [.a]", 1, "valid date"),
        ("drop: [.a]", 1, "until"),
        ("until: 2025-01-01", 1, "do nothing"),
        ("until: 2025-01-01\nremove: [.a]", 2, "unknown key"),
        ("until: 2025-01-01\ndrop: .a", 2, "must be a list"),
    ],
)
def test_a_fault_in_the_file_is_named_with_its_line(text, line, words):
    with pytest.raises(ConfigError, match=words) as fault:
        Document(text, "source.yaml").validate(SiteRules)
    assert f":{line}" in str(fault.value) or f"line {line}" in str(fault.value)


def test_rules_are_plain_data():
    given = rules(drop=[".a"], date=".when", why="no name of its own")
    assert SiteRules.model_validate(given.model_dump(by_alias=True)) == given
    with pytest.raises(ValidationError):
        rules(drop=[".a"], until=None)
