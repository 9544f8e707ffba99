"""What a subscription would have sent: the very engine that sends, over stored articles, without writing anything.

Here: deciding over history and the letters that would come of it. Not here: the engine itself (select.py), printing (pipelines).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from alerts.candidates import Candidate, build
from alerts.decisions import Alert
from alerts.history import with_history
from alerts.memory import Told
from alerts.parcels import Asked, Digest, Parcel
from alerts.records import Rule, Subscription
from alerts.rules import judge
from alerts.select import as_told, decide
from warehouse.ids import hashed
from warehouse.transaction import Transaction

BATCH = 500
BEGINNING = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Rehearsal:
    """What a subscription would have told.

    Attributes:
        articles: how many were looked at.
        alerts: those that would have been made, oldest first.
        shared: for every other subscription how many of these articles it hits as well.
    """

    articles: int
    alerts: tuple[Alert, ...]
    shared: dict[str, int]

    def by_day(self) -> dict[str, int]:
        """Alerts by the subscriber's calendar day of the article's first sight."""
        zone = ZoneInfo(self.alerts[0].subscriber.timezone) if self.alerts else UTC
        return dict(Counter(alert.candidate.first_seen_at.astimezone(zone).date().isoformat() for alert in self.alerts))


def past_candidates(transaction: Transaction, since: datetime, rules: Sequence[Rule] = ()) -> Iterator[list[Candidate]]:
    """Every article first seen since then in its current text, a batch at a time, with what these rules ask of the past."""
    place = (BEGINNING, "")
    while rows := transaction.rows("select_past_candidates", since=since, after_time=place[0], after_id=place[1], limit=BATCH):
        revisions = [row["revision_id"] for row in rows]
        mentions = transaction.rows("select_candidate_mentions", revision_ids=revisions)
        found = build(rows, mentions, transaction.rows("select_candidate_saliences", revision_ids=revisions))
        yield with_history(transaction, found, rules)
        place = (rows[-1]["first_seen_at"], rows[-1]["article_id"])


def rehearse(batches: Iterable[Sequence[Candidate]], subscription: Subscription, others: Sequence[Subscription] = ()) -> Rehearsal:
    """Decide about these articles as if the subscription had been there, and nothing been told, since ever.

    What was old at its source's first poll is looked at too: the question is what the rule would find.
    """
    always = replace(subscription, active=True, added_at=BEGINNING, paused_until=None)
    history: list[Told] = []
    alerts: list[Alert] = []
    shared: Counter[str] = Counter()
    articles = 0
    for batch in batches:
        articles += len(batch)
        fresh = [replace(one, baseline=False) for one in batch]
        for alert in decide(fresh, [always], history, batch[0].first_seen_at if batch else BEGINNING).alerts:
            alerts.append(alert)
            history.append(replace(as_told(alert), fate="reached"))
            shared.update(other.id for other in others if other.id != subscription.id and judge(other.rule, alert.candidate).hit)
    return Rehearsal(articles, tuple(alerts), dict(shared))


def parcel_of(alert: Alert, now: datetime, *, address: str | None = None) -> Parcel:
    """The mail that this alert would become, now; `address` instead of the subscriber's."""
    candidate, who = alert.candidate, alert.subscriber
    delivery_id = hashed("preview", alert.alert_id, who.channel)
    return Parcel(
        delivery_id=delivery_id,
        alert_id=alert.alert_id,
        subscriber_id=who.id,
        subscription_id=alert.subscriptions[0].id,
        channel=who.channel,
        address=address or who.address,
        message_id=f"<{delivery_id}.{now:%Y%m%d%H%M%S}@preview.invalid>",
        attempts=1,
        maybe_duplicate=False,
        queued_at=now,
        created_at=now,
        entities=alert.entities,
        asked=tuple(Asked(one.id, one.words, dict(one.rule.labels)) for one in alert.subscriptions),
        watchlist_hash=candidate.watchlist_hash,
        article_id=candidate.article_id,
        revision_id=candidate.revision_id,
        revision_no=candidate.revision_no,
        title=candidate.title,
        text=candidate.text,
        article_language=candidate.language,
        url=candidate.url,
        published_at=candidate.published_at,
        published_quality=candidate.published_quality,
        first_seen_at=candidate.first_seen_at,
        withdrawn_at=None,
        source_name=candidate.source_name,
        country=candidate.country,
        language=who.language,
        subscriber_name=who.name,
        timezone=who.timezone,
        mentions=tuple(one for one in candidate.mentions if one.entity in alert.entities),
        cause=frozenset(alert.mention_ids),
        group_by=who.group_by,
    )


def digest_of(parcels: Sequence[Parcel], frequency: str, now: datetime) -> Digest:
    """These alerts as a digest; at least one."""
    first = parcels[0]
    return Digest(
        delivery_id=hashed("preview", frequency, *(one.alert_id for one in parcels)),
        subscriber_id=first.subscriber_id,
        channel=first.channel,
        address=first.address,
        message_id=first.message_id,
        attempts=1,
        maybe_duplicate=False,
        queued_at=now,
        frequency=frequency,
        due_at=now,
        delayed=False,
        items=tuple(parcels),
    )
