"""Successive polls of odd feeds, through the store: nothing is lost, nothing is new twice, and the operator is told."""

from datetime import timedelta

import pytest

DAY = timedelta(days=1)


def document(host, *items, head=""):
    parts = "".join(
        f"<item><title>{title}</title><link>http://{host}{link}</link>{f'<guid>{guid}</guid>' if guid else ''}"
        f"{f'<pubDate>{date}</pubDate>' if date else ''}<description>{text}</description></item>"
        for title, link, guid, date, text in items
    )
    return f'<rss version="2.0"><channel><title>T</title>{head}{parts}</channel></rss>'.encode()


def item(number, *, title=None, guid=True, date="Fri, 17 Sep 2021 10:00:00 GMT", text="Text."):
    return (title or f"Title of number {number}", f"/{number}", f"id-{number}" if guid else "", date, text)


@pytest.fixture
def tank(web, answers, installation):
    installation.source("tank", "http://tank.example/feed")
    site = web.site("tank.example")
    site.show = lambda *items: site.on("/feed", answers.reply(200, {}, document(site.host, *items)))
    site.show(*map(item, range(3)))
    installation.poll()
    return site


@pytest.mark.fault("F14")
def test_a_site_that_shows_a_web_page_for_five_polls_loses_nothing_and_the_operator_is_told(tank, answers, installation):
    before = installation.rows("SELECT * EXCLUDE (last_seen_at) FROM entries ORDER BY entry_id")
    tank.on("/feed", answers.reply(200, {"Content-Type": "text/html"}, b"<!doctype html><html><body><h1>Our new site</h1></body></html>"))
    for _ in range(5):
        installation.poll(later=DAY)
    assert installation.values("SELECT state FROM feeds") == ["not_a_feed"]
    assert installation.rows("FROM issues WHERE kind = 'feed_problem' AND message LIKE 'not_a_feed: a web page%'")
    tank.show(*map(item, range(3)))
    ((_, intake),) = installation.poll(later=DAY)
    assert (intake.new, intake.changed) == (0, 0)
    assert installation.values("SELECT state FROM feeds") == ["working"]
    assert installation.rows("SELECT * EXCLUDE (last_seen_at) FROM entries ORDER BY entry_id") == before


@pytest.mark.fault("F15")
def test_an_empty_feed_deletes_nothing(tank, installation):
    tank.show()
    installation.poll(later=DAY)
    assert installation.values("SELECT state FROM feeds") == ["empty"]
    assert len(installation.values("SELECT entry_id FROM entries")) == 3


@pytest.mark.fault("F25")
def test_an_archive_of_hundreds_that_is_announced_anew_is_kept_and_is_no_news(tank, installation):
    old = [item(number, date=f"{1 + number % 28:02d} May 2019 10:00:00 GMT") for number in range(100, 728)]
    tank.show(item(99, date="Mon, 20 Sep 2021 10:00:00 GMT"), item(2), *old)
    ((_, intake),) = installation.poll(later=DAY)
    assert (intake.new, intake.old) == (629, 628)
    assert installation.values("SELECT title FROM entries WHERE NOT baseline AND guid = 'id-99'") == ["Title of number 99"]
    assert installation.values("SELECT count(*) FROM entries WHERE NOT baseline AND first_seen_at = $now", now=installation.now) == [1]
    (issue,) = installation.rows("FROM issues WHERE kind = 'old_entries'")
    assert issue["message"].startswith("628 entries")


@pytest.mark.fault("F25")
def test_a_few_late_posts_are_news_whatever_their_date(tank, installation):
    late = [item(number, date="03 May 2021 10:00:00 GMT") for number in (50, 51)]
    tank.show(item(0), *late, item(52, date=""))
    installation.poll(later=DAY)
    assert installation.values("SELECT count(*) FROM entries WHERE NOT baseline AND guid IN ('id-50', 'id-51', 'id-52')") == [3]


@pytest.mark.fault("F26")
def test_one_article_in_two_feeds_is_one_entry_and_is_not_edited_from_poll_to_poll(web, answers, installation):
    site = web.site("tank.example")
    installation.source("tank", "http://tank.example/all", "http://tank.example/asia")
    site.on("/all", answers.reply(200, {}, document(site.host, item(1, text="The whole text."))))
    site.on("/asia", answers.reply(200, {}, document(site.host, item(1, text="The teaser …"))))
    brought = [intake for _ in range(4) for _, intake in installation.poll(later=DAY)]
    assert sum(intake.new for intake in brought) == 1
    assert sum(intake.changed for intake in brought) == 0
    assert len(installation.values("SELECT entry_id FROM entries")) == 1
    assert len(installation.values("SELECT DISTINCT feed_id FROM fetches WHERE sha256 IS NOT NULL")) == 2


