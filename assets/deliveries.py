"""The `deliveries` asset: send what is queued, and write down what became of each mail."""

from collections import Counter
from functools import partial
from time import perf_counter

import dagster as dg

from alerts.assembly import assemble
from alerts.notices import tell_operator
from alerts.outbox import Outcome, deliver, journal_of
from alerts.render import render
from assets.flow import Flow
from assets.lineage import DELIVERIES
from assets.showing import bars, table
from warehouse.backup import HOLD
from warehouse.transaction import Transaction


@dg.asset(group_name="alerts", kinds={"email", "duckdb"}, code_version="1", deps=["alerts"])
def deliveries(flow: dg.ResourceParam[Flow]) -> dg.MaterializeResult:
    """Sends each queued mail once: the row first, the mail second, the mark last.

    A mail that fails for now is tried again for 72 hours; one that cannot be sent is parked with its reason, and never
    holds up the others. An outcome that nobody can know is said to be unknown.
    """
    begun = perf_counter()
    outcomes, hold = send(flow), held(flow)
    seconds = perf_counter() - begun
    counts = Counter(outcome.state for outcome in outcomes)
    trouble = [
        {"subscriber": one.subscriber_id, "channel": one.channel, "state": one.state, "why": one.words}
        for one in outcomes
        if one.state != "sent"
    ]
    return dg.MaterializeResult(
        metadata={
            "sent": counts["sent"],
            "not sent": len(trouble),
            "parked": counts["parked"],
            "seconds": round(seconds, 2),
            "dagster/row_count": flow.count("deliveries"),
            "dagster/column_lineage": DELIVERIES,
            "trouble": dg.MetadataValue.md(table(trouble)),
            "sent_by_subscriber": dg.MetadataValue.md(bars(Counter(one.subscriber_id for one in outcomes if one.state == "sent"))),
            "last_seven_days": dg.MetadataValue.md(bars(flow.week("deliveries"))),
            **({"held": f"{hold}; let the mail go with: thinkwatch restore --release-mail"} if hold else {}),
        }
    )


def send(flow: Flow) -> list[Outcome]:
    """Send everything that is due, digests put together first; nothing while mail is held, as it is after a restore."""
    if held(flow):
        return []
    journal = journal_of(flow.warehouse)
    with flow.warehouse.transaction() as transaction:
        assemble(transaction, flow.now(), domain=flow.mail.domain, told=journal.told)
        if flow.mail.operator:
            tell_operator(transaction, flow.now(), address=flow.mail.operator, channel=flow.channel, domain=flow.mail.domain)
    return deliver(flow.warehouse, flow.transports, partial(render, settings=flow.mail), flow.now())


def held(flow: Flow) -> str | None:
    """Why no mail leaves; None when mail leaves."""
    with flow.warehouse.transaction() as transaction:
        return held_since(transaction)


def held_since(transaction: Transaction) -> str | None:
    """The same, in the caller's transaction."""
    return transaction.value("read_state", name=HOLD)
