"""What every command shares for talking: JSON and NDJSON on stdout, messages on stderr, documents from files or stdin."""

import dataclasses
import errno
import json
import math
import socket
import sys
from collections.abc import Callable, Iterable
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from warehouse.errors import ConfigError


def dumps(value: Any) -> str:
    """One line of JSON; dataclasses become objects, times ISO 8601, and numbers that JSON has not (NaN, infinity) null."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_plain)
    except (ValueError, TypeError):  # a key that is no text is looked at only where it must be
        return json.dumps(_strict(value), ensure_ascii=False, allow_nan=False)


def write_json(value: Any) -> None:
    """One JSON document on stdout."""
    click.echo(dumps(value))


def write_lines(values: Iterable[Any]) -> None:
    """One JSON object a line on stdout (NDJSON), each as soon as it is there."""
    for value in values:
        click.echo(dumps(value))


def note(message: str) -> None:
    """A message for the person at the terminal: stderr, so that data on stdout stays clean."""
    click.echo(message, err=True)


def refuse_taken(port: int, host: str = "127.0.0.1") -> None:
    """Raise ConfigError for a port that cannot be listened on."""
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            taken = fault.errno == errno.EADDRINUSE
            words = f"port {port} is taken" if taken else f"cannot listen on {host}, port {port}: {fault.strerror or fault}"
            raise ConfigError(words, hint="name another one: --port" if taken else "name another one: --port, --host") from fault


def read_bytes(name: str) -> bytes:
    """The bytes of a file, or of stdin for "-". Raises ConfigError when the file cannot be read."""
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as fault:
        raise ConfigError(fault.strerror or str(fault), path=name, hint="check the path and its permissions") from fault


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet, with the folders above it. Raises ConfigError when it is, or cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as fault:
        raise ConfigError(fault.strerror or str(fault), path=path, hint="make the folder writable, or name another") from fault


# kind → its form in JSON; the first that fits
_PLAIN: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (date | time, lambda value: value.isoformat()),
    (timedelta, lambda value: value.total_seconds()),
    (Decimal, lambda value: int(value) if value == value.to_integral_value() else float(value)),
    (Path | UUID, str),
    (bytes, bytes.hex),
    (set | frozenset | tuple, list),
)


def _strict(value: Any) -> Any:
    """The same with nothing but what JSON has."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, dict):
        return {key if isinstance(key, str) else str(_strict(key)): _strict(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(one) for one in value]
    return _strict(_plain(value))


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    for kind, form in _PLAIN:
        if isinstance(value, kind):
            return form(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
