"""Templates: what recurs on a site's pages goes without a word being known, and what authors repeat stays."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta

import pytest

from assets.extraction.extract import extract
from assets.extraction.templates import from_rows, learn, rules_from_rows, to_rows
from assets.extraction.walk import parse, read_blocks

NOW = datetime(2024, 11, 1, tzinfo=UTC)
SIGNATURE = "Aino Virtanen – Director of the Northern Institute"
TOPICS = ["satama", "rautatie", "kanava", "silta", "lossi", "tunneli"]


def body(topic: str) -> list[str]:
    return [
        f"HELSINKI, {len(topic)} Sep 2021, Northern Institute.",
        f"Uusi {topic} avattiin keväällä, ja sen rakentaminen kesti kaksitoista vuotta, koska rahoitus katkesi kahdesti matkan varrella.",
        "Background",
        f"Vanha {topic} oli käynyt ahtaaksi jo kauan sitten, ja sen korjaaminen olisi maksanut melkein yhtä paljon kuin uuden rakentaminen.",
        f"Vielä ei tiedetä, riittääkö {topic} kaikille, jotka sitä tarvitsevat, mutta liikenne kasvaa joka vuosi noin viidellä prosentilla.",
        SIGNATURE,
    ]


def page(topic: str) -> str:
    """A site in a language that no table of phrases knows, without a name on any box; the teasers are not even linked."""
    others = [other for other in TOPICS if other != topic][:3]
    cards = "".join(
        f"<div><b>Mikä on uusi {other}?</b></div><div>Uusi {other} avattiin keväällä, ja sen rakentaminen kesti kaksitoista</div>"
        for other in others
    )
    text = body(topic)
    return (
        f"<html><head><title>Mikä on uusi {topic}?</title></head><body><div><div><h1>Mikä on uusi {topic}?</h1>"
        f"<div><p>{text[0]}</p><p>{text[1]}</p><div><i>Tilaa viikkokirjeemme, niin saat tiedon uusista teksteistä ennen kuin muut.</i></div>"
        f"<h2>{text[2]}</h2><p>{text[3]}</p><p>{text[4]}</p><p>{text[5]}</p></div><section><div>Nämäkin luettiin</div>{cards}</section></div>"
        "<section><div>Instituutti on riippumaton, eikä se ota vastaan rahaa hallituksilta tai yrityksiltä, jotka sitä tarjoavat.</div></section></div></body></html>"
    )  # fmt: skip


def pages(topics) -> list:
    return [read_blocks(parse(page(topic))) for topic in topics]


def read(topic: str, template=None) -> str:
    return extract(page(topic).encode(), url=f"https://institute.example/{topic}", rules=template.rules if template else (), now=NOW).text


def test_what_recurs_on_other_pages_goes_and_says_so():
    template = learn(pages(TOPICS[1:]), NOW)
    found = extract(page(TOPICS[0]).encode(), rules=template.rules, now=NOW)
    assert found.text.split("\n\n") == body(TOPICS[0])
    gone = [cut for cut in found.cut if cut.kind == "recurring"]
    assert "Tilaa viikkokirjeemme" in "\n".join(cut.text for cut in gone)
    assert {cut.rule for cut in gone} == {"recurs on other pages of the site"}


def test_without_the_template_some_of_it_stays():
    assert read(TOPICS[0], None).split("\n\n") != body(TOPICS[0])


def test_every_page_keeps_its_dateline_its_signature_and_its_headings():
    template = learn(pages(TOPICS), NOW)
    for topic in TOPICS:
        kept = read(topic, template).split("\n\n")
        assert kept == body(topic)


def test_a_template_may_be_learnt_with_the_page_itself():
    assert read(TOPICS[2], learn(pages(TOPICS), NOW)) == read(
        TOPICS[2], learn(pages([topic for topic in TOPICS if topic != TOPICS[2]]), NOW)
    )


def test_too_few_pages_teach_nothing():
    assert learn(pages(TOPICS[:1]), NOW).rules == ()
    assert learn([], NOW).rules == ()


def test_learning_is_deterministic_and_takes_pages_in_any_order():
    assert learn(pages(TOPICS), NOW) == learn(pages(reversed(TOPICS)), NOW)


@pytest.mark.fault("P57")
def test_fault_57_one_page_behind_many_links_is_no_article():
    same = page(TOPICS[0])
    template = learn([read_blocks(parse(same)) for _ in range(5)], NOW)
    found = extract(same.encode(), rules=template.rules, now=NOW)
    assert (found.status, found.reason, found.text) == ("no_article", "template", "")


@pytest.mark.fault("P57")
def test_five_copies_of_one_page_among_good_ones_are_no_article_and_the_good_ones_stay():
    wall = "<html><body><div><p>" + "</p><p>".join(f"Kirjaudu sisään, niin näet sivun numero {n} kokonaan ja ilman mainoksia, joita muut näkevät." for n in range(5)) + "</p></div></body></html>"  # fmt: skip
    shown = [*pages(TOPICS), *(read_blocks(parse(wall)) for _ in range(5))]
    rules = learn(shown, NOW).rules
    assert extract(wall.encode(), rules=rules, now=NOW).reason == "template"
    assert extract(page(TOPICS[0]).encode(), rules=rules, now=NOW).text.split("\n\n") == body(TOPICS[0])


def test_an_article_at_two_addresses_teaches_nothing():
    twice = [read_blocks(parse(page(TOPICS[0]))) for _ in range(2)]
    assert learn(twice, NOW).rules == ()
    assert learn([*twice, *pages(TOPICS[1:])], NOW) == learn(pages(TOPICS), NOW)


def test_two_pages_teach_something_and_five_nearly_all():
    letter = "Tilaa viikkokirjeemme"
    assert letter in read(TOPICS[5], learn(pages(TOPICS[:1]), NOW))
    assert letter not in read(TOPICS[5], learn(pages(TOPICS[:2]), NOW))
    assert read(TOPICS[5], learn(pages(TOPICS[:5]), NOW)).split("\n\n") == body(TOPICS[5])


OWN = [
    "* Организация, деятельность которой запрещена в РФ",
    "Данное сообщение создано иностранным агентом",
    "Aino Virtanen",
    "Von Anna Müller",
    "МОСКВА, 19 сен 2021, Институт.",
]


@pytest.mark.parametrize("line", OWN)
def test_what_the_law_wants_and_who_signs_stays_however_often_it_recurs(line):
    def signed(topic: str) -> str:
        return page(topic).replace(f"<p>{SIGNATURE}</p>", f"<p>{line}</p>").replace("<h2>Background</h2>", "<h2>Mitä tapahtui</h2>")

    rules = learn([read_blocks(parse(signed(topic))) for topic in TOPICS], NOW).rules
    kept = extract(signed(TOPICS[0]).encode(), rules=rules, now=NOW).text.split("\n\n")
    assert line in kept
    assert "Mitä tapahtui" in kept


def test_rules_are_plain_data_that_a_table_can_hold():
    template = learn(pages(TOPICS), NOW)
    rows = json.loads(json.dumps(to_rows(template), default=str))
    assert from_rows(to_rows(template)) == template
    assert rules_from_rows(rows) == template.rules
    assert all(isinstance(row["seen"], int) and row["kind"] in {"line", "place", "text"} for row in rows)
    assert from_rows([]).rules == ()


def test_a_template_expires_and_so_does_one_of_another_version():
    template = learn(pages(TOPICS), NOW)
    assert template.is_current(NOW + timedelta(days=29))
    assert not template.is_current(NOW + timedelta(days=30))
    assert not dataclasses.replace(template, version="template/1").is_current(NOW)
    assert not learn([], NOW).rules
