"""`thinkwatch desk`: charts and a reader of the analysts' copy in the browser."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from pathlib import Path

import click

from pipelines.cli.output import note, refuse_taken
from warehouse.errors import ConfigError, StoreError, ThinkwatchError

HOST = "127.0.0.1"
START_SECONDS = 120


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=3100, show_default=True, help="Port on 127.0.0.1.")
@click.option("--no-browser", is_flag=True, help="Print the address only.")
@click.pass_obj
def desk(config: str | None, port: int, no_browser: bool) -> int:
    """Open the analyst's desk: filters, a timeline, regions, who is named with whom, and a reader with every mention marked.

    It reads the published copy, follows newer ones, and asks nothing of any other machine. Ctrl-C ends it.

    Example: thinkwatch desk --port 3100
    """
    from pipelines.settings import load_settings

    settings = load_settings(config)
    refuse_taken(port)
    if importlib.util.find_spec("marimo") is None:
        raise ConfigError("the desk needs marimo, which is not installed", hint="install it beside Thinkwatch (180 MB): make desk")
    if not settings.published.exists():
        raise StoreError(f"{settings.published}: nothing has been published yet", hint="run: thinkwatch run")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service manager's SIGTERM ends the child too, as Ctrl-C does
    note("starting the desk; this takes some seconds")
    with subprocess.Popen(_command(port), env=_environment(str(settings.published)), start_new_session=True) as process:  # noqa: S603 - our own
        try:
            address = _wait_until_ready(process, port)
            note(f"ready: {address}    Ctrl-C ends it")
            if not no_browser:
                webbrowser.open(address)
            return process.wait()
        except KeyboardInterrupt:
            note("stopping")
        finally:
            process.terminate()
    return 0


def _command(port: int) -> list[str]:
    notebook = Path(__file__).parent.parent / "desk" / "notebook.py"
    options = ["--headless", "--host", HOST, "--port", str(port), "--no-token", "--no-sandbox"]
    return [sys.executable, "-m", "marimo", "--quiet", "run", str(notebook), *options]


def _environment(copy: str) -> dict[str, str]:
    from pipelines.desk.asking import VARIABLE

    return {**os.environ, VARIABLE: copy, "MARIMO_SKIP_UPDATE_CHECK": "1"}


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int) -> str:
    address, deadline = f"http://{HOST}:{port}", time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return address
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise ThinkwatchError("the desk did not start", hint="see what marimo says above; is it installed? make desk")
