"""The outbox: rows first, mail second, marks last, so that no death of a process loses a mail or sends one twice unseen.

Here: writing a decision down, and handing due deliveries to their transports one by one. Not here: what a mail looks like
(render.py), how it leaves (transports.py), what a reply means (attempts.py).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from email.message import EmailMessage

from alerts.attempts import Settled, pause, settle
from alerts.candidates import Candidate
from alerts.journal import Journal
from alerts.parcels import Parcel, objection, read_parcel
from alerts.select import NOT_MENTIONED, Alert, Decision, Ruling, Told, stable_id, told_before
from alerts.transports import Reply, Transport
from warehouse.database import Row, Transaction, Warehouse

Render = Callable[[Parcel], EmailMessage]
# The store was put back from a copy, or began anew beside an old journal: the reader has this mail.
ALREADY_SENT = Settled("sent", error="not sent again: outbox.journal says that it was sent before this store knew of it")


@dataclass(frozen=True)
class Outcome:
    """What became of one delivery in this call: its new state, and the receipt or the reason."""

    delivery_id: str
    subscriber_id: str
    channel: str
    state: str
    words: str
    maybe_duplicate: bool = False


def read_history(transaction: Transaction, candidates: Iterable[Candidate]) -> list[Told]:
    """The earlier alerts of these articles and of their stories, for `decide`."""
    candidates = list(candidates)
    articles = [one.article_id for one in candidates]
    return told_before(
        transaction.rows("select_told", article_ids=articles, story_ids=[one.story_id for one in candidates if one.story_id])
    )


def queue(transaction: Transaction, decision: Decision, now: datetime, *, domain: str) -> int:
    """Write a decision down in the caller's transaction: alerts, their mentions, deliveries, verdicts, and that it was decided.

    Args:
        transaction: the one in which everything is written.
        decision: what `decide` returned.
        now: aware UTC.
        domain: of the Message-IDs.

    Returns the number of alerts. Queueing the same decision again changes nothing.
    """
    transaction.merge("alerts", map(_alert_row, decision.alerts), key=["alert_id"], update=False)
    causes = [{"alert_id": alert.alert_id, "mention_id": mention} for alert in decision.alerts for mention in alert.mention_ids]
    transaction.merge("alert_mentions", causes, key=["alert_id", "mention_id"], update=False)
    transaction.merge("deliveries", [_delivery_row(alert, domain) for alert in decision.alerts], key=["delivery_id"], update=False)
    for again in (False, True):
        # A second look with a later watch list adds reasons; it does not hide why an alert was raised.
        rows = _verdict_rows([ruling for ruling in decision.verdicts if ruling.candidate.rematched is again], now)
        transaction.merge("ops.verdicts", rows, key=["revision_id", "subscription_id"], update=not again)
    done = [
        {"revision_id": revision, "watchlist_hash": watchlist, "decided_at": now, "decision": summary}
        for (revision, watchlist), summary in decision.summaries().items()
    ]
    transaction.merge("ops.matched", done, key=["revision_id", "watchlist_hash"])
    return len(decision.alerts)


def deliver(warehouse: Warehouse, transports: Mapping[str, Transport], render: Render, now: datetime, *, limit: int = 500) -> list[Outcome]:
    """Send what is due, oldest first, at most `limit` deliveries; one sender at a time (it waits like a writer does).

    A channel without a transport waits. A transport that cannot be reached is left alone until the next call. Raises
    StoreBusyError when another sender is still at work, and never for what happens to a single mail.
    """
    with only_sender(warehouse):
        return _Round(warehouse, dict(transports), render, now).run(limit)


@contextmanager
def only_sender(warehouse: Warehouse) -> Iterator[None]:
    """The sender's lock: `outbox.lock` beside the store, freed when its process dies."""
    # The same kind of lock as the writer's, on another file: the store itself stays free while mails are sent.
    with Warehouse(warehouse.path.with_name("outbox"), lock_seconds=warehouse.lock_seconds).lock():
        yield


