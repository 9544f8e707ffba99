"""What was decided: alerts, rulings and what they replace, as records.

Not here: how it is decided (select.py) and how it is written down (queueing.py).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from alerts.candidates import Candidate
from alerts.records import Subscriber, Subscription
from alerts.schedule import after_quiet


@dataclass(frozen=True)
class Alert:
    """One decision to tell a subscriber of a revision.

    Attributes:
        subscriptions: all of their rules that it answers, the first one leads.
        kind: mention; removal: the revision no longer has what was told of an earlier one; withdrawal: the page is gone.
        revision_id: the text that is quoted: for a removal that of the earlier one.
        removed: names that were told before and are no longer there.
        state: queued (to be sent now), waiting (for a digest, or the end of a pause or of quiet hours) or held (by the flood breaker).
    """

    alert_id: str
    subscriber: Subscriber
    subscriptions: tuple[Subscription, ...]
    candidate: Candidate
    entities: tuple[str, ...]
    mention_ids: tuple[str, ...]
    reason: str
    created_at: datetime
    revision_id: str
    kind: Literal["mention", "removal", "withdrawal"] = "mention"
    removed: tuple[str, ...] = ()
    state: Literal["queued", "waiting", "held"] = "queued"


class Ruling(NamedTuple):
    """What became of one subscription and one revision: `verdict` in a word, `reason` in a sentence."""

    candidate: Candidate
    subscription: Subscription
    verdict: str
    reason: str


class Superseded(NamedTuple):
    """An earlier alert that is not to be sent any more, and why."""

    alert_id: str
    reason: str


@dataclass(frozen=True)
class Decision:
    """All that was decided about `candidates`."""

    candidates: tuple[Candidate, ...]
    alerts: tuple[Alert, ...]
    verdicts: tuple[Ruling, ...]
    superseded: tuple[Superseded, ...] = ()

    def summaries(self) -> dict[tuple[str, str], str]:
        """What was decided about each revision (and watch list), such as «1 alert, 2 no hit»; «not mentioned» when nobody asks for it."""
        counts = {(one.revision_id, one.watchlist_hash): Counter[str]() for one in self.candidates}
        for ruling in self.verdicts:
            counts[ruling.candidate.revision_id, ruling.candidate.watchlist_hash][ruling.verdict] += 1
        return {
            key: ", ".join(f"{count} {verdict}" for verdict, count in sorted(one.items())) or "not mentioned" for key, one in counts.items()
        }


def state_of(subscriptions: Sequence[Subscription], *, held: bool, now: datetime) -> Literal["queued", "waiting", "held"]:
    """Whether an alert that answers these rules of one subscriber is sent at once: the most urgent rule that is not paused decides."""
    if held:
        return "held"
    at_once = any(one.frequency == "immediate" and not (one.paused_until and one.paused_until > now) for one in subscriptions)
    quiet = after_quiet(subscriptions[0].subscriber.schedule("immediate"), now) > now
    return "queued" if at_once and not quiet else "waiting"
