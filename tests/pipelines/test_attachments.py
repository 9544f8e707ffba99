"""Reports beside pages, on an institute of our own: from the feed or the page that names them to their text and their mentions."""

import io
import json

import pytest
from reportlab.pdfgen.canvas import Canvas

PROSE = [
    "Talks on the shared railway ended in Vienna on Friday without an agreement on who would pay for the bridges.",
    "Both ministries said that the experts would meet again in the autumn and that the survey of the line goes on.",
]
REPORT = ["The bridges of Kazakhstan are older than its rails.", "Each of them was counted twice, and the second count was lower by far."]
LIST = "version: 1\nentities:\n  - id: kazakhstan\n    kind: region\n    labels: {en: {names: [Kazakhstan]}}\n"


def matched_anew(institute):
    from assets.attachments import match_attachments
    from assets.mentions import match_revisions

    with institute.flow() as flow:
        return match_attachments(flow, match_revisions(flow).compiled)


def page(title, below=""):
    body = "".join(f"<p>{text}</p>" for text in PROSE)
    return f"<html lang=en><head><title>{title}</title></head><body><main><h1>{title}</h1><div class=text>{body}</div>{below}</main></body></html>"


def report(*pages):
    canvas = Canvas(file := io.BytesIO())
    for text in pages:
        canvas.drawString(40, 780, text)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def enclosure(name):
    return f'<enclosure url="http://own.example/{name}" length="0" type="application/pdf"/>'


def button(name):
    return f'<div class="wp-block-file"><a href="/{name}">Download the report</a></div>'


@pytest.fixture
def watching(institute):
    (institute.folder / "watchlists" / "own.yaml").write_text(LIST)
    return institute


def states(institute):
    rows = institute.sql("SELECT url, state, due_at IS NOT NULL AS planned, error FROM attachments ORDER BY url")
    return {row["url"].rpartition("/")[2]: (row["state"], row["planned"]) for row in rows}


def test_a_report_of_the_feed_and_one_of_the_page_are_archived_read_and_matched(watching):
    watching.serve("feed.pdf", printed := report(*REPORT))
    watching.serve("page.pdf", report("A second report has another sentence in it, which is of some length."))
    watching.publish("a", "A paper on bridges", page("A paper on bridges"), more=enclosure("feed.pdf"))
    watching.publish("b", "A paper on ferries", page("A paper on ferries", button("page.pdf")))
    watching.publish("c", "A paper on tolls", page("A paper on tolls"), link=watching.url("feed.pdf"), more=enclosure("feed.pdf"))
    watching.run()
    rows = watching.sql(
        "SELECT d.url, d.named_by, d.state, d.pages, d.text, d.language, d.media_type, a.title FROM attachments d JOIN articles a USING (article_id) ORDER BY 1"
    )
    assert [(row["url"], row["title"], row["named_by"], row["state"], row["pages"], row["language"]) for row in rows] == [
        (watching.url("feed.pdf"), "A paper on bridges", "enclosure", "read", 2, "en"),
        (watching.url("page.pdf"), "A paper on ferries", "page", "read", 1, "en"),
    ]
    assert rows[0]["text"].split("\n\n") == REPORT
    assert matched_anew(watching) == 1
    (mention,) = watching.sql(
        "SELECT m.entity, substring(d.text, m.start_char + 1, m.end_char - m.start_char) AS there, s.sentence, s.article "
        "FROM attachment_mentions m JOIN attachments d USING (attachment_id) JOIN attachment_sentences s USING (mention_id)"
    )
    assert mention == {"entity": "kazakhstan", "there": "Kazakhstan", "sentence": REPORT[0], "article": "A paper on bridges"}
    assert watching.sql("SELECT purpose, count(*) AS n FROM fetches WHERE purpose = 'attachment' GROUP BY 1") == [
        {"purpose": "attachment", "n": 2}
    ]
    assert watching.archived("feed.pdf") == printed


