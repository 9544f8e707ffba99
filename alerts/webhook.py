"""Alerts to a program: one signed POST of JSON a delivery, by the Standard Webhooks convention, through the same outbox.

Here: what is posted, how it is signed, and what an answer means. Not here: the connection, which is handed in, because it must
pass the guard that every request of ours passes.

The receiver verifies `webhook-signature` over "id.timestamp.body" with its own secret, and drops a `webhook-id` that it knows:
a delivery whose answer was lost is posted again under the same id.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from http import HTTPStatus
from typing import Any

from alerts.candidates import Mention
from alerts.parcels import Digest, Letter, Notice, Parcel
from alerts.transports import Reply

SECRET_PREFIX = "whsec_"  # noqa: S105 - a prefix
_BUSY = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


@dataclass(frozen=True)
class Posted:
    """What came of a POST.

    Attributes:
        status: of the answer; None without one.
        words: why it failed.
        sent: whether the other side may have got it although there is no answer.
        barred: the address is one that we never connect to.
    """

    status: int | None
    words: str
    sent: bool = True
    barred: bool = False


Post = Callable[[str, Mapping[str, str], bytes], Posted]


@dataclass(frozen=True)
class Webhook:
    """The way out by HTTP.

    Attributes:
        post: sends body and headers to an address; never raises for what the other side does.
        keys: the installation's keys, the newest first; each signs, so that a key can be changed while receivers follow.
        now: the clock, for the timestamp that is signed.
    """

    post: Post
    keys: Sequence[str]
    now: Callable[[], datetime]

    def send(self, parcel: Letter, message: EmailMessage) -> Reply:
        """Post the delivery to the subscriber's address."""
        if not parcel.address:
            return Reply("permanent", "the subscriber has no address to post to")
        body = json.dumps(payload(parcel, message), ensure_ascii=False, separators=(",", ":")).encode()
        moment = str(int(self.now().timestamp()))
        signatures = [signature(secret(key, parcel.subscriber_id), parcel.delivery_id, moment, body) for key in self.keys]
        headers = {
            "content-type": "application/json; charset=utf-8",
            "webhook-id": parcel.delivery_id,
            "webhook-timestamp": moment,
            "webhook-signature": " ".join(signatures),
        }
        return _meant(self.post(parcel.address, headers, body))

    def recall(self, delivery_id: str, message_id: str) -> Reply:  # noqa: ARG002 - the protocol's signature
        """Nobody keeps what was posted."""
        return Reply("uncertain", "the sender died while it was posting")

    def close(self) -> None:
        """Nothing to let go of."""


def secret(key: str, subscriber_id: str) -> str:
    """The secret of one subscriber, who must not be able to sign for another."""
    digest = hmac.new(key.encode(), b"webhook:" + subscriber_id.encode(), hashlib.sha256).digest()
    return SECRET_PREFIX + base64.b64encode(digest).decode()


def signature(subscriber_secret: str, delivery_id: str, timestamp: str, body: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over "id.timestamp.body"."""
    key = base64.b64decode(subscriber_secret.removeprefix(SECRET_PREFIX))
    signed = hmac.new(key, f"{delivery_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()


def payload(parcel: Letter, message: EmailMessage) -> dict[str, Any]:
    """What is posted: the subject, and each alert with its mentions and their sentences; times in ISO 8601, UTC."""
    kind = "digest" if isinstance(parcel, Digest) else "notice" if isinstance(parcel, Notice) else "alert"
    items = parcel.items if isinstance(parcel, Digest) else () if isinstance(parcel, Notice) else (parcel,)
    told: dict[str, Any] = {
        "type": kind,
        "id": parcel.delivery_id,
        "timestamp": parcel.created_at.isoformat(),
        "subscriber": parcel.subscriber_id,
        "subject": str(message["Subject"] or ""),
        "maybe_duplicate": parcel.maybe_duplicate,
        "alerts": [_alert(item) for item in items],
    }
    if isinstance(parcel, Notice):
        told |= {"notice": {"kind": parcel.kind, "message": parcel.message, "hint": parcel.hint}}
    return told


def _alert(item: Parcel) -> dict[str, Any]:
    return {
        "alert_id": item.alert_id,
        "kind": item.kind,
        "article_id": item.article_id,
        "revision_id": item.revision_id,
        "title": item.title,
        "url": item.url,
        "source": item.source_name,
        "country": item.country,
        "language": item.article_language,
        "published_at": item.published_at.isoformat() if item.published_at else None,
        "published_quality": item.published_quality,
        "entities": [{"entity": entity, "label": item.label(entity)} for entity in item.entities],
        "removed": list(item.removed),
        "rules": [{"subscription": asked.subscription_id, "words": asked.words} for asked in item.asked],
        "mentions": [_mention(item, mention) for mention in item.mentions],
        "outlets": [{"source": outlet.source, "url": outlet.url} for outlet in item.outlets],
        "watchlist_hash": item.watchlist_hash,
    }


def _mention(item: Parcel, mention: Mention) -> dict[str, Any]:
    text = item.title if mention.field == "title" else item.text
    return {
        "entity": mention.entity,
        "field": mention.field,
        "zone": mention.zone,
        "start": mention.start,
        "end": mention.end,
        "matched": mention.matched,
        "sentence": item.title if mention.field == "title" else text[mention.sentence_start : mention.sentence_end],
        "cause": mention.mention_id in item.cause,
    }


def _meant(posted: Posted) -> Reply:
    """The receiver's answer. Only 410 ends it for good: other refusals are mostly a receiver that is being rebuilt."""
    if posted.barred:
        return Reply("permanent", posted.words)
    if posted.status is None:
        return Reply("uncertain" if posted.sent else "busy", posted.words)
    if HTTPStatus.OK <= posted.status < HTTPStatus.MULTIPLE_CHOICES:
        return Reply("sent", f"status {posted.status}")
    words = f"status {posted.status}: {posted.words}" if posted.words else f"status {posted.status}"
    if posted.status == HTTPStatus.GONE:
        return Reply("refused", words)
    busy = posted.status in _BUSY or posted.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return Reply("busy" if busy else "temporary", words)
