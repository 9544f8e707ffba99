"""Writing a decision down: alerts, their mentions, deliveries, verdicts, all in the caller's transaction.

Not here: deciding (select.py), putting digests together (assembly.py), sending (outbox.py).
"""

from collections.abc import Iterable
from datetime import datetime

from alerts.candidates import Candidate, read_candidates
from alerts.decisions import Alert, Decision, Ruling
from alerts.flood import HISTORY, WINDOW, Yield, flood
from alerts.memory import Told, told_before
from alerts.records import Subscription
from alerts.select import withdrawal
from warehouse.ids import hashed
from warehouse.transaction import Row, Transaction


def read_history(transaction: Transaction, candidates: Iterable[Candidate]) -> list[Told]:
    """The earlier alerts of these articles and of their stories, for `decide`."""
    candidates = list(candidates)
    articles = [one.article_id for one in candidates]
    stories = [one.story_id for one in candidates if one.story_id]
    return told_before(transaction.rows("select_told", article_ids=articles, story_ids=stories))


def hold_floods(transaction: Transaction, candidates: Iterable[Candidate], now: datetime) -> frozenset[str]:
    """Hold the sources of these candidates that suddenly yield far more than they do; every source that is held now.

    A source that the operator has let go is looked at anew from then on.
    """
    sources = sorted({one.source_id for one in candidates if not one.baseline})
    held = {row["source_id"] for row in transaction.rows("held_sources")}
    fresh = [found for one in _yields(transaction, sources, now) if one.source_id not in held and (found := flood(one, now))]
    rows = [
        {"source_id": one.source_id, "held_since": now, "seen": one.seen, "most": one.most, "reason": one.reason, "released_at": None}
        for one in fresh
    ]
    transaction.merge("ops.holds", rows, key=["source_id", "held_since"])
    return frozenset(held | {one.source_id for one in fresh})


def _yields(transaction: Transaction, sources: list[str], now: datetime) -> Iterable[Yield]:
    rows = transaction.rows("source_yields", source_ids=sources, recent=now - WINDOW, since=now - HISTORY) if sources else []
    for row in rows:
        days = {day["day"]: day["articles"] for day in row["by_day"] or ()}
        yield Yield(row["source_id"], row["recent"], days, row["last_seen_at"])


def read_withdrawals(transaction: Transaction, subscriptions: Iterable[Subscription], now: datetime) -> Decision:
    """Alerts on articles that were told and whose pages are gone since."""
    told = told_before(transaction.rows("select_withdrawn"))
    groups: dict[str, list[Subscription]] = {}
    for one in subscriptions:
        groups.setdefault(one.subscriber.id, []).append(one)
    found = []
    for one in told:
        revisions = {each.revision_id: each for each in read_candidates(transaction, article_id=one.article_id)}
        if one.revision_id in revisions:
            found.append(withdrawal(one, revisions[one.revision_id], groups.get(one.subscriber_id, ()), now))
    return Decision((), tuple(alert for alert in found if alert), ())


def queue(transaction: Transaction, decision: Decision, now: datetime, *, domain: str) -> int:
    """Write a decision down in the caller's transaction: alerts, their mentions, deliveries, verdicts, and that it was decided.

    Args:
        transaction: the one in which everything is written.
        decision: what `decide` returned.
        now: aware UTC.
        domain: of the Message-IDs.

    Returns the number of alerts. Queueing the same decision again changes nothing.
    """
    alerts = list({alert.alert_id: alert for alert in decision.alerts}.values())
    transaction.merge("alerts", map(_alert_row, alerts), key=["alert_id"], update=False)
    causes = [{"alert_id": alert.alert_id, "mention_id": mention} for alert in alerts for mention in dict.fromkeys(alert.mention_ids)]
    transaction.merge("alert_mentions", causes, key=["alert_id", "mention_id"], update=False)
    _queue_deliveries(transaction, [alert for alert in alerts if alert.state == "queued"], domain)
    for one in decision.superseded:
        supersede(transaction, one.alert_id, one.reason)
    for again in (False, True):
        # A second look with a later watch list adds reasons; it does not hide why an alert was raised.
        rows = _verdict_rows([ruling for ruling in decision.verdicts if ruling.candidate.rematched is again], now)
        transaction.merge("ops.verdicts", rows, key=["revision_id", "subscription_id"], update=not again)
    done = [
        {"revision_id": revision, "watchlist_hash": watchlist, "decided_at": now, "decision": summary}
        for (revision, watchlist), summary in decision.summaries().items()
    ]
    transaction.merge("ops.matched", done, key=["revision_id", "watchlist_hash"])
    return len(alerts)


