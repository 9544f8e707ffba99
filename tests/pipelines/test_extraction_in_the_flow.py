"""From archived pages to stored articles, on an institute of our own: pages that misbehave, reports, templates, rules, edits."""

import io
import os
import time
from functools import partial

import pytest
from reportlab.pdfgen.canvas import Canvas

import assets.articles

PROSE = [
    "Talks on the shared railway ended in Vienna on Friday without an agreement on who would pay for the bridges.",
    "Both ministries said that the experts would meet again in the autumn and that the survey of the line goes on.",
    "The institute has compared the costs of the three routes and finds that the northern one is the cheapest by far.",
]


def page(title, *paragraphs, below=""):
    body = "".join(f"<p>{text}</p>" for text in paragraphs or PROSE)
    return f"<html lang=en><head><title>{title}</title></head><body><main><h1>{title}</h1><div class=text>{body}</div>{below}</main></body></html>"


@pytest.mark.fault("P63", "W116")
def test_a_page_that_hangs_crashes_or_outgrows_the_extractor_is_ended_and_its_article_kept(institute, monkeypatch):
    good = assets.articles.call_for
    bad = {"hangs": partial(time.sleep, 600), "crashes": partial(os.abort), "grows": partial(bytearray, 2**31)}
    words = {"hangs": "longer than 6 s", "crashes": "SIGABRT", "grows": "more than 700 MB"}
    monkeypatch.setenv("THINKWATCH_EXTRACTION__SECONDS", "6")
    monkeypatch.setenv("THINKWATCH_EXTRACTION__MEGABYTES", "700")
    monkeypatch.setattr(
        assets.articles,
        "call_for",
        lambda row, *rest: (bad[name], {}) if (name := (row["url"] or "").rpartition("/")[2]) in bad else good(row, *rest),
    )
    for name in bad:
        institute.publish(name, f"It {name}", page(f"It {name}"), summary=f"The feed says what the page that {name} says, in fewer words.")
    institute.publish("good", "The good page", page("The good page"))
    institute.run()
    articles = {row["title"]: row for row in institute.sql("SELECT title, text, text_source FROM articles")}
    assert (articles["The good page"]["text_source"], articles["The good page"]["text"].split("\n\n")) == ("page", PROSE)
    issues = {row["subject"]: row for row in institute.sql("SELECT subject, message, hint FROM issues WHERE kind = 'extraction_failed'")}
    assert set(issues) == {institute.url(name) for name in bad}
    for name in bad:
        assert articles[f"It {name}"]["text_source"] == "feed"
        assert articles[f"It {name}"]["text"] == f"The feed says what the page that {name} says, in fewer words."
        assert words[name] in issues[institute.url(name)]["message"]
        assert institute.url(name) in issues[institute.url(name)]["hint"]


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


def test_a_report_behind_a_link_gives_its_text_with_the_feeds_title_and_date(institute):
    canvas = Canvas(file := io.BytesIO())
    for place, line in enumerate(PROSE):
        canvas.drawString(40, 780 - 40 * place, line[:85].rpartition(" ")[0])
        canvas.drawString(40, 766 - 40 * place, line[len(line[:85].rpartition(" ")[0]) + 1 :])
    canvas.save()
    institute.publish("paper.pdf", "A paper on bridges", file.getvalue(), content_type="application/pdf", summary="Read the paper.")
    institute.run()
    (article,) = institute.sql("SELECT title, text, text_source, published_at::DATE::VARCHAR AS day, published_quality FROM articles")
    assert article["text"].split("\n\n") == PROSE
    assert (article["title"], article["text_source"]) == ("A paper on bridges", "page")
    assert (article["day"], article["published_quality"]) == ("2024-05-06", "exact")


BOX = "<section><div>The institute is a body under public law and is paid by nobody but its members.</div></section>"


def essay(number):
    return [text.replace("the", f"the {number}th", 1) for text in PROSE]


def test_what_recurs_on_a_sources_pages_is_learnt_and_each_text_says_by_which_version(institute):
    for number in range(4, 9):
        institute.publish(f"p{number}", f"Paper {number}", page(f"Paper {number}", *essay(number), below=BOX))
    institute.run()
    texts = {row["title"]: row["text"] for row in institute.sql("SELECT title, text FROM articles")}
    assert {title: text.split("\n\n") for title, text in texts.items()} == {f"Paper {n}": essay(n) for n in range(4, 9)}
    (template,) = institute.sql("SELECT template_id, version, pages, len(rules) > 0 AS has_rules FROM templates")
    assert (template["version"], template["pages"], template["has_rules"]) == (1, 5, True)
    assert {row["template_id"] for row in institute.sql("SELECT template_id FROM revisions")} == {template["template_id"]}
    assert {"source_id": "own", "version": 1, "seen": 5} in institute.sql("SELECT source_id, version, seen FROM template_rules")


