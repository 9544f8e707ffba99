"""Which addresses may be asked, and that connections go to checked addresses and nowhere else."""

import asyncio
import socket
import threading
from ipaddress import ip_address

import httpcore2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.fetching.guard import RefusedError, checked_url, is_public, system_resolver
from assets.fetching.records import Policy
from warehouse.errors import ConfigError

CLOSED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.5",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.8.8.8",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
OPEN = [
    "1.1.1.1",
    "8.8.8.8",
    "11.0.0.1",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "192.0.1.1",
    "192.167.1.1",
    "198.17.0.1",
    "198.20.0.1",
    "223.255.255.254",
    "2001:4860:4860::8888",
    "2600::1",
    "2a00:1450::1",
    "2003::1",
]
SPELLINGS = [
    "127.1",
    "0x7f.1",
    "0x7f000001",
    "2130706433",
    "017700000001",
    "0",
    "0.0.0.0",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "app.localhost",
    "[::]",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "100.64.0.1",
    "169.254.169.254",
    "[fe80::1]",
    "10.0.0.1",
    "192.168.0.1",
]
REFUSED = [
    "http://internal.example\\@public.example/",
    "http://public.example/\\evil",
    "http://user:pw@tank.example/",
    "http://user@tank.example/",
    "http://@tank.example/",
    "http://tank.example:25/",
    "http://tank.example:6379/",
    "http://tank.example:0/",
    "ftp://tank.example/",
    "file:///etc/passwd",
    "//tank.example/",
    "tank.example",
    "",
    "http:///path",
    "http://exa%6dple.test/",
    "http://127.0.0.1%2f.tank.example/",
    "http://[fe80::1%25eth0]/",
    "http://[::1%eth0]/",
    "http://ta nk.example/",
    "http://①②⑦.0.0.1/",
    "http://tank.example/a\r\nX: y",
    "http://tank.example/\ud800",
    "http://tank.example/" + "a" * 9000,
]


