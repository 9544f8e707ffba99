"""Turns: one request at a time to a host, pauses between them, and hosts that are left alone."""

import asyncio

import pytest

from assets.fetching.records import Fault

GONE = Fault("connect", "no answer")


def run_turns(pacing, clock, hosts):
    """All turns at once; gives (host, when) in the order in which they began, and the most at one time."""
    begun, open_now, most = [], [], []

    async def one(host):
        async with pacing.turn(host):
            open_now.append(host)
            begun.append((host, clock()))
            most.append(len(open_now))
            await asyncio.sleep(0)
            open_now.remove(host)

    async def run():
        await asyncio.gather(*(one(host) for host in hosts))

    asyncio.run(run())
    return begun, max(most)


@pytest.mark.fault("H51")
def test_fifty_requests_to_one_host_go_one_by_one_a_second_apart(virtual_time):
    begun, most = run_turns(virtual_time.pacing(pace_seconds=1), virtual_time, ["tank.example"] * 50)
    assert most == 1
    assert [when for _, when in begun] == list(range(50))


def test_hosts_do_not_wait_for_one_another(virtual_time):
    hosts = [f"{name}.example" for name in "abcdefgh"]
    begun, most = run_turns(virtual_time.pacing(pace_seconds=1), virtual_time, hosts)
    assert (most, {when for _, when in begun}) == (8, {0})


def test_no_more_hosts_at_a_time_than_allowed(virtual_time):
    begun, most = run_turns(virtual_time.pacing(concurrency=3), virtual_time, [f"{n}.example" for n in range(20)])
    assert (most, len(begun)) == (3, 20)


def test_a_slow_host_gives_its_place_to_others(virtual_time):
    pacing = virtual_time.pacing(concurrency=1, patience_seconds=0.01)
    order = []

    async def run():
        done = asyncio.Event()

        async def slow():
            async with pacing.turn("slow.example"):
                await done.wait()
                order.append("slow")

        async def quick():
            async with pacing.turn("quick.example"):
                order.append("quick")
            done.set()

        await asyncio.gather(slow(), quick())

    asyncio.run(run())
    assert order == ["quick", "slow"]


def test_a_pause_holds_all_that_have_not_begun(virtual_time):
    pacing = virtual_time.pacing(concurrency=2)
    begun = []

    async def one(host):
        async with pacing.turn(host):
            begun.append(host)

    async def run():
        async with asyncio.TaskGroup() as group:
            async with pacing.turn("first.example"):
                for number in range(5):
                    group.create_task(one(f"{number}.example"))
                pacing.pause()
            for _ in range(50):
                await asyncio.sleep(0)
            assert begun == []
            pacing.resume()

    asyncio.run(run())
    assert len(begun) == 5


@pytest.mark.parametrize(
    ("outcomes", "closed"),
    [
        ([GONE], False),
        ([GONE, GONE], True),
        ([GONE, None, GONE], False),
        ([Fault("http_status", "status 404"), Fault("http_status", "status 500")], False),
        ([Fault("timeout", ""), Fault("dns", "")], True),
        ([Fault("http_status", "status 503", retry_after_seconds=120)], True),
        ([Fault("http_status", "status 503", retry_after_seconds=120), None], True),
    ],
)
def test_a_host_is_left_alone_when_it_is_dead_or_asks_for_it(virtual_time, outcomes, closed):
    pacing = virtual_time.pacing()
    for outcome in outcomes:
        pacing.note("tank.example", outcome)
    assert (pacing.refusal("tank.example") is not None) == closed
    assert pacing.refusal("other.example") is None


def test_a_refusal_keeps_kind_and_wait_and_says_that_it_is_one(virtual_time):
    pacing = virtual_time.pacing()
    pacing.note("tank.example", Fault("http_status", "status 429", retry_after_seconds=90), busy=True)
    refusal = pacing.refusal("tank.example")
    assert (refusal.kind, refusal.retry_after_seconds) == ("http_status", 90)
    assert "not asked again in this run" in refusal.message


def test_requests_queued_for_a_host_end_when_it_asks_to_be_left_alone(web, answers):
    site = web.site("busy.example")
    site.on("/", answers.reply(429))
    fetched = web.fetch_all(["http://busy.example/"] * 20)
    assert {one.fault.kind for one in fetched} == {"http_status"}
    assert len(site.asked("/")) == 1


def test_requests_queued_for_a_dead_host_end_after_two_tries(web, answers):
    site = web.site("dead.example")
    site.on("/", web.silent())
    fetched = web.fetch_all(["http://dead.example/"] * 20, total_seconds=1)
    assert {one.fault.kind for one in fetched} == {"timeout"}
    assert len(site.asked("/")) == 2
