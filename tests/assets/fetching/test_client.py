"""What one fetch gives: bodies, validators, manners, limits of time and size, broken answers."""

import gzip
import zlib

import brotli
import pytest

from assets.fetching.records import Request

FEED = b"<rss><channel><item/></channel></rss>"


@pytest.fixture
def site(web):
    return web.site("tank.example")


def test_a_document_comes_back_whole_with_its_address_and_headers(web, site, answers):
    url = site.on("/feed.xml?n=1", answers.reply(headers={"Content-Type": "application/rss+xml"}, body=FEED))
    fetched = web.fetch(Request(url, "feed", ref="mine"))
    assert (fetched.status, fetched.body, fetched.fault, fetched.final_url) == (200, FEED, None, url)
    assert fetched.header("content-TYPE") == "application/rss+xml"
    assert fetched.request.ref == "mine"
    assert fetched.ok
    assert not fetched.not_modified


@pytest.mark.fault("H52")
def test_requests_say_who_asks_and_carry_no_cookie_or_referer(web, site, answers):
    url = site.on("/a", answers.reply(302, {"Location": "/b", "Set-Cookie": "a=1"}))
    site.on("/b", answers.reply(headers={"Set-Cookie": "b=2"}, body=FEED))
    web.fetch_each([url, url])
    assert len(site.asked("/b")) == 2
    for seen in site.requests:
        assert seen.headers["user-agent"] == "Thinkwatch/0.1 (+https://thinkwatch.example/robot)"
        assert seen.headers["host"] == "tank.example"
        assert not {"cookie", "referer", "authorization", "from"} & set(seen.headers)


@pytest.mark.fault("H38")
def test_environment_proxies_are_not_used(web, site, answers, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert web.fetch(site.on("/f", answers.reply(body=FEED))).body == FEED


@pytest.mark.parametrize(
    ("etag", "modified"),
    [
        ('"v1"', "Mon, 02 Mar 2026 09:00:00 GMT"),
        ('W/"a-1"', None),
        (None, "Mon,  2 Mar 2026 9:00:00 +0000 (odd)"),
        ("unquoted;x=\xfc\xff", None),
    ],
)
@pytest.mark.fault("H44")
def test_validators_go_back_byte_for_byte_and_304_confirms_the_body(web, site, answers, etag, modified):
    given = {name: value for name, value in (("ETag", etag), ("Last-Modified", modified)) if value}
    url = site.on("/f", answers.reply(headers=given, body=FEED), answers.reply(304))
    first = web.fetch(url)
    second = web.fetch(Request(url, "feed", etag=first.header("etag"), last_modified=first.header("last-modified")))
    seen = site.asked("/f")[1].headers
    assert (seen.get("if-none-match"), seen.get("if-modified-since")) == (etag, modified)
    assert (second.not_modified, second.status, second.body, second.fault) == (True, 304, b"", None)


@pytest.mark.fault("H46")
def test_304_is_a_fault_when_we_have_no_body(web, site, answers):
    fetched = web.fetch(site.on("/f", answers.reply(304)))
    assert (fetched.fault.kind, fetched.not_modified, fetched.ok) == ("protocol", False, False)


def test_a_damaged_stored_validator_means_a_full_request(web, site, answers):
    url = site.on("/f", answers.reply(body=FEED))
    assert web.fetch(Request(url, "feed", etag='"a"\r\nX: y', last_modified="Пн")).body == FEED
    assert "if-none-match" not in site.asked("/f")[0].headers


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotli.compress),
        ("gzip, br", lambda body: brotli.compress(gzip.compress(body))),
        ("gzip", lambda body: body),  # says gzip, is not
        ("identity", lambda body: body),
    ],
)
def test_compressed_bodies_are_unpacked(web, site, answers, coding, pack):
    url = site.on("/f", answers.reply(headers={"Content-Encoding": coding}, body=pack(FEED)))
    assert web.fetch(url).body == FEED


