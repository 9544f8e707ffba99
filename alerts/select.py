"""Who is told what: candidates and subscriptions in, alerts and reasons out.

Pure: what was told before comes in as `history`. Not here: whether a rule is hit (rules.py), writing and sending (outbox.py).

An article is told once to a subscriber, whichever of their rules it hits; a later revision is told only for what it adds;
copies of a story are told once; nothing is told that was old when its source or the subscription was added.

Verdicts: alert, same alert (another rule of the subscriber leads), not mentioned, no hit, inactive, added later, re-extracted,
baseline, back-match, already told, story already told, nothing new.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from itertools import groupby
from typing import Any, NamedTuple

from alerts.candidates import Candidate
from alerts.records import Subscriber, Subscription
from alerts.rules import Verdict, judge, named

ALERT = "alert"
NOT_MENTIONED = "not mentioned"


@dataclass(frozen=True)
class Told:
    """One earlier alert."""

    subscriber_id: str
    article_id: str
    story_id: str | None
    entities: frozenset[str]


@dataclass(frozen=True)
class Alert:
    """One decision to tell a subscriber of a revision; `subscriptions` are all of their rules that it hit, the first one leads."""

    alert_id: str
    subscriber: Subscriber
    subscriptions: tuple[Subscription, ...]
    candidate: Candidate
    entities: tuple[str, ...]
    mention_ids: tuple[str, ...]
    reason: str
    created_at: datetime


class Ruling(NamedTuple):
    """What became of one subscription and one revision: `verdict` in a word, `reason` in a sentence."""

    candidate: Candidate
    subscription: Subscription
    verdict: str
    reason: str


@dataclass(frozen=True)
class Decision:
    """All that was decided about `candidates`."""

    candidates: tuple[Candidate, ...]
    alerts: tuple[Alert, ...]
    verdicts: tuple[Ruling, ...]

    def summaries(self) -> dict[tuple[str, str], str]:
        """What was decided about each revision (and watch list), such as «1 alert, 2 no hit»."""
        counts = {(one.revision_id, one.watchlist_hash): Counter[str]() for one in self.candidates}
        for ruling in self.verdicts:
            counts[ruling.candidate.revision_id, ruling.candidate.watchlist_hash][ruling.verdict] += 1
        return {key: ", ".join(f"{count} {verdict}" for verdict, count in sorted(one.items())) for key, one in counts.items()}


@dataclass
class _Memory:
    """What each subscriber knows, kept up while a batch is decided."""

    articles: dict[tuple[str, str], frozenset[str]] = field(default_factory=lambda: defaultdict(frozenset))
    stories: dict[tuple[str, str | None], Told] = field(default_factory=dict)

    def learn(self, told: Told) -> None:
        self.articles[told.subscriber_id, told.article_id] |= told.entities
        if told.story_id:
            self.stories.setdefault((told.subscriber_id, told.story_id), told)


def told_before(rows: Iterable[Mapping[str, Any]]) -> list[Told]:
    """Earlier alerts from rows of the store."""
    return [Told(row["subscriber_id"], row["article_id"], row["story_id"], frozenset(row["entities"] or ())) for row in rows]


def decide(candidates: Iterable[Candidate], subscriptions: Iterable[Subscription], history: Iterable[Told], now: datetime) -> Decision:
    """Decide about every candidate for every subscription; `history` holds the earlier alerts of these articles and stories."""
    memory = _Memory()
    for told in history:
        memory.learn(told)
    ordered = tuple(sorted(candidates, key=lambda one: (one.first_seen_at, one.article_id, one.revision_no)))
    # Sorting is stable: a subscriber's first rule in the file leads.
    by_subscriber = sorted(subscriptions, key=lambda one: one.subscriber.id)
    groups = [list(group) for _, group in groupby(by_subscriber, key=lambda one: one.subscriber.id)]
    alerts: list[Alert] = []
    rulings: list[Ruling] = []
    for candidate in ordered:
        for group in groups:
            alert, own = _decide(candidate, group, memory, now)
            rulings += own
            if alert:
                alerts.append(alert)
                memory.learn(Told(alert.subscriber.id, candidate.article_id, candidate.story_id, frozenset(alert.entities)))
    return Decision(ordered, tuple(alerts), tuple(rulings))


def _decide(candidate: Candidate, group: Sequence[Subscription], memory: _Memory, now: datetime) -> tuple[Alert | None, list[Ruling]]:
    """One candidate for all rules of one subscriber."""
    rulings: list[Ruling] = []
    hits: list[tuple[Subscription, Verdict]] = []
    for subscription in group:
        verdict = judge(subscription.rule, candidate)
        obstacle = _obstacle(subscription, candidate, verdict, memory)
        if obstacle:
            rulings.append(Ruling(candidate, subscription, *obstacle))
        else:
            word, reason = ("same alert", f"told by {hits[0][0].id}; it {verdict.reason}") if hits else (ALERT, verdict.reason)
            rulings.append(Ruling(candidate, subscription, word, reason))
            hits.append((subscription, verdict))
    return (_alert(candidate, hits, memory, now) if hits else None), rulings


def _obstacle(subscription: Subscription, candidate: Candidate, verdict: Verdict, memory: _Memory) -> tuple[str, str] | None:
    """Why this subscription does not alert: a word and a sentence; None when nothing stands in the way."""
    if not verdict.hit:
        return ("no hit" if named(subscription.rule, candidate) else NOT_MENTIONED), verdict.reason
    return _stale(subscription, candidate, verdict) or _known(subscription, candidate, verdict, memory)


def _stale(subscription: Subscription, candidate: Candidate, verdict: Verdict) -> tuple[str, str] | None:
    if not subscription.active:
        return "inactive", "the subscription is stopped"
    if subscription.added_at is None or subscription.added_at > candidate.matched_at:
        return "added later", "the article was matched before the subscription was added"
    if candidate.change_kind == "re-extracted":
        return "re-extracted", "our reading of the page changed, not the page"
    if candidate.baseline:
        return "baseline", "the article was already old when its source was first polled"
    if candidate.rematched and not candidate.news.intersection(verdict.entities):
        return "back-match", "the article was decided before, with an earlier watch list"
    return None


def _known(subscription: Subscription, candidate: Candidate, verdict: Verdict, memory: _Memory) -> tuple[str, str] | None:
    subscriber = subscription.subscriber.id
    told = memory.articles.get((subscriber, candidate.article_id))
    if told is not None:
        return ("already told", "the subscriber knows the article and all that it names") if told.issuperset(verdict.entities) else None
    story = memory.stories.get((subscriber, candidate.story_id))
    # A copy that was edited since is no mere copy: what it adds is told.
    if story and (candidate.revision_no == 1 or story.entities.issuperset(verdict.entities)):
        return "story already told", f"the subscriber was told of the same text in article {story.article_id}"
    older = subscription.added_at is not None and candidate.first_seen_at < subscription.added_at
    if older and candidate.earlier_entities.issuperset(verdict.entities):
        return "nothing new", "the article is older than the subscription, and its new version names nothing that it did not name before"
    return None


def _alert(candidate: Candidate, hits: Sequence[tuple[Subscription, Verdict]], memory: _Memory, now: datetime) -> Alert:
    subscriptions = tuple(subscription for subscription, _ in hits)
    subscriber = subscriptions[0].subscriber
    entities = tuple(dict.fromkeys(entity for _, verdict in hits for entity in verdict.entities))
    told = memory.articles.get((subscriber.id, candidate.article_id))
    policy = "first" if told is None else "adds " + ",".join(sorted(set(entities) - told))
    return Alert(
        alert_id=stable_id(subscriber.id, candidate.article_id, policy),
        subscriber=subscriber,
        subscriptions=subscriptions,
        candidate=candidate,
        entities=entities,
        mention_ids=tuple(dict.fromkeys(mention for _, verdict in hits for mention in verdict.mention_ids)),
        reason="; ".join(dict.fromkeys(verdict.reason for _, verdict in hits)),
        created_at=now,
    )


def stable_id(*parts: str) -> str:
    """20 hexadecimal characters that stand for these texts."""
    return blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=10).hexdigest()
