"""Redirects: how many, where to, and which of them move a feed."""

import pytest

FEED = b"<rss/>"
INSIDE = [
    "file:///etc/passwd",
    "gopher://tank.example/",
    "ftp://tank.example/feed",
    "javascript:alert(1)",
    "data:text/xml,<rss/>",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::ffff:7f00:1]/",
    "http://[::1]/",
    "//10.0.0.7/feed",
    "http://127.0.0.1:8080/",
    "http://tank.example@127.0.0.1/",
    "http://127.0.0.1\\@tank.example/",
    "https://other.example:22/",
    "http://2130706433/",
]


@pytest.fixture
def site(web):
    return web.site("tank.example")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_told(web, site, answers, status):
    web.site("www.tank.example").on("/new?a=1", answers.reply(body=FEED))
    url = site.on("/f", answers.reply(status, {"Location": "//www.tank.example/new?a=1#part"}))
    fetched = web.fetch(url)
    assert (fetched.body, fetched.final_url) == (FEED, "http://www.tank.example/new?a=1")
    assert fetched.redirects == ((status, url),)


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        ((301,), "/1"),
        ((308, 301), "/2"),
        ((302,), None),
        ((307, 301), None),  # where a temporary redirect leads says nothing of this address
        ((301, 302), "/1"),
    ],
)
@pytest.mark.fault("H39")
def test_only_an_unbroken_chain_of_permanent_redirects_moves_a_feed(web, site, answers, statuses, moved):
    for step, status in enumerate(statuses):
        site.on(f"/{step}", answers.reply(status, {"Location": f"/{step + 1}"}))
    site.on(f"/{len(statuses)}", answers.reply(body=FEED))
    fetched = web.fetch("http://tank.example/0")
    assert fetched.body == FEED
    assert fetched.permanent_url == (moved and f"http://tank.example{moved}")


@pytest.mark.fault("H33")
def test_a_circle_ends_at_once(web, site, answers):
    site.on("/a", answers.reply(302, {"Location": "/b"}))
    site.on("/b", answers.reply(302, {"Location": "/a"}))
    fetched = web.fetch("http://tank.example/a")
    assert (fetched.fault.kind, len(site.asked("/a")), len(site.asked("/b"))) == ("redirects", 1, 1)


@pytest.mark.fault("H33")
def test_five_redirects_are_followed_and_not_six(web, site, answers):
    for step in range(6):
        site.on(f"/{step}", answers.reply(302, {"Location": f"/{step + 1}"}))
    site.on("/6", answers.reply(body=FEED))
    assert web.fetch("http://tank.example/1").body == FEED
    assert web.fetch("http://tank.example/0").fault.kind == "redirects"


@pytest.mark.parametrize("location", [None, "  ", "http://[::1", "http://"])
@pytest.mark.fault("H33")
def test_a_redirect_to_nowhere_is_a_fault(web, site, answers, location):
    fetched = web.fetch(site.on("/f", answers.reply(301, {} if location is None else {"Location": location})))
    assert (fetched.fault.kind, fetched.body, fetched.status) == ("redirects", b"", 301)


@pytest.mark.parametrize("target", INSIDE)
@pytest.mark.fault("H34")
def test_redirects_into_our_own_network_are_refused(web, site, answers, target):
    fetched = web.fetch(site.on("/f", answers.reply(302, {"Location": target})))
    assert fetched.fault.kind == "blocked_address"
    assert web.connections == 1


def test_unescaped_utf8_in_a_location_is_understood(web, site, answers):
    site.on("/%D0%BD%D0%BE%D0%B2%D0%BE%D0%B5", answers.reply(body=FEED))
    location = "/новое".encode().decode("latin-1")
    assert web.fetch(site.on("/f", answers.reply(301, {"Location": location}))).body == FEED


def test_the_answer_is_that_of_the_address_that_gave_it(web, site, answers):
    site.on("/b", answers.reply(302, {"Location": "http://10.0.0.1/inside"}, b"look inside"))
    stopped = web.fetch(site.on("/a", answers.reply(302, {"Location": "/b"})))
    assert (stopped.fault.kind, stopped.body, stopped.answered_by) == ("blocked_address", b"look inside", "http://tank.example/b")
    site.on("/d", answers.reply(body=FEED))
    assert web.fetch(site.on("/c", answers.reply(302, {"Location": "/d"}))).answered_by == "http://tank.example/d"
