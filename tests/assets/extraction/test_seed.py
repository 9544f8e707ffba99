"""The article that the project began with, as plain text with its tail: body to the letter, tail gone, everything zoned."""

from datetime import UTC, datetime

import pytest

from assets.extraction.extract import extract, extract_feed_content
from assets.extraction.records import Hints

NOW = datetime(2021, 11, 1, tzinfo=UTC)
TITLE = "CSTO Summit: what was agreed"
DATELINE = "MOSCOW, 19 Sep 2021, RUSSTRAT Institute."
BODY = [
    "On September 16 a session of the council was held in Dushanbe. As expected, it turned out to be difficult for all who came.",
    "As a result of the work, the parties signed 14 final documents, and at least six of them deepen the integration:",
    "– an agreement on joint logistical and medical support for the collective forces;",
    "– a decision on the composition of military contingents and the formation of special forces;",
    "Secondly, the members approved exercises: “Search 2021″, “Echelon 2021″ and “Cobalt 2021″, by one operational plan.",
    "Summing up, the summit can be considered generally successful. However, there is still a lot of work to be done before it is an alliance.",
]
SIGNATURES = [
    "Elena Panina – Director of the RUSSTRAT Institute",
    "Institute for International Political and Economic Strategies – RUSSTRAT",
]
TAIL = """
Share on facebook
Share on twitter
Share on pinterest
Share on linkedin
On Key

Related Posts


Russtrat world

A trap on the Bosporus

MOSCOW, 24 Oct 2021, RUSSTRAT Institute. The agency circulated a tough statement about Turkey's readiness to “use heavy weapons

Drones over the desert

MOSCOW, 23 Oct 2021, RUSSTRAT Institute. As was reported from Syria, an attack was carried out on an army base
"""
TEXT = "\n\n".join([TITLE, DATELINE, *BODY, *SIGNATURES, TAIL])


def as_feed(text):
    return extract_feed_content(text, hints=Hints(title=TITLE), now=NOW)


def as_page(text):
    return extract(text.encode(), content_type="text/plain; charset=utf-8", now=NOW)


@pytest.mark.parametrize("read", [as_feed, as_page])
def test_all_from_the_first_share_line_on_is_cut(read):
    found = read(TEXT)
    assert found.text.split("\n\n") == [DATELINE, *BODY, *SIGNATURES]
    assert found.title == TITLE
    cut = "\n".join(part.text for part in found.cut)
    for word in ("Share on facebook", "On Key", "Related Posts", "Russtrat world", "Turkey", "Syria"):
        assert word in cut


@pytest.mark.parametrize("read", [as_feed, as_page])
def test_dateline_and_signatures_have_their_zones(read):
    found = read(TEXT)
    zones = {found.text[zone.start : zone.end]: zone.kind for zone in found.zones}
    assert zones[DATELINE] == "dateline"
    assert [zones[line] for line in SIGNATURES] == ["byline", "byline"]
    assert {zones[line] for line in BODY} == {"body"}
    assert found.dateline == DATELINE


@pytest.mark.parametrize("read", [as_feed, as_page])
def test_the_dateline_dates_it(read):
    found = read(TEXT)
    assert (found.published, found.published_quality) == (datetime(2021, 9, 19, tzinfo=UTC), "day")


def test_without_its_tail_nothing_is_cut():
    found = as_feed("\n\n".join([TITLE, DATELINE, *BODY, *SIGNATURES]))
    assert found.text.split("\n\n") == [DATELINE, *BODY, *SIGNATURES]
    assert {part.kind for part in found.cut} <= {"title"}
