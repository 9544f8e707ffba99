"""What was published before an article, as far as a rule asks: first mentions, and volume against its own median.

Here: the facts, how they are read, and what they say. Not here: the gates of rules (rules.py). Facts are read only for
rules that ask for them; what they say is a pure function of them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from alerts.records import Rule, Volume
from warehouse.transaction import Transaction

if TYPE_CHECKING:
    from alerts.candidates import Candidate


class Naming(NamedTuple):
    """One article that names an entity. `at`: its exact time of publication, else when it was first seen."""

    entity: str
    article_id: str
    story_id: str | None
    source_id: str
    country: str | None
    language: str | None
    at: datetime
    first_seen_at: datetime


@dataclass(frozen=True)
class History:
    """Facts about earlier articles.

    Attributes:
        namings: which articles named what, of the entities and the time that the rules ask for.
        watched_since: when the first article was seen; None: never.
        sources_since: by source the time of its oldest known article.
    """

    namings: tuple[Naming, ...] = ()
    watched_since: datetime | None = None
    sources_since: Mapping[str, datetime] = field(default_factory=dict)


class Surge(NamedTuple):
    """How many articles a span of hours holds with and without the one that is judged, and how many usually."""

    before: int
    count: int
    usual: float


def asks_history(rule: Rule) -> bool:
    """Whether the rule is about more than the article itself."""
    return bool(rule.first_mention_days or rule.volume)


def last_named(history: History, candidate: "Candidate", entities: Collection[str]) -> datetime | None:
    """When the candidate's source last named one of these in an earlier article; None: not in the time that was read."""
    earlier = (one.at for one in _earlier(history, candidate) if one.source_id == candidate.source_id and one.entity in entities)
    return max(earlier, default=None)


def known_days(since: datetime | None, candidate: "Candidate") -> int:
    """Whole days from a beginning to the candidate; 0 when there was none."""
    return max(0, (candidate.first_seen_at - since).days) if since else 0


def surge(history: History, candidate: "Candidate", rule: Rule, volume: Volume) -> Surge:
    """Articles that name all that the rule asks for, copies of one story counted once, in the hours up to the candidate."""
    hours = timedelta(hours=volume.hours)
    end = candidate.first_seen_at
    stories = _stories(history, candidate, rule)
    windows = [_count(stories, end - hours * (number + 1), end - hours * number) for number in range(volume.windows + 1)]
    known = {story for story, at in stories if end - hours < at <= end}
    is_new = (candidate.story_id or candidate.article_id) not in known
    return Surge(windows[0], windows[0] + is_new, median(windows[1:]))


def with_history(transaction: Transaction, candidates: Sequence["Candidate"], rules: Iterable[Rule]) -> list["Candidate"]:
    """The candidates with the facts that these rules ask for; unchanged, and nothing read, when none does."""
    asking = [rule for rule in rules if asks_history(rule)]
    if not asking or not candidates:
        return list(candidates)
    days = max(max(rule.first_mention_days, rule.volume.days + rule.volume.hours / 24 if rule.volume else 0) for rule in asking)
    entities = {entity for rule in asking for group in rule.groups for entity in rule.reached(group)}
    since = min(one.first_seen_at for one in candidates) - timedelta(days=days)
    history = History(
        tuple(Naming(**row) for row in transaction.rows("mention_history", entities=sorted(entities), since=since)),
        transaction.value("watched_since"),
        {row["source_id"]: row["since"] for row in transaction.rows("sources_since")},
    )
    return [replace(one, history=history) for one in candidates]


def _earlier(history: History, candidate: "Candidate") -> Iterable[Naming]:
    """What was known before the candidate: articles that came in one run are ordered by their ids."""
    place = (candidate.first_seen_at, candidate.article_id)
    return (one for one in history.namings if (one.first_seen_at, one.article_id) < place)


def _stories(history: History, candidate: "Candidate", rule: Rule) -> set[tuple[str, datetime]]:
    """The earlier stories that name every group of the rule, with their times."""
    named: dict[tuple[str, datetime], set[str]] = {}
    for one in _earlier(history, candidate):
        if rule.sources.admits(one.source_id) and rule.countries.admits(one.country) and rule.languages.admits(one.language):
            named.setdefault((one.story_id or one.article_id, one.at), set()).add(one.entity)
    reaches = [rule.reached(group) for group in rule.groups]
    return {story for story, entities in named.items() if all(entities & reach for reach in reaches)}


def _count(stories: Iterable[tuple[str, datetime]], after: datetime, until: datetime) -> int:
    return len({story for story, at in stories if after < at <= until})
