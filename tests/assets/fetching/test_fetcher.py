"""Many requests at once: who waits for whom, and who may not."""

import threading

import pytest

from assets.fetching.fetcher import Fetcher, fetch_all
from assets.fetching.records import Request


def test_each_request_ends_once_with_its_own_answer_in_the_callers_thread(web, answers):
    urls = []
    for number in range(40):
        site = web.sites.get(f"s{number % 8}.example") or web.site(f"s{number % 8}.example")
        urls.append(site.on(f"/{number}", answers.reply(body=b"body %d" % number)))
    threads, done = set(), []
    web.fetch_all(urls, on_done=lambda fetched: (done.append(fetched), threads.add(threading.get_ident())))
    assert {fetched.request.ref: fetched.body for fetched in done} == {url: b"body %d" % number for number, url in enumerate(urls)}
    assert len(done) == 40
    assert threads == {threading.get_ident()}
    assert set(web.most_open.values()) == {1}


def test_nothing_to_fetch_is_no_work(web):
    assert web.fetch_all([]) == []


@pytest.mark.fault("H53")
def test_twenty_dead_hosts_of_two_hundred_delay_nobody(web, answers):
    dead = []
    for number in range(20):
        site = web.site(f"dead{number}.example")
        site.on("/robots.txt", answers.reply(404))
        dead.append(site.on("/", web.silent()))
    good = [web.site(f"good{number}.example").on("/", answers.reply(body=b"x")) for number in range(180)]
    ended = []

    def count(fetched):
        ended.append(fetched.ok)
        if len(ended) == len(good):
            web.end_silence()  # only when all others are done; before that the dead would hold them up for ever

    web.fetch_all(dead + good, on_done=count, patience_seconds=0.05, concurrency=4, total_seconds=60)
    assert ended == [True] * 180 + [False] * 20


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nX: y\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx"])
@pytest.mark.fault("H30")
def test_a_stuck_server_does_not_hold_up_others_even_on_the_only_place(web, answers, start):
    stuck = web.site("stuck.example").on("/", web.silent(start))
    quick = [web.site(f"q{number}.example").on("/", answers.reply(body=b"x")) for number in range(10)]
    ended = []

    def count(fetched):
        ended.append(fetched.ok)
        if len(ended) == len(quick):
            web.end_silence()

    web.fetch_all([stuck, *quick], on_done=count, concurrency=1, patience_seconds=0.05, total_seconds=60)
    assert ended == [True] * 10 + [False]


def test_when_work_on_documents_falls_behind_the_network_waits_and_nothing_is_lost(web, answers):
    urls = [web.site(f"s{number}.example").on("/", answers.reply(body=b"x")) for number in range(30)]
    full = threading.Event()
    done = []

    class Paced(Fetcher):
        def __init__(self, policy):
            super().__init__(policy)
            pause = self.pacing.pause
            self.pacing.pause = lambda: (pause(), full.set())

    def work(fetched):
        assert full.wait(20)
        done.append(fetched.request.url)

    fetch_all([Request(url, "feed") for url in urls], web.policy(concurrency=3), work, fetcher=Paced)
    assert sorted(done) == sorted(urls)


def test_an_error_of_the_caller_drops_open_requests_and_comes_out(web, answers):
    good = web.site("good.example").on("/", answers.reply(body=b"x"))
    stuck = web.site("stuck.example").on("/", web.silent())
    before, ended = threading.active_count(), []

    class Noting(Fetcher):
        async def fetch(self, request):
            fetched = await super().fetch(request)
            ended.append(request.url)
            return fetched

    def fail(fetched):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fetch_all([Request(url, "feed") for url in (good, stuck)], web.policy(total_seconds=5), fail, fetcher=Noting)
    assert ended == [good]
    assert threading.active_count() == before


def test_an_error_of_our_own_comes_out_and_does_not_hang(web):
    def broken(policy):
        raise RuntimeError("no such thing")

    with pytest.raises(RuntimeError, match="no such thing"):
        fetch_all([Request("http://tank.example/", "feed")], web.policy(), print, fetcher=broken)
