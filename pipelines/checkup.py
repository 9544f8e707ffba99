"""The checks of `thinkwatch doctor`: each looks at one thing and says how to mend it. Changes nothing but empty folders."""

import importlib.metadata
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from assets.sources.registry import load_sources
from pipelines.cycle import check_files
from pipelines.resources import open_warehouse, wall_clock
from pipelines.settings import Settings, load_settings
from warehouse.errors import ThinkwatchError
from warehouse.filesystem import mounted, refuse_network

ENOUGH_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class Finding:
    """What one check found; `hint` says how to mend it."""

    state: Literal["good", "odd", "bad"]
    subject: str
    message: str
    hint: str = ""


def check_up(config: str | None) -> Iterator[Finding]:
    """All checks, in the order in which one would mend them; stops early when there are no settings."""
    yield _python()
    yield _dagster()
    try:
        settings = load_settings(config)
    except ThinkwatchError as fault:
        yield Finding("bad", "settings", str(fault), fault.hint)
        return
    yield Finding("good", "settings", str(settings.file))
    yield from _attempt("files", settings, _files)
    yield from _attempt("sources", settings, _sources)
    for check in (_folder, _disk, _file_system, _store, _copy, _contact, _mail):
        yield from _attempt(check.__name__.strip("_").replace("_", " "), settings, check)


def _attempt(subject: str, settings: Settings, check: Callable[[Settings], Finding]) -> Iterator[Finding]:
    try:
        yield check(settings)
    except ThinkwatchError as fault:
        yield Finding("bad", subject, str(fault), fault.hint)
    except OSError as fault:
        yield Finding("bad", subject, fault.strerror or str(fault), "check the path and its permissions")


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("good", "python", version)


def _dagster() -> Finding:
    versions = {name: importlib.metadata.version(name) for name in ("dagster", "dagster-webserver")}
    if len(set(versions.values())) > 1:
        return Finding("bad", "dagster", f"versions differ: {versions}", "install the lock file: make run")
    return Finding("good", "dagster", f"{versions['dagster']}, duckdb {importlib.metadata.version('duckdb')}")


def _files(settings: Settings) -> Finding:
    check_files(settings)
    return Finding("good", "files", "sources, watch lists and subscriptions can be read")


def _sources(settings: Settings) -> Finding:
    sources = load_sources(settings.source_places)
    polled = sum(source.enabled for source in sources)
    if not polled:
        return Finding("odd", "sources", "none is polled", "add one: thinkwatch sources add URL, or of those that ship: sources add ecfr")
    return Finding("good", "sources", f"{polled} of {len(sources)} are polled")


def _folder(settings: Settings) -> Finding:
    folder = settings.data_folder
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        return Finding("bad", "folder", f"{folder} cannot be written", "make it writable, or set another `data` folder")
    return Finding("good", "folder", str(folder))


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.data_folder).free
    words = f"{free / 1024**3:.1f} GB free"
    return (
        Finding("good", "disk", words)
        if free > ENOUGH_BYTES
        else Finding("odd", "disk", words, "free some space, or move the `data` folder")
    )


def _file_system(settings: Settings) -> Finding:
    kind = mounted(settings.data_folder)
    refuse_network(settings.data_folder, kind)
    return Finding("good", "file system", kind or "unknown")


def _store(settings: Settings) -> Finding:
    with open_warehouse(settings, wall_clock()).transaction() as transaction:
        counts = transaction.row("count_flow") or {}
    return Finding("good", "store", f"{counts['articles']} articles, {counts['alerts']} alerts")


def _copy(settings: Settings) -> Finding:
    if not settings.published.exists():
        return Finding("odd", "copy", "nothing has been published yet", "run: thinkwatch run")
    return Finding("good", "copy", str(settings.published))


def _contact(settings: Settings) -> Finding:
    if settings.fetch.contact.startswith("https://thinkwatch.example") and not settings.replay:
        return Finding(
            "odd", "contact", "the robot names no one", "set fetch.contact in thinkwatch.toml: webmasters block robots without one"
        )
    return Finding("good", "contact", settings.fetch.contact)


def _mail(settings: Settings) -> Finding:
    mail = settings.mail
    if mail.base_url and not mail.keys:
        hint = "set THINKWATCH_MAIL__TOKEN_KEYS, such as to the output of: openssl rand -hex 32"
        return Finding("bad", "mail", "base_url is set but there is no key to sign links with; mails bear none", hint)
    if mail.transport == "eml":
        return Finding("good", "mail", f"files in {settings.path(mail.folder)}")
    if mail.username and not mail.password:
        return Finding("bad", "mail", "a username without a password", "set THINKWATCH_MAIL__PASSWORD; until then mails wait")
    try:
        with socket.create_connection((mail.host, mail.port), timeout=5):
            return Finding("good", "mail", f"{mail.host}:{mail.port} answers")
    except OSError as fault:
        return Finding(
            "bad", "mail", f"{mail.host}:{mail.port} does not answer: {fault}", "check mail.host and mail.port; mails wait meanwhile"
        )
