"""Dagster's web server behind a guard: what other web pages let the operator's browser ask for is refused.

    python -m pipelines.webserver [--any-name] --host 127.0.0.1 --port 3000 --workspace workspace.yaml

The UI asks nobody who is there, and a browser that shows it also shows other pages. Without a guard any of them could
stop the schedule by the address of a picture (GraphQL's GET), by a form, by a websocket, or by a name of its own that
it lets lead to this machine.
"""

import sys
from collections.abc import Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

ANY_NAME = "--any-name"


def refusal(method: str, path: str, headers: Mapping[str, str], *, any_name: bool = False) -> str:
    """Why a request is not let through; empty when it is. Names of headers are lower case.

    A proxy sends `Host: 127.0.0.1` and the name that it was asked by as `X-Forwarded-Host`, which no page can set.
    """
    host = headers.get("host", "")
    if not (any_name or _is_own(host)):
        return f"this is not the server of {host}: a proxy must send Host: 127.0.0.1 and X-Forwarded-Host (docs/deploy/nginx.conf)"
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("x-forwarded-host", host):
        return f"asked for by a page of {origin}"
    if method == "GET" and path.rstrip("/").endswith("/graphql") and "text/html" not in headers.get("accept", ""):
        return "GraphQL is asked by POST here"
    return ""


def _is_own(host: str) -> bool:
    """Whether a Host header names an address or this machine; nobody can let those lead elsewhere."""
    name = urlsplit(f"//{host}").hostname or ""
    try:
        ip_address(name)
    except ValueError:
        return name == "localhost"
    return True


class Guard:
    """An ASGI application before another one, that answers 403 to what is refused."""

    def __init__(self, application: "ASGIApp", *, any_name: bool = False) -> None:
        self.application, self.any_name = application, any_name

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request or a websocket on, or refuse it."""
        why = "" if scope["type"] == "lifespan" else self._refusal(scope)
        if not why:
            await self.application(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain; charset=utf-8")]})
            await send({"type": "http.response.body", "body": f"refused: {why}\n".encode()})

    def _refusal(self, scope: "Scope") -> str:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        method = scope["method"] if scope["type"] == "http" else ""
        return refusal(method, scope["path"], headers, any_name=self.any_name)


def main() -> None:
    """Dagster's own command, with the guard before its application."""
    from dagster_webserver import cli  # noqa: PLC0415 - slow to import

    any_name = ANY_NAME in sys.argv
    sys.argv = [argument for argument in sys.argv if argument != ANY_NAME]
    create = cli.create_app_from_workspace_process_context

    def guarded(*arguments: Any, **more: Any) -> Guard:
        return Guard(create(*arguments, **more), any_name=any_name)

    vars(cli)["create_app_from_workspace_process_context"] = guarded
    cli.main()


if __name__ == "__main__":
    main()
