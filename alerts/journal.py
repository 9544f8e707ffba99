"""The sender's own memory: a file beside the store that lists every mail that was accepted.

It is written between the server's answer and the store's mark, so a sender that dies in between does not send twice;
and it outlives a store that is put back from a copy, so yesterday's mails are not sent again. It only ever grows.
"""

import json
import os
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple


class Accepted(NamedTuple):
    """When a delivery was accepted, and the receipt."""

    sent_at: datetime
    receipt: str


class Journal:
    """One JSON object a line in `path`: delivery, sent_at, receipt, alerts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[str, Accepted] = {}
        self._alerts: dict[str, str] = {}
        for delivery, accepted, alerts in _read(path):
            self._known[delivery] = accepted
            self._alerts |= dict.fromkeys(alerts, delivery)

    def __contains__(self, delivery_id: str) -> bool:
        return delivery_id in self._known

    def accepted(self, delivery_id: str) -> Accepted | None:
        """What is known of a delivery; None when it was never accepted."""
        return self._known.get(delivery_id)

    def told(self, alert_id: str) -> str | None:
        """The accepted delivery that told this alert; None when none did."""
        return self._alerts.get(alert_id)

    def note(self, delivery_id: str, sent_at: datetime, receipt: str, alerts: Collection[str] = ()) -> None:
        """Remember an accepted delivery and its alerts, on the disk before this returns."""
        entry = {"delivery": delivery_id, "sent_at": sent_at.isoformat(), "receipt": receipt, "alerts": list(alerts)}
        line = json.dumps(entry, ensure_ascii=False)
        with self.path.open("ab") as file:
            # A line that a crash cut short must not swallow this one.
            file.write((("\n" if _cut_short(self.path) else "") + line + "\n").encode())
            file.flush()
            os.fsync(file.fileno())
        self._known[delivery_id] = Accepted(sent_at, receipt)
        self._alerts |= dict.fromkeys(alerts, delivery_id)


def _cut_short(path: Path) -> bool:
    with path.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def _read(path: Path) -> Iterator[tuple[str, Accepted, list[str]]]:
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                row = json.loads(line)
                yield row["delivery"], Accepted(datetime.fromisoformat(row["sent_at"]), row["receipt"]), row.get("alerts") or []
            except (ValueError, KeyError, TypeError):
                continue  # only a line that a crash cut short looks like this; what it stood for is at worst sent again, marked
