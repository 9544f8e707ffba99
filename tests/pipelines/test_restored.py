"""A backup of yesterday put back: what was fetched since is read again from the archive, though its publisher shows it no longer."""

import os

import pytest

from warehouse.backup import HOLD, back_up, restore
from warehouse.recovery import queue_unknown

PROSE = {
    "old": [
        "Talks on the shared railway ended in Vienna on Friday without an agreement on who would pay for the bridges.",
        "Both ministries said that the experts would meet again in Tajikistan and that the survey of the line goes on.",
        "The institute has compared the costs of the three routes and finds that the northern one is the cheapest by far.",
    ],
    "new": [
        "Water in the upper valleys of Tajikistan has been short for the third summer, and the gauges tell only half of why.",
        "Most of the canals were dug in a decade when the glaciers fed them well into autumn, which they no longer do.",
        "Farmers have turned to wells, whose level falls by a metre a year where nobody counts what is pumped.",
    ],
    "last": [
        "A bank that was founded to pay for roads now lends to schools, and its members in Tajikistan ask what it is for.",
        "Its charter allows both, but its reserves were reckoned for bridges that earn a toll from their first day.",
        "The board meets in spring; until then every loan beyond five years needs the consent of all seven members.",
    ],
}
WATCHLIST = "entities:\n  - {id: tajikistan, kind: region, labels: {en: {names: [Tajikistan]}}}\n"
SUBSCRIPTIONS = """subscribers: [{id: desk, name: Desk, address: desk@x.example, timezone: UTC}]
subscriptions: [{id: tj, subscriber: desk, watch: {any: [tajikistan]}}]
"""
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
TOLD = {
    "entries": "entry_id, url, title, first_seen_at, baseline",
    "articles": "article_id, revision_id, title, first_seen_at",
    "revisions": "revision_id, revision_no, change_kind, seen_from, text",
    "mentions": "mention_id, article_id, start_char",
    "alerts": "alert_id, article_id",
    "attachments": "attachment_id, state, sha256",
}


def page(name, *more):
    title, body = f"The {name} paper", "".join(f"<p>{text}</p>" for text in [*PROSE[name], *more])
    return f"<html lang=en><head><title>{title}</title></head><body><main><h1>{title}</h1><div>{body}</div></main></body></html>"


@pytest.fixture(scope="module")
def night(tmp_path_factory, institute_in):
    """A backup of the evening, and an institute after the night: a text was edited and two papers came out, one with a report."""
    folder = tmp_path_factory.mktemp("night")
    with institute_in(folder) as made:
        (folder / "watchlists" / "list.yaml").write_text(WATCHLIST, "utf-8")
        (folder / "subscriptions.yaml").write_text(SUBSCRIPTIONS, "utf-8")
        made.publish("old", "The old paper", page("old"))
        made.run()
        made.tell()
        with made.flow() as flow:
            backup = back_up(flow.warehouse, tmp_path_factory.mktemp("backups"), flow.now()).folder
        made.publish("old", "The old paper", page("old", "A line was added that nobody announced."))
        made.serve("report.pdf", PDF)
        made.publish("new", "The new paper", page("new"), more=f"<enclosure url='{made.url('report.pdf')}' type='application/pdf'/>")
        made.run(hours=30)
        made.publish("last", "The last paper", page("last"))
        made.run(hours=2)
        made.tell()
        yield made, backup


@pytest.fixture
def backup(night):
    return night[1]


@pytest.fixture
def desk(night, tmp_path, institute_in):
    with institute_in(tmp_path / "desk", like=night[0]) as made:
        yield made


def told(institute):
    return {name: institute.sql(f"SELECT {columns} FROM {name} ORDER BY ALL") for name, columns in TOLD.items()}


def mails(institute):
    return sorted(path.name for path in (institute.folder / "data" / "mail").glob("*.eml"))


def roll_on(institute):
    """The publisher shows none of it any more."""
    for path in list(institute.served):
        if path != "/feed":
            del institute.served[path]
    institute.served["/feed"] = ("application/rss+xml", b"<rss version='2.0'><channel><title>Own</title></channel></rss>")


def put_back(institute, folder):
    with institute.flow() as flow:
        restore(folder, flow.warehouse, flow.now())
        return queue_unknown(flow.archive, flow.warehouse, flow.now())


def release(institute):
    with institute.flow() as flow, flow.warehouse.transaction() as transaction:
        transaction.run("forget_state", name=HOLD)


@pytest.mark.fault("W110", "E104")
def test_what_was_archived_after_the_backup_is_read_again_and_told_once(desk, backup):
    before, sent = told(desk), mails(desk)
    assert [row["change_kind"] for row in before["revisions"]].count("edited") == 1
    assert len(before["articles"]) == len(sent) == 3
    roll_on(desk)
    assert put_back(desk, backup).answers == 6  # two polls, two new pages, an edit, a report
    assert len(told(desk)["articles"]) == 1
    desk.run(hours=1)
    desk.tell()
    assert told(desk) == before
    assert mails(desk) == sent  # held
    release(desk)
    desk.tell()
    assert mails(desk) == sent  # the journal knows them


@pytest.mark.fault("W110")
def test_twice_finds_nothing_new(desk, backup):
    put_back(desk, backup)
    with desk.flow() as flow:
        assert queue_unknown(flow.archive, flow.warehouse, flow.now()).answers == 0
    roll_on(desk)
    desk.run(hours=1)
    after = told(desk)
    with desk.flow() as flow:
        assert queue_unknown(flow.archive, flow.warehouse, flow.now()).answers == 0
    desk.run(hours=1)
    assert told(desk) == after


def test_a_store_that_has_lost_nothing_is_given_nothing(desk):
    with desk.flow() as flow:
        assert queue_unknown(flow.archive, flow.warehouse, flow.now()).answers == 0


@pytest.mark.fault("W110")
def test_a_torn_record_is_said_and_a_damaged_file_gives_what_lies_before(desk, backup, thinkwatch):
    *_, newest = sorted((desk.folder / "data" / "archive").glob("*/*.warc.gz"), key=os.path.getmtime)
    content = newest.read_bytes()
    newest.write_bytes(content + content[: len(content) // 10])
    found = put_back(desk, backup)
    assert found.answers == 6
    (words,) = found.damage
    assert f"{newest.name}: from byte {len(content)} on" in words
    newest.write_bytes(content[: len(content) // 2] + bytes(len(content) // 2))
    said = thinkwatch("--config", desk.folder / "thinkwatch.toml", "restore", backup, "--yes").stderr
    assert f"{newest.name}: from byte" in said
    assert "will be read by the next run" in said