def test_a_changed_watch_list_is_matched_in_reports_too_and_mentions_of_them_are_no_mentions_of_the_article(watching):
    watching.serve("feed.pdf", report(*REPORT))
    watching.publish("a", "A paper on bridges", page("A paper on bridges"), more=enclosure("feed.pdf"))
    watching.run()
    assert matched_anew(watching) == 1
    (watching.folder / "watchlists" / "own.yaml").write_text(LIST.replace("kazakhstan", "rails").replace("Kazakhstan", "rails"))
    assert matched_anew(watching) == 1
    assert [row["entity"] for row in watching.sql("SELECT entity FROM attachment_mentions")] == ["rails"]
    assert watching.sql("SELECT entity FROM mentions") == []


def test_failures_are_retried_and_what_will_never_do_is_said_and_left(watching, monkeypatch):
    monkeypatch.setenv("THINKWATCH_FETCH__MAX_ATTACHMENT_MEGABYTES", "0.001")
    watching.serve("login.pdf", b"<html><title>Log in</title>Members only</html>", "text/html; charset=utf-8")
    watching.serve("huge.pdf", report(*REPORT) + b" " * 5000)
    watching.serve("broken.pdf", b"%PDF-1.4 and nothing that a reader could use", "application/pdf")
    for name in ("login", "huge", "broken", "missing"):
        watching.publish(name, f"A paper on {name}", page(f"A paper on {name}"), more=enclosure(f"{name}.pdf"))
    watching.run()
    assert states(watching) == {
        "login.pdf": ("failing", True),
        "huge.pdf": ("left_out", False),
        "broken.pdf": ("unreadable", False),
        "missing.pdf": ("failing", True),
    }
    monkeypatch.setenv("THINKWATCH_FETCH__MAX_ATTACHMENT_MEGABYTES", "25")
    watching.serve("login.pdf", report(*REPORT))
    watching.run(hours=1)
    assert states(watching) == {
        "login.pdf": ("read", False),
        "huge.pdf": ("left_out", False),
        "broken.pdf": ("unreadable", False),
        "missing.pdf": ("gone", False),
    }
    issues = {
        row["subject"].rpartition("/")[2]: row
        for row in watching.sql("SELECT subject, kind, message FROM issues WHERE kind LIKE 'attachment%'")
    }
    assert {name: row["kind"] for name, row in issues.items()} == {
        "huge.pdf": "attachment_given_up",
        "broken.pdf": "attachment_unreadable",
        "missing.pdf": "attachment_given_up",
    }
    assert "404" in issues["missing.pdf"]["message"]


def test_a_file_that_many_articles_name_is_asked_for_once_and_the_rest_is_the_sites(watching):
    watching.serve("annual.pdf", report(*REPORT))
    for number in range(7):
        watching.publish(f"p{number}", f"A paper on river {number}", page(f"A paper on river {number}"), more=enclosure("annual.pdf"))
    watching.run()
    assert [(row["state"], row["n"]) for row in watching.sql("SELECT state, count(*) AS n FROM attachments GROUP BY 1 ORDER BY 1")] == [
        ("left_out", 2),
        ("read", 5),
    ]
    assert watching.sql("SELECT count(*) AS n FROM fetches WHERE purpose = 'attachment'") == [{"n": 1}]
    watching.run(hours=24)
    assert watching.sql("SELECT count(*) AS n FROM fetches WHERE purpose = 'attachment'") == [{"n": 1}]


def test_explain_shows_the_reports_and_robots_txt_holds_for_them(watching, thinkwatch):
    from warehouse.publish import publish

    watching.serve("robots.txt", b"User-agent: *\nDisallow: /private/\n", "text/plain")
    watching.serve("private/secret.pdf", report(*REPORT))
    watching.serve("open.pdf", report(*REPORT))
    watching.publish("a", "A paper on bridges", page("A paper on bridges", button("open.pdf")), more=enclosure("private/secret.pdf"))
    watching.run()
    matched_anew(watching)
    with watching.flow() as flow:
        publish(flow.warehouse, flow.copy, flow.now(), keep=1)
    said = thinkwatch("--config", watching.folder / "thinkwatch.toml", "explain", watching.url("a")).stdout
    assert "open.pdf  2 pages" in said
    assert "kazakhstan × 1" in said
    assert "blocked      http://own.example/private/secret.pdf" in said
    data = json.loads(thinkwatch("--config", watching.folder / "thinkwatch.toml", "explain", watching.url("a"), "--json").stdout)
    assert {one["state"] for one in data["attachments"]} == {"read", "blocked"}