class _Round:
    """One call of `deliver`: claims in one transaction, sends outside of any, marks in the next."""

    def __init__(self, warehouse: Warehouse, transports: dict[str, Transport], render: Render, now: datetime) -> None:
        self.warehouse = warehouse
        self.transports = transports
        self.render = render
        self.now = now
        self.journal = Journal(warehouse.path.with_name("outbox.journal"))
        self.down: set[str] = set()
        self.outcomes: list[Outcome] = []

    def run(self, limit: int) -> list[Outcome]:
        try:
            with self.warehouse.transaction() as transaction:
                self._recover(transaction)
                parcel = self._claim(transaction) if limit > 0 else None
            sent = 0
            while parcel:
                reply = self._attempt(parcel)
                sent += 1
                with self.warehouse.transaction() as transaction:
                    self._mark(transaction, parcel, reply)
                    parcel = self._claim(transaction) if sent < limit else None
        finally:
            for transport in self.transports.values():
                transport.close()
        return self.outcomes

    def _recover(self, transaction: Transaction) -> None:
        """Rows that a sender left behind: the lock is ours, so it is dead."""
        for row in transaction.rows("interrupted_deliveries", channels=list(self.transports)):
            accepted = self.journal.accepted(row["delivery_id"])
            transport = self.transports[row["channel"]]
            reply = Reply("sent", accepted.receipt) if accepted else transport.recall(row["delivery_id"], row["message_id"])
            if reply.kind == "sent" and not accepted:
                self.journal.note(row["delivery_id"], self.now, reply.words)
            settled = self._settled(reply, row["attempts"], row["created_at"], row["maybe_duplicate"])
            # Nothing is known against the relay, so the next try need not wait; but a mail that kills its sender must not block the others.
            waits = row["attempts"] > 1 and settled.state in ("new", "unknown")
            self._store(transaction, row, replace(settled, next_attempt_at=self.now + pause(row["attempts"]) if waits else None))

    def _claim(self, transaction: Transaction) -> Parcel | None:
        """The next parcel, its row now `sending`; rows that must not or cannot be sent are settled on the way."""
        while row := transaction.row("next_delivery", channels=[name for name in self.transports if name not in self.down], now=self.now):
            if not transaction.rows("claim_delivery", delivery_id=row["delivery_id"], now=self.now):
                raise RuntimeError(f"delivery {row['delivery_id']} was claimed under the writer's lock")
            accepted = None if row["maybe_duplicate"] else self.journal.accepted(row["delivery_id"])
            if accepted:
                self._store(transaction, row, replace(ALREADY_SENT, sent_at=accepted.sent_at, receipt=accepted.receipt))
            elif reason := objection(row):
                self._store(transaction, row, Settled("suppressed", error=reason, maybe_duplicate=row["maybe_duplicate"]))
            else:
                try:
                    return read_parcel(transaction, row)
                except (ValueError, KeyError, TypeError) as fault:
                    self._store(transaction, row, Settled("parked", error=f"cannot be put together: {fault}"))
        return None

    def _attempt(self, parcel: Parcel) -> Reply:
        try:
            message = self.render(parcel)
        except Exception as fault:
            return Reply("permanent", f"cannot be rendered: {type(fault).__name__}: {fault}")
        try:
            reply = self.transports[parcel.channel].send(parcel, message)
        except Exception as fault:
            return Reply("uncertain", f"the transport failed: {type(fault).__name__}: {fault}")
        if reply.kind == "sent":
            self.journal.note(parcel.delivery_id, self.now, reply.words)
        return reply

    def _mark(self, transaction: Transaction, parcel: Parcel, reply: Reply) -> None:
        settled = self._settled(reply, parcel.attempts, parcel.queued_at, parcel.maybe_duplicate)
        self._store(transaction, vars(parcel), settled)
        if reply.kind == "unreachable":
            self.down.add(parcel.channel)
        if reply.kind == "refused" and parcel.address:
            barred = {"channel": parcel.channel, "address": parcel.address, "reason": reply.words}
            barred |= {"delivery_id": parcel.delivery_id, "added_at": self.now}
            transaction.merge("ops.suppressions", [barred], key=["channel", "address"], update=False)
        if reply.kind == "busy" and settled.next_attempt_at:
            held = {"channel": parcel.channel, "address": parcel.address, "delivery_id": parcel.delivery_id}
            transaction.run("hold_address", **held, until=settled.next_attempt_at)

    def _settled(self, reply: Reply, attempts: int, queued_at: datetime, maybe_duplicate: bool) -> Settled:
        return settle(reply, attempts=attempts, queued_at=queued_at, maybe_duplicate=maybe_duplicate, now=self.now)

    def _store(self, transaction: Transaction, row: Row, settled: Settled) -> None:
        marked = transaction.rows("settle_delivery", delivery_id=row["delivery_id"], **asdict(settled))
        for one in marked:
            state = "queued" if settled.state in ("new", "unknown") else settled.state
            transaction.run("settle_alert", alert_id=one["alert_id"], state=state)
        words = settled.error or settled.receipt or ""
        self.outcomes.append(
            Outcome(row["delivery_id"], row["subscriber_id"], row["channel"], settled.state, words, settled.maybe_duplicate)
        )


def _alert_row(alert: Alert) -> Row:
    candidate = alert.candidate
    asked = [{"subscription": one.id, "words": one.words, "rule": one.rule.plain()} for one in alert.subscriptions]
    return {
        "alert_id": alert.alert_id,
        "subscriber_id": alert.subscriber.id,
        "subscription_id": alert.subscriptions[0].id,
        "article_id": candidate.article_id,
        "revision_id": candidate.revision_id,
        "story_id": candidate.story_id,
        "entities": list(alert.entities),
        "reason": alert.reason,
        "rule": asked,
        "watchlist_hash": candidate.watchlist_hash,
        "created_at": alert.created_at,
        "state": "queued",
    }


def _delivery_row(alert: Alert, domain: str) -> Row:
    channel = alert.subscriber.channel
    delivery_id = stable_id(alert.alert_id, channel)
    return {
        "delivery_id": delivery_id,
        "alert_id": alert.alert_id,
        "subscriber_id": alert.subscriber.id,
        "channel": channel,
        "address": alert.subscriber.address,
        "state": "new",
        "message_id": f"<{delivery_id}@{domain}>",
        "attempts": 0,
        "created_at": alert.created_at,
        "next_attempt_at": None,
        "claimed_at": None,
        "sent_at": None,
        "receipt": None,
        "error": None,
        "maybe_duplicate": False,
    }


def _verdict_rows(rulings: Iterable[Ruling], now: datetime) -> list[Row]:
    rows: dict[tuple[str, str], Row] = {}
    for ruling in rulings:
        # Where nothing is mentioned that is asked for there is nothing to explain, and there are millions of such pairs.
        if ruling.verdict != NOT_MENTIONED:
            revision, subscription = ruling.candidate.revision_id, ruling.subscription.id
            row = {"revision_id": revision, "subscription_id": subscription, "verdict": ruling.verdict, "reason": ruling.reason}
            rows.setdefault((revision, subscription), row | {"decided_at": now})
    return list(rows.values())
