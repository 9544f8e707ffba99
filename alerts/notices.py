"""What the operator is told by mail, once a cause: failed runs, red checks, faulty subscriptions, ill sources, floods, parked mails.

`compare` is pure; `tell_operator` reads and writes in the caller's transaction. The mails go by the same outbox as all others.
Not here: how causes come to be (the flow's own tables) and what `thinkwatch doctor` and `status` say.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.queueing import delivery_row
from warehouse.ids import hashed
from warehouse.transaction import Row, Transaction

OPERATOR = "operator"
ILL = timedelta(hours=48)
RECENT = timedelta(days=2)
SUBJECTS = {
    "run_failed": "A run failed: {}",
    "check_failed": "A check is red: {}",
    "subscription_faulty": "A subscription has a fault: {}",
    "source_ill": "A source is ill: {}",
    "flood": "A source is held: {}",
    "parked": "Mails are parked",
}
HINTS = {
    "run_failed": "open the run in the Dagster UI (thinkwatch ui); a red check names its rows there",
    "check_failed": "what comes after it waits; see its rows in the Dagster UI (thinkwatch ui): tab Checks of the asset",
    "subscription_faulty": "mend the line, then check the files: thinkwatch doctor",
    "source_ill": "see: thinkwatch status",
    "flood": "look at its articles; then let its alerts go: thinkwatch alerts release --source {}",
    "parked": "see why: thinkwatch alerts release; try one again: thinkwatch alerts release --delivery ID",
}


@dataclass(frozen=True)
class Cause:
    """Something that the operator must know of: of one kind, about one subject (a run, a source), in words."""

    kind: str
    subject: str
    message: str


def compare(causes: Iterable[Cause], open_notices: Iterable[Row]) -> tuple[list[Cause], list[Row]]:
    """The causes that the operator has not been told of, and the notices whose causes are gone."""
    present = {(one.kind, one.subject): one for one in causes}
    told = {(row["kind"], row["about"]): row for row in open_notices}
    return [one for key, one in present.items() if key not in told], [row for key, row in told.items() if key not in present]


def tell_operator(transaction: Transaction, now: datetime, *, address: str, channel: str, domain: str) -> int:
    """Queue a mail for each new cause, and close the notices whose causes are gone; how many mails."""
    causes = [Cause(**row) for row in transaction.rows("operator_causes", ill_since=now - ILL, recent=now - RECENT)]
    open_rows = [{**row, "about": row["subject"]} for row in transaction.rows("open_notices")]
    fresh, gone = compare(causes, open_rows)
    for row in gone:
        transaction.run("close_notice", notice_id=row["notice_id"], now=now)
    notices = [_notice(one, now) for one in fresh]
    transaction.merge("ops.notices", notices, key=["notice_id"], update=False)
    deliveries = []
    for notice in notices:
        delivery_id = hashed(notice["notice_id"], channel)
        row = delivery_row(delivery_id, notice["notice_id"], OPERATOR, channel, address, now, domain=domain)
        deliveries.append(row | {"kind": "notice"})
    transaction.merge("deliveries", deliveries, key=["delivery_id"], update=False)
    return len(notices)


def _notice(cause: Cause, now: datetime) -> Row:
    return {
        "notice_id": hashed(cause.kind, cause.subject, now.isoformat()),
        "kind": cause.kind,
        "subject": cause.subject,
        "message": cause.message,
        "hint": HINTS[cause.kind].format(cause.subject),
        "created_at": now,
        "ended_at": None,
    }