def test_a_first_text_is_made_again_when_more_is_known_of_its_site_and_that_is_no_edit(institute):
    institute.publish("p4", "Paper 4", page("Paper 4", *essay(4), below=BOX))
    institute.run()
    assert "public law" in institute.sql("SELECT text FROM articles")[0]["text"]
    for number in (5, 6):
        institute.publish(f"p{number}", f"Paper {number}", page(f"Paper {number}", *essay(number), below=BOX))
    institute.run(hours=2)
    rows = institute.sql(
        "SELECT change_kind, text, template_id FROM revisions WHERE article_id IN (SELECT article_id FROM articles WHERE title = 'Paper 4') ORDER BY revision_no"
    )
    assert [row["change_kind"] for row in rows] == ["new", "re-extracted"]
    assert [row["template_id"] is None for row in rows] == [True, False]
    assert rows[1]["text"].split("\n\n") == essay(4)


def test_an_edit_that_comes_with_a_new_template_is_still_an_edit(institute):
    institute.publish("p4", "Paper 4", page("Paper 4", *essay(4)))
    institute.run()
    for number in (5, 6):
        institute.publish(f"p{number}", f"Paper {number}", page(f"Paper {number}", *essay(number)))
    institute.publish("p4", "Paper 4", page("Paper 4", *essay(4), "One more sentence has been added by the author of the paper."))
    institute.run(hours=25)
    rows = institute.sql(
        "SELECT change_kind FROM revisions JOIN articles USING (article_id) WHERE articles.title = 'Paper 4' ORDER BY revision_no"
    )
    assert [row["change_kind"] for row in rows] == ["new", "edited"]


def test_rules_of_the_sources_file_are_used_until_their_day_and_then_reported(institute):
    institute.define("rules:\n  until: 2024-05-07\n  drop: ['.legal']\n")
    institute.publish(
        "p4", "Paper 4", page("Paper 4", *essay(4), below="<div class=legal><p>Reprints need a letter from the board.</p></div>")
    )
    institute.run()
    (revision,) = institute.sql("SELECT text, cut, site_rules FROM revisions")
    assert "letter from the board" not in revision["text"]
    assert any("drop .legal" in cut["rule"] for cut in revision["cut"])
    assert "2024-05-07" in revision["site_rules"]
    institute.publish(
        "p5", "Paper 5", page("Paper 5", *essay(5), below="<div class=legal><p>Talks with the board have begun again.</p></div>")
    )
    institute.run(hours=72)
    texts = {row["title"]: row["text"] for row in institute.sql("SELECT title, text FROM articles")}
    assert "Talks with the board" in texts["Paper 5"]
    (issue,) = institute.sql("SELECT source_id, message, hint FROM issues WHERE kind = 'rules_ended'")
    assert issue["source_id"] == "own"
    assert "2024-05-07" in issue["message"]


def test_every_text_can_be_made_again_from_its_archived_page(institute):
    from assets.extraction.calls import call_for
    from pipelines.resources import open_flow
    from pipelines.settings import load_settings
    from warehouse.archive import ArchiveRef

    institute.define("rules:\n  until: 2024-06-07\n  drop: ['.legal']\n")
    for number in range(4, 9):
        below = f"{BOX}<div class=legal><p>Reprint number {number} needs a letter.</p></div>"
        institute.publish(f"p{number}", f"Paper {number}", page(f"Paper {number}", *essay(number), below=below))
    institute.run()
    with open_flow(load_settings(str(institute.folder / "thinkwatch.toml"))) as flow, flow.warehouse.transaction() as transaction:
        transaction.connection.execute("UPDATE pages SET extracted_at = NULL")
        pages = transaction.rows("pages_to_extract", most=10, mine=None)
        templates = {row["template_id"]: row for row in transaction.rows("newest_templates", source_ids=["own"])}
        rows = transaction.connection.execute("SELECT page_id, text, template_id FROM revisions").fetchall()
        made = {page_id: (text, template_id) for page_id, text, template_id in rows}
        for row in pages:
            body = flow.archive.read(ArchiveRef(row["warc_file"], row["warc_offset"], row["warc_length"], row["sha256"]))
            text, template_id = made[row["page_id"]]
            function, arguments = call_for(row, body, templates[template_id], institute.clock)
            assert function(**arguments).text == text
