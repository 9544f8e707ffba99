"""`thinkwatch ui`: Dagster's web server and daemon for this installation."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from pipelines.cli.output import note
from warehouse.errors import ThinkwatchError

START_SECONDS = 180


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True, help="Port on 127.0.0.1.")
@click.pass_obj
def ui(config: str | None, port: int) -> int:
    """Open the Dagster UI with its daemon and schedules, on loopback only; Ctrl-C ends both.

    Example: thinkwatch ui --port 3000
    """
    from pipelines.instance import prepare_home
    from pipelines.settings import VARIABLE, load_settings

    settings = load_settings(config)
    home = prepare_home(settings)
    environment = os.environ | {"DAGSTER_HOME": str(home), "DAGSTER_DISABLE_TELEMETRY": "yes", VARIABLE: str(settings.file)}
    # A service manager's SIGTERM ends the children too, as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    log = home / "ui.log"
    address = f"http://127.0.0.1:{port}"
    workspace = ["--workspace", str(home / "workspace.yaml")]
    with log.open("ab") as output:
        processes = [
            _start(["dagster_webserver", "--host", "127.0.0.1", "--port", str(port), *workspace], environment, output.fileno()),
            _start(["dagster._daemon", "run", *workspace], environment, output.fileno()),
        ]
        try:
            note(f"starting the Dagster UI; this takes some ten seconds (log: {log})")
            _wait_until_ready(address, processes, log)
            note(f"ready: {address}    schedules and sensors are running; Ctrl-C ends them")
            _watch(processes, log)
        except KeyboardInterrupt:
            note("stopping")
        finally:
            _stop(processes)
    return 0


def _start(module: Sequence[str], environment: Mapping[str, str], output: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", *module]
    return subprocess.Popen(command, env=dict(environment), stdout=output, stderr=output, start_new_session=True)  # noqa: S603 - our own


def _wait_until_ready(address: str, processes: Sequence[subprocess.Popen[bytes]], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        _refuse_dead(processes, log)
        try:
            with urllib.request.urlopen(f"{address}/server_info", timeout=2):  # noqa: S310 - our own loopback address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise ThinkwatchError(f"the UI did not answer at {address} within {START_SECONDS} s", hint=f"see {log}")


def _watch(processes: Sequence[subprocess.Popen[bytes]], log: Path) -> None:
    while True:
        _refuse_dead(processes, log)
        time.sleep(1)


def _refuse_dead(processes: Sequence[subprocess.Popen[bytes]], log: Path) -> None:
    for process in processes:
        if process.poll() is not None:
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            last = next((line for line in reversed(lines) if line.strip()), "no output")
            raise ThinkwatchError(
                f"Dagster ended with status {process.returncode}: {last.strip()[:200]}", hint=f"see {log}; is the port free?"
            )


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
    for process in processes:
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
