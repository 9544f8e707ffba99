"""How much politeness costs: documents a second through `fetch_all` at pace 0, beside bare httpx2 on the same server.

Both ask a server process of this machine for the same documents over one connection a host, in turns within one run;
ours also reads robots.txt, checks every address and keeps limits. `wall` and `cpu` say how many times as long ours took as
bare httpx2: on a busy machine only the second can be trusted. `memory` is the peak of a process that polls so many sources
of one feed each, `hanging` what becomes of a run in which a tenth of the sources never answer. Prints one JSON object.

    python -m bench.fetching [--documents 2000] [--hosts 50] [--kilobytes 6] [--rounds 3] [--sources 200]
"""

import argparse
import asyncio
import json
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import httpx2

from assets.fetching.fetcher import fetch_all
from assets.fetching.records import Policy, Request


def serve(port: Connection, body: bytes) -> None:
    """Answer every request with `body`, for ever; says on which port."""
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if b"Host: hanging" in head:
                    await asyncio.sleep(3600)
                writer.write(missing if head.startswith(b"GET /robots.txt") else page)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(converse, "127.0.0.1", 0, backlog=500)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def ours(port: int, documents: int, hosts: int) -> int:
    """Bytes that `fetch_all` brought."""
    names = [f"host{number}.example" for number in range(hosts)]
    policy = Policy(
        contact="https://thinkwatch.example/", pace_seconds=0, concurrency=hosts, connect_to=dict.fromkeys(names, f"127.0.0.1:{port}")
    )
    sizes: list[int] = []
    requests = [Request(f"http://{names[number % hosts]}/{number}", "page") for number in range(documents)]
    fetch_all(requests, policy, lambda fetched: sizes.append(len(fetched.body)))
    return sum(sizes)


def bare(port: int, documents: int, hosts: int) -> int:
    """Bytes that httpx2 brought, with one connection and one request at a time for each host."""

    async def one_host(client: httpx2.AsyncClient, host: int) -> int:
        return sum([len((await client.get(f"http://127.0.0.1:{port}/{number}")).content) for number in range(host, documents, hosts)])

    async def run() -> int:
        limits = httpx2.Limits(max_connections=hosts, max_keepalive_connections=hosts)
        async with httpx2.AsyncClient(limits=limits, trust_env=False) as client:
            return sum(await asyncio.gather(*(one_host(client, host) for host in range(hosts))))

    return asyncio.run(run())


def cost(fetch: Callable[[int, int, int], int], port: int, documents: int, hosts: int, expected: int) -> tuple[float, float]:
    """Seconds of wall clock and of this process's CPU."""
    began, cpu = time.perf_counter(), time.process_time()
    if fetch(port, documents, hosts) != expected:
        raise SystemExit(f"{fetch.__name__} lost something")
    return time.perf_counter() - began, time.process_time() - cpu


def poll(port: int, sources: int, hanging: int, seconds: float) -> tuple[int, int, float, float]:
    """Poll one feed of each source; how many were done and how many put off, seconds taken, and megabytes of memory gained."""
    names = [f"{'hanging' if number < hanging else 'host'}{number}.example" for number in range(sources)]
    policy = Policy(
        contact="https://thinkwatch.example/",
        pace_seconds=0,
        patience_seconds=0.2,
        total_seconds=seconds,
        connect_to=dict.fromkeys(names, f"127.0.0.1:{port}"),
    )
    done: list[bool] = []
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    put_off = fetch_all([Request(f"http://{name}/feed", "feed") for name in names], policy, lambda fetched: done.append(fetched.ok))
    took = time.perf_counter() - began
    return sum(done), len(put_off), took, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def in_process(*arguments: Any) -> tuple[int, int, float, float]:
    """`poll` in a process of its own, whose memory nothing else has used."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.apply(poll, (arguments[0], 20, 0, 5.0))  # imports and first use
        return pool.apply(poll, arguments)


def speeds(port: int, documents: int, hosts: int, expected: int, rounds: int) -> dict[str, float]:
    """Medians over the rounds of ours against bare httpx2."""
    pairs = [(cost(ours, port, documents, hosts, expected), cost(bare, port, documents, hosts, expected)) for _ in range(rounds)]
    wall = statistics.median(mine[0] / theirs[0] for mine, theirs in pairs)
    cpu = statistics.median(mine[1] / theirs[1] for mine, theirs in pairs)
    return {"documents": documents, "hosts": hosts, "wall": round(wall, 2), "cpu": round(cpu, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--kilobytes", type=float, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sources", type=int, default=200, help="for memory and hanging; memory is shown for ten times as many too")
    asked = parser.parse_args()
    body = b"x" * int(asked.kilobytes * 1000)
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there, body), daemon=True)
    server.start()
    port = here.recv()
    found: dict[str, Any] = speeds(port, asked.documents, asked.hosts, len(body) * asked.documents, asked.rounds)
    few, many = (in_process(port, count, 0, 30.0)[3] for count in (asked.sources, 10 * asked.sources))
    found["memory"] = {"sources": asked.sources, "megabytes": round(few, 1), "megabytes_for_ten_times_as_many": round(many, 1)}
    done, put_off, took, _ = in_process(port, asked.sources, asked.sources // 10, 3.0)
    found["hanging"] = {"sources": asked.sources, "hang": asked.sources // 10, "done": done, "put_off": put_off}
    found["hanging"]["took_in_request_limits"] = round(took / 3.0, 2)
    server.terminate()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
