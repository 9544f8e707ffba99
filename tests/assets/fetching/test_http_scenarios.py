"""The fifty scenarios of `http_scenarios.json` (CC0-1.0, made for this project), played on loopback as far as fetching and polling decide them.

A scenario is polled as a source would be: when it is due, with validators when they are allowed, its state carried on.
"""

import asyncio
import gzip
import json
import re
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path

import brotli
import pytest

from assets.fetching.client import Fetcher
from assets.fetching.decoding import zstd
from assets.fetching.polling import PollState, after_poll, conditional_allowed, poll_of
from assets.fetching.records import Fetched, Request

SCENARIOS = Path(__file__).with_name("http_scenarios.json")
START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOST = "tank.example"
ITEMS = "".join(f"<item><guid>{n}</guid><link>/p/{n}</link></item>" for n in (1, 2, 3))
FEED3 = f"<rss><channel>{ITEMS}</channel></rss>".encode()
SLOW = {"total_seconds": 0.4}
PACKERS = {
    "gzip": lambda body: gzip.compress(body, 1),
    "br": lambda body: brotli.compress(body, quality=1),
    "zstd": lambda body: zstd.compress(body, 1),
}


def scenarios():
    return [pytest.param(case, id=f"{case['id']}-{case['name']}") for case in json.loads(SCENARIOS.read_text())["scenarios"]]


@dataclass
class Played:
    """What a scenario's polls came to."""

    fetched: list[Fetched] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)
    states: list[PollState] = field(default_factory=list)
    conditional: list[bool] = field(default_factory=list)
    articles: set[str] = field(default_factory=set)
    pages: int = 0
    etag: str | None = None
    modified: str | None = None
    want: object = None
    site: object = None
    wire: object = None

    @property
    def faults(self):
        return [one.fault for one in self.fetched if one.fault]

    def wait(self, poll=0):
        return (self.states[poll].next_due_at - self.times[poll]).total_seconds()


