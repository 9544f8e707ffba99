"""What the assets need from outside, gathered in one record: where things lie, how to behave, what time it is.

`pipelines.resources` builds it from the settings; tests build it by hand. No decision is made here.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from alerts.render import MailSettings
from alerts.transports import Transport
from assets.extraction.workers import Limits
from assets.fetching.records import Policy
from assets.parsing.backfilling import BackfillLimits
from warehouse.archive import Archive
from warehouse.database import Warehouse

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Flow:
    """One installation.

    Attributes:
        warehouse: the private store.
        archive: raw documents.
        copy: the path that analysts open.
        copies: how many published copies stay.
        sources: files and folders of source definitions, later ones override; as this run found them, like the next two.
        watchlists: watch-list files.
        subscriptions: subscription files; none means that nobody is told anything.
        policy: how fetching behaves.
        transports: by channel name.
        channel: of subscribers who name none.
        mail: sender and headers of the mails.
        limits: what the extraction of one page may cost.
        pages_per_source: visits of one source in one run, so that an archive does not starve the news.
        attachments_per_source: the same for reports beside pages.
        cache: folder for compiled watch lists.
        search: folder of the search index.
        now: the clock; fixed during a replay.
        started_at: when this run began.
        began: the same by the machine's stopwatch; what fetching may take (`policy.run_seconds`) counts from there.
        backfill: how far older entries are searched.
        good_run: the file that says which run was the last good one.
        heartbeat: address that is asked after each good run; None: none.
        mine: ids of the sources that this run is for, when several runs share the work; None: all.
    """

    warehouse: Warehouse
    archive: Archive
    copy: Path
    copies: int
    sources: tuple[Path, ...]
    watchlists: tuple[Path, ...]
    subscriptions: tuple[Path, ...]
    policy: Policy
    transports: Mapping[str, Transport]
    channel: Literal["mail", "eml"]
    mail: MailSettings
    limits: Limits
    pages_per_source: int
    attachments_per_source: int
    cache: Path
    search: Path
    now: Callable[[], datetime]
    started_at: datetime
    began: float = field(default_factory=time.monotonic)
    backfill: BackfillLimits = field(default_factory=BackfillLimits)
    mine: list[str] | None = None
    good_run: Path | None = None
    heartbeat: str | None = None

    def count(self, noun: str) -> int:
        """How many rows the table of a noun has now."""
        with self.warehouse.transaction() as transaction:
            return transaction.count(noun)

    def week(self, noun: str) -> dict[str, float]:
        """How many rows of a noun the last seven days brought, by source or subscriber: what a chart shows when a run brings nothing."""
        with self.warehouse.transaction() as transaction:
            rows = transaction.rows(f"week_of_{noun}", since=self.now() - WEEK)
        return {row["name"]: row["number"] for row in rows}
