"""The server that shows the replay on loopback: sockets, virtual hosts, the current tick and a record of requests.

What it answers is decided in `respond`.
"""

import re
import sys
from dataclasses import replace
from email.utils import format_datetime
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import sleep
from types import TracebackType
from typing import Any, NamedTuple, Self

from pipelines.replay.answers import NOT_MODIFIED, Response
from pipelines.replay.clock import tick_time
from pipelines.replay.institutes import load_institutes
from pipelines.replay.respond import hosts, missing, respond

_BROWSED = re.compile(r"(?P<name>[\w-]+)\.localhost(?::\d+)?")
DRIP_BYTES = 16


class Seen(NamedTuple):
    """One request that the site has answered."""

    tick: int
    host: str
    path: str
    status: int


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # all institutes are asked at once; a connection that finds the queue full tries again a second later

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone, as the fetcher goes from an answer that is too large or too slow, is no fault of the site."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class ReplaySite:
    """All institutes on one loopback port, told apart by the Host header, each as it is at `tick`.

    Programs ask for `<institute>.example` through `connect_to`. A person opens `http://<institute>.localhost:<port>/`, or the bare
    address for a list. `with ReplaySite(tick=3) as site:` starts and stops it.

    Attributes:
        tick: the day, 0..14; set it to move on.
        requests: what was asked so far.
    """

    def __init__(self, tick: int = 0, port: int = 0) -> None:
        """Prepare the site on `port` (0: any free one). Nothing is opened yet."""
        self.requests: list[Seen] = []
        self.tick = tick
        self._asked_port = port
        self._server: ThreadingHTTPServer | None = None

    @property
    def tick(self) -> int:
        """The day that the site shows."""
        return self._tick

    @tick.setter
    def tick(self, tick: int) -> None:
        tick_time(tick)
        self._tick = tick

    @property
    def port(self) -> int:
        """The port that it listens on. Raises RuntimeError before it is started."""
        if self._server is None:
            raise RuntimeError("the replay site is not started; use it in a with statement")
        return self._server.server_port

    @property
    def connect_to(self) -> dict[str, str]:
        """Host to "127.0.0.1:port", for the fetcher's policy."""
        return {host: f"127.0.0.1:{self.port}" for institute in load_institutes().values() for host in institute.hosts}

    @property
    def sources(self) -> list[dict[str, Any]]:
        """A source definition for each institute."""
        return [institute.source for institute in load_institutes().values()]

    def __enter__(self) -> Self:
        """Open the port and answer in the background."""
        self._server = _Server(("127.0.0.1", self._asked_port), partial(_Handler, self))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        """Close the port."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None

    def answer(self, host: str, path: str, headers: dict[str, str]) -> Response:
        """Answer one request and record it."""
        tick = self.tick
        response = self._answer(host, path, headers, tick)
        self.requests.append(Seen(tick, host, path, response.status))
        return response

    def _answer(self, host: str, path: str, headers: dict[str, str], tick: int) -> Response:
        if (browsed := _BROWSED.fullmatch(host)) and browsed["name"] in load_institutes():
            return _for_browser(respond(browsed["name"], path, headers, tick), self.port)
        host = host.partition(":")[0]
        if name := _owners().get(host):
            return respond(name, path, headers, tick, host)
        return hosts(self.port) if path == "/" else missing(f"{host}{path}")


@cache
def _owners() -> dict[str, str]:
    """Host name to institute."""
    return {host: institute.id for institute in load_institutes().values() for host in institute.hosts}


def _for_browser(response: Response, port: int) -> Response:
    """The same answer with links that a browser on this machine can follow."""
    body = response.body
    if (response.header("Content-Type") or "").startswith("text/"):
        for host, name in _owners().items():
            body = body.replace(f"http://{host}/".encode(), f"http://{name}.localhost:{port}/".encode())
    return replace(response, body=body)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def __init__(self, site: ReplaySite, *connection: Any) -> None:
        self.site = site
        super().__init__(*connection)  # answers all requests of this connection

    def do_GET(self) -> None:
        self._send(with_body=True)

    def do_HEAD(self) -> None:
        self._send(with_body=False)

    def _send(self, *, with_body: bool) -> None:
        response = self.site.answer(self.headers.get("Host", "").lower(), self.path, dict(self.headers))
        sleep(response.wait)
        self.send_response_only(response.status)
        self.send_header("Server", "replay")
        if response.header("Date") is None:
            self.send_header("Date", format_datetime(tick_time(self.site.tick), usegmt=True))
        for name, value in response.headers:
            self.send_header(name, value)
        if response.status != NOT_MODIFIED:
            self.send_header("Content-Length", str(response.claimed or len(response.body)))
        self.end_headers()
        if with_body:
            self._send_body(response)

    def _send_body(self, response: Response) -> None:
        step = DRIP_BYTES if response.drip else len(response.body) or 1
        try:
            for start in range(0, len(response.body), step):
                sleep(response.drip)
                self.wfile.write(response.body[start : start + step])
        except OSError:  # whoever asked has left
            self.close_connection = True
        self.close_connection |= response.claimed is not None

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class names it so
        """Say nothing: the requests are recorded."""
