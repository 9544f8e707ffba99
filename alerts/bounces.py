"""Mails that come back: whose they are by the signed address that they were sent from, how bad it is, and when that is enough.

Pure but for `record`. A report without our signature is nobody's and changes nothing, so nobody can silence another's alerts by
a forged one. Not here: where the mailbox lies (the command `bounces`).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Literal

from alerts.tokens import Signer
from warehouse.ids import hashed
from warehouse.transaction import Transaction

Kind = Literal["hard", "soft", "complaint"]
SCORES: dict[Kind, float] = {"hard": 1.0, "soft": 0.5, "complaint": 1.0}
ENOUGH = 2.5  # of soft ones, each day at most one, within SCORED
SCORED = timedelta(days=14)
LONGEST_WORDS = 300
_PATH = re.compile(r"\+([0-9a-f]{20})\.([0-9a-f]{16})@", re.IGNORECASE)
_ENVELOPE = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")


@dataclass(frozen=True)
class Bounce:
    """One report that is surely about a delivery of ours."""

    delivery_id: str
    kind: Kind
    words: str
    seen_at: datetime


@dataclass(frozen=True)
class Ignored:
    """A mail of the mailbox that counts for nothing, and why."""

    reason: str


def return_path(signer: Signer, mailbox: str, delivery_id: str) -> str:
    """The address that a delivery is sent from, such as bounces+<delivery>.<signature>@host: what comes back says whose it was."""
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+{delivery_id}.{signer.tag(delivery_id)}@{domain}"


def delivery_of(signer: Signer, texts: Iterable[str]) -> str | None:
    """The delivery whose signed address stands in one of these texts; None where none does."""
    for text in texts:
        for delivery_id, tag in _PATH.findall(text):
            if signer.tagged(delivery_id.lower(), tag):
                return delivery_id.lower()
    return None


def read(message: Message, signer: Signer, now: datetime) -> Bounce | Ignored:
    """What a mail of the bounces' mailbox says."""
    if message.get_content_type() == "multipart/report" and message.get_param("report-type") == "feedback-report":
        return _complaint(message, signer, now)
    if (message.get("Auto-Submitted") or "").lower().startswith("auto-replied") and message.get_content_type() != "multipart/report":
        return Ignored("an automatic reply, such as an out-of-office note")
    delivery_id = delivery_of(signer, _recipients(message))
    if delivery_id is None:
        return Ignored("not to an address that we signed")
    found = _failure(message)
    if found is None:
        return Ignored("no report of a failed delivery")
    return Bounce(delivery_id, *found, _written(message, now))


def enough(scores: Iterable[tuple[Kind, float]]) -> bool:
    """Whether an address with these bounces (of the last two weeks) gets no more mail: one hard one or complaint, or many soft ones."""
    kept = list(scores)
    return any(kind != "soft" for kind, _ in kept) or sum(score for _, score in kept) >= ENOUGH


def record(transaction: Transaction, bounces: Iterable[Bounce], now: datetime) -> list[tuple[Bounce, str, bool]]:
    """Store bounces and suppress addresses that have had enough: each with its address, and whether it is suppressed now.

    An address is scored once a day; the same report read again changes nothing. One on an unknown delivery is left out.
    """
    found = []
    for bounce in bounces:
        delivery = transaction.row("delivery_address", delivery_id=bounce.delivery_id)
        if not delivery or not delivery["address"]:
            continue
        place = {"channel": delivery["channel"], "address": delivery["address"]}
        row = {"bounce_id": hashed(*place.values(), bounce.kind, f"{bounce.seen_at:%Y-%m-%d}"), "score": SCORES[bounce.kind]}
        transaction.merge("ops.bounces", [{**vars(bounce), **place, **row}], key=["bounce_id"], update=False)
        recent = transaction.rows("recent_bounces", **place, since=now - SCORED)
        barred = enough((one["kind"], one["score"]) for one in recent)
        if barred:
            suppression = {**place, "reason": f"{bounce.kind} bounce: {bounce.words}", "delivery_id": bounce.delivery_id, "added_at": now}
            transaction.merge("ops.suppressions", [suppression], key=["channel", "address"], update=False)
        found.append((bounce, delivery["address"], barred))
    return found


def _recipients(message: Message) -> list[str]:
    return [address for _, address in getaddresses([str(value) for name in _ENVELOPE for value in message.get_all(name, [])])]


def _complaint(message: Message, signer: Signer, now: datetime) -> Bounce | Ignored:
    """An ARF report goes to the address that the provider knows of us; what it is about is signed in the mail that it encloses."""
    enclosed = [part for part in message.walk() if part.get_content_type() in ("message/rfc822", "text/rfc822-headers")]
    delivery_id = delivery_of(signer, (str(part) for part in enclosed))
    if delivery_id is None:
        return Ignored("a complaint about a mail that we did not sign")
    return Bounce(delivery_id, "complaint", "the reader called it spam", _written(message, now))


def _failure(message: Message) -> tuple[Kind, str] | None:
    """How a delivery failed: by the report's own status where there is one, else by what is known of such mails."""
    for status, action, words in _statuses(message):
        if action in ("failed", ""):
            # A policy refusal (5.7) and a full mailbox (5.2.2) say nothing of the address for good.
            return ("soft" if status.startswith(("4", "5.7", "5.2.2")) else "hard"), words
        return ("soft", words) if action == "delayed" else None
    from flufl.bounce import all_failures  # noqa: PLC0415 - thirty detectors

    try:
        temporary, permanent = all_failures(message)
    except (LookupError, ValueError, TypeError, AttributeError):
        return None  # some of its detectors stumble over mails that are no reports
    if permanent:
        return "hard", "the address does not exist, by the words of the report"
    return ("soft", "not delivered for now, by the words of the report") if temporary else None


def _statuses(message: Message) -> Iterator[tuple[str, str, str]]:
    """Status, action and diagnosis of each recipient of a report by RFC 3464."""
    for part in message.walk():
        blocks = part.get_payload() if part.get_content_type() == "message/delivery-status" else ()
        for block in blocks if isinstance(blocks, list) else ():
            if isinstance(block, Message) and (status := block.get("Status")):
                words = " ".join(str(block.get("Diagnostic-Code") or status).split())[:LONGEST_WORDS]
                yield str(status).strip(), str(block.get("Action") or "").strip().lower(), words


def _written(message: Message, now: datetime) -> datetime:
    """When the report was written, so that it is scored for that day whenever it is read; now when it does not say, or lies."""
    try:
        moment = parsedate_to_datetime(str(message["Date"]))
    except (TypeError, ValueError):
        return now
    moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return moment if now - SCORED < moment <= now else now
