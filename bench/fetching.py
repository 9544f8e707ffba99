"""How much politeness costs: documents a second through `fetch_all` at pace 0, beside bare httpx2 on the same server.

Both ask a server process of this machine for the same documents over one connection a host, in turns within one run;
ours also reads robots.txt, checks every address and keeps limits. Prints one JSON object; times in seconds.

    python bench/fetching.py [--documents 2000] [--hosts 50] [--kilobytes 5.6] [--rounds 5]
"""

import argparse
import asyncio
import json
import multiprocessing
import statistics
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

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


def seconds(fetch: Callable[[int, int, int], int], port: int, documents: int, hosts: int, expected: int) -> float:
    began = time.perf_counter()
    if fetch(port, documents, hosts) != expected:
        raise SystemExit(f"{fetch.__name__} lost something")
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--kilobytes", type=float, default=5.6)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    body = b"x" * int(asked.kilobytes * 1000)
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there, body), daemon=True)
    server.start()
    port, expected = here.recv(), len(body) * asked.documents
    rounds = [
        (seconds(ours, port, asked.documents, asked.hosts, expected), seconds(bare, port, asked.documents, asked.hosts, expected))
        for _ in range(asked.rounds)
    ]
    server.terminate()
    mine, theirs = (statistics.median(times) for times in zip(*rounds, strict=True))
    print(
        json.dumps(
            {
                "documents": asked.documents,
                "hosts": asked.hosts,
                "fetch_all_per_second": round(asked.documents / mine),
                "httpx2_per_second": round(asked.documents / theirs),
                "speed_relative_to_httpx2": round(statistics.median(b / a for a, b in rounds), 2),
            }
        )
    )


if __name__ == "__main__":
    main()
