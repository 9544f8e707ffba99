"""What steps remember between runs, and what they do when nobody answers."""

import time
from datetime import timedelta

import pytest

from assets.feeds import ask_feeds, poll_feeds
from assets.pages import ask_pages, visit_pages
from warehouse.archive import ArchiveRef

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def rss(host, *numbers, text="Text."):
    items = "".join(
        f"<item><title>Title of number {n}</title><link>http://{host}/{n}</link><description>{text}</description></item>" for n in numbers
    )
    return f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()


@pytest.fixture
def tank(web, answers, installation):
    site = web.site("tank.example")
    site.on("/feed", answers.reply(200, {"ETag": '"1"'}, rss(site.host, 1, 2)))
    for number in (1, 2):
        site.on(f"/{number}", answers.reply(200, {"Content-Type": "text/html"}, b"<html><body><p>Page.</p></body></html>"))
    installation.source("tank", "http://tank.example/feed")
    return site


@pytest.mark.fault("H50")
def test_robots_txt_is_asked_once_a_day_over_all_runs(tank, answers, installation):
    tank.on("/robots.txt", answers.reply(200, {}, b"User-agent: *\nDisallow: /2"))
    for _ in range(3):
        installation.poll(source_ids=("tank",))
        visit_pages(installation.flow())
        installation.now += 7 * HOUR
    assert len(tank.asked("/robots.txt")) == 1
    assert tank.asked("/2") == []
    installation.now += 7 * HOUR
    visit_pages(installation.flow())
    assert len(tank.asked("/robots.txt")) == 2


@pytest.mark.fault("H50")
def test_a_robots_txt_that_could_not_be_had_is_asked_again_in_the_next_run(tank, answers, installation):
    tank.on("/robots.txt", answers.reply(503, {}, b"busy"), answers.reply(404))
    installation.poll()
    visit_pages(installation.flow())
    assert tank.asked("/1") == []
    installation.now += 2 * HOUR
    visit_pages(installation.flow())
    assert len(tank.asked("/1")) == 1


def test_a_body_that_has_not_changed_is_not_kept_twice(tank, installation):
    installation.poll()
    first = installation.rows("SELECT warc_file, warc_offset, sha256 FROM fetches")
    installation.archive.close()
    installation.poll(later=7 * DAY)  # an unconditional poll, answered in full
    again = installation.rows("SELECT DISTINCT warc_file, warc_offset, sha256 FROM fetches")
    assert again == first
    # Two files of one second are not in the order in which they were begun.
    (newer,) = [file for file in installation.archive.files() if file != first[0]["warc_file"]]
    assert list(installation.archive.scan(newer)) == []  # no response, only a revisit


@pytest.mark.fault("H44", "H47")
def test_validators_go_back_byte_for_byte_and_only_with_stored_entries(tank, answers, installation):
    tank.on("/feed", answers.reply(200, {"ETag": 'W/"a b\xe9"', "Last-Modified": "yesterday, about noon"}, rss("tank.example", 1)))
    ask_feeds(installation.flow())  # fetched, and the run dies before it is read
    installation.now += HOUR
    ask_feeds(installation.flow(), ("tank",))
    assert all("if-none-match" not in seen.headers for seen in tank.asked("/feed"))
    installation.poll(later=2 * HOUR)
    installation.poll(later=2 * DAY)
    assert tank.asked("/feed")[-1].headers["if-none-match"] == 'W/"a b\xe9"'
    assert tank.asked("/feed")[-1].headers["if-modified-since"] == "yesterday, about noon"


@pytest.mark.fault("H45")
def test_a_server_that_says_304_for_ever_is_found_out_within_a_week(tank, answers, installation):
    installation.poll()
    whole = answers.reply(200, {"ETag": '"1"'}, rss("tank.example", 3, 1))

    async def stubborn(reader, writer):
        conditional = "if-none-match" in tank.requests[-1].headers
        writer.write(answers.reply(304) if conditional else whole)
        await writer.drain()

    tank.on("/feed", stubborn)
    for _ in range(8):
        installation.poll(later=DAY)
    assert "Title of number 3" in installation.values("SELECT title FROM entries")


@pytest.mark.fault("H46")
def test_a_304_that_nobody_asked_for_is_an_error_and_the_next_poll_asks_for_all(tank, answers, installation):
    tank.on("/feed", answers.reply(304), answers.reply(200, {}, rss("tank.example", 1)))
    installation.poll()
    assert installation.values("SELECT last_error FROM feeds") == ["status 304, though we asked for the whole document"]
    installation.poll(later=2 * HOUR)
    assert installation.values("SELECT state FROM feeds") == ["working"]
    assert "if-none-match" not in tank.asked("/feed")[-1].headers


@pytest.fixture
def offline(web, answers, installation):
    """Four sources that were well, and then nobody can be reached."""
    for number in range(4):
        site = web.site(f"s{number}.example")
        site.on("/feed", answers.reply(200, {}, rss(site.host, 1)))
        installation.source(f"s{number}", f"http://s{number}.example/feed")
    installation.poll()
    web.targets.update(dict.fromkeys(web.targets, "127.0.0.1:1"))
    return installation


@pytest.mark.fault("H49")
def test_a_network_that_is_down_counts_against_nobody_and_is_said_once(offline):
    before = offline.rows("SELECT feed_id, state, failures, next_due_at, first_good_at FROM feeds ORDER BY 1")
    entries = offline.rows("SELECT * FROM entries ORDER BY entry_id")
    for _ in range(3):
        offline.poll(later=DAY)
        visit_pages(offline.flow())
    assert offline.rows("SELECT feed_id, state, failures, next_due_at, first_good_at FROM feeds ORDER BY 1") == before
    assert offline.rows("SELECT * FROM entries ORDER BY entry_id") == entries
    (notice,) = offline.rows("FROM issues WHERE kind = 'offline'")
    assert notice["seen_count"] >= 3
    assert "network" in notice["hint"]


