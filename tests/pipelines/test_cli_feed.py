"""`thinkwatch feed`: the contract that scripts rely on."""

import json

import pytest
from click.testing import CliRunner

from pipelines.cli.feed import feed

KEYS = {"id", "guid", "url", "title", "published", "published_raw", "published_quality", "updated", "authors", "summary", "content"}
KEYS |= {"categories", "enclosures", "language"}


def _rss(*items):
    entries = "".join(
        f"<item><title>{title}</title><link>{link}</link><guid>{guid}</guid><pubDate>Fri, 17 Sep 2021 1{place}:00:00 MSK</pubDate></item>"
        for place, (title, link, guid) in enumerate(items)
    )
    return f"<rss version='2.0'><channel><title>Institut</title><language>fr</language>{entries}</channel></rss>".encode()


MONDAY = _rss(("Un traité signé", "/p/1", "id-1"), ("Une frontière ouverte", "/p/2", "id-2"))
TUESDAY = _rss(("Un traité signé", "/p/1-nouveau?utm_source=rss", "id-1"), ("Autre chose encore", "/p/3", "id-3"))


@pytest.fixture
def run():
    def call(*arguments, stdin=None, status=0):
        done = CliRunner().invoke(feed, [str(argument) for argument in arguments], input=stdin, standalone_mode=False)
        assert done.exception is None
        assert done.return_value == status
        return [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    return call


def test_one_line_a_poll_and_a_known_entry_keeps_its_id(run, tmp_path):
    for name, body in (("monday.xml", MONDAY), ("tuesday.xml", TUESDAY)):
        (tmp_path / name).write_bytes(body)
    polls, said = run(tmp_path / "monday.xml", tmp_path / "tuesday.xml", "--url", "https://institute.example/feed/")
    monday, tuesday = ([entry["id"] for entry in poll["entries"]] for poll in polls)
    assert monday[0] == tuesday[0]
    assert not {monday[1]} & set(tuesday)
    assert polls[1]["entries"][0]["url"] == "https://institute.example/p/1-nouveau"
    assert said == ""


def test_the_line_has_the_keys_of_the_contract(run):
    [poll], _ = run("-", "--url", "https://institute.example/feed/", "--content-type", "text/html", stdin=MONDAY)
    assert {"verdict", "kind", "title", "language", "entries", "problems"} <= poll.keys()
    assert (poll["verdict"], poll["kind"], poll["title"], poll["language"]) == ("ok", "rss", "Institut", "fr")
    assert poll["entries"][0].keys() >= KEYS
    assert poll["entries"][0]["published"] == "2021-09-17T07:00:00+00:00"
    assert len(poll["entries"][0]["id"]) == 20


def test_f14_a_page_between_two_polls_is_refused_aloud_and_forgets_nothing(run, tmp_path):
    for name, body in (("1.xml", MONDAY), ("2.html", b"<html><body>Relaunch</body></html>"), ("3.xml", MONDAY)):
        (tmp_path / name).write_bytes(body)
    polls, said = run(tmp_path / "1.xml", tmp_path / "2.html", tmp_path / "3.xml")
    assert [poll["verdict"] for poll in polls] == ["ok", "reject", "ok"]
    assert [entry["id"] for entry in polls[0]["entries"]] == [entry["id"] for entry in polls[2]["entries"]]
    assert "2.html: not_a_feed: a web page" in said


def test_what_is_known_of_the_source_helps(run):
    body = MONDAY.replace(b"Fri, 17 Sep 2021 10:00:00 MSK", "17 septembre 2021 à 10h00".encode())
    [poll], _ = run("-", "--language", "fr", "--timezone", "Europe/Paris", stdin=body)
    assert (poll["entries"][0]["published"], poll["entries"][0]["published_quality"]) == ("2021-09-17T08:00:00+00:00", "exact")


def test_lists_of_addresses_are_read_on_demand(run):
    opml = b"<opml><body><outline text='Institute' xmlUrl='https://institute.example/feed.xml'/></body></opml>"
    assert run("-", stdin=opml)[0][0]["verdict"] == "reject"
    assert run("-", "--listing", stdin=opml)[0][0]["entries"][0]["url"] == "https://institute.example/feed.xml"


def test_a_missing_file_is_wrong_use_and_writes_nothing(thinkwatch, tmp_path):
    (tmp_path / "monday.xml").write_bytes(MONDAY)
    done = thinkwatch("feed", tmp_path / "monday.xml", tmp_path / "absent.xml", check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "absent.xml" in done.stderr
    assert "hint:" in done.stderr


def test_an_address_that_cannot_be_fetched_does_not_stop_the_others(run, tmp_path):
    (tmp_path / "monday.xml").write_bytes(MONDAY)
    polls, said = run("http://127.0.0.1/feed.xml", tmp_path / "monday.xml", status=1)
    assert [poll["verdict"] for poll in polls] == ["ok"]
    assert "http://127.0.0.1/feed.xml: " in said
    assert "hint:" in said


def test_an_address_is_fetched_as_a_poll_would(thinkwatch, replaying):
    done = thinkwatch("feed", replaying.feed, **replaying.environment)
    poll = json.loads(done.stdout)
    assert poll["verdict"] == "ok"
    assert all(entry["url"].startswith("http") for entry in poll["entries"])
