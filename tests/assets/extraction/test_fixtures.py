"""How a reading is held against what was expected of it, and that what is written is read back the same."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from assets.extraction.fixtures import Expected, Fixture, differences, expected_of
from assets.extraction.records import Cut, Extract, Zone

READ = Extract(
    "ok",
    title="On bridges",
    authors=("A. Writer",),
    published=datetime(2024, 5, 6, tzinfo=UTC),
    published_quality="day",
    language="en",
    text="One paragraph.\n\nAnother paragraph.\n\nA third one.",
    zones=(Zone("body", 0, 14), Zone("quote", 16, 34), Zone("body", 36, 48)),
    cut=(Cut("share", "class: share", "Share this\nwith all"), Cut("title", "repeats", "One paragraph.")),
)


def test_what_was_read_is_expected_and_a_cut_that_the_text_repeats_is_not():
    wanted = expected_of(READ)
    assert differences(wanted, READ) == []
    assert [(one.kind, one.words) for one in wanted.absent] == [("share", "Share this")]
    assert wanted.zones == {"body": 2, "quote": 1}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"title": None}, ["title: nothing instead of «On bridges»"]),
        (
            {"published": datetime(2024, 5, 7, tzinfo=UTC)},
            ["published: «2024-05-07 00:00:00+00:00» instead of «2024-05-06 00:00:00+00:00»"],
        ),
        ({"authors": ()}, ["authors: nothing instead of «A. Writer»"]),
        ({"text": "One paragraph.\n\nA third one."}, ["text: paragraph 2 is missing: «Another paragraph.»"]),
        ({"text": READ.text + "\n\nMore."}, ["text: paragraph 4 is too much: «More.»"]),
        (
            {"text": READ.text.replace("Another", "An other")},
            ["text: paragraph 2 says «An other paragraph.» instead of «Another paragraph.»"],
        ),
        ({"zones": READ.zones[:2]}, ["zones: 1 × body instead of 2"]),
        ({"status": "blocked", "reason": "challenge"}, ["status: «blocked» instead of «ok»", "reason: «challenge» instead of nothing"]),
    ],
)
def test_each_difference_is_said_in_a_line(changed, said):
    assert differences(expected_of(READ), replace(READ, **changed)) == said


def test_furniture_in_the_text_is_named_even_where_the_text_itself_is_not_compared():
    wanted = Expected.model_validate({"absent": [{"kind": "share", "words": "Share  this"}]})
    assert differences(wanted, READ) == []
    assert differences(wanted, replace(READ, text="One.\n\nPlease share. Share\nthis now.")) == ["text: has «Share  this», which is share"]


def test_of_many_differing_paragraphs_the_first_are_shown_and_the_others_counted():
    wanted = Expected(text="\n\n".join(f"Paragraph {number}." for number in range(20)))
    said = differences(wanted, replace(READ, text="Nothing of it."))
    assert len(said) == 6
    assert said[-1] == "text: and 15 more paragraphs differ"


def test_a_fixture_that_could_not_fail_is_refused():
    with pytest.raises(ValueError, match="could not fail"):
        Fixture.model_validate({"source": "own", "read_at": "2024-05-06T00:00:00Z", "expect": {}})


@pytest.mark.parametrize(
    "text",
    [
        "Plain: with # signs\n\n- a list\n\n  indented",
        "trailing \n\nspace",
        "a\x85b\n\nc",
        "x\u2028y\n\nz",
        "tab\there\n\n\tthere",
        "yes",
        "2024-05-06",
        "😀\n\n«é»",
        "\n\n",
    ],
)
def test_every_text_is_read_back_as_it_was_written(text, tmp_path):
    from pipelines.fixtures import dumps
    from warehouse.documents import Document

    fixture = Fixture.model_validate(
        {
            "source": "own",
            "read_at": "2024-05-06T00:00:00Z",
            "expect": {"text": text, "title": text},
            "template": {"version": 1, "pages": 2, "rules": []},
        }
    )
    path = tmp_path / "expect.yaml"
    path.write_text(dumps(fixture), "utf-8", newline="")
    assert Document.read(path).validate(Fixture).expect == Expected.model_validate(fixture.expect.model_dump())