class Player:
    """Builds a scenario's site and polls it."""

    def __init__(self, case, web, answers, wire, resolver, tmp_path):
        self.case, self.web, self.answers = case, web, answers
        self.tmp_path = tmp_path
        self.policy = dict(SLOW) if case["class"] == "time" else {}
        self.seams = {}
        self.url = f"http://{HOST}/feed.xml"
        self.wire = None
        steps = [step for step in case["steps"] for _ in range(step.get("times", 1))]
        dns = [entry.split("+") for step in steps for entry in step.get("dns", [])]
        tls = next((step["tls"] for step in steps if "tls" in step), None)
        self.site = web.site(HOST, tls=self.certificate(tls) if tls else None)
        if tls:
            self.url = f"https://{HOST}/feed.xml"
        if dns:
            web.targets.clear()
            self.wire = wire(web.port)
            self.seams = {"network": self.wire, "resolve": resolver({HOST: dns})}
        for number in (1, 2, 3):
            self.site.on(f"/p/{number}", answers.reply(body=b"page"))
        self.polls = max(2 if dns else 1, len([step for step in steps if "path" not in step and step.get("status") not in (301, 302, 308)]))
        if any(step.get("real_body_changed") for step in steps):
            self.polls = 200  # hourly, until the weekly look at the whole document
        self.build(steps)

    def build(self, steps):
        feed = [self.act(step) for step in steps if "path" not in step]
        moved = next(
            (step["headers"]["Location"] for step in steps if step.get("headers", {}).get("Location", "/f")[0:4] in ("/new", "/tmp")), None
        )
        if moved:
            self.site.on("/feed.xml", feed[0])
            self.site.on(moved, *feed[1:])
        else:
            self.site.on("/feed.xml", *(feed or [self.answers.reply(body=FEED3)]))
        for step in steps:
            if "path" in step:
                body = step.get("body", "")
                if body.startswith("# pad"):
                    body = "# pad\n" * (610 * 1024 // 6) + "User-agent: *\nDisallow: /"
                self.site.on(step["path"], self.answers.reply(step.get("status", 200), body=body.encode()))

    def act(self, step):
        headers = dict(step.get("headers", {}))
        if "+2h" in headers.get("Retry-After", ""):
            server_clock = START + timedelta(minutes=30)
            headers |= {"Date": http(server_clock), "Retry-After": http(server_clock + timedelta(hours=2))}
        body = self.body(step.get("body", "FEED3" if step.get("status", 200) == 200 and "silence" not in step else ""))
        length = headers.pop("Content-Length", None)
        reply = self.answers.reply(step.get("status", 200), headers, body, length=int(length) if length else None)
        if step.get("silence"):
            return self.web.silent()
        if "drip_headers_s" in step or "drip_body_s" in step:
            return self.answers.dripping(reply if "drip_body_s" in step else b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500)
        if step.get("body") == "ENDLESS":
            head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            return self.answers.endless(head, b"10000\r\n" + b"x" * 65536 + b"\r\n")
        if "headers_count" in step:
            flood = b"".join(b"X-%d: y\r\n" % n for n in range(step["headers_count"]))
            return self.answers.closing(b"HTTP/1.1 200 OK\r\n" + flood + b"\r\n")
        if "reset_at" in step:
            return self.answers.closing(reply[: -int(len(body) * step["reset_at"])], reset=True)
        return self.answers.closing(reply) if step.get("close") else reply

    def body(self, name):
        if name.startswith("BOMB"):
            # What the memory costs is tested in test_decoding; here, that a bomb ends as an error.
            bomb = bytes(64 * 1024 * 1024)
            for coding in name.split()[1].split("-"):
                bomb = PACKERS[coding](bomb)
            return bomb
        return FEED3 if name == "FEED3" else name.encode()

    def certificate(self, kind):
        trustme = pytest.importorskip("trustme", reason="trustme is not installed")
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.tmp_path / "ca.pem"))
        self.policy["ca_file"] = str(self.tmp_path / "ca.pem")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        if kind == "incomplete_chain":
            leaf = authority.create_child_ca().issue_cert(HOST)
            (self.tmp_path / "leaf.pem").write_bytes(leaf.private_key_pem.bytes() + leaf.cert_chain_pems[0].bytes())
            context.load_cert_chain(self.tmp_path / "leaf.pem")
            return context
        issuer = trustme.CA() if kind == "self_signed" else authority
        past = datetime(2020, 1, 1, tzinfo=UTC) if kind == "expired" else None
        issuer.issue_cert("other.example" if kind == "wrong_host" else HOST, not_after=past).configure_cert(context)
        return context

    def play(self):
        played, state, now = Played(site=self.site, wire=self.wire), PollState(), START
        for _ in range(self.polls):
            conditional = conditional_allowed(state, now)
            fetched = asyncio.run(self.poll(played, conditional, now))
            ok = fetched.fault is None and not fetched.not_modified
            found = set(re.findall(rb"<guid>(\d)</guid>", fetched.body)) if ok else set()
            state = after_poll(state, poll_of(fetched, now, verdict="ok" if ok else None, entries=len(found) if ok else None), now)
            if ok:
                played.etag, played.modified = fetched.header("etag"), fetched.header("last-modified")
            played.articles |= found
            for record, value in (
                (played.fetched, fetched),
                (played.times, now),
                (played.states, state),
                (played.conditional, conditional),
            ):
                record.append(value)
            if state.next_due_at is None:
                break
            now = state.next_due_at
        return played

    async def poll(self, played, conditional, now):
        request = Request(self.url, "feed", played.etag if conditional else None, played.modified if conditional else None)
        async with Fetcher(self.web.policy(**self.policy), now=lambda: now, **self.seams) as fetcher:
            fetched = await fetcher.fetch(request)
            if self.case["class"] == "robots":
                for number in (1, 2, 3):
                    page = await fetcher.fetch(Request(f"http://{HOST}/p/{number}", "page"))
                    played.pages += page.ok
        return fetched


def http(moment):
    return format_datetime(moment, usegmt=True)


