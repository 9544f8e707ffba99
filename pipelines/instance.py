"""Dagster's home: written with the first run, telemetry and pop-up off, and never overwritten."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.settings import VARIABLE, Settings
from warehouse.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from dagster import DagsterInstance


WRITABLE = "make the folder writable, or set another `data` folder"
LEAST_BYTES = 16 * 1024**2  # without which no run gets far


def prepare_home(settings: Settings) -> Path:
    """The folder for DAGSTER_HOME, with its dagster.yaml and workspace.yaml.

    Raises ConfigError when it cannot be written, StoreError when its disk is full: Dagster would say so in a page of traceback.
    """
    home = settings.dagster_home
    try:
        home.mkdir(parents=True, exist_ok=True)
        for name in ("dagster.yaml", "workspace.yaml"):
            if not (home / name).exists():
                (home / name).write_text(files("pipelines").joinpath("starter", name).read_text(encoding="utf-8"), encoding="utf-8")
    except OSError as fault:
        raise ConfigError(fault.strerror or str(fault), path=home, hint=WRITABLE) from fault
    if not os.access(home, os.W_OK):
        raise ConfigError("cannot be written", path=home, hint=WRITABLE)
    if (free := shutil.disk_usage(home).free) < LEAST_BYTES:
        hint = "free some space, or move the `data` folder; nothing that was stored is lost"
        raise StoreError(f"{home}: the disk is full: {free / 1024**2:.0f} MB are free", hint=hint)
    return home


def make_tables(home: Path, environment: Mapping[str, str], output: int) -> None:
    """Let one process alone make the tables of a new home: web server and daemon, started at once, stumble over each other's.

    What it says goes to the file descriptor `output`. What goes wrong here is said better by the two themselves.
    """
    if not (home / "history" / "runs.db").exists():
        command = [sys.executable, "-c", "import dagster; dagster.DagsterInstance.get().dispose()"]
        subprocess.run(command, check=False, env=dict(environment), stdout=output, stderr=output)  # noqa: S603 - our own


@contextmanager
def open_instance(settings: Settings) -> Iterator["DagsterInstance"]:
    """The Dagster instance of this installation, for runs started here; they are seen in its UI."""
    home = prepare_home(settings)
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "yes"
    if settings.file:
        os.environ[VARIABLE] = str(settings.file)
    from dagster import DagsterInstance  # noqa: PLC0415 - slow to import

    with DagsterInstance.get() as instance:
        yield instance
