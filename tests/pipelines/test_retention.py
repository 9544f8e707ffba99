"""What retention, or a person, has deleted from the archive: what was made of it stays known."""

import pytest

from warehouse.compaction import Retention, compact, remove, superseded

PROSE = [
    "Talks on the shared railway ended in Vienna on Friday without an agreement on who would pay for the bridges.",
    "Both ministries said that the experts would meet again in Tajikistan and that the survey of the line goes on.",
    "The institute has compared the costs of the three routes and finds that the northern one is the cheapest by far.",
]
WATCHLIST = "entities:\n  - {id: tajikistan, kind: region, labels: {en: {names: [Tajikistan]}}}\n"
SUBSCRIPTIONS = """subscribers: [{id: desk, name: Desk, address: desk@x.example, timezone: UTC}]
subscriptions: [{id: tj, subscriber: desk, watch: {any: [tajikistan]}}]
"""


def page(title):
    body = "".join(f"<p>{text}</p>" for text in PROSE)
    return f"<html lang=en><head><title>{title}</title></head><body><main><h1>{title}</h1><div>{body}</div></main></body></html>"


@pytest.fixture
def desk(institute):
    (institute.folder / "watchlists" / "list.yaml").write_text(WATCHLIST, "utf-8")
    (institute.folder / "subscriptions.yaml").write_text(SUBSCRIPTIONS, "utf-8")
    return institute


def mails(institute):
    return list((institute.folder / "data" / "mail").glob("*.eml"))


@pytest.mark.fault("W119")
def test_what_retention_has_dropped_is_still_known_when_its_feed_shows_it_again(desk):
    desk.publish("old", "The old paper", page("The old paper"))
    desk.publish("new", "The new paper", page("The new paper"))
    desk.run()
    desk.tell()
    sent = mails(desk)
    assert sent
    known = desk.sql("SELECT entry_id, first_seen_at FROM entries ORDER BY ALL")
    shown, kept = dict(desk.items), desk.served["/feed"]
    desk.served["/feed"] = (kept[0], b"<rss version='2.0'><channel><title>Own</title></channel></rss>")
    desk.run(hours=24 * 40)
    with desk.flow() as flow:
        # All documents are gone: those that retention may drop, and those that a person has deleted by hand.
        for done in compact(flow.archive, flow.warehouse, Retention(days=10), flow.now()):
            assert done.dropped
        remove(flow.archive, superseded(flow.archive, flow.warehouse))
        for file in flow.archive.files():
            (flow.archive.directory / file).unlink()
    desk.items, desk.served["/feed"] = shown, kept
    desk.run(hours=24 * 40)
    desk.tell()
    assert desk.sql("SELECT entry_id, first_seen_at FROM entries ORDER BY ALL") == known
    assert desk.sql("SELECT count(*) AS n FROM articles") == [{"n": 2}]
    assert mails(desk) == sent
