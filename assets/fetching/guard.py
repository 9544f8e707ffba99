"""The gate between us and the network: which addresses may be asked, and to which machines we connect.

Addresses come from feeds and pages, that is from strangers, who must not be able to make us talk to machines of our
own network. So a name is resolved once, every address that it has must be public, and the connection goes to one of
those very addresses: there is no second look-up that could answer differently. All requests pass here: feeds, pages,
robots.txt and every redirect.
"""

import asyncio
import concurrent.futures
import re
import socket
import textwrap
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import cast

import httpcore2
import httpx2

from assets.fetching.records import Fault, loopback_target

PORTS = frozenset({80, 443, 8080, 8443})
LONGEST_URL = 8192
ADDRESSES_TRIED = 4

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

# Written out because the flags of the ipaddress module change between Python releases.
CLOSED_V4 = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by customers of one provider
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, where clouds keep their credentials
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks of network devices
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
# All else, such as ::1, mapped IPv4, NAT64, unique local, link-local and multicast, is not global unicast.
OPEN_V6 = IPv6Network("2000::/3")
CLOSED_V6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments, Teredo
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which holds any IPv4 address
        "3fff::/20",  # documentation
    )
)


class RefusedError(Exception):
    """We do not ask this address; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class LookupFailedError(httpcore2.ConnectError):
    """The name has no address, or its server did not answer in time."""


class PrivateAddressError(httpcore2.ConnectError):
    """The name leads to a machine that is not public."""


class UnreachableError(httpcore2.ConnectError):
    """No address of the name accepted a connection in time."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether the address belongs to a machine on the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in block for block in CLOSED_V4)
    return address in OPEN_V6 and not any(address in block for block in CLOSED_V6)


def checked_url(raw: str, connect_to: Mapping[str, str], base: httpx2.URL | None = None) -> httpx2.URL:
    """The address to ask, without its fragment. Raises RefusedError.

    Args:
        raw: as found; relative only with `base`.
        connect_to: hosts for which any port is open.
        base: address of the page that sent us here.
    """
    if "\\" in raw or len(raw) > LONGEST_URL:
        raise _refused(raw, "has a backslash, which programs understand differently" if "\\" in raw else "is too long")
    try:
        url = base.join(raw) if base else httpx2.URL(raw)
        url = url.copy_with(fragment=None) if "#" in raw or url.fragment else url  # each copy is parsed anew, which takes its time
    except (httpx2.InvalidURL, ValueError) as fault:
        kind = "redirects" if base else "protocol"
        raise RefusedError(Fault(kind, f"not a web address: {fault}", "mend the address of the source")) from fault
    if url.scheme not in ("http", "https"):
        raise _refused(raw, f"does not begin with http: or https: but with {url.scheme or 'nothing'}:")
    host = host_of(url)
    if not re.fullmatch(r"[a-z0-9._-]+|[0-9a-f:.]*:[0-9a-f:.]*", host):
        raise _refused(raw, "has no valid host name")
    if url.userinfo or "@" in re.split(r"[/?#]", raw.partition("//")[2])[0]:
        raise _refused(raw, "carries a user name")
    if host not in connect_to and port_of(url) not in PORTS:
        raise _refused(raw, f"uses port {port_of(url)}, which is not one of {', '.join(map(str, sorted(PORTS)))}")
    return url


def host_of(url: httpx2.URL) -> str:
    """The host in lower-case ASCII, without a final dot: the key of everything that is kept for a host."""
    return url.raw_host.decode("ascii").lower().rstrip(".")


def port_of(url: httpx2.URL) -> int:
    """The port, said or implied."""
    implied = 443 if url.scheme == "https" else 80
    return implied if url.port is None else url.port


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """All addresses that the operating system gives for a name. Raises OSError."""
    loop = asyncio.get_running_loop()
    found: concurrent.futures.Future[Sequence[str]] = concurrent.futures.Future()

    def look_up() -> None:
        found.set_running_or_notify_cancel()
        try:
            found.set_result(_addresses(host, port))
        except (OSError, UnicodeError) as fault:
            found.set_exception(fault)

    # A thread of its own, as a dead name server would fill the small common pool and hold up the end of the program.
    threading.Thread(target=look_up, name=f"look up {host}", daemon=True).start()
    return await asyncio.wrap_future(found, loop=loop)


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """What httpcore2 connects with: looks up, checks and connects, and knows no other way out."""

    def __init__(
        self,
        connect_to: Mapping[str, str],
        resolve: Resolver = system_resolver,
        network: httpcore2.AsyncNetworkBackend | None = None,
    ) -> None:
        self.dials: Counter[str] = Counter()
        self._connect_to = {host: loopback_target(host, target) for host, target in connect_to.items()}
        self._resolve = resolve
        self._network = network or cast("httpcore2.AsyncNetworkBackend", httpcore2.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to a checked address of `host`. Raises a ConnectError of this module."""
        name = host.lower().rstrip(".")
        self.dials[name] += 1
        if name in self._connect_to:
            targets = [self._connect_to[name]]
        else:
            targets = [(address, port) for address in await self._checked_addresses(name, port, timeout)]
        last: Exception | None = None
        for address, target_port in targets[:ADDRESSES_TRIED]:
            share = timeout / min(len(targets), ADDRESSES_TRIED) if timeout else None
            try:
                return await self._network.connect_tcp(
                    address, target_port, timeout=share, local_address=local_address, socket_options=socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as fault:
                last = fault
        reason = "no answer" if isinstance(last, httpcore2.ConnectTimeout) else str(last)
        raise UnreachableError(f"{name} does not accept connections on port {port}: {reason}") from last

    async def _checked_addresses(self, name: str, port: int, timeout: float | None) -> Sequence[str]:
        if name == "localhost" or name.endswith(".localhost"):
            raise PrivateAddressError(f"{name} is this machine")
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._resolve(name, port)
        except TimeoutError as fault:
            raise LookupFailedError(f"the look-up of {name} did not end in time") from fault
        except (OSError, UnicodeError) as fault:
            raise LookupFailedError(f"{name} cannot be looked up: {getattr(fault, 'strerror', None) or fault}") from fault
        if not addresses:
            raise LookupFailedError(f"{name} has no address")
        for address in addresses:
            if not is_public(ip_address(address)):
                raise PrivateAddressError(f"{name} leads to {address}, which is not a public address")
        return addresses


def _addresses(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def _refused(raw: str, why: str) -> RefusedError:
    shown = textwrap.shorten(raw, 200)
    return RefusedError(Fault("blocked_address", f"{shown} {why}", "if the source moved, set its new address; otherwise leave it refused"))
