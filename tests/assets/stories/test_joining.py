import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.stories.joining import Known, join
from assets.stories.shingles import SAMPLE, shingles, sketch

WORDS = ("порт", "море", "река", "берег", "город", "страна", "союз", "граница", "дорога", "поезд", "корабль", "вода")


def prose(seed, words=300):
    chosen = random.Random(seed)
    return " ".join(chosen.choice(WORDS) + str(chosen.randrange(40)) for _ in range(words))


ORIGINAL = prose("original")


def known(text=ORIGINAL, name="first"):
    return [Known(name, f"story-{name}", text)]


def test_the_same_text_in_other_dress_is_the_same_story():
    dressed = ORIGINAL.upper().replace(" ", "\n\n", 40)
    assert join(dressed, known()).reason == "same text"


def test_a_copy_with_another_head_and_tail_is_the_same_story():
    copy = "Our partners write as follows today. " + ORIGINAL + " This text was first published by our partners on their own site."
    joined = join(copy, known())
    assert (joined.reason, joined.like, joined.story_id) == ("near copy", "first", "story-first")
    assert 0.75 <= joined.similarity < 1


def test_a_long_excerpt_is_a_part_of_it():
    joined = join(" ".join(ORIGINAL.split()[:150]), known())
    assert (joined.reason, joined.similarity) == ("part", 1.0)


def test_a_short_reprint_without_dateline_and_caption_is_the_same_story_under_the_same_title_only():
    body = prose("short", 90)
    original = (
        "VIENNA, 19 September, by our own correspondent. " + body + " The photograph shows the harbour of the town in the year before."
    )
    reprint = body + " This text was first printed elsewhere and stands here by kind leave of its authors."
    assert join(reprint, known(original)) is None
    joined = join(reprint, [known(original)[0]._replace(is_namesake=True)])
    assert joined.reason == "near copy"
    assert 0.65 <= joined.similarity < 0.75
    news = " ".join(body.split()[:60]) + prose("its own", 40)
    assert join(news, [known(original)[0]._replace(is_namesake=True)]) is None


@pytest.mark.parametrize(
    "text",
    [
        prose("another event"),
        " ".join(ORIGINAL.split()[:60]),  # a quotation of a paragraph
        ORIGINAL[: len(ORIGINAL) // 2] + prose("rest", 150),  # half of it is its own
        "Read the report.",
        "",
    ],
)
def test_what_only_touches_it_is_a_story_of_its_own(text):
    assert join(text, known()) is None


def test_short_notes_are_not_told_apart_and_so_never_joined():
    note = "Read the full report of the institute here and write to us."
    assert join(note, known(note)) is None


def test_of_several_the_most_alike_wins():
    nearer = ORIGINAL + " one more sentence stands at the end of it"
    assert join(nearer + " too", [*known(), *known(nearer, "second")]).like == "second"


def test_a_copy_shares_most_of_its_sample_and_another_text_next_to_none():
    copy = "A head. " + ORIGINAL + " A tail of some words."
    mine, copied, other = (set(sketch(shingles(text))) for text in (ORIGINAL, copy, prose("other")))
    assert len(mine) == SAMPLE
    assert len(mine & copied) > SAMPLE * 0.8
    assert not mine & other


def test_chinese_is_compared_by_characters():
    chosen = random.Random(1)
    text = "".join(chosen.choice("北约成员国讨论了和平谈判的前景与安全合作机制") for _ in range(200))
    assert join("编者按：" + text, known(text)).reason == "near copy"


@given(st.text(max_size=400))
def test_any_text_is_taken_and_fits_the_store(text):
    assert all(0 <= one < 2**63 for one in shingles(text))
    join(text, known(text))
