"""The `alerts` asset: decide who is told of what, and queue the mails in the same transaction."""

from collections import Counter
from collections.abc import Sequence
from time import perf_counter

import dagster as dg

from alerts.candidates import read_candidates
from alerts.decisions import Decision
from alerts.enrolment import enrol, going_on
from alerts.history import with_history
from alerts.queueing import hold_floods, queue, read_history, read_withdrawals
from alerts.records import Subscription
from alerts.select import decide
from alerts.subscriptions import Faulty
from assets.flow import Flow
from assets.issues import Issue, record_issues
from assets.lineage import ALERTS
from assets.showing import bars, link, table
from assets.watching import survey, watched_in_store
from warehouse.transaction import Transaction

BATCH = 200


@dg.asset(group_name="alerts", kinds={"python", "duckdb"}, code_version="1", deps=["mentions"])
def alerts(flow: dg.ResourceParam[Flow]) -> dg.MaterializeResult:
    """Holds each new revision's mentions against every subscription, and writes alerts and their deliveries in one transaction.

    Nobody is told of an article twice, nor of what was already old when its source was first polled. Why a subscription
    did or did not fire stands in `ops.verdicts` and in `thinkwatch explain ARTICLE`.
    """
    begun = perf_counter()
    with flow.warehouse.session():  # each batch is decided inside its transaction anyway
        decisions = decide_alerts(flow)
        count = flow.count("alerts")
    seconds = perf_counter() - begun
    queued = [alert for decision in decisions for alert in decision.alerts]
    rows = [
        {"subscriber": one.subscriber.id, "about": ", ".join(one.entities), "article": link(one.candidate.title, one.candidate.url)}
        for one in queued
    ]
    return dg.MaterializeResult(
        metadata={
            "decided": sum(len(decision.candidates) for decision in decisions),
            "alerts": len(queued),
            "subscribers": len({one.subscriber.id for one in queued}),
            "seconds": round(seconds, 2),
            "dagster/row_count": count,
            "dagster/column_lineage": ALERTS,
            "who": dg.MetadataValue.md(table(rows)),
            "by_subscriber": dg.MetadataValue.md(bars(Counter(one.subscriber.id for one in queued))),
            "last_seven_days": dg.MetadataValue.md(bars(flow.week("alerts"))),
        }
    )


def decide_alerts(flow: Flow) -> list[Decision]:
    """Decide about every matched revision that waits; a batch a transaction."""
    subscriptions = enrol_subscriptions(flow)
    decisions = [_tell_withdrawals(flow, subscriptions)]
    while True:
        with flow.warehouse.transaction() as transaction:
            decision = _decide(transaction, subscriptions, flow)
        if not decision.candidates:
            return decisions
        decisions.append(decision)


def enrol_subscriptions(flow: Flow) -> list[Subscription]:
    """Make the store's subscriptions say what the files say; what is gone from them becomes inactive.

    A fault in a file is a row of `issues`: the subscription goes on with its last good rule, or waits where it has none.
    """
    with flow.warehouse.transaction() as transaction:
        read = survey(flow.subscriptions, watched_in_store(transaction), flow.channel)
        before = going_on(transaction.rows("all_subscriptions"), read.subscriptions, read.may_hold)
        record_issues(transaction, [_issue(one, before) for one in read.faults], flow.now())
        # Since the start of the run: what the run has just matched is not older than a subscription that was there before it.
        return enrol(transaction, read.subscriptions, flow.started_at, may_be_there=read.may_hold)


def _issue(faulty: Faulty, going: Sequence[str]) -> Issue:
    if faulty.is_subscriber:
        meanwhile = "their subscriptions go on as they were before"
    elif faulty.subscription_id is None:
        meanwhile = f"go on as they were before: {', '.join(going) or 'none'}"
    else:
        meanwhile = "it goes on as it was before" if faulty.subscription_id in going else "it waits until it is mended"
    subject = faulty.subscription_id or str(faulty.error.path)
    return Issue("subscription_faulty", None, subject, f"{faulty.error}; {meanwhile}", faulty.error.hint)


def _decide(transaction: Transaction, subscriptions: list[Subscription], flow: Flow) -> Decision:
    candidates = with_history(transaction, read_candidates(transaction, limit=BATCH), [one.rule for one in subscriptions])
    told = read_history(transaction, candidates)
    now = flow.now()
    decision = decide(candidates, subscriptions, told, now, held=hold_floods(transaction, candidates, now))
    queue(transaction, decision, now, domain=flow.mail.domain)
    return decision


def _tell_withdrawals(flow: Flow, subscriptions: list[Subscription]) -> Decision:
    with flow.warehouse.transaction() as transaction:
        decision = read_withdrawals(transaction, subscriptions, flow.now())
        queue(transaction, decision, flow.now(), domain=flow.mail.domain)
    return decision
