"""PostgreSQL, Redis and an S3 server of our own, each on a free port of loopback, for tests and benches past one machine.

PostgreSQL and Redis are Debian's (`apt-get install postgresql redis-server`), the S3 server is moto's from PyPI
(`requirements-scale.lock`). Each is ended by its own process id, and its folder goes with it.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

START_SECONDS = 60
NO_SYNC = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")  # a throw-away cluster


def missing() -> list[str]:
    """What is not installed of all this, for a skipped test's reason."""
    programs = [name for name in ("initdb", "redis-server") if not _program(name)]
    packages = []
    for name in ("psycopg2", "moto", "dagster_celery", "dagster_postgres", "duckdb_extension_ducklake"):
        with suppress(ImportError):
            __import__(name)
            continue
        packages.append(name)
    return programs + packages


@contextmanager
def postgres() -> Iterator[int]:
    """A fresh cluster, and its port; the role `thinkwatch` may do all in its database `thinkwatch`, without a password."""
    with _folder() as folder:
        # PostgreSQL refuses to run as root.
        user = "postgres" if os.geteuid() == 0 else None
        if user:
            os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
        data = folder / "data"
        _run([_program("initdb"), "-D", data, "-U", "thinkwatch", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"], user)
        port = free_port()
        options = [
            f"-c{option}" for option in (*NO_SYNC, "max_connections=200", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}")
        ]
        with process([_program("postgres"), "-D", data, "-p", port, *options], user=user, log=folder / "postgres.log"):
            psql = [_program("psql"), "-h", "127.0.0.1", "-p", port, "-U", "thinkwatch", "-d", "postgres", "-qc"]
            wait_for(
                lambda: subprocess.run([*map(str, psql), "CREATE DATABASE thinkwatch"], capture_output=True, check=False).returncode == 0
            )
            yield port


@contextmanager
def redis() -> Iterator[int]:
    """A fresh Redis that writes nothing to disk, and its port."""
    port = free_port()
    with _folder() as folder, process([_program("redis-server"), "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", folder]):
        wait_for(lambda: _answers(port))
        yield port


@contextmanager
def s3(bucket: str = "thinkwatch") -> Iterator[Mapping[str, str]]:
    """Moto's S3 server with an empty bucket; the settings of a lake in it, as variables."""
    port = free_port()
    with process([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", port]):
        wait_for(lambda: _answers(port))
        urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/{bucket}", method="PUT")).close()
        yield {
            "THINKWATCH_STORE__DATA": f"s3://{bucket}/lake",
            "THINKWATCH_STORE__S3_KEY_ID": "testing",
            "THINKWATCH_STORE__S3_SECRET": "testing",
            "THINKWATCH_STORE__S3_ENDPOINT": f"127.0.0.1:{port}",
            "THINKWATCH_STORE__S3_TLS": "false",
        }


@contextmanager
def process(
    command: Sequence[object],
    *,
    user: str | None = None,
    log: Path | None = None,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of our own, ended with this block: SIGTERM, and SIGKILL where that does not help, to all of its session."""
    with ExitStack() as stack:
        output = stack.enter_context(log.open("ab")) if log else subprocess.DEVNULL
        started = subprocess.Popen(
            [str(part) for part in command],
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            user=user,
            cwd=cwd,
            env={**os.environ, **(environment or {})},
        )
        try:
            yield started
        finally:
            end(started)


def end(started: subprocess.Popen[bytes], *, how: signal.Signals = signal.SIGTERM) -> None:
    """End a process and its children."""
    for signum in (how, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signum)
        with suppress(subprocess.TimeoutExpired):
            started.wait(timeout=15)


def wait_for(ready: Callable[[], bool], seconds: float = START_SECONDS, *, pause: float = 0.05) -> None:
    """Return when `ready()` holds, asked every `pause` seconds. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not ready after {seconds:.0f} s")
        time.sleep(pause)


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _program(name: str) -> str | None:
    places = [*os.environ.get("PATH", "").split(os.pathsep), *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))]
    # Debian's own folder first: the user postgres may not enter those of another.
    return shutil.which(name, path=os.pathsep.join(reversed(places)))


def _run(command: Sequence[object], user: str | None) -> None:
    subprocess.run([str(part) for part in command], check=True, capture_output=True, user=user, cwd="/")


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="thinkwatch-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
