"""Connections are kept for their host, and not too many of them."""

import asyncio

import httpcore2

from assets.fetching.connections import Connections


class Pool:
    """Stands for a pool that notes when it is closed."""

    def __init__(self):
        self.open = True

    async def aclose(self):
        self.open = False


def run(most_kept, script):
    made = []

    def make():
        made.append(Pool())
        return made[-1]

    async def play():
        connections = Connections(make, most_kept)
        await script(connections)
        await connections.close()

    asyncio.run(play())
    assert not any(pool.open for pool in made)
    return len(made)


def test_a_host_gets_its_pool_again():
    async def script(connections):
        async with connections.of("a.example") as first:
            pass
        async with connections.of("a.example") as second:
            assert second is first

    assert run(5, script) == 1


def test_those_unused_for_longest_are_closed_and_never_one_in_use():
    async def script(connections):
        async with connections.of("busy.example") as busy:
            for host in ("a.example", "b.example", "a.example", "c.example"):
                async with connections.of(host) as pool:
                    assert pool.open
            assert busy.open
            async with connections.of("a.example") as again:
                assert again.open

    assert run(3, script) == 4  # only b was closed, and nobody asked for it again


def test_a_real_pool_can_be_used_and_closed():
    async def script():
        connections = Connections(httpcore2.AsyncConnectionPool, 1)
        async with connections.of("a.example") as pool:
            assert pool.connections == []
        await connections.close()

    asyncio.run(script())