def test_connections_are_kept_and_a_stale_one_costs_nothing(web, site, answers):
    url = site.on("/f", answers.reply(body=b"one"), answers.reply(body=b"two"), answers.closing(b""), answers.reply(body=b"three"))
    fetched = web.fetch_each([url, url, url])
    assert [one.body for one in fetched] == [b"one", b"two", b"three"]
    assert len({seen.connection for seen in site.requests}) == 2


def test_a_server_that_hangs_up_on_a_new_connection_is_not_asked_twice(web, site, answers):
    site.on("/robots.txt", answers.closing(answers.reply(404, {"Connection": "close"})))
    fetched = web.fetch(site.on("/f", answers.closing(b"")))
    assert fetched.fault.kind == "protocol"
    assert len(site.asked("/f")) == 1


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + FEED, id="short of its Content-Length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n" + FEED, id="cut in a chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", id="bad chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde", id="two lengths"),
        pytest.param(b"\x16\x03\x01 garbage\r\n\r\n", id="garbage"),
        pytest.param(b"HTTP/1.1 twohundred OK\r\n\r\n", id="bad status"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(100_000)) + b"\r\n", id="100,000 headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000 + b"\r\n\r\n", id="one huge header"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(FEED)[:-9], id="cut gzip, no length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n" + brotli.compress(FEED)[:-3], id="cut brotli, no length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Encoding: compress\r\n\r\n" + FEED, id="unknown coding"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip, gzip, gzip\r\n\r\n" + FEED, id="too many codings"),
        pytest.param(b"", id="hangs up"),
    ],
)
@pytest.mark.fault("H31", "H32")
def test_a_broken_answer_is_a_protocol_fault_and_gives_no_body(web, site, answers, sent):
    fetched = web.fetch(site.on("/f", answers.closing(sent)))
    assert (fetched.fault.kind, fetched.body, fetched.ok) == ("protocol", b"", False)


@pytest.mark.fault("H32")
def test_a_connection_reset_in_the_body_is_a_fault_and_the_next_try_is_good(web, site, answers):
    cut = answers.reply(body=FEED)[: -len(FEED) // 2]
    url = site.on("/f", answers.closing(cut, reset=True), answers.reply(body=FEED))
    first, second = web.fetch_each([url, url])
    assert (first.fault.kind, first.body) == ("protocol", b"")
    assert second.body == FEED


@pytest.mark.parametrize("purpose", ["feed", "page"])
def test_bodies_over_the_limit_of_their_purpose_are_refused(web, site, answers, purpose):
    limits = {"max_feed_bytes": 1000, "max_page_bytes": 2000}
    limit = limits[f"max_{purpose}_bytes"]
    big = site.on("/big", answers.reply(body=b"x" * (limit + 1)))
    packed = site.on("/packed", answers.reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(b"x" * (limit + 1))))
    unsized = site.on("/unsized", answers.closing(answers.reply(body=b"x" * (limit + 1), length=-1)))
    fits = site.on("/fits", answers.reply(body=b"x" * limit))
    fetched = web.fetch_each([big, packed, unsized, fits], purpose=purpose, **limits)
    assert [one.fault and one.fault.kind for one in fetched] == ["too_large", "too_large", "too_large", None]
    assert [len(one.body) for one in fetched] == [0, 0, 0, limit]


@pytest.mark.fault("H29")
def test_an_endless_body_is_stopped_at_the_limit(web, site, answers):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    fetched = web.fetch(site.on("/f", answers.endless(head, b"400\r\n" + b"x" * 1024 + b"\r\n")), max_feed_bytes=100_000)
    assert fetched.fault.kind == "too_large"


