"""What is held back from subscribers, and how the operator lets it go: floods, parked deliveries, suppressed addresses.

Not here: when something is held (flood.py, attempts.py, bounces.py), the commands (pipelines).
"""

from dataclasses import dataclass
from datetime import datetime

from warehouse.transaction import Row, Transaction


@dataclass(frozen=True)
class Held:
    """Rows of what is held: `sources` by the flood breaker, `parked` deliveries, `suppressed` addresses."""

    sources: list[Row]
    parked: list[Row]
    suppressed: list[Row]


def what_is_held(transaction: Transaction) -> Held:
    """All of it, oldest first."""
    return Held(transaction.rows("held_alerts"), transaction.rows("parked_deliveries"), transaction.rows("suppressed_addresses"))


def release_source(transaction: Transaction, source_id: str, now: datetime) -> int:
    """Let a held source's alerts wait for their mails like any others; how many there are."""
    count = transaction.value("count_alerts_to_release", source_id=source_id)
    transaction.run("release_source", source_id=source_id, now=now)
    transaction.run("release_alerts", source_id=source_id)
    return count


def release_delivery(transaction: Transaction, delivery_id: str) -> None:
    """Try a parked delivery again, with all its attempts before it."""
    transaction.run("release_delivery", delivery_id=delivery_id)
    transaction.run("settle_alerts", delivery_id=delivery_id, state="queued")


def release_address(transaction: Transaction, address: str) -> None:
    """Write to an address again; what was suppressed for it stays so."""
    transaction.run("release_address", address=address)


def suppress_address(transaction: Transaction, address: str, reason: str, now: datetime) -> None:
    """Send nothing to an address by mail any more."""
    row = {"channel": "mail", "address": address, "reason": reason, "delivery_id": None, "added_at": now}
    transaction.merge("ops.suppressions", [row], key=["channel", "address"], update=False)
