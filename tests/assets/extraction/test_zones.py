"""Zones: each kind of block keeps its kind, in every way that pages write it, and datelines and signatures are never lost."""

from datetime import UTC, datetime

import pytest

from assets.extraction.extract import extract
from assets.extraction.signatures import find_dateline

NOW = datetime(2024, 11, 1, tzinfo=UTC)
BODY = [
    "The port stands on the eastern shore of the sea, and ferries cross from here to the other side in about a day and a half.",
    "Grain, metals and oil products leave the country by this way. Containers from the east have joined them over the last years.",
    "None of this is beyond reach. It asks for patience more than for money, and for people who read the same form alike.",
]


def zones_of(inner: str) -> dict[str, str]:
    page = f"<html><body><article><h1>The port</h1>{inner}</article></body></html>"
    found = extract(page.encode(), url="https://institute.example/port", now=NOW)
    return {found.text[zone.start : zone.end]: zone.kind for zone in found.zones}


def paragraphs(texts) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


@pytest.mark.parametrize(
    "line",
    [
        "MOSCOW, 19 Sep 2021, RUSSTRAT Institute.",
        "МОСКВА, 19 сен 2021, Институт РУССТРАТ.",
        "МОСКВА, 19 сентября 2021 г., Институт РУССТРАТ.",
        "Brussels, 12 March 2021 –",
        "BERLIN (Reuters) –",
        "ASTANA, May 4, 2023.",
        "北京，9月19日（新华社）",
    ],
)
def test_a_dateline_of_its_own_is_a_zone(line):
    assert zones_of(paragraphs([line, *BODY]))[line] == "dateline"


@pytest.mark.parametrize(
    ("text", "dateline"),
    [
        ("MOSCOW, 19 Sep 2021, RUSSTRAT Institute. The talks went on for three days.", "MOSCOW, 19 Sep 2021, RUSSTRAT Institute."),
        ("WASHINGTON — The talks went on for three days.", "WASHINGTON —"),
        ("МОСКВА, 5 мая 2023, Институт Меридиан. Переговоры шли три дня.", "МОСКВА, 5 мая 2023, Институт Меридиан."),
        ("KYIV (Ukrinform) – The talks went on.", "KYIV (Ukrinform) –"),
        ("The talks went on for three days. MOSCOW, 19 Sep 2021.", None),
        ("NATO said on Tuesday that the talks went on.", None),
        ("In May 2023, the talks went on.", None),
    ],
)
def test_a_dateline_that_runs_into_the_paragraph_is_found_but_the_paragraph_is_body(text, dateline):
    assert find_dateline(text) == dateline
    assert (
        zones_of(paragraphs([text + " They were held behind closed doors, as is usual there.", *BODY]))[
            text + " They were held behind closed doors, as is usual there."
        ]
        == "body"
    )


@pytest.mark.parametrize(
    "line",
    [
        "Elena Panina – Director of the RUSSTRAT Institute",
        "Елена Панина – директор Института РУССТРАТ",
        "Institute for International Political and Economic Strategies – RUSSTRAT",
        "John A. Smith, senior fellow at the institute",
        "Jean-Pierre de Vries | Professor, Leiden University",
    ],
)
def test_a_signature_stays_as_a_byline(line):
    assert zones_of(paragraphs([*BODY, line]))[line] == "byline"


def test_a_closing_sentence_is_no_signature():
    line = "Elena Panina, the director, said that this would take a year at least."
    assert zones_of(paragraphs([*BODY, line]))[line] == "body"


