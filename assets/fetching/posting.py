"""One POST through the guarded gate: the same addresses are refused as for every request of ours, and no redirect is followed."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

import httpcore2
import httpx2

from assets.fetching.connections import trust
from assets.fetching.exchange import Answer, Limits, exchange
from assets.fetching.guard import GuardedBackend, RefusedError, Resolver, checked_url, system_resolver
from assets.fetching.records import Policy

ANSWER_BYTES = 64 * 1024  # of an answer that nobody reads further than its first words


def post(
    url: str, headers: Mapping[str, str], body: bytes, policy: Policy, now: datetime, *, resolve: Resolver = system_resolver
) -> tuple[Answer, bool]:
    """Post `body` and return the answer, and whether the other side may have got it although there is none.

    Never raises for what the other side does: that is the answer's `fault`.
    """
    try:
        target = checked_url(url, policy.connect_to)
    except RefusedError as refusal:
        return Answer(fault=refusal.fault), False
    return asyncio.run(_post(target, headers, body, policy, now, resolve))


async def _post(
    target: httpx2.URL, headers: Mapping[str, str], body: bytes, policy: Policy, now: datetime, resolve: Resolver
) -> tuple[Answer, bool]:
    sent = (
        ("Host", target.netloc.decode("ascii")),
        ("User-Agent", policy.agent),
        ("Content-Length", str(len(body))),
        *headers.items(),
    )
    backend = GuardedBackend(policy.connect_to, resolve, None)
    limits = Limits(policy.connect_seconds, policy.total_seconds, ANSWER_BYTES)
    async with httpcore2.AsyncConnectionPool(ssl_context=trust(policy.ca_file), max_connections=1, network_backend=backend) as pool:
        answer = await exchange(pool, target, sent, limits, now, content=body)
    reached = answer.fault is None or answer.fault.kind not in ("dns", "connect", "tls", "blocked_address")
    return answer, reached