# What each wish of a scenario means for what was played; wishes for the parser or the store are decided there.
WISHES = {
    "articles": lambda p: len(p.articles) == p.want,
    "articles_or_error": lambda p: len(p.articles) == 3 or p.faults,
    "errors": lambda p: len(p.faults) >= p.want if p.want else not p.faults,
    "error_class": lambda p: {fault.kind for fault in p.faults} == {p.want} and all(f.hint for f in p.faults),
    "second": lambda p: p.fetched[1].not_modified,
    "new_second": lambda p: len(p.articles) == 3 + p.want,
    "unconditional_refetch_within_days": lambda p: p.times[p.conditional.index(False, 1)] - START <= timedelta(days=p.want),
    "stored_url_updated_after": lambda p: (
        p.states[0].moved_url is None and after_poll(p.states[0], poll_of(p.fetched[0], START), START).moved_url
    ),
    "stored_url_updated": lambda p: (p.states[-1].moved_url is not None) == p.want,
    "requests_max": lambda p: len(p.site.requests) <= p.want,
    "blocked": lambda p: {fault.kind for fault in p.faults} == {"blocked_address"},
    "connected_only_to_checked_ip": lambda p: {ip for ip, _ in p.wire.dialled} == {"93.184.216.34"},
    "source_disabled": lambda p: all(state.next_due_at for state in p.states),
    "source_state": lambda p: p.states[-1].state == p.want,
    "still_polled": lambda p: p.wait(-1) <= 86400,
    "operator_told": lambda p: p.states[-1].last_error and p.faults[-1].hint,
    "polling_stopped": lambda p: p.states[-1].next_due_at is None,
    "backoff": lambda p: p.wait(2) > p.wait(0) > 3600,
    "next_request_not_before_s": lambda p: p.wait() >= p.want,
    "next_request_at_most_s": lambda p: p.wait() <= p.want,
    "relative_to": lambda p: p.faults[0].retry_after_seconds == 7200,
    "parsed_error_page": lambda p: p.faults[0].kind == "http_status",
    "partial_reported": lambda p: [fault.kind for fault in p.faults] == ["protocol"],
    "partial_not_stored_as_complete": lambda p: p.fetched[0].fault and p.fetched[0].body == b"",
    "max_bytes": lambda p: p.faults[0].kind == "too_large" and len(p.fetched[0].body) <= p.want,
    "max_wall_s": lambda p: p.fetched[0].elapsed_ms < p.want * 1000,
    "pages_fetched": lambda p: p.pages == p.want,
    "parsed_at_least_kib": lambda p: p.pages == 3,  # the rule stands behind 600 KiB
    "cookies_sent": lambda p: sum("cookie" in seen.headers for seen in p.site.requests) == p.want,
    "user_agent_matches": lambda p: all(re.fullmatch(p.want, seen.headers["user-agent"]) for seen in p.site.requests),
}
ELSEWHERE = {
    "articles_kept",
    "deleted",
    "max_rss_growth_mb",
    "other_sources_unaffected",
    "feed_fetched",
    "note",
    "min_gap_s",
    "max_parallel_per_host",
}


@pytest.mark.parametrize("case", scenarios())
def test_scenario(case, web, answers, wire, resolver, tmp_path):
    player = Player(case, web, answers, wire, resolver, tmp_path)
    if case["name"] in PACED:
        return PACED[case["name"]](case, player)
    played = player.play()
    unknown = set(case["want"]) - set(WISHES) - ELSEWHERE
    assert not unknown
    for wish, want in case["want"].items():
        played.want = want
        if wish in WISHES:
            assert WISHES[wish](played), (wish, want, [one.fault for one in played.fetched])
    expected = [step["expect_request"] for step in case["steps"] if "expect_request" in step]
    seen = player.site.asked("/feed.xml")[1:]
    for request, headers in zip(seen, expected, strict=False):
        assert {name: request.headers.get(name.lower()) for name in headers} == headers
    return None


def gaps(player, urls, virtual):
    web, site = player.web, player.site
    web.clock = virtual

    async def run():
        async with Fetcher(web.policy(), pacing=virtual.pacing(pace_seconds=1)) as fetcher:
            await asyncio.gather(*(fetcher.fetch(Request(url, "feed")) for url in urls))

    asyncio.run(run())
    times = [seen.at for seen in site.requests]
    return [later - earlier for earlier, later in pairwise(times)]


@pytest.fixture(autouse=True)
def _virtual(virtual_time, web):
    web.virtual = virtual_time


def crawl_delay(case, player):
    assert min(gaps(player, [player.url] * 3, player.web.virtual)) >= case["want"]["min_gap_s"]


def one_host(case, player):
    urls = [player.site.on(f"/{number}.xml", player.answers.reply(body=FEED3)) for number in range(case["steps"][0]["sources"])]
    found = gaps(player, urls, player.web.virtual)
    assert min(found) >= case["want"]["min_gap_s"]
    assert len(found) == len(urls)
    assert player.web.most_open[HOST] <= case["want"]["max_parallel_per_host"]


PACED = {"crawl_delay": crawl_delay, "fifty_sources_one_host": one_host}
