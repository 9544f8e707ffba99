"""The subscribers' pages on a real server, over the store that the sender sends from."""

import json
import re
import socket
import threading
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as Xml

import pytest
import uvicorn

from alerts.mailing import MailSettings
from alerts.tokens import Grant, Signer
from alerts.web import application
from bench.screenshots import browsing, chromium

NOW = datetime(2021, 9, 19, 12, tzinfo=UTC)
KEYS = ("a new key of the tests", "an old key of the tests")
ONE_CLICK = b"List-Unsubscribe=One-Click"


class Pages:
    """The running pages and how a reader's programs ask for them."""

    def __init__(self, newsroom, settings: MailSettings) -> None:
        self.newsroom, self.settings = newsroom, settings

    def ask(self, path: str, body: bytes | None = None, **headers: str):
        request = urllib.request.Request(path if path.startswith("http") else self.settings.base_url + path, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode(), answer.headers
        except urllib.error.HTTPError as fault:
            return fault.code, fault.read().decode(), fault.headers

    def link(self, purpose="unsubscribe", *subscriptions: str) -> str:
        return self.settings.link(purpose, Grant("desk", subscriptions or ("watch",)))

    def state(self) -> list[tuple]:
        return self.newsroom.rows("SELECT subscription_id, active, frequency, paused_until FROM subscriptions ORDER BY ALL")


@pytest.fixture
def pages(newsroom):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = replace(newsroom.settings, base_url=address, signer=Signer(KEYS))
        newsroom.settings = settings
        newsroom.warehouse.lock_seconds = 1
        app = application(newsroom.warehouse, settings, lambda: newsroom.now)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        newsroom.warehouse.lock_seconds = 5
        yield Pages(newsroom, settings)
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def queued(newsroom):
    """A mail that waits to be sent."""
    newsroom.put(newsroom.candidate())
    newsroom.decide(newsroom.subscription("csto"))


@pytest.mark.fault("E99", "E100")
def test_e99_one_click_stops_what_is_already_queued(pages, queued, newsroom, post_office):
    for _ in range(2):  # it may be sent twice
        status, page, headers = pages.ask(pages.link(), ONE_CLICK)
        assert (status, "Stopped" in page) == (200, True)
    assert headers["Cache-Control"] == "no-store"
    newsroom.deliver(mail=post_office.smtp())
    assert post_office.mails == []
    assert newsroom.rows("SELECT stopped_at, changed_by FROM ops.preferences") == [(newsroom.now, "one-click")]


@pytest.mark.fault("E99")
def test_e99_link_scanners_change_nothing(pages, queued, newsroom, post_office):
    before = pages.state()
    for _ in range(3):
        status, page, headers = pages.ask(pages.link())
    assert (status, "Nothing has changed yet" in page, headers["Referrer-Policy"]) == (200, True, "no-referrer")
    head = urllib.request.Request(pages.link(), method="HEAD")
    with urllib.request.urlopen(head) as answer:
        assert answer.status == 200
    assert pages.ask(pages.link("preferences"))[0] == 200
    assert (pages.state(), newsroom.rows("SELECT * FROM ops.preferences")) == (before, [])
    newsroom.deliver(mail=post_office.smtp())
    assert len(post_office.mails) == 1


@pytest.mark.fault("E99")
@pytest.mark.parametrize("purpose", ["unsubscribe", "preferences", "feed"])
def test_e99_forged_token_is_not_found(pages, queued, purpose):
    before = pages.state()
    forged = Signer(["a key of somebody else"]).sign(purpose, Grant("desk", ("watch",)))
    for token in (forged, "x", "%2e%2e%2f", pages.link("feed" if purpose != "feed" else "preferences").rpartition("/")[2]):
        assert pages.ask(f"/{purpose}/{token}")[0] == 404
        assert pages.ask(f"/{purpose}/{token}", ONE_CLICK)[0] in (404, 405)
    assert pages.state() == before


@pytest.mark.fault("E99")
def test_e99_link_of_an_old_key_is_good_until_the_key_is_dropped(pages, queued):
    old = Signer(KEYS[1:]).sign("unsubscribe", Grant("desk", ("watch",)))
    assert pages.ask(f"/unsubscribe/{old}", ONE_CLICK)[0] == 200
    assert pages.state()[0][1] is False


def test_one_click_of_a_digest_stops_all_that_is_in_it(pages, newsroom):
    newsroom.decide(newsroom.subscription("csto", id="a"), newsroom.subscription("nato", id="b"), newsroom.subscription("nato", id="c"))
    pages.ask(pages.link("unsubscribe", "a", "b"), ONE_CLICK)
    assert [row[1] for row in pages.state()] == [False, False, True]


def test_stop_is_kept_even_when_the_subscription_is_gone(pages, newsroom):
    assert pages.ask(pages.link("unsubscribe", "gone"), ONE_CLICK)[0] == 200
    assert newsroom.rows("SELECT subscription_id FROM ops.preferences") == [("gone",)]


def test_preferences(pages, queued, newsroom):
    link = pages.link("preferences")

    def save(**form: str):
        return pages.ask(link, urllib.parse.urlencode({"pause": "", **form}).encode())[1]

    page = save(**{"on:watch": "1", "frequency:watch": "weekly", "pause": "2021-10-01"})
    assert "Saved" in page
    assert 'value="2021-10-01" min="2021-09-20" max="2022-09-20"' in page  # another day would be forgotten, though "Saved" is said
    until = datetime(2021, 10, 1, tzinfo=UTC)
    assert pages.state() == [("watch", True, "weekly", until)]
    assert "Saved" in save(**{"frequency:watch": "sometimes", "pause": "9999-99-99"})
    assert pages.state() == [("watch", False, "weekly", None)]
    newsroom.now += timedelta(hours=1)
    save(**{"on:watch": "1"})
    assert newsroom.rows("SELECT active, added_at FROM subscriptions") == [(True, newsroom.now)]
    for odd in (b"", b"\xff\xfe=1", b"on:watch=0"):
        assert pages.ask(link, odd)[0] == 404
    assert pages.ask(link, b"x" * 100_000)[0] == 413
    assert pages.state()[0][1] is True


def test_feed_tells_the_alerts_and_nothing_of_others(pages, newsroom):
    newsroom.put(
        newsroom.candidate(title="The CSTO <b>&amp;\x0b\ufffe", text="It met."), newsroom.candidate("a2", title="NATO", text="NATO met.")
    )
    newsroom.decide(newsroom.subscription("csto"), newsroom.subscription("nato", id="other", subscriber="somebody"))
    status, page, headers = pages.ask(pages.link("feed"))
    assert (status, headers["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    feed = Xml.fromstring(page)
    names = {"a": "http://www.w3.org/2005/Atom"}
    assert [entry.text for entry in feed.findall("a:entry/a:title", names)] == ["The CSTO <b>&amp; (RUSSTRAT)"]
    assert feed.find("a:entry/a:link", names).get("href") == "https://russtrat.example/a1?a=1&b=2"
    pages.ask(pages.link(), ONE_CLICK)
    assert pages.ask(pages.link("feed"))[0] == 404


def test_feed_names_what_an_article_no_longer_has(pages, newsroom):
    rule = newsroom.subscription("csto")
    newsroom.put(newsroom.candidate("Osh", title="The CSTO in Osh", text="It met."))
    newsroom.decide(rule)
    newsroom.rows("UPDATE deliveries SET state = 'sent'")
    newsroom.rows("UPDATE alerts SET state = 'sent'")
    newsroom.put(newsroom.candidate("Osh", title="Another alliance", text="It met.", revision_no=2))
    assert newsroom.decide(rule) == 1
    titles = [found[1] for found in re.finditer("<title>([^<]*)</title>", pages.ask(pages.link("feed"))[1])]
    assert sorted(titles[1:]) == ["No longer mentions CSTO: The CSTO in Osh (RUSSTRAT)", "The CSTO in Osh (RUSSTRAT)"]


def test_feed_can_be_read_by_our_own_parser(pages, queued):
    from assets.parsing.feed import parse_feed

    parsed = parse_feed(pages.ask(pages.link("feed"))[1].encode(), url=pages.link("feed"), now=NOW)
    assert (parsed.verdict, [str(entry.title) for entry in parsed.entries]) == ("ok", ["Summit in Dushanbe: what was agreed (RUSSTRAT)"])


def test_busy_store_says_so_and_changes_nothing(pages, queued, newsroom):
    newsroom.warehouse.lock_seconds = 0.1
    with newsroom.warehouse.lock():
        status, page, headers = pages.ask(pages.link(), ONE_CLICK)
    assert (status, headers["Retry-After"], "Not now" in page) == (503, "60", True)
    assert newsroom.rows("SELECT count(*) FROM ops.preferences") == [(0,)]


def test_health_turns_bad_when_mail_is_stuck(pages, queued, newsroom):
    status, page, _ = pages.ask("/health")
    assert (status, json.loads(page)["well"], json.loads(page)["held_sources"]) == (200, True, 0)
    newsroom.now += timedelta(hours=2)
    status, page, _ = pages.ask("/health")
    assert (status, json.loads(page)["unsent_for_an_hour"]) == (503, 1)


@pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine; CI installs Debian's")
@pytest.mark.fault("E99", "E100")
def test_reader_stops_and_comes_back_in_a_browser(pages, queued, newsroom, post_office):
    strangers: list[str] = []
    with browsing(pages.settings.base_url, strangers) as page:
        page.goto(pages.link())
        page.get_by_role("heading", name="Stop these alerts?").wait_for()
        assert pages.state()[0][1] is True
        page.get_by_role("button", name="Stop them").click()
        page.get_by_role("heading", name="Stopped").wait_for()
        newsroom.deliver(mail=post_office.smtp())
        assert post_office.mails == []
        page.get_by_role("link", name="open your preferences").click()
        page.get_by_label("Send these alerts").check()
        page.get_by_label("How often").select_option("daily")
        page.get_by_role("button", name="Save").click()
        page.get_by_text("Saved.").wait_for()
        assert pages.state() == [("watch", True, "daily", None)]
    assert strangers == []
