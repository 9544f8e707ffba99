"""The outbox: rows first, mail second, marks last, so that no death of a process loses a mail or sends one twice unseen.

Here: handing due deliveries to their transports one by one. Not here: writing decisions down (queueing.py), putting digests
together (assembly.py), what a mail looks like (render.py), how it leaves (transports.py), what a reply means (attempts.py).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from email.message import EmailMessage

from alerts.attempts import Settled, pause, settle
from alerts.journal import Journal
from alerts.parcels import Letter, Parcel, bind, objection, put_off, read_notice, read_parcel
from alerts.passages import verify
from alerts.transports import Reply, Transport
from warehouse.database import Warehouse
from warehouse.transaction import Row, Transaction

Render = Callable[[Letter], EmailMessage]
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


def deliver(warehouse: Warehouse, transports: Mapping[str, Transport], render: Render, now: datetime, *, limit: int = 500) -> list[Outcome]:
    """Send what is due, oldest first, at most `limit` deliveries; one sender at a time (it waits like a writer does).

    A channel without a transport waits. A transport that cannot be reached is left alone until the next call. Raises
    StoreBusyError when another sender is still at work, and never for what happens to a single mail.
    """
    with only_sender(warehouse):
        return _Round(warehouse, dict(transports), render, now).run(limit)


def journal_of(warehouse: Warehouse) -> Journal:
    """The sender's own memory, which lies beside the store."""
    return Journal(warehouse.path.with_name("outbox.journal"))


@contextmanager
def only_sender(warehouse: Warehouse) -> Iterator[None]:
    """The sender's lock, freed when its process dies."""
    # The same kind of lock as the writer's, under another name: the store itself stays free while mails are sent.
    with warehouse.lock("outbox"):
        yield


class _Round:
    """One call of `deliver`: claims in one transaction, sends outside of any, marks in the next."""

    def __init__(self, warehouse: Warehouse, transports: dict[str, Transport], render: Render, now: datetime) -> None:
        self.warehouse = warehouse
        self.transports = transports
        self.render = render
        self.now = now
        self.journal = journal_of(warehouse)
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
                alerts = [one["alert_id"] for one in transaction.rows("alerts_of_delivery", delivery_id=row["delivery_id"])]
                self.journal.note(row["delivery_id"], self.now, reply.words, alerts)
            settled = self._settled(reply, row["attempts"], row["created_at"], row["maybe_duplicate"])
            # Nothing is known against the relay, so the next try need not wait; but a mail that kills its sender must not block the others.
            waits = row["attempts"] > 1 and settled.state in ("new", "unknown")
            self._store(transaction, row, replace(settled, next_attempt_at=self.now + pause(row["attempts"]) if waits else None))

    def _claim(self, transaction: Transaction) -> Letter | None:
        """The next letter, its row now `sending`; rows that must not or cannot be sent are settled on the way."""
        while row := transaction.row("next_delivery", channels=[name for name in self.transports if name not in self.down], now=self.now):
            if not transaction.rows("claimable_delivery", delivery_id=row["delivery_id"]):
                raise RuntimeError(f"delivery {row['delivery_id']} was claimed under the writer's lock")
            transaction.run("claim_delivery", delivery_id=row["delivery_id"], now=self.now)
            accepted = None if row["maybe_duplicate"] else self.journal.accepted(row["delivery_id"])
            if accepted:
                settled: Settled | Letter = replace(ALREADY_SENT, sent_at=accepted.sent_at, receipt=accepted.receipt)
            elif row["barred"]:
                settled = Settled("suppressed", error=f"mail to this address is suppressed: {row['barred']}")
            else:
                settled = self._open(transaction, row)
            if not isinstance(settled, Settled):
                return settled
            self._store(transaction, row, replace(settled, maybe_duplicate=row["maybe_duplicate"]))
        return None

    def _open(self, transaction: Transaction, row: Row) -> Letter | Settled:
        """What is in a delivery, or why it is not sent (now)."""
        if row["delivery_kind"] == "notice":
            try:
                return read_notice(transaction, row)
            except ValueError as fault:
                return Settled("parked", error=f"cannot be put together: {fault}")
        contents = transaction.rows("delivery_contents", delivery_id=row["delivery_id"], now=self.now)
        if waits := put_off(contents, self.now):
            return Settled("unknown" if row["maybe_duplicate"] else "new", next_attempt_at=waits.until, error=waits.reason)
        items: list[Parcel] = []
        faults: list[tuple[str, str, str]] = []
        for content in contents:
            found = self._item(transaction, row, content, one_of_many=len(contents) > 1)
            if isinstance(found, Parcel):
                items.append(found)
            else:
                faults.append((content["alert_id"], *found))
        if not items:
            _, state, reason = faults[0] if faults else ("", "suppressed", "nothing is left to be told in it")
            return Settled(state, error=reason)
        for alert_id, state, reason in faults:
            transaction.run("leave_out_of_delivery", delivery_id=row["delivery_id"], alert_id=alert_id, reason=reason)
            transaction.run("settle_alert", alert_id=alert_id, state=state)
        return bind(transaction, row, items, self.now)

    def _item(self, transaction: Transaction, row: Row, content: Row, *, one_of_many: bool) -> Parcel | tuple[str, str]:
        """One alert of a delivery, or the state that it gets instead and why; a broken one must not hold up the others."""
        other = self.journal.told(content["alert_id"])
        if other not in (None, row["delivery_id"]):
            return "sent", f"outbox.journal says that delivery {other} has told it"
        if reason := objection(content):
            return "suppressed", reason
        try:
            parcel = read_parcel(transaction, row, content)
            if one_of_many:
                verify(parcel.title, parcel.text, parcel.mentions)
        except (ValueError, KeyError, TypeError) as fault:
            return "parked", f"cannot be put together: {fault}"
        return parcel

    def _attempt(self, parcel: Letter) -> Reply:
        try:
            message = self.render(parcel)
        except Exception as fault:
            return Reply("permanent", f"cannot be rendered: {type(fault).__name__}: {fault}")
        try:
            reply = self.transports[parcel.channel].send(parcel, message)
        except Exception as fault:
            return Reply("uncertain", f"the transport failed: {type(fault).__name__}: {fault}")
        if reply.kind == "sent":
            self.journal.note(parcel.delivery_id, self.now, reply.words, parcel.alert_ids)
        return reply

    def _mark(self, transaction: Transaction, parcel: Letter, reply: Reply) -> None:
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
        if transaction.rows("claimed_delivery", delivery_id=row["delivery_id"]):
            transaction.run("settle_delivery", delivery_id=row["delivery_id"], **asdict(settled))
            state = "queued" if settled.state in ("new", "unknown") else settled.state
            transaction.run("settle_alerts", delivery_id=row["delivery_id"], state=state)
        words = settled.error or settled.receipt or ""
        self.outcomes.append(
            Outcome(row["delivery_id"], row["subscriber_id"], row["channel"], settled.state, words, settled.maybe_duplicate)
        )
