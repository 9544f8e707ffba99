"""One look at the whole installation: is all well, and if not, what is not. For `thinkwatch status` and whoever calls it.

`judge` is pure. The store itself is read, or the published copy where a run has been writing for long.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from assets.fetching.polling import ADVICE
from assets.goodrun import read_good_run
from pipelines.reach import clock
from pipelines.settings import MonitoringSettings, Settings
from pipelines.sources_report import PAGES_ADVICE
from pipelines.store import open_warehouse, warehouse_of
from pipelines.words import counted
from warehouse.backup import backups
from warehouse.errors import StoreBusyError, StoreError
from warehouse.publish import AnalystsCopy
from warehouse.queries import statements
from warehouse.transaction import Row

LATE_MAIL = timedelta(hours=2)
HOUR = timedelta(hours=1)
WELL = {"working", "new"}
PATIENCE_SECONDS = 10  # until the copy is asked in place of the store
GIGABYTE = 1024**3


@dataclass(frozen=True)
class Overview:
    """All that is to be known at one look.

    Attributes:
        checked_at: by the installation's clock.
        last_good_run: when a run last came through to its end; None: never, or it is not known.
        counts: the row of the statement `overview`.
        feeds: rows of `source_health`, each with what to do.
        free_gigabytes: on the disk of the data folder.
        last_backup: of the folder in the settings; None where there is none.
    """

    checked_at: datetime
    last_good_run: datetime | None
    counts: Row
    feeds: Sequence[Row]
    free_gigabytes: float
    last_backup: datetime | None

    @property
    def ill(self) -> list[str]:
        """The sources that are not well."""
        return sorted({row["source_id"] for row in self.feeds if row["to_do"] or row["pages_to_do"]})

    def plain(self, problems: Sequence[str]) -> dict[str, Any]:
        """As one JSON object."""
        since = (self.checked_at - self.last_good_run) / HOUR if self.last_good_run else None
        unsent = self.counts["unsent_since"]
        return {
            "ok": not problems,
            "problems": list(problems),
            "checked_at": self.checked_at,
            "last_good_run": self.last_good_run,
            "hours_since_good_run": None if since is None else round(since, 2),
            "sources": {"polled": self.counts["polled"], "ill": self.ill, "held": self.counts["held_sources"]},
            "parked": {"mails": self.counts["parked_mails"], "texts": self.counts["broken_texts"]},
            "unsent": {
                "mails": self.counts["unsent"],
                "oldest_hours": round((self.checked_at - unsent) / HOUR, 2) if unsent else 0.0,
                "held_because": self.counts["mail_held"],
            },
            "disk": {"free_gigabytes": round(self.free_gigabytes, 1)},
            "last_backup": self.last_backup,
            "feeds": list(self.feeds),
        }


def look(settings: Settings) -> Overview:
    """What is there now. Raises StoreError before the first run."""
    now = clock(settings)
    ask = _reader(settings, now)
    feeds = ask("source_health_rows")
    for row in feeds:
        row["to_do"] = "" if row["state"] in WELL else ADVICE[row["state"]]
        row["pages_to_do"] = PAGES_ADVICE.get(row["pages_state"] or "", "")
    folder = settings.path(settings.backup.folder) if settings.backup.folder else None
    return Overview(
        checked_at=now,
        last_good_run=read_good_run(settings.good_run_file),
        counts=ask("overview")[0],
        feeds=feeds,
        free_gigabytes=shutil.disk_usage(settings.data_folder).free / GIGABYTE,
        last_backup=next((made.made_at for made in backups(folder)), None) if folder else None,
    )


def judge(seen: Overview, bounds: MonitoringSettings) -> Iterator[str]:
    """What is not well, a sentence each, what matters most first."""
    if seen.last_good_run is None:
        yield "no run has come through to its end yet: see the last one in thinkwatch ui, or run: thinkwatch run"
    elif seen.checked_at - seen.last_good_run > bounds.late_hours * HOUR:
        hours = (seen.checked_at - seen.last_good_run) / HOUR
        yield f"the last good run was {hours:.1f} hours ago: is thinkwatch ui running, and what do its runs say?"
    if seen.free_gigabytes < bounds.free_gigabytes:
        yield f"{seen.free_gigabytes:.1f} GB are free on the disk: free some, or move the `data` folder"
    if seen.counts["mail_held"]:
        yield f"mail is held: {seen.counts['mail_held']}; let it go with: thinkwatch restore --release-mail"
    elif seen.counts["unsent_since"] and seen.checked_at - seen.counts["unsent_since"] > LATE_MAIL:
        hours = (seen.checked_at - seen.counts["unsent_since"]) / HOUR
        waiting = counted(seen.counts["unsent"], "mail waits", "mails wait")
        yield f"{waiting}, the oldest for {hours:.1f} hours: thinkwatch doctor says whether the relay answers"
    if seen.counts["parked_mails"]:
        yield f"{counted(seen.counts['parked_mails'], 'mail is', 'mails are')} parked: thinkwatch alerts release says why"
    if seen.counts["broken_texts"]:
        broken = counted(seen.counts["broken_texts"], "text")
        yield f'{broken} broke the matcher: thinkwatch sql "FROM ops.mention_state WHERE error IS NOT NULL"'
    if seen.counts["held_sources"]:
        yield f"{counted(seen.counts['held_sources'], 'source is', 'sources are')} held by the flood breaker: thinkwatch alerts release"
    if seen.ill:
        verb = "is" if len(seen.ill) == 1 else "are"
        yield f"{len(seen.ill)} of {counted(seen.counts['polled'], 'source')} {verb} not well: {', '.join(seen.ill)}"


def _reader(settings: Settings, now: datetime) -> Callable[[str], list[Row]]:
    """Ask a named statement of the store; of the copy when a run keeps the store for longer than a moment."""
    if not warehouse_of(settings).exists():
        raise StoreError(f"{settings.data_folder}: nothing has been stored yet", hint="run: thinkwatch run")
    try:
        warehouse = open_warehouse(settings, now, lock_seconds=PATIENCE_SECONDS)
        with warehouse.transaction() as transaction:
            found = {name: transaction.rows(name) for name in ("source_health_rows", "overview")}
    except StoreBusyError:
        copy = AnalystsCopy(settings.published)
        return lambda name: copy.rows(statements()[name])
    return found.__getitem__
