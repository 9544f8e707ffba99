"""What each subscriber was told before: the memory that a decision leans on, and is kept up while a batch is decided.

Pure: rows in, answers out. Not here: the decision itself (select.py).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Told:
    """One earlier alert.

    Attributes:
        fate: reached (it was sent, or nobody can tell), unsent (it still waits) or dropped (it will not be sent).
        removed: names that it said are no longer there.
        proof: its mentions' ids by entity.
    """

    subscriber_id: str
    article_id: str
    story_id: str | None
    entities: frozenset[str]
    alert_id: str = ""
    revision_id: str = ""
    fate: Literal["reached", "unsent", "dropped"] = "reached"
    removed: frozenset[str] = frozenset()
    subscription_ids: tuple[str, ...] = ()
    proof: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Memory:
    """What each subscriber knows, kept up while a batch is decided."""

    def __init__(self, history: Iterable[Told]) -> None:
        self._articles: dict[str, dict[str, list[Told]]] = defaultdict(lambda: defaultdict(list))
        self._stories: dict[tuple[str, str], list[Told]] = defaultdict(list)
        self._dropped: dict[tuple[str, str], set[str]] = defaultdict(set)
        for told in history:
            self.learn(told)

    def learn(self, told: Told) -> None:
        """Add an alert; what was dropped is not known, but it is remembered that there was one."""
        if told.fate == "dropped":
            self._dropped[told.subscriber_id, told.article_id].add(told.revision_id)
            return
        self._articles[told.article_id][told.subscriber_id].append(told)
        if told.story_id:
            self._stories[told.subscriber_id, told.story_id].append(told)

    def forget(self, told: Told) -> None:
        """Take an alert back."""
        self._articles[told.article_id][told.subscriber_id].remove(told)
        if told.story_id:
            self._stories[told.subscriber_id, told.story_id].remove(told)

    def dropped(self, subscriber_id: str, article_id: str) -> Collection[str]:
        """The revisions of the article on which alerts were made that will not be sent."""
        return self._dropped.get((subscriber_id, article_id), ())

    def readers(self, article_id: str) -> Collection[str]:
        """The subscribers who were told of the article, or soon will be."""
        return self._articles.get(article_id, ())

    def of(self, subscriber_id: str, article_id: str) -> Sequence[Told]:
        """What the subscriber was told of the article, in order."""
        return self._articles[article_id].get(subscriber_id, ()) if article_id in self._articles else ()

    def known(self, subscriber_id: str, article_id: str) -> frozenset[str] | None:
        """The names that the subscriber knows to stand in the article; None when they do not know of it."""
        told = self.of(subscriber_id, article_id)
        names: frozenset[str] = frozenset()
        for one in told:
            names = (names | one.entities) - one.removed
        return names if told else None

    def story(self, subscriber_id: str, story_id: str | None) -> Told | None:
        """The alert by which the subscriber knows the story."""
        return next(iter(self._stories.get((subscriber_id, story_id), ())), None) if story_id else None


def told_before(rows: Iterable[Mapping[str, Any]]) -> list[Told]:
    """Earlier alerts from rows of the store."""
    return [_told(row) for row in rows]


def _told(row: Mapping[str, Any]) -> Told:
    proof: dict[str, list[str]] = defaultdict(list)
    for one in row.get("proof") or ():
        proof[one["entity"]].append(one["mention_id"])
    return Told(
        subscriber_id=row["subscriber_id"],
        article_id=row["article_id"],
        story_id=row["story_id"],
        entities=frozenset(row["entities"] or ()),
        alert_id=row.get("alert_id", ""),
        revision_id=row.get("revision_id", ""),
        fate=row.get("fate", "reached"),
        removed=frozenset(row.get("removed") or ()),
        subscription_ids=tuple(row.get("subscription_ids") or ()),
        proof={entity: tuple(ids) for entity, ids in proof.items()},
    )