@pytest.mark.fault("H49")
def test_one_dead_site_among_others_counts_against_that_one(offline, web, answers):
    web.targets.update({f"s{number}.example": f"127.0.0.1:{web.port}" for number in (0, 1, 2)})
    offline.poll(later=DAY)
    assert sorted(offline.values("SELECT failures FROM feeds")) == [0, 0, 0, 1]


@pytest.mark.fault("H39")
def test_a_feed_that_moved_for_good_is_asked_at_its_new_address_and_the_file_can_undo_it(tank, answers, installation):
    installation.poll()
    new = tank.on("/new", answers.reply(200, {}, rss("tank.example", 1, 2)))
    tank.on("/feed", answers.reply(301, {"Location": new}))
    installation.poll(later=DAY)
    assert installation.values("SELECT moved_url FROM feeds") == [None]
    installation.poll(later=DAY)
    assert installation.values("SELECT moved_url FROM feeds") == ["http://tank.example/new"]
    (issue,) = installation.rows("FROM issues WHERE kind = 'feed_moved'")
    assert "http://tank.example/new" in issue["message"]
    assert "url: http://tank.example/new" in issue["hint"]
    asked = len(tank.asked("/feed"))
    installation.poll(later=DAY)
    assert len(tank.asked("/feed")) == asked
    installation.source("tank", {"url": "http://tank.example/feed", "follow_moves": False})
    installation.poll(later=DAY)
    installation.poll(later=DAY)
    assert installation.values("SELECT moved_url FROM feeds") == [None]
    assert len(tank.asked("/feed")) > asked
    assert len(installation.values("SELECT entry_id FROM entries")) == 2


@pytest.mark.fault("H39")
def test_a_new_address_that_fails_gives_way_to_the_one_in_the_file(tank, answers, installation):
    new = tank.on("/new", answers.reply(200, {}, rss("tank.example", 1)))
    tank.on("/feed", answers.reply(308, {"Location": new}))
    for _ in range(3):
        installation.poll(later=DAY)
    tank.on("/new", answers.reply(404))
    tank.on("/feed", answers.reply(200, {}, rss("tank.example", 1, 5)))
    for _ in range(4):
        installation.poll(later=DAY)
    assert installation.values("SELECT state FROM feeds") == ["working"]
    assert "Title of number 5" in installation.values("SELECT title FROM entries")


@pytest.mark.fault("H41")
def test_a_feed_that_is_gone_is_not_polled_any_more_and_its_archive_stays(tank, answers, installation):
    installation.poll()
    tank.on("/feed", answers.reply(410, {}, b"gone"))
    for _ in range(6):
        installation.poll(later=DAY)
    assert installation.values("SELECT state FROM feeds") == ["gone"]
    assert len(tank.asked("/feed")) == 4
    assert len(installation.values("SELECT entry_id FROM entries")) == 2
    tank.on("/feed", answers.reply(200, {}, rss("tank.example", 1, 2, 3)))
    installation.poll(later=DAY, source_ids=("tank",))
    assert installation.values("SELECT state FROM feeds") == ["working"]


def test_a_missing_feed_is_failing_after_days_and_still_polled_daily(tank, answers, installation):
    installation.poll()
    tank.on("/feed", answers.reply(404))
    installation.poll(later=DAY)
    assert installation.values("SELECT state FROM feeds") == ["working"]
    for _ in range(4):
        installation.poll(later=DAY)
    assert installation.values("SELECT state FROM feeds") == ["failing"]
    assert len(tank.asked("/feed")) == 6


@pytest.mark.fault("H53")
def test_a_source_that_uses_up_its_time_is_put_off_and_counts_no_failure(tank, installation):
    installation.poll()
    flow = installation.flow(policy=installation.web.policy(source_seconds=1e-9))
    visited, put_off = ask_pages(flow)
    assert (len(visited), len(put_off)) == (1, 1)
    assert installation.values("SELECT page_failures FROM entries") == [0, 0]
    visited, put_off = ask_pages(installation.flow())
    assert (len(visited), put_off) == (1, [])


def test_what_was_fetched_is_in_the_archive_and_no_longer_in_memory(web, answers, installation):
    body = b"<rss version='2.0'><channel><title>" + b"T" * 1_000_000 + b"</title></channel></rss>"
    for number in range(3):
        web.site(f"big{number}.example").on("/feed", answers.reply(200, {}, body))
        installation.source(f"big{number}", f"http://big{number}.example/feed")
    polled = poll_feeds(installation.flow())
    assert [(one.body, one.size) for one in polled] == [(b"", len(body))] * 3
    (kept, *_) = installation.rows("FROM fetches")
    assert installation.archive.read(ArchiveRef(kept["warc_file"], kept["warc_offset"], kept["warc_length"], kept["sha256"])) == body


def test_the_steps_of_a_run_share_its_time_and_what_is_over_waits_for_the_next(tank, installation):
    installation.poll()
    late = installation.flow(policy=installation.web.policy(run_seconds=60), began=time.monotonic() - 61)
    visited, put_off = ask_pages(late)
    assert (visited, len(put_off)) == ([], 2)
    visited, put_off = ask_pages(installation.flow())
    assert (len(visited), put_off) == (2, [])
