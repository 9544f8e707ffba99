"""Who is told what: candidates and subscriptions in, alerts and reasons out.

Pure: what was told before comes in as `history`. Not here: whether a rule is hit (rules.py), which sources are held
(flood.py), writing (queueing.py) and sending (outbox.py).

An article is told once to a subscriber, whichever of their rules it hits; a later revision is told only for a watched name
that it adds or no longer has; copies of a story are told once; nothing is told that was old when its source or the
subscription was added. That we read a page better than before is no news either, unless it
finds, in an article of the last seven days, somebody whom we had overlooked: that alert is owed. An alert that was not sent
before its article changed gives way to one on the article as it is now.

Verdicts: alert, same alert (another rule of the subscriber leads), no longer mentioned, no hit, inactive, added later,
re-extracted, baseline, back-match, already told, story already told, nothing new. Where nothing is named that a rule asks
for there is no verdict: there are millions of such pairs, and nothing to explain.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from alerts.candidates import Candidate
from alerts.decisions import Alert, Decision, Ruling, Superseded, state_of
from alerts.judging import Bench, Numbered
from alerts.memory import Memory, Told
from alerts.records import AUTHOR, Subscription
from alerts.rules import Verdict
from warehouse.ids import hashed

ALERT = "alert"
ALREADY_TOLD = "already told"
NO_LONGER = "no longer mentioned"
CORRECTED = "the article was corrected before this was sent and no longer names what was asked for"
STILL_OWED = timedelta(days=7)  # after an article was first seen; what is found in it later is no news
SUPERSEDED = "the article was edited before this was sent; it is told as it is now"


def decide(
    candidates: Iterable[Candidate],
    subscriptions: Iterable[Subscription],
    history: Iterable[Told],
    now: datetime,
    *,
    held: Collection[str] = (),
) -> Decision:
    """Decide about every candidate for every subscription.

    Args:
        candidates: in any order.
        subscriptions: as they are in force.
        history: the earlier alerts of these articles and stories, oldest first.
        now: aware UTC.
        held: ids of sources whose alerts the flood breaker holds.
    """
    desk = _Desk(subscriptions, Memory(history), now, held)
    ordered = tuple(sorted(candidates, key=lambda one: (one.first_seen_at, one.article_id, one.revision_no)))
    for candidate in ordered:
        desk.take(candidate)
    return Decision(ordered, tuple(desk.alerts), tuple(desk.rulings), tuple(desk.superseded))


class _Desk:
    """Takes candidates one by one and remembers what it has told."""

    def __init__(self, subscriptions: Iterable[Subscription], memory: Memory, now: datetime, held: Collection[str]) -> None:
        self.memory = memory
        self.now = now
        self.held = held
        self.alerts: list[Alert] = []
        self.rulings: list[Ruling] = []
        self.superseded: list[Superseded] = []
        self.bench = Bench()
        # In the order of their ids; a subscriber's first rule in the file leads.
        for one in sorted(subscriptions, key=lambda one: one.subscriber.id):
            self.bench.admit(one)

    def take(self, candidate: Candidate) -> None:
        concerned = self.bench.concerned(candidate)
        readers = [who for who in self.memory.readers(candidate.article_id) if who in self.bench.groups]
        for who in sorted({*concerned, *readers}) if readers else concerned:
            self._decide(candidate, self.bench.groups[who])

    def _decide(self, candidate: Candidate, group: Sequence[Numbered]) -> None:
        """One candidate for all rules of one subscriber."""
        who = group[0][0].subscriber.id
        dropped = self.memory.dropped(who, candidate.article_id)
        if candidate.revision_id in dropped:
            reason = "an alert on this version was made before, and not sent"
            self.rulings += [Ruling(candidate, one, ALREADY_TOLD, reason) for one, rule in group if self.bench.verdict(rule, candidate)]
            return
        unsent = self._take_back(candidate, who)
        hits, barred = self._hits(candidate, group)
        if barred and not hits:
            # Something other than the text stands in the way of this version: the earlier alert is still right.
            for told in unsent:
                self.memory.learn(told)
            return
        self._supersede(unsent, SUPERSEDED if hits else CORRECTED)
        alert = self._alert(candidate, hits, bool(unsent or dropped)) if hits else self._removal(candidate, [one for one, _ in group])
        if alert:
            self.alerts.append(alert)
            self.memory.learn(as_told(alert))

    def _take_back(self, candidate: Candidate, who: str) -> list[Told]:
        """The alerts on an earlier version of the article that were not sent yet, now forgotten."""
        unsent = [told for told in self.memory.of(who, candidate.article_id) if told.fate == "unsent" and _changes(candidate, told)]
        for told in unsent:
            self.memory.forget(told)
        return unsent

    def _supersede(self, unsent: Sequence[Told], reason: str) -> None:
        taken = {told.alert_id for told in unsent}
        if taken:
            fresh = {alert.alert_id for alert in self.alerts} & taken
            self.alerts = [alert for alert in self.alerts if alert.alert_id not in fresh]
            self.superseded += [Superseded(alert_id, reason) for alert_id in sorted(taken - fresh)]

    def _hits(self, candidate: Candidate, group: Sequence[Numbered]) -> tuple[list[tuple[Subscription, Verdict]], bool]:
        """The rules that alert, and whether another one is hit but something else than what is already told bars it."""
        hits: list[tuple[Subscription, Verdict]] = []
        barred = False
        for subscription, rule in group:
            verdict = self.bench.verdict(rule, candidate)
            if verdict is None:
                continue
            obstacle = _obstacle(subscription, candidate, verdict, self.memory)
            if obstacle:
                barred = barred or (verdict.hit and obstacle[0] != ALREADY_TOLD)
                self.rulings.append(Ruling(candidate, subscription, *obstacle))
            else:
                word, reason = ("same alert", f"told by {hits[0][0].id}; it {verdict.reason}") if hits else (ALERT, verdict.reason)
                self.rulings.append(Ruling(candidate, subscription, word, reason))
                hits.append((subscription, verdict))
        return hits, barred

    def _alert(self, candidate: Candidate, hits: Sequence[tuple[Subscription, Verdict]], anew: bool) -> Alert:
        subscriptions = tuple(subscription for subscription, _ in hits)
        subscriber = subscriptions[0].subscriber
        entities = tuple(dict.fromkeys(entity for _, verdict in hits for entity in verdict.entities))
        known = self.memory.known(subscriber.id, candidate.article_id)
        policy = "first" if known is None else "adds " + ",".join(sorted(set(entities) - known))
        return Alert(
            alert_id=hashed(subscriber.id, candidate.article_id, policy, *([candidate.revision_id] if anew else [])),
            subscriber=subscriber,
            subscriptions=subscriptions,
            candidate=candidate,
            entities=entities,
            mention_ids=tuple(dict.fromkeys(mention for _, verdict in hits for mention in verdict.mention_ids)),
            reason="; ".join(dict.fromkeys(verdict.reason for _, verdict in hits)),
            created_at=self.now,
            revision_id=candidate.revision_id,
            removed=_gone(candidate, known or frozenset()),
            state=state_of(subscriptions, held=candidate.source_id in self.held, now=self.now),
        )

    def _removal(self, candidate: Candidate, group: Sequence[Subscription]) -> Alert | None:
        """The alert that the page no longer has what this subscriber was told of; None when that is not so."""
        told = self.memory.of(group[0].subscriber.id, candidate.article_id)
        gone = _gone(candidate, self.memory.known(group[0].subscriber.id, candidate.article_id) or frozenset())
        answered = [one for one in group if one.active and any(one.id in earlier.subscription_ids for earlier in told)]
        proof = {entity: earlier for earlier in told if earlier.proof for entity in gone if entity in earlier.proof}
        if not gone or not answered or not proof or candidate.change_kind == "re-extracted" or candidate.rematched:
            return None
        reason = f"no longer names {', '.join(answered[0].rule.label(entity) for entity in gone)}"
        self.rulings += [Ruling(candidate, one, NO_LONGER, reason) for one in answered]
        quoted = max(proof.values(), key=told.index)
        return Alert(
            alert_id=hashed(group[0].subscriber.id, candidate.article_id, "removes " + ",".join(gone)),
            subscriber=group[0].subscriber,
            subscriptions=tuple(answered),
            candidate=candidate,
            entities=tuple(entity for entity in gone if entity in quoted.proof),
            mention_ids=tuple(mention for entity in gone for mention in quoted.proof.get(entity, ())),
            reason=reason,
            created_at=self.now,
            revision_id=quoted.revision_id,
            kind="removal",
            removed=gone,
            state=state_of(answered, held=candidate.source_id in self.held, now=self.now),
        )


def withdrawal(told: Told, candidate: Candidate, group: Sequence[Subscription], now: datetime) -> Alert | None:
    """The alert that the page of what was told is gone; None when the subscriber's rules that told of it are stopped.

    `candidate` is the revision that was told.
    """
    answered = tuple(one for one in group if one.active and one.id in told.subscription_ids)
    if not answered or not told.proof:
        return None
    return Alert(
        alert_id=hashed(told.subscriber_id, told.article_id, "withdrawn"),
        subscriber=answered[0].subscriber,
        subscriptions=answered,
        candidate=candidate,
        entities=tuple(sorted(told.proof)),
        mention_ids=tuple(mention for entity in sorted(told.proof) for mention in told.proof[entity]),
        reason="the page was withdrawn",
        created_at=now,
        revision_id=told.revision_id,
        kind="withdrawal",
        state=state_of(answered, held=False, now=now),
    )


def as_told(alert: Alert) -> Told:
    """The alert as the next decision remembers it; it was not sent yet."""
    proof: dict[str, list[str]] = defaultdict(list)
    cause = frozenset(alert.mention_ids)
    for mention in alert.candidate.mentions:
        if mention.mention_id in cause:
            proof[mention.entity].append(mention.mention_id)
    return Told(
        subscriber_id=alert.subscriber.id,
        article_id=alert.candidate.article_id,
        story_id=alert.candidate.story_id,
        entities=frozenset(alert.entities),
        alert_id=alert.alert_id,
        revision_id=alert.revision_id,
        fate="unsent",
        removed=frozenset(alert.removed),
        subscription_ids=tuple(one.id for one in alert.subscriptions),
        proof={entity: tuple(ids) for entity, ids in proof.items()},
    )


def _changes(candidate: Candidate, told: Told) -> bool:
    return candidate.revision_id != told.revision_id and candidate.change_kind != "re-extracted" and not candidate.rematched


def _gone(candidate: Candidate, known: frozenset[str]) -> tuple[str, ...]:
    # An author is not named in the text, so no text stops naming one.
    known = frozenset(entity for entity in known if not entity.startswith(AUTHOR))
    return tuple(sorted(known.difference(mention.entity for mention in candidate.mentions if mention.alerting))) if known else ()


def _obstacle(subscription: Subscription, candidate: Candidate, verdict: Verdict, memory: Memory) -> tuple[str, str] | None:
    """Why this subscription does not alert: a word and a sentence; None when nothing stands in the way."""
    if not verdict.hit:
        return "no hit", verdict.reason
    return _stale(subscription, candidate, verdict) or _known(subscription, candidate, verdict, memory)


def _stale(subscription: Subscription, candidate: Candidate, verdict: Verdict) -> tuple[str, str] | None:
    if not subscription.active:
        return "inactive", "the subscription is stopped"
    if subscription.added_at is None or subscription.added_at > candidate.matched_at:
        return "added later", "the article was matched before the subscription was added"
    if candidate.change_kind == "re-extracted" and not _found_late(candidate, verdict):
        return "re-extracted", "our reading of the page changed, not the page"
    if candidate.baseline:
        return "baseline", "the article was already old when its source was first polled"
    if candidate.rematched and not candidate.news.intersection(verdict.entities):
        return "back-match", "the article was decided before, with an earlier watch list"
    return None


def _found_late(candidate: Candidate, verdict: Verdict) -> bool:
    """Whether our better reading of a young article finds somebody whom the one before had lost: that alert is still owed."""
    young = candidate.matched_at - candidate.first_seen_at <= STILL_OWED
    return young and not candidate.earlier_entities.issuperset(verdict.entities)


def _known(subscription: Subscription, candidate: Candidate, verdict: Verdict, memory: Memory) -> tuple[str, str] | None:
    subscriber = subscription.subscriber.id
    told = memory.known(subscriber, candidate.article_id)
    if told is not None:
        return (ALREADY_TOLD, "the subscriber knows the article and all that it names") if told.issuperset(verdict.entities) else None
    story = memory.story(subscriber, candidate.story_id)
    # A copy that was edited since is no mere copy: what it adds is told.
    if story and story.entities.issuperset(verdict.entities):
        return "story already told", f"the subscriber was told of the same story in article {story.article_id}"
    older = subscription.added_at is not None and candidate.first_seen_at < subscription.added_at
    if older and candidate.earlier_entities.issuperset(verdict.entities):
        return "nothing new", "the article is older than the subscription, and its new version names nothing that it did not name before"
    return None