@pytest.mark.parametrize("address", CLOSED)
@pytest.mark.fault("H36")
def test_addresses_that_are_not_public_are_closed(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", OPEN)
def test_public_addresses_are_open(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize("host", SPELLINGS)
@pytest.mark.parametrize("purpose", ["feed", "page"])
@pytest.mark.fault("H36", "H38")
def test_no_spelling_of_a_private_address_is_connected_to(web, wire, host, purpose):
    network = wire(web.port)
    fetched = web.fetch(f"http://{host}/", purpose=purpose, seams={"network": network})
    assert (fetched.fault.kind, fetched.status, network.dialled) == ("blocked_address", None, [])


@pytest.mark.parametrize("url", REFUSED)
@pytest.mark.fault("H37")
def test_odd_addresses_are_refused_before_anything_is_looked_up(web, url):
    looked_up = []

    async def resolve(host, port):
        looked_up.append(host)
        return ["8.8.8.8"]

    fetched = web.fetch(url, seams={"resolve": resolve})
    assert looked_up == []
    assert fetched.fault.kind in ("blocked_address", "protocol")
    assert fetched.fault.hint


@pytest.mark.fault("H35")
def test_every_address_of_a_name_must_be_public(web, wire, resolver):
    network = wire(web.port)
    seams = {"network": network, "resolve": resolver({"mixed.example": [["93.184.216.34", "10.0.0.5"]]})}
    assert web.fetch("http://mixed.example/", seams=seams).fault.kind == "blocked_address"
    assert network.dialled == []


@pytest.mark.fault("H35")
def test_a_name_that_changes_its_address_cannot_lead_us_inside(web, wire, resolver, answers):
    site = web.site("rebind.example")
    last_words = answers.closing(answers.reply(body=b"x", headers={"Connection": "close"}))
    for path in ("/robots.txt", "/f", "/g", "/h"):
        site.on(path, last_words)
    web.targets.clear()
    network = wire(web.port)
    seams = {"network": network, "resolve": resolver({"rebind.example": [["93.184.216.34"]] * 3 + [["127.0.0.1"]]})}
    fetched = web.fetch_each(["http://rebind.example/f", "http://rebind.example/g", "http://rebind.example/h"], seams=seams)
    assert fetched[0].body == b"x"
    assert fetched[2].fault.kind == "blocked_address"
    assert {address for address, _ in network.dialled} == {"93.184.216.34"}


def test_the_next_address_is_tried_when_one_is_dead(web, wire, resolver, answers):
    web.site("dual.example").on("/f", answers.reply(body=b"here"))
    web.targets.clear()
    network = wire(web.port, dead=("2600::1",))
    seams = {"network": network, "resolve": resolver({"dual.example": [["2600::1", "8.8.8.8"]]})}
    assert web.fetch("http://dual.example:8080/f", seams=seams).body == b"here"
    assert network.dialled[:2] == [("2600::1", 8080), ("8.8.8.8", 8080)]


@pytest.mark.parametrize("answer", [[], None])
@pytest.mark.fault("H49")
def test_a_name_without_address_is_a_dns_fault(web, wire, resolver, answer):
    names = {} if answer is None else {"gone.example": [answer]}
    fetched = web.fetch("http://gone.example/", seams={"network": wire(web.port), "resolve": resolver(names)})
    assert fetched.fault.kind == "dns"


@pytest.mark.fault("H49")
def test_a_name_server_that_never_answers_is_a_dns_fault(web, wire):
    async def resolve(host, port):
        await asyncio.Event().wait()

    fetched = web.fetch("http://slow.example/", seams={"network": wire(web.port), "resolve": resolve}, connect_seconds=0.05)
    assert fetched.fault.kind == "dns"


def test_a_dead_port_is_a_connect_fault(web):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    fetched = web.fetch("http://dead.example/", connect_to={"dead.example": f"127.0.0.1:{port}"})
    assert fetched.fault.kind == "connect"


@pytest.mark.fault("H38")
def test_the_guard_also_holds_for_robots_txt(web, wire, resolver, answers):
    web.site("tank.example").on("/robots.txt", answers.reply(301, {"Location": "http://169.254.169.254/robots.txt"}))
    network = wire(web.port)
    web.fetch("http://tank.example/page", purpose="page", seams={"network": network})
    assert {address for address, _ in network.dialled} == {"127.0.0.1"}


def test_connect_to_opens_loopback_for_its_host_alone_and_keeps_the_name(web, answers):
    site = web.site("replay.example")
    url = site.on("/f", answers.reply(body=b"x"))
    fetched = web.fetch(url.replace("replay.example", "Replay.example.:5999"))
    assert fetched.body == b"x"
    assert site.asked("/f")[0].headers["host"] == "replay.example.:5999"
    assert web.fetch("http://other.example:5999/").fault.kind == "blocked_address"
    assert web.fetch("http://127.0.0.1:8080/").fault.kind == "blocked_address"


@pytest.mark.parametrize("target", ["10.0.0.1:80", "192.168.0.2:8080", "tank.example:80", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:x", ""])
def test_connect_to_cannot_open_anything_but_loopback(target):
    with pytest.raises(ConfigError, match="loopback"):
        Policy(contact="https://thinkwatch.example/", connect_to={"inside.example": target})


def test_the_system_resolver_knows_literal_addresses():
    assert asyncio.run(system_resolver("127.0.0.1", 80)) == ["127.0.0.1"]


def test_a_look_up_that_ends_after_we_stopped_waiting_harms_nobody(monkeypatch):
    stopped = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: stopped.wait(20) and [])

    async def run():
        pending = asyncio.ensure_future(system_resolver("slow.example", 80))
        while not (threads := [thread for thread in threading.enumerate() if "slow.example" in thread.name]):
            await asyncio.sleep(0)
        pending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await pending
        return threads

    threads = asyncio.run(run())
    stopped.set()
    threads[0].join()  # an error in it would be a warning, and fail this test


def test_httpcore_connects_through_the_backend_that_it_is_given():
    """The seam that the guard sits on: a release of httpcore2 that goes round it must not go unnoticed."""
    asked = []

    class Backend(httpcore2.AsyncNetworkBackend):
        async def connect_tcp(self, host, port, timeout=None, **_):
            asked.append((host, port, timeout))
            return httpcore2.AsyncMockStream([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"])

    async def run():
        async with httpcore2.AsyncConnectionPool(network_backend=Backend()) as pool:
            return await pool.request("GET", "http://127.0.0.1:1/", extensions={"timeout": {"connect": 7}})

    assert asyncio.run(run()).content == b"ok"
    assert asked == [("127.0.0.1", 1, 7)]


@settings(deadline=None, derandomize=True)
@given(st.text() | st.builds("http://{}".format, st.text()) | st.builds("https://tank.example{}".format, st.text()))
def test_any_text_is_a_checked_address_or_refused(text):
    try:
        url = checked_url(text, {})
    except RefusedError:
        return
    assert url.scheme in ("http", "https")
    assert url.raw_host
    assert not url.userinfo
    assert not url.fragment
    assert str(url).isascii()
    assert str(url).isprintable()