@pytest.mark.parametrize("where", ["head", "body", "nothing"])
@pytest.mark.fault("H30")
def test_a_slow_server_is_left_at_the_total_deadline(web, site, answers, where):
    acts = {"head": answers.dripping(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 999)}
    acts["body"] = answers.dripping(answers.reply(body=b"x" * 9999))
    acts["nothing"] = web.silent()
    site.on("/robots.txt", answers.reply(404))
    fetched = web.fetch(site.on("/f", acts[where]), total_seconds=0.3)
    assert (fetched.fault.kind, fetched.body) == ("timeout", b"")
    assert 250 < fetched.elapsed_ms < 5000


def test_redirects_share_one_deadline(web, site, answers):
    # Each leg alone would be in time.
    for here, there in (("/a", "/b"), ("/b", "/c"), ("/c", "/d")):
        site.on(here, answers.dripping(answers.reply(302, {"Location": there})))
    site.on("/d", answers.reply(body=FEED))
    assert web.fetch("http://tank.example/a", total_seconds=0.5).fault.kind == "timeout"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 451, 500, 502, 503, 204, 206, 300, 305])
def test_other_statuses_are_faults_that_keep_status_and_page(web, site, answers, status):
    body = b"" if status == 204 else b"<html>oops</html>"
    fetched = web.fetch(site.on("/f", answers.closing(answers.reply(status, body=body, length=-1))))
    assert (fetched.fault.kind, fetched.status, fetched.body) == ("http_status", status, body)
    assert str(status) in fetched.fault.message
    assert fetched.fault.hint


def test_an_empty_document_is_no_document(web, site, answers):
    fetched = web.fetch(site.on("/f", answers.reply(200)))
    assert (fetched.fault.kind, fetched.status) == ("http_status", 200)
    assert "empty" in fetched.fault.message


def test_a_refusal_with_a_broken_page_is_still_a_refusal(web, site, answers):
    fetched = web.fetch(site.on("/f", answers.closing(answers.reply(429, {"Retry-After": "60"}, b"x", length=500))))
    assert (fetched.fault.kind, fetched.fault.retry_after_seconds, fetched.status) == ("http_status", 60, 429)


@pytest.mark.parametrize(
    ("status", "header", "value"),
    [
        (403, "cf-mitigated", "challenge"),
        (503, "CF-Mitigated", "challenge"),
        (202, "x-amzn-waf-action", "challenge"),
        (405, "x-amzn-waf-action", "captcha"),
        (202, "SG-Captcha", "challenge"),
        (429, "x-vercel-mitigated", "challenge"),
        (200, "cf-mitigated", "challenge"),
    ],
)
@pytest.mark.fault("H43")
def test_riddles_for_humans_are_recognised_whatever_their_status(web, site, answers, status, header, value):
    fetched = web.fetch(site.on("/f", answers.reply(status, {header: value}, b"<html>Just a moment")), purpose="page")
    assert fetched.fault.kind == "challenge"


@pytest.mark.parametrize(
    ("header", "date", "seconds"),
    [
        ("3600", None, 3600),
        (" 120 ", None, 120),
        ("99999999", None, 604800),
        ("9" * 400, None, 604800),
        ("Mon, 02 Mar 2026 14:00:00 GMT", None, 7200),  # it is 12:00 here
        ("Mon, 02 Mar 2026 14:30:00 GMT", "Mon, 02 Mar 2026 12:30:00 GMT", 7200),  # the server's clock is ahead
        ("Mon, 02 Mar 2026 11:00:00 GMT", None, 0),
        ("Fri, 01 Jan 9999 00:00:00 GMT", None, 604800),
        ("soon", None, None),
        ("-5", None, None),
        ("", None, None),
    ],
)
@pytest.mark.fault("H42")
def test_retry_after_is_read_by_the_servers_own_clock_and_capped(web, site, answers, header, date, seconds):
    headers = {"Retry-After": header} | ({"Date": date} if date else {})
    assert web.fetch(site.on("/f", answers.reply(503, headers))).fault.retry_after_seconds == seconds
