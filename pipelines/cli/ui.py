"""`thinkwatch ui`: Dagster's web server and daemon for this installation."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path

import click

from pipelines.cli.output import note, refuse_taken
from warehouse.errors import ConfigError, ThinkwatchError

START_SECONDS = 600
PATIENCE_SECONDS = 10
LOOPBACK = "127.0.0.1"


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True, help="Port to listen on.")
@click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on; any but a loopback one needs the next option.")
@click.option("--let-in-whoever-comes", is_flag=True, help="Listen on that address although the UI asks nobody for a password.")
@click.pass_obj
def ui(config: str | None, port: int, host: str, let_in_whoever_comes: bool) -> int:
    """Open the Dagster UI with its daemon and schedules, on loopback only; Ctrl-C ends both.

    It has no log-in: who reaches it can start runs and read what they say. For others, put a proxy with a log-in before it.

    Example: thinkwatch ui --port 3000
    """
    refuse_strangers(host, allowed=let_in_whoever_comes)
    refuse_taken(port, host)
    from pipelines.instance import make_tables, prepare_home
    from pipelines.settings import VARIABLE, load_settings
    from pipelines.webserver import ANY_NAME

    settings = load_settings(config)
    home = prepare_home(settings)
    environment = os.environ | {"DAGSTER_HOME": str(home), "DAGSTER_DISABLE_TELEMETRY": "yes", VARIABLE: str(settings.file)}
    # A service manager's SIGTERM ends the children too, as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    log = home / "ui.log"
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    workspace = ["--workspace", str(home / "workspace.yaml")]
    names = [] if _is_loopback(host) else [ANY_NAME]
    note(f"starting the web server and the daemon, ten to sixty seconds (log: {log})")
    with log.open("ab") as output:
        make_tables(home, environment, output.fileno())
        processes = [
            _start(["pipelines.webserver", *names, "--host", host, "--port", str(port), *workspace], environment, output.fileno()),
            _start(["dagster._daemon", "run", *workspace], environment, output.fileno()),
        ]
        try:
            seconds = _wait_until_ready(address, processes, log)
            note(f"ready: {address}    after {seconds:.0f} s; schedules and sensors are running; Ctrl-C ends them")
            _watch(processes, log)
        except KeyboardInterrupt:
            note("stopping")
        finally:
            _stop(processes)
    return 0


def _start(module: Sequence[str], environment: Mapping[str, str], output: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", *module]
    return subprocess.Popen(command, env=dict(environment), stdout=output, stderr=output, start_new_session=True)  # noqa: S603 - our own


def refuse_strangers(host: str, *, allowed: bool) -> None:
    """Warn of an address that others reach, and raise ConfigError for it unless the operator said that this is meant."""
    if _is_loopback(host):
        return
    if not allowed:
        raise ConfigError(
            f"--host {host}: the UI has no log-in, so whoever reaches this address could start runs and read what they say",
            hint="leave it on 127.0.0.1 and put a proxy with a log-in before it, or say --let-in-whoever-comes",
        )
    note(f"warning: whoever reaches {host} can start runs and read what they say")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _wait_until_ready(address: str, processes: Sequence[subprocess.Popen[bytes]], log: Path) -> float:
    """Wait for the first answer, saying now and then that we still do; after how many seconds it came."""
    begun = said = time.monotonic()
    while time.monotonic() < begun + START_SECONDS:
        _refuse_dead(processes, log)
        try:
            with urllib.request.urlopen(f"{address}/server_info", timeout=2):  # noqa: S310 - our own address
                return time.monotonic() - begun
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
        if time.monotonic() - said > PATIENCE_SECONDS:
            said = time.monotonic()
            note(f"  … still loading Dagster and the assets ({said - begun:.0f} s)")
    raise ThinkwatchError(f"the UI did not answer at {address} within {START_SECONDS} s", hint=f"see {log}")


def _watch(processes: Sequence[subprocess.Popen[bytes]], log: Path) -> None:
    while True:
        _refuse_dead(processes, log)
        time.sleep(1)


def _refuse_dead(processes: Sequence[subprocess.Popen[bytes]], log: Path) -> None:
    for process in processes:
        if process.poll() is not None:
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            raise ThinkwatchError(f"Dagster ended with status {process.returncode}: {last_words(lines)}", hint=f"see {log}")


def last_words(lines: Sequence[str]) -> str:
    """What a log says last: its last error, which more lines may follow, else its last line."""
    said = [line.strip() for line in lines if line.strip()]
    found = next((line for line in reversed(said[-40:]) if re.match(r"[\w.]*(Error|Exception)\b", line)), said[-1] if said else "no output")
    return found[:200]


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
    for process in processes:
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
