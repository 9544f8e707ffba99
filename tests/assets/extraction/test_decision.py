"""Several views of one page, one decision: who chose the body, what the feed gives back, and that it is recorded."""

from datetime import UTC, datetime

from assets.extraction.extract import extract, extract_feed_content
from assets.extraction.records import Hints
from assets.extraction.site_rules import SiteRules

NOW = datetime(2024, 11, 1, tzinfo=UTC)
OWN = [f"Paragraph {number} tells how the port was built, who paid for it, and why the ferries run late in winter." for number in range(6)]
CALL = "Support for the ferries came from four ports, and none of them was asked twice by those who paid for the ships."
FOREIGN = [
    f"Other houses on the coast write of number {number} and of nothing else, at a length that is hard to bear." for number in range(9)
]
NEWS = "Sign up for our letter, and we will tell you every week what the four ports have been doing since the last one."


def paragraphs(lines) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


def page(boxed: str = "", beside: str = "") -> bytes:
    return (
        f"<html><head><title>The port</title></head><body><h1>The port</h1><div>{paragraphs(OWN)}{boxed}</div>{beside}</body></html>"
    ).encode()


def read(body: bytes, feed: str | None = None, **more):
    return extract(body, url="https://institute.example/port", hints=Hints(title="The port", content=feed), now=NOW, **more)


def test_our_own_zones_win_where_nobody_else_speaks():
    found = read(page())
    assert (found.winner, found.evidence[0]) == ("zones", "body: zones")
    assert not any(line.startswith(("feed", "template")) for line in found.evidence)


def test_the_feed_chooses_the_body_among_two():
    body = f"<html><body><h1>The port</h1><article>{paragraphs(OWN)}</article><article>{paragraphs(FOREIGN[:6])}</article></body></html>".encode()
    found = read(body, paragraphs(OWN))
    assert FOREIGN[0] in read(body).text
    assert (found.winner, found.text.split("\n\n")) == ("feed", OWN)
    assert "feed: 6 blocks" in found.evidence


def test_the_feed_gives_back_what_a_box_or_a_line_took():
    for boxed in (f"<aside>{paragraphs([CALL])}</aside>", f'<div class="about-box-promo-more">{paragraphs([CALL])}</div>'):
        found = read(page(boxed), paragraphs([*OWN, CALL]))
        assert found.text.split("\n\n") == [*OWN, CALL]
        assert CALL not in "".join(cut.text for cut in found.cut)
    assert CALL not in read(page(f"<aside>{paragraphs([CALL])}</aside>")).text
    assert "feed gave back: 1 blocks" in read(page(f"<aside>{paragraphs([CALL])}</aside>"), paragraphs([*OWN, CALL])).evidence


def test_what_stands_twice_on_the_page_is_given_back_once():
    found = read(page(beside=f"<aside>{paragraphs([OWN[0], OWN[0]])}</aside>"), paragraphs(OWN))
    assert found.text.split("\n\n") == OWN


def test_furniture_that_a_feed_carries_too_stays_out():
    box = f'<div class="newsletter-box"><p>{NEWS}</p></div>'
    found = read(page(box), paragraphs([*OWN, NEWS]))
    assert found.text.split("\n\n") == OWN
    dropped = read(
        page(f'<p class="x">{CALL}</p>'),
        paragraphs([*OWN, CALL]),
        site_rules=SiteRules.model_validate({"until": "2025-01-01", "drop": [".x"]}),
    )
    assert CALL not in dropped.text


def test_nothing_goes_because_the_feed_lacks_it():
    update = "Update of Monday: a fifth port has joined the four, and it has paid for two ships of its own since then."
    assert read(page(paragraphs([update])), paragraphs(OWN)).text.split("\n\n") == [*OWN, update]


def test_a_rule_of_the_site_wins_over_all():
    body = f'<html><body><h1>The port</h1><div>{paragraphs(OWN)}</div><div id="b">{paragraphs(FOREIGN[:2])}</div></body></html>'.encode()
    found = read(body, paragraphs(OWN[:1]), site_rules=SiteRules.model_validate({"until": "2025-01-01", "body": "#b"}))
    assert found.winner == "site_rule"
    assert FOREIGN[0] in found.text


def test_there_is_nothing_to_choose_in_a_feed():
    assert extract_feed_content(paragraphs(OWN), now=NOW).winner is None
