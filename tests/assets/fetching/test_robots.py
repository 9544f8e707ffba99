"""robots.txt after RFC 9309, as the fetcher lives by it."""

from itertools import pairwise

import pytest

PAGE = b"<html>page</html>"
KEEP_OUT = b"User-agent: *\nDisallow: /private/\n"


@pytest.fixture
def site(web, answers):
    tank = web.site("tank.example")
    tank.on("/private/a", answers.reply(body=PAGE))
    tank.on("/b", answers.reply(body=PAGE))
    return tank


def outcome(fetched):
    return fetched.fault.kind if fetched.fault else fetched.body


def test_a_disallowed_page_is_not_asked_for(web, site, answers):
    site.on("/robots.txt", answers.reply(body=KEEP_OUT))
    closed, opened = web.fetch_each(["http://tank.example/private/a", "http://tank.example/b"], purpose="page")
    assert (outcome(closed), outcome(opened)) == ("robots", PAGE)
    assert site.asked("/private/a") == []
    assert len(site.asked("/robots.txt")) == 1


@pytest.mark.parametrize(("obey", "expected"), [(False, PAGE), (True, "robots")])
def test_whether_feeds_obey_a_disallow_is_a_setting(web, site, answers, obey, expected):
    site.on("/robots.txt", answers.reply(body=KEEP_OUT))
    assert outcome(web.fetch("http://tank.example/private/a", robots_for_feeds=obey)) == expected


def test_a_group_for_our_robot_goes_before_the_one_for_all(web, site, answers):
    site.on("/robots.txt", answers.reply(body=b"User-agent: *\nDisallow: /\n\nUser-agent: thinkwatch\nAllow: /\nDisallow: /b\n"))
    fetched = web.fetch_each(["http://tank.example/private/a", "http://tank.example/b"], purpose="page")
    assert [outcome(one) for one in fetched] == [PAGE, "robots"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418, 204])
@pytest.mark.fault("H50")
def test_no_rules_allow_everything(web, site, answers, status):
    site.on("/robots.txt", answers.reply(status))
    assert web.fetch("http://tank.example/b", purpose="page").body == PAGE


@pytest.mark.parametrize("body", [b"<html><body>home</body></html>", b"", b"\xff\xfe\x00binary", b"\xef\xbb\xbfUser-agent: x\nDisallow: /"])
@pytest.mark.fault("H50")
def test_what_is_no_rules_allows_everything(web, site, answers, body):
    site.on("/robots.txt", answers.reply(body=body))
    assert web.fetch("http://tank.example/b", purpose="page").body == PAGE


@pytest.mark.parametrize("status", [500, 502, 503])
@pytest.mark.fault("H50")
def test_a_server_error_closes_the_host_for_pages_not_for_feeds(web, site, answers, status):
    site.on("/robots.txt", answers.reply(status))
    assert outcome(web.fetch("http://tank.example/b", purpose="page")) == "robots"
    assert site.asked("/b") == []
    assert outcome(web.fetch("http://tank.example/b")) == PAGE


@pytest.mark.parametrize("sent", [b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nUser-agent"])
def test_rules_that_cannot_be_read_close_the_host_for_pages(web, site, answers, sent):
    site.on("/robots.txt", answers.closing(sent))
    assert outcome(web.fetch("http://tank.example/b", purpose="page")) == "robots"
    assert outcome(web.fetch("http://tank.example/b")) == PAGE


@pytest.mark.fault("H50")
def test_rules_are_read_through_five_redirects_and_absent_behind_six(web, site, answers):
    for step in range(6):
        site.on(f"/r{step}", answers.reply(301, {"Location": f"/r{step + 1}"}))
    site.on("/r6", answers.reply(body=b"User-agent: *\nDisallow: /"))
    site.on("/robots.txt", answers.reply(302, {"Location": "/r2"}))
    assert outcome(web.fetch("http://tank.example/b", purpose="page")) == "robots"
    site.on("/robots.txt", answers.reply(302, {"Location": "/r0"}))
    assert outcome(web.fetch("http://tank.example/b", purpose="page")) == PAGE


def test_rules_that_moved_to_a_dead_host_are_out_of_reach_without_blaming_the_name(web, site, answers):
    site.on("/robots.txt", answers.reply(301, {"Location": "http://dead.invalid/robots.txt"}))
    assert outcome(web.fetch("http://tank.example/b", purpose="page")) == "robots"


@pytest.mark.fault("H50")
def test_at_least_500_kib_of_rules_count(web, site, answers):
    line = b"# nothing to see here\n"
    early = line * (490 * 1024 // len(line)) + b"User-agent: *\nDisallow: /b\n" + line * 9000
    site.on("/robots.txt", answers.reply(body=early))
    assert outcome(web.fetch("http://tank.example/b", purpose="page")) == "robots"
    site.on("/robots.txt", answers.reply(body=line * (600 * 1024 // len(line)) + b"User-agent: *\nDisallow: /b\n"))
    assert outcome(web.fetch("http://tank.example/b", purpose="page")) == PAGE


def test_a_host_without_name_or_port_gives_that_fault_and_not_robots(web):
    assert web.fetch("http://dead.invalid/", purpose="page").fault.kind == "dns"


def test_the_rules_of_the_host_that_a_page_moved_to_count(web, site, answers):
    other = web.site("other.example")
    other.on("/robots.txt", answers.reply(body=b"User-agent: *\nDisallow: /"))
    site.on("/moved", answers.reply(301, {"Location": "http://other.example/b"}))
    assert outcome(web.fetch("http://tank.example/moved", purpose="page")) == "robots"
    assert other.asked("/b") == []


@pytest.mark.parametrize(("delay", "gap"), [("10", 10), ("0.2", 1), ("86400", 60), ("soon", 1)])
@pytest.mark.fault("H51")
def test_a_crawl_delay_is_kept_for_feeds_and_pages_up_to_a_minute(web, site, answers, virtual_time, delay, gap):
    web.clock = virtual_time
    site.on("/robots.txt", answers.reply(body=f"User-agent: *\nCrawl-delay: {delay}".encode()))
    web.fetch_each(["http://tank.example/b"] * 3, seams={"pacing": virtual_time.pacing(pace_seconds=1)})
    times = [seen.at for seen in site.requests]
    assert [later - earlier for earlier, later in pairwise(times)] == [gap] * 3


def test_a_host_that_is_only_asked_for_one_feed_is_spared_the_question(web, site):
    other = web.site("other.example")
    web.fetch_all(["http://tank.example/b", "http://other.example/1", "http://other.example/2"])
    assert [seen.path for seen in site.requests] == ["/b"]
    assert [seen.path for seen in other.requests] == ["/robots.txt", "/1", "/2"]
    web.fetch_all(["http://tank.example/b"], purpose="page")
    web.fetch_all(["http://tank.example/b"], robots_for_feeds=True)
    assert len(site.asked("/robots.txt")) == 2
