"""The checks of `thinkwatch doctor`: each looks at one thing and says how to mend it. Changes nothing but empty folders."""

import importlib.metadata
import os
import shutil
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from alerts.records import Subscription
from assets.sources.registry import load_sources
from pipelines import checkup_outside as outside
from pipelines.cycle import check_files
from pipelines.findings import Finding
from pipelines.instance import LEAST_BYTES
from pipelines.resources import open_warehouse, wall_clock
from pipelines.settings import Settings, load_settings
from warehouse.errors import ThinkwatchError
from warehouse.filesystem import mounted, refuse_network

ENOUGH_BYTES = 2 * 1024**3
STALE_SECONDS = 3600
OLDEST, TOO_NEW = (3, 11), (3, 15)
STORE = "warehouse.duckdb"
FIXTURES = "fixtures"  # beside the settings, where `thinkwatch fixture` writes them from there


def check_up(config: str | None) -> Iterator[Finding]:
    """All checks, in the order in which one would mend them; stops early when there are no settings."""
    yield _python()
    yield _dagster()
    yield outside.lock_file()
    try:
        settings = load_settings(config)
    except ThinkwatchError as fault:
        yield Finding("bad", "settings", str(fault), fault.hint)
        return
    yield Finding("good", "settings", str(settings.file))
    said = {""}
    for subject, check in _checks():
        for finding in _attempt(subject, settings, check):
            # A fault in a file is said once, by the first that reads it.
            if finding.state != "bad" or finding.message not in said:
                yield finding
            said.add(finding.message)


def _checks() -> Iterator[tuple[str, Callable[[Settings], Finding]]]:
    """Subject and check, in order."""
    yield from (("files", _files), ("sources", _sources), ("site rules", _site_rules))
    checks = (
        _folder,
        _disk,
        _file_system,
        _store,
        _copy,
        outside.schedule,
        outside.clock,
        outside.dns,
        _contact,
        outside.mail,
        outside.secrets,
    )
    for check in checks:
        yield check.__name__.strip("_").replace("_", " "), check


def _attempt(subject: str, settings: Settings, check: Callable[[Settings], Finding]) -> Iterator[Finding]:
    try:
        yield check(settings)
    except ThinkwatchError as fault:
        yield Finding("bad", subject, str(fault), fault.hint)
    except OSError as fault:
        yield Finding("bad", subject, fault.strerror or str(fault), "check the path and its permissions")


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if not OLDEST <= sys.version_info[:2] < TOO_NEW:
        return Finding("bad", "python", f"{version} is not supported", "make the environment anew: make clean run PYTHON=python3.13")
    return Finding("good", "python", version)


def _dagster() -> Finding:
    versions = {name: importlib.metadata.version(name) for name in ("dagster", "dagster-webserver")}
    if len(set(versions.values())) > 1:
        return Finding("bad", "dagster", f"versions differ: {versions}", "install the lock file: make run")
    return Finding("good", "dagster", f"{versions['dagster']}, duckdb {importlib.metadata.version('duckdb')}")


def _files(settings: Settings) -> Finding:
    shared = _shared_addresses(check_files(settings))
    if shared:
        hint = "give all of its subscriptions to one subscriber: each subscriber is told of an article once"
        return Finding("odd", "files", f"subscribers with one address, which gets each article twice: {shared}", hint)
    return Finding("good", "files", "sources, watch lists and subscriptions can be read")


def _shared_addresses(subscriptions: Iterable[Subscription]) -> str:
    """The subscribers who get their mail at one address; those without an active subscription get none."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in subscriptions:
        if one.active and one.subscriber.address:
            found[one.subscriber.channel, one.subscriber.address.casefold()].add(one.subscriber.id)
    return "; ".join(" and ".join(sorted(ids)) for ids in found.values() if len(ids) > 1)


def _sources(settings: Settings) -> Finding:
    sources = load_sources(settings.source_places)
    polled = sum(source.enabled for source in sources)
    if not polled:
        return Finding("odd", "sources", "none is polled", "add one: thinkwatch sources add URL, or of those that ship: sources add ecfr")
    return Finding("good", "sources", f"{polled} of {len(sources)} {'is' if polled == 1 else 'are'} polled")


def _site_rules(settings: Settings) -> Finding:
    """Rules for one site hold as long as the site stays as it is: they end on a day, and a kept page shows what they are for."""
    ruled = [source for source in load_sources(settings.source_places) if source.enabled and source.rules]
    now = wall_clock()
    ended = ", ".join(source.id for source in ruled if source.rules and not source.rules.is_live(now))
    if ended:
        return Finding("odd", "site rules", f"those of {ended} have ended", "look at its pages again: renew the day, or remove the rules")
    kept = settings.base / FIXTURES
    untested = ", ".join(source.id for source in ruled if not any((kept / source.id).glob("*/expect.yaml")))
    if untested:
        return Finding("odd", "site rules", f"no page tests those of {untested}", f"keep one: thinkwatch fixture URL --dir {kept}")
    named = ", ".join(source.id for source in ruled)
    return Finding("good", "site rules", f"those of {named} have a kept page" if ruled else "no source has any")


def _folder(settings: Settings) -> Finding:
    folder = settings.data_folder
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        return Finding("bad", "folder", f"{folder} cannot be written", "make it writable, or set another `data` folder")
    return Finding("good", "folder", str(folder))


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.data_folder).free
    words = f"{free / 1024**3:.1f} GB free"
    if free > ENOUGH_BYTES:
        return Finding("good", "disk", words)
    hint = "free some space, or move the `data` folder; thinkwatch archive compact makes the archive smaller"
    return Finding("odd" if free > LEAST_BYTES else "bad", "disk", words, hint)


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
    store = settings.data_folder / STORE
    behind = store.stat().st_mtime - settings.published.resolve().stat().st_mtime if store.exists() else 0
    if behind > STALE_SECONDS:
        words = f"{settings.published} is {behind / 3600:.0f} hours behind the store"
        return Finding("odd", "copy", words, "does the step analysts_copy fail? thinkwatch ui   or publish now: thinkwatch run")
    return Finding("good", "copy", str(settings.published))


def _contact(settings: Settings) -> Finding:
    if settings.fetch.contact.startswith("https://thinkwatch.example") and not settings.replay:
        return Finding(
            "odd", "contact", "the robot names no one", "set fetch.contact in thinkwatch.toml: webmasters block robots without one"
        )
    return Finding("good", "contact", settings.fetch.contact)
