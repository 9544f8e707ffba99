"""The outbox under kill -9 at every statement, and against relays that misbehave: what is lost, what is doubled, what is said.

    python -m bench.outbox [EVERY]

EVERY (default 1) tries only each so many-th step, for a quick look.

Every round has its own store and a real SMTP server. A child process decides, queues, puts a digest together, sends and marks; it
is killed at its n-th step (each SQL statement, each commit, each command to the relay), for every n; then the next run goes on.
«doubled» were accepted twice with the same Message-ID; «unseen» are those of them that the store does not show as such.
"""

import os
import shutil
import signal
import smtplib
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from functools import partial
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from alerts.assembly import assemble
from alerts.candidates import read_candidates
from alerts.enrolment import enrol
from alerts.journal import Journal
from alerts.outbox import deliver, journal_of
from alerts.queueing import queue, read_history
from alerts.records import Rule, Subscriber, Subscription
from alerts.render import MailSettings, render
from alerts.select import decide
from alerts.transports import Smtp
from warehouse import database
from warehouse.database import Warehouse
from warehouse.migrations import migrate
from warehouse.transaction import Transaction

NOW = datetime(2021, 9, 19, 12, tzinfo=UTC)
READERS = ("anna", "boris", "clara")
SETTINGS = MailSettings("alerts@thinkwatch.example", "Thinkwatch", "thinkwatch.example", "stop@thinkwatch.example")
HOURS = (0, 1, 20, 22)
HOURS_AFTER_KILLS = (20, 45)  # a digest that nobody had begun is due the morning after