@pytest.mark.fault("F26")
def test_an_entry_whose_own_feed_is_gone_is_followed_through_the_other(web, answers, installation):
    site = web.site("tank.example")
    installation.source("tank", "http://tank.example/all", "http://tank.example/asia")
    site.on("/all", answers.reply(200, {}, document(site.host, item(1))))
    site.on("/asia", answers.reply(200, {}, document(site.host, item(1))))
    installation.poll()
    (owner,) = installation.values("SELECT f.url FROM feeds AS f JOIN entries AS e ON e.feed_id = f.feed_id")
    other = {"http://tank.example/all": "/asia", "http://tank.example/asia": "/all"}[owner]
    site.on(owner.removeprefix("http://tank.example"), answers.reply(404))
    site.on(other, answers.reply(200, {}, document(site.host, item(1, text="A corrected text."))))
    for _ in range(9):
        installation.poll(later=DAY)
    assert installation.values("SELECT summary FROM entries") == ["A corrected text."]


@pytest.mark.fault("F27")
def test_a_parser_that_fails_on_one_feed_harms_no_other_and_the_bytes_are_kept(tank, web, answers, installation, monkeypatch):
    import assets.parsing.feed

    web.site("other.example").on("/feed", answers.reply(200, {}, document("other.example", item(7))))
    installation.source("other", "http://other.example/feed")
    original = assets.parsing.feed.decode

    def failing(body, **options):
        if b"tank.example" in body:
            raise RecursionError("too deep")
        return original(body, **options)

    monkeypatch.setattr(assets.parsing.feed, "decode", failing)
    tank.show(item(9))
    installation.poll(later=DAY)
    assert "Title of number 7" in installation.values("SELECT title FROM entries")
    assert installation.values("SELECT failures FROM feeds WHERE source_id = 'tank'") == [1]
    assert installation.rows("FROM issues WHERE source_id = 'tank' AND message LIKE 'error: the parser failed (RecursionError%'")
    monkeypatch.undo()
    from warehouse.archive import ArchiveRef

    (kept,) = installation.rows("FROM fetches WHERE source_id = 'tank' ORDER BY requested_at DESC LIMIT 1")
    assert b"number 9" in installation.archive.read(ArchiveRef(kept["warc_file"], kept["warc_offset"], kept["warc_length"], kept["sha256"]))


@pytest.mark.fault("F9")
def test_a_feed_that_breaks_off_gives_its_whole_items_and_the_cut_one_once_next_time(tank, answers, installation):
    whole = document(tank.host, *map(item, range(6)))
    tank.on("/feed", answers.reply(200, {}, whole[: whole.index(b"Title of number 5") + 9]), answers.reply(200, {}, whole))
    installation.poll(later=DAY)
    assert len(installation.values("SELECT entry_id FROM entries")) == 5
    assert installation.rows("FROM issues WHERE message LIKE 'truncated:%'")
    installation.poll(later=DAY)
    assert len(installation.values("SELECT entry_id FROM entries")) == 6


@pytest.mark.fault("O129")
def test_a_feed_that_died_beside_a_living_one_is_stale_and_stays_so(web, answers, installation):
    site = web.site("tank.example")
    installation.source("tank", "http://tank.example/news", "http://tank.example/old")
    old = document(site.host, *(item(number, date=f"{number:02d} May 2009 10:00:00 GMT") for number in range(1, 6)))
    site.on("/old", answers.reply(200, {"ETag": '"old"'}, old), answers.reply(304))
    for number in range(10, 14):
        site.on("/news", answers.reply(200, {}, document(site.host, item(number, date=f"{number + 10} Sep 2021 10:00:00 GMT"))))
        installation.poll(later=DAY)
    assert dict(map(tuple, (row.values() for row in installation.rows("SELECT url, state FROM feeds")))) == {
        "http://tank.example/news": "working",
        "http://tank.example/old": "stale",
    }
    assert [seen.headers.get("if-none-match") for seen in site.requests if seen.path == "/old"][-1] == '"old"'
