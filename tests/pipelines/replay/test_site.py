"""The server: virtual hosts, the tick, the record of requests, and a browser's view."""

import http.client
import socket
from urllib.parse import urlsplit

import pytest

from assets.sources.registry import Source
from pipelines.replay.clock import LAST_TICK
from pipelines.replay.institutes import load_institutes
from pipelines.replay.site import ReplaySite, _Server
from pipelines.replay.truth import truth


@pytest.fixture
def site():
    with ReplaySite() as started:
        yield started


def ask(site, host, path="/", method="GET", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    try:
        connection.request(method, path, headers={"Host": host} | {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_each_host_shows_its_institute(site):
    for source in site.sources:
        status, _, body = ask(site, urlsplit(source["home"]).hostname)
        assert status == 200
        assert source["name"].encode(load_institutes()[source["id"]].charset_of(source["languages"][0])) in body


def test_every_article_of_the_truth_can_be_fetched_through_the_socket(site):
    site.tick = LAST_TICK
    for article in truth(LAST_TICK):
        if article.institute == "hostile":
            continue  # what becomes of its pages is for test_mishaps
        parts = urlsplit(article.url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        assert ask(site, parts.hostname, target)[0] == 200


def test_the_tick_moves_the_site_on(site):
    assert ask(site, "elementor-old.example", "/csto-summit/")[0] == 404
    site.tick = 4
    assert ask(site, "elementor-old.example", "/csto-summit/")[0] == 200
    assert [(seen.tick, seen.status) for seen in site.requests] == [(0, 404), (4, 200)]


def test_a_tick_outside_the_replay_is_refused_and_changes_nothing(site):
    with pytest.raises(ValueError, match="not one of"):
        site.tick = 15
    assert site.tick == 0


def test_requests_are_recorded_with_host_path_and_status(site):
    ask(site, "drupal.example", "/rss.xml")
    ask(site, "drupal.example", "/nowhere")
    assert [(seen.host, seen.path, seen.status) for seen in site.requests] == [
        ("drupal.example", "/rss.xml", 200),
        ("drupal.example", "/nowhere", 404),
    ]


def test_a_second_poll_with_the_validators_of_the_first_gets_304_without_a_body(site):
    _, headers, _ = ask(site, "wp-classic.example", "/feed/")
    status, _, body = ask(site, "wp-classic.example", "/feed/", If_None_Match=headers["ETag"], If_Modified_Since=headers["Last-Modified"])
    assert (status, body) == (304, b"")


def test_head_gives_the_headers_of_get_alone(site):
    _, got, body = ask(site, "drupal.example", "/rss.xml")
    status, headed, nothing = ask(site, "drupal.example", "/rss.xml", method="HEAD")
    assert (status, nothing) == (200, b"")
    assert headed["Content-Length"] == got["Content-Length"] == str(len(body))


def test_the_server_tells_the_time_of_the_replay(site):
    assert ask(site, "drupal.example")[1]["Date"] == "Wed, 15 Sep 2021 18:00:00 GMT"


def test_one_connection_can_ask_twice(site):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    try:
        for path in ("/robots.txt", "/rss.xml"):
            connection.request("GET", path, headers={"Host": "drupal.example"})
            assert connection.getresponse().read()
    finally:
        connection.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "nobody.example"])
def test_a_person_who_names_no_institute_gets_the_list(site, host):
    status, _, body = ask(site, host)
    assert status == 200
    for source in site.sources:
        assert f"http://{source['id']}.localhost:{site.port}/".encode() in body
    assert ask(site, host, "/feed/")[0] == 404


def test_a_browser_can_follow_the_links_and_a_program_gets_the_real_ones(site):
    browsed = ask(site, f"elementor-old.localhost:{site.port}")[2]
    assert f'href="http://elementor-old.localhost:{site.port}/csto-structure/"'.encode() in browsed
    assert b"elementor-old.example" not in browsed
    assert b'href="http://elementor-old.example/csto-structure/"' in ask(site, "elementor-old.example")[2]


def test_sources_and_connect_to_name_the_same_hosts(site):
    assert [source["id"] for source in site.sources] == sorted(load_institutes())
    assert {urlsplit(source["feeds"][0]["url"]).hostname for source in site.sources} <= set(site.connect_to)
    assert set(site.connect_to.values()) == {f"127.0.0.1:{site.port}"}


def test_sources_are_valid_source_files(site):
    for source in site.sources:
        assert Source.model_validate(source).model_dump(exclude_defaults=True, exclude_unset=True) == source


def test_two_sites_run_side_by_side_and_each_ends_with_its_block():
    with ReplaySite() as one, ReplaySite(tick=3) as other:
        assert one.port != other.port
        assert ask(other, "drupal.example")[0] == 200
        gone = one.port
    connection = http.client.HTTPConnection("127.0.0.1", gone, timeout=5)
    with pytest.raises(ConnectionRefusedError):
        connection.connect()


def test_a_site_that_is_not_started_says_so():
    with pytest.raises(RuntimeError, match="with statement"):
        _ = ReplaySite().port


@pytest.mark.parametrize(("fault", "is_said"), [(ConnectionResetError, False), (BrokenPipeError, False), (KeyError, True)])
def test_a_client_that_has_gone_is_nothing_to_speak_of(capsys, fault, is_said):
    def handle(*_):
        raise fault

    ours, theirs = socket.socketpair()
    with theirs, _Server(("127.0.0.1", 0), handle, bind_and_activate=False) as server:
        server.process_request_thread(ours, ("127.0.0.1", 1))
    assert bool(capsys.readouterr().err) is is_said
