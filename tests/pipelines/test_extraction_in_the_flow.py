"""From archived pages to stored articles, on an institute of our own: pages that misbehave, reports, templates, rules, edits."""

import os
import time
from functools import partial

import pytest

import assets.articles

PROSE = [
    "Talks on the shared railway ended in Vienna on Friday without an agreement on who would pay for the bridges.",
    "Both ministries said that the experts would meet again in the autumn and that the survey of the line goes on.",
    "The institute has compared the costs of the three routes and finds that the northern one is the cheapest by far.",
]


def page(title, *paragraphs, below=""):
    body = "".join(f"<p>{text}</p>" for text in paragraphs or PROSE)
    return f"<html lang=en><head><title>{title}</title></head><body><main><h1>{title}</h1><div class=text>{body}</div>{below}</main></body></html>"


@pytest.mark.fault("P63")
@pytest.mark.parametrize(("bad", "words"), [(partial(time.sleep, 600), "longer than 6 s"), (partial(os.abort), "SIGABRT")])
def test_a_page_that_hangs_or_crashes_the_extractor_is_ended_and_its_article_kept(institute, monkeypatch, bad, words):
    good = assets.articles.call_for
    monkeypatch.setenv("THINKWATCH_EXTRACTION__SECONDS", "6")
    monkeypatch.setattr(
        assets.articles, "call_for", lambda row, *rest: (bad, {}) if (row["url"] or "").endswith("/evil") else good(row, *rest)
    )
    institute.publish("evil", "The evil page", page("The evil page"), summary="The feed says what the evil page says, in fewer words.")
    institute.publish("good", "The good page", page("The good page"))
    institute.run()
    articles = {row["title"]: row for row in institute.sql("SELECT title, text, text_source FROM articles")}
    assert articles["The evil page"]["text_source"] == "feed"
    assert articles["The evil page"]["text"] == "The feed says what the evil page says, in fewer words."
    assert (articles["The good page"]["text_source"], articles["The good page"]["text"].split("\n\n")) == ("page", PROSE)
    (issue,) = institute.sql("SELECT subject, message, hint FROM issues WHERE kind = 'extraction_failed'")
    assert issue["subject"] == institute.url("evil")
    assert words in issue["message"]
    assert institute.url("evil") in issue["hint"]


@pytest.mark.fault("P62")
def test_an_article_whose_page_cannot_be_had_is_kept_from_the_feed_and_completed_later(institute):
    institute.publish("late", "The late page", None, summary="Only the feed tells of the railway and of its bridges for now.")
    institute.run()
    (article,) = institute.sql("SELECT text, text_source FROM articles")
    assert article == {"text": "Only the feed tells of the railway and of its bridges for now.", "text_source": "feed"}
    (entry,) = institute.sql("SELECT page_state, page_due_at > $now AS planned FROM entries", now=institute.clock)
    assert entry == {"page_state": "failing", "planned": True}
    institute.publish(
        "late", "The late page", page("The late page"), summary="Only the feed tells of the railway and of its bridges for now."
    )
    institute.run(hours=2)
    kinds = institute.sql("SELECT change_kind, text_source FROM revisions ORDER BY revision_no")
    assert [tuple(row.values()) for row in kinds] == [("new", "feed"), ("completed", "page")]


@pytest.mark.fault("P65")
def test_a_page_that_was_edited_gives_a_revision_and_the_old_text_is_kept(institute):
    institute.publish("edited", "The edited page", page("The edited page"))
    institute.run()
    institute.publish("edited", "The edited page", page("The edited page", *PROSE[:2], "The bridges will be paid by the lender after all."))
    institute.run(hours=25)
    rows = institute.sql("SELECT change_kind, text FROM revisions ORDER BY revision_no")
    assert [row["change_kind"] for row in rows] == ["new", "edited"]
    assert rows[0]["text"].endswith(PROSE[2])
    assert rows[1]["text"].endswith("after all.")
    assert institute.sql("SELECT text FROM articles")[0]["text"] == rows[1]["text"]


@pytest.mark.fault("P64")
def test_a_video_behind_a_link_is_marked_and_not_parsed(institute):
    institute.publish(
        "film",
        "The film",
        b"\x00\x00\x00\x18ftypmp42" + bytes(500),
        content_type="video/mp4",
        summary="A film about the railway and its bridges, in two parts.",
    )
    institute.run()
    (article,) = institute.sql("SELECT text, text_source FROM articles")
    assert article["text_source"] == "feed"
    (stored,) = institute.sql("SELECT verdict, reason FROM pages WHERE warc_file IS NOT NULL")
    assert stored == {"verdict": "no_article", "reason": "video"}