class Relay(Controller):
    """A real SMTP server that keeps what it accepts; `manner` says how it misbehaves at the text, and how often."""

    def __init__(self, manner: str = "", times: int = 0) -> None:
        self.manner, self.times = manner, times
        self.accepted: list[bytes] = []
        super().__init__(self, hostname="127.0.0.1", port=0)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr, attr-defined] - asyncio's server, which listens by now
        super()._trigger_server()

    def factory(self) -> SMTP:
        """A conversation."""
        return SMTP(self, hostname="relay.example")

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take the text, or misbehave."""
        misbehaves, self.times = self.times > 0, self.times - 1
        if misbehaves and self.manner in ("silent", "slow"):
            import asyncio

            await asyncio.sleep(1.5 if self.manner == "silent" else 0.5)  # the sender waits for one second
        if misbehaves and self.manner[:1] in ("4", "5"):
            return f"{self.manner} not now" if self.manner[0] == "4" else f"{self.manner} no"
        content = envelope.content
        self.accepted.append(content if isinstance(content, bytes) else b"")
        if misbehaves and self.manner in ("drop", "silent") and server.transport:
            server.transport.close()
        return f"250 queued as {len(self.accepted)}"


def _subscriptions() -> list[Subscription]:
    found = []
    for name in READERS:
        who = Subscriber(name, name.title(), f"{name}@institute.example", "en", "UTC", "mail")
        frequency = "daily" if name == "clara" else "immediate"
        found.append(Subscription(name, who, Rule((("csto",),)), "CSTO", frequency=frequency))
    return found


def _fill(warehouse: Warehouse) -> None:
    with warehouse.transaction() as transaction:
        for number in range(2):
            name, text = f"a{number}", "The CSTO met."
            transaction.merge("sources", [{"source_id": "s", "name": "S", "enabled": True, "added_at": NOW}], key=["source_id"])
            article = {"article_id": name, "revision_id": f"{name}r", "source_id": "s", "story_id": name, "title": f"Talks {number}"}
            article |= {"text": text, "text_source": "page", "first_seen_at": NOW, "changed_at": NOW, "baseline": False}
            transaction.merge("articles", [article], key=["article_id"])
            revision = {"revision_id": f"{name}r", "article_id": name, "revision_no": 1, "change_kind": "new", "seen_from": NOW}
            revision |= {"title": f"Talks {number}", "text": text, "text_hash": name, "text_source": "page", "extractor": "x"}
            transaction.merge("revisions", [revision], key=["revision_id"])
            mention = {"mention_id": name, "article_id": name, "revision_id": f"{name}r", "entity": "csto", "field": "text", "zone": "body"}
            mention |= {"start_char": 4, "end_char": 8, "matched": "CSTO", "name": "CSTO", "via": "acronym", "alerting": True}
            mention |= {"sentence_start": 0, "sentence_end": len(text), "watchlist_hash": "w"}
            transaction.merge("mentions", [mention], key=["mention_id"])
            matched = {"revision_id": f"{name}r", "watchlist_hash": "w", "matched_at": NOW}
            transaction.merge("ops.matched", [matched], key=["revision_id", "watchlist_hash"])


def run(warehouse: Warehouse, port: int, now: datetime) -> None:
    """What a run does from the mentions on."""
    with warehouse.transaction() as transaction:
        subscriptions = enrol(transaction, _subscriptions(), NOW)
        candidates = read_candidates(transaction)
        decision = decide(candidates, subscriptions, read_history(transaction, candidates), now)
        queue(transaction, decision, now, domain=SETTINGS.domain)
    with warehouse.transaction() as transaction:
        assemble(transaction, now, domain=SETTINGS.domain, told=journal_of(warehouse).told)
    smtp = Smtp("127.0.0.1", port, timeout=1, hello="thinkwatch.example")
    deliver(warehouse, {"mail": smtp}, partial(render, settings=SETTINGS), now)


@contextmanager
def _stepping(step: Callable[[], None]) -> Iterator[None]:
    """Calls `step` before every statement, commit, command to the relay and line of the journal."""
    places = [(Transaction, name) for name in ("rows", "merge")] + [(smtplib.SMTP, name) for name in ("putcmd", "getreply", "send")]
    places += [(Journal, "note"), (database, "committed")]
    originals = [(owner, name, getattr(owner, name)) for owner, name in places]

    def before(original: Callable) -> Callable:
        def call(*arguments: object, **named: object) -> object:
            step()
            return original(*arguments, **named)

        return call

    for owner, name, original in originals:
        setattr(owner, name, before(original))
    try:
        yield
    finally:
        for owner, name, original in originals:
            setattr(owner, name, original)


def killed(warehouse: Warehouse, port: int, now: datetime, at: int) -> bool:
    """A run in a child process that dies at its step number `at`; False when it came to its end before."""
    child = os.fork()
    if child == 0:
        left = at

        def step() -> None:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        with _stepping(step):
            run(warehouse, port, now)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def ledger(warehouse: Warehouse, relay: Relay, *, due: int = 5) -> Counter[str]:
    """Lost, doubled and doubled unseen mails; `due` are two alerts for two readers, and a digest for the third."""
    ids = Counter(str(message_from_bytes(content)["Message-ID"]) for content in relay.accepted)
    with warehouse.transaction() as transaction:
        shown = {row[0] for row in transaction.connection.execute("SELECT message_id FROM deliveries WHERE maybe_duplicate").fetchall()}
    doubled = [message_id for message_id, count in ids.items() if count > 1]
    return Counter(
        rounds=1, lost=max(0, due - len(ids)), doubled=sum(ids[one] - 1 for one in doubled), unseen=sum(one not in shown for one in doubled)
    )


def rounds(template: Path, folder: Path, manner: str, times: int, *, kills: bool, every: int) -> Iterator[Counter[str]]:
    """One round for each place to die at (or only one)."""
    at = 0
    while True:
        place = folder / f"{manner or 'well'}-{at}" / "store.duckdb"
        place.parent.mkdir()
        shutil.copyfile(template, place)
        warehouse = Warehouse(place, threads=1, lock_seconds=20)
        relay = Relay(manner, times)
        relay.start()
        try:
            # The digest is due in the second look, so both are died in.
            went_on = kills and (killed(warehouse, relay.port, NOW, at) | killed(warehouse, relay.port, NOW + timedelta(hours=20), at))
            for hour in HOURS_AFTER_KILLS if kills else HOURS:
                run(warehouse, relay.port, NOW + timedelta(hours=hour))
            yield ledger(warehouse, relay)
        finally:
            relay.stop()
        shutil.rmtree(place.parent)
        at += every
        if not went_on:
            return


def main(every: int = 1) -> int:
    """Print the table; 1 when a mail was lost, or doubled unseen."""
    scenarios = [
        ("", 0, True),
        ("drop", 1, True),
        *((manner, 2, False) for manner in ("drop", "silent", "slow", "421", "450", "451", "552", "554")),
    ]
    print(f"{'relay':28}{'rounds':>7}{'lost':>6}{'doubled':>9}{'unseen':>8}")
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        template = folder / "template.duckdb"
        migrate(Warehouse(template, threads=1), NOW)
        _fill(Warehouse(template, threads=1))
        for manner, times, kills in scenarios:
            total: Counter[str] = Counter()
            for one in rounds(template, folder, manner, times, kills=kills, every=every):
                total += one
            label = f"{manner or 'well'}{' at the text' if manner else ''}{', kill -9' if kills else ''}"
            parked = 2 if manner.startswith("5") else 0  # refused for good: parked and shown, which is not lost
            print(f"{label:28}{total['rounds']:>7}{max(0, total['lost'] - parked):>6}{total['doubled']:>9}{total['unseen']:>8}", flush=True)
            wrong += max(0, total["lost"] - parked) + total["unseen"]
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