@pytest.mark.parametrize(
    ("markup", "text", "kind"),
    [
        ("<h2>What is needed</h2>", "What is needed", "heading"),
        (
            "<blockquote><p>A corridor is as fast as its slowest stamp.</p></blockquote>",
            "A corridor is as fast as its slowest stamp.",
            "quote",
        ),
        ("<ul><li>one note for all states;</li><li>one timetable.</li></ul>", "- one note for all states;", "body"),
        ("<figure><img src='a.png'><figcaption>Figure 1. The berth</figcaption></figure>", "Figure 1. The berth", "caption"),
        (
            "<div class='wp-caption'><img src='a.png'><p class='wp-caption-text'>The berth in winter</p></div>",
            "The berth in winter",
            "caption",
        ),
        (
            "<table><caption>Table 1</caption><tr><th>Route</th><th>km</th></tr><tr><td>Aktau</td><td>460</td></tr></table>",
            "Table 1",
            "caption",
        ),
        ("<table><tr><th>Route</th><th>km</th></tr><tr><td>Aktau</td><td>460</td></tr></table>", "Route | km\nAktau | 460", "table"),
        ("<ol class='footnotes'><li>See the annex.</li></ol>", "- See the annex.", "notes"),
        ("<section class='wp-block-footnotes'><p>See the annex to the treaty.</p></section>", "See the annex to the treaty.", "notes"),
    ],
)
def test_blocks_keep_their_kind(markup, text, kind):
    assert zones_of(f"{paragraphs(BODY[:2])}{markup}{paragraphs(BODY[2:])}")[text] == kind


@pytest.mark.parametrize("heading", ["Notes", "References", "Примечания", "Источники", "Fußnoten", "Références", "注释"])
def test_a_list_under_a_heading_of_notes_is_notes_even_when_it_is_all_links(heading):
    notes = "<ol><li><a href='https://a.example/1'>Annex to the treaty of 2007</a></li><li><a href='https://b.example/2'>Minutes of the council</a></li></ol>"
    found = zones_of(f"{paragraphs(BODY)}<h2>{heading}</h2>{notes}")
    assert found["- Annex to the treaty of 2007"] == "notes"
    assert found["- Minutes of the council"] == "notes"


def test_a_footnote_mark_does_not_grow_into_the_word_before_it():
    page = f"<article><h1>The port</h1><p>The CSTO<sup><a href='#fn1'>1</a></sup> met again, and all of its members came to the table this time.</p>{paragraphs(BODY)}</article>"
    assert "The CSTO[1] met again" in extract(page.encode(), now=NOW).text


def test_raised_and_lowered_digits_of_formulas_stay_where_they_are():
    page = f"<article><h1>The port</h1><p>It stores 40 m<sup>3</sup> of CO<sub>2</sub> each day, which is what the plan of the ministry asked for.</p>{paragraphs(BODY)}</article>"
    assert "40 m3 of CO2 each day" in extract(page.encode(), now=NOW).text


def test_words_of_neighbouring_boxes_do_not_run_together_and_parts_of_a_word_do():
    page = f"<article><h1>The port</h1><div>{BODY[0]}</div><div>{BODY[1]}</div><p>The <b>M</b>iddle cor<i>ridor</i> grows from year to year, and so does the queue at its gate.</p></article>"
    text = extract(page.encode(), now=NOW).text
    assert text.split("\n\n")[:2] == BODY[:2]
    assert "The Middle corridor grows" in text


def test_line_breaks_part_paragraphs_only_when_doubled():
    page = f"<div><h1>The port</h1>{BODY[0]}<br>{BODY[1]}<br><br>{BODY[2]}</div>"
    assert extract(page.encode(), now=NOW).text == f"{BODY[0]}\n{BODY[1]}\n\n{BODY[2]}"


def test_the_sections_that_a_table_of_contents_leads_to_are_no_navigation():
    lines = [f"Section {number} tells how the port was built, who paid for it, and why the ferries still run late." for number in range(4)]
    sections = "".join(f'<div id="toc_{19421 + number}"><h3>Part {number}</h3><p>{line}</p></div>' for number, line in enumerate(lines))
    page = f"<html><body><h1>The port</h1><div class='toc'><a href='#toc_19421'>Part 0</a> <a href='#toc_19422'>Part 1</a></div>{sections}</body></html>"
    text = extract(page.encode(), now=NOW).text
    assert all(line in text for line in lines)