def supersede(transaction: Transaction, alert_id: str, reason: str) -> None:
    """An alert that was not sent yet will not be: its delivery leaves it out, and goes nowhere when nothing else is in it."""
    if transaction.rows("droppable_alert", alert_id=alert_id):
        transaction.run("drop_alert", alert_id=alert_id)
        transaction.run("leave_out", alert_id=alert_id, reason=reason)
        transaction.run("suppress_empty_deliveries", alert_id=alert_id, reason=reason)


def delivery_row(delivery_id: str, first: str, subscriber_id: str, channel: str, address: str | None, now: datetime, *, domain: str) -> Row:
    """A fresh row of `deliveries` for one immediate alert; `first` is that alert."""
    return {
        "delivery_id": delivery_id,
        "alert_id": first,
        "subscriber_id": subscriber_id,
        "channel": channel,
        "address": address,
        "state": "new",
        "message_id": f"<{delivery_id}@{domain}>",
        "attempts": 0,
        "created_at": now,
        "next_attempt_at": None,
        "claimed_at": None,
        "sent_at": None,
        "receipt": None,
        "error": None,
        "maybe_duplicate": False,
        "kind": "alert",
        "frequency": "immediate",
        "due_at": None,
        "delayed": False,
    }


def _queue_deliveries(transaction: Transaction, alerts: list[Alert], domain: str) -> None:
    rows, contents = [], []
    for alert in alerts:
        who = alert.subscriber
        delivery_id = hashed(alert.alert_id, who.channel)
        rows.append(delivery_row(delivery_id, alert.alert_id, who.id, who.channel, who.address, alert.created_at, domain=domain))
        contents.append({"delivery_id": delivery_id, "alert_id": alert.alert_id, "position": 0, "left_out": None})
    transaction.merge("deliveries", rows, key=["delivery_id"], update=False)
    transaction.merge("delivery_alerts", contents, key=["delivery_id", "alert_id"], update=False)


def _alert_row(alert: Alert) -> Row:
    candidate = alert.candidate
    asked = [{"subscription": one.id, "words": one.words, "rule": one.rule.plain()} for one in alert.subscriptions]
    return {
        "alert_id": alert.alert_id,
        "subscriber_id": alert.subscriber.id,
        "subscription_id": alert.subscriptions[0].id,
        "article_id": candidate.article_id,
        "revision_id": alert.revision_id,
        "story_id": candidate.story_id,
        "entities": list(alert.entities),
        "reason": alert.reason,
        "rule": asked,
        "watchlist_hash": candidate.watchlist_hash,
        "created_at": alert.created_at,
        "state": alert.state,
        "kind": alert.kind,
        "removed": list(alert.removed),
    }


def _verdict_rows(rulings: Iterable[Ruling], now: datetime) -> list[Row]:
    rows: dict[tuple[str, str], Row] = {}
    for ruling in rulings:
        revision, subscription = ruling.candidate.revision_id, ruling.subscription.id
        row = {"revision_id": revision, "subscription_id": subscription, "verdict": ruling.verdict, "reason": ruling.reason}
        rows.setdefault((revision, subscription), row | {"decided_at": now})
    return list(rows.values())
