"""What a decision looks at: one revision of an article with its mentions, built from rows of the store.

Here: the records and how they are read. Not here: whether a rule is hit (rules.py) and who is told (select.py).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from alerts.history import History
from warehouse.transaction import Row, Transaction


@dataclass(frozen=True)
class Mention:
    """One mention of a watched entity; offsets are characters of `field`, 0-based, end exclusive.

    `alerting` is False where a mention is kept but raises no alert, such as in datelines and bylines.
    """

    mention_id: str
    entity: str
    field: str
    zone: str
    start: int
    end: int
    matched: str
    name: str
    via: str
    sentence_start: int
    sentence_end: int
    alerting: bool = True


@dataclass(frozen=True)
class Candidate:
    """One matched revision that may be told to subscribers.

    Attributes:
        change_kind: new, edited, restored, re-extracted, or completed (the page of an article known from its feed).
        baseline: the article was already old when its source was first polled.
        rematched: it was decided before, with an earlier watch list.
        earlier_entities: what its earlier revisions mention.
        news: what the later watch list found in it that is to be told all the same.
        salience: 0..1 by entity; an absent one counts as 0.
        authors: as the page names them.
        history: what was published before; empty unless a rule asks for it.
    """

    article_id: str
    revision_id: str
    revision_no: int
    change_kind: str
    story_id: str | None
    source_id: str
    source_name: str
    country: str | None
    language: str | None
    title: str
    text: str
    url: str | None
    published_at: datetime | None
    published_quality: str | None
    first_seen_at: datetime
    baseline: bool
    matched_at: datetime
    watchlist_hash: str
    mentions: tuple[Mention, ...] = ()
    rematched: bool = False
    earlier_entities: frozenset[str] = frozenset()
    news: frozenset[str] = frozenset()
    salience: Mapping[str, float] = field(default_factory=dict)
    authors: tuple[str, ...] = ()
    history: History = field(default=History(), repr=False)


def mention(row: Row) -> Mention:
    """A row of `mentions` as a record."""
    return Mention(
        mention_id=row["mention_id"],
        entity=row["entity"],
        field=row["field"],
        zone=row["zone"],
        start=row["start_char"],
        end=row["end_char"],
        matched=row["matched"],
        name=row["name"],
        via=row["via"],
        sentence_start=row["sentence_start"],
        sentence_end=row["sentence_end"],
        alerting=row["alerting"],
    )


def build(rows: Iterable[Row], mentions: Iterable[Row], saliences: Iterable[Row] = ()) -> list[Candidate]:
    """Candidates of the rows of `select_candidates`, their mentions and their saliences (revision_id, entity, salience)."""
    of_revision: dict[str, list[Mention]] = defaultdict(list)
    for row in mentions:
        of_revision[row["revision_id"]].append(mention(row))
    salience: dict[str, dict[str, float]] = defaultdict(dict)
    for row in saliences:
        salience[row["revision_id"]][row["entity"]] = row["salience"]
    return [_candidate(row, of_revision[row["revision_id"]], salience[row["revision_id"]]) for row in rows]


def read_candidates(transaction: Transaction, *, article_id: str | None = None, limit: int = 500) -> list[Candidate]:
    """The revisions that wait for a decision, oldest first; with `article_id` all of its matched ones, decided or not."""
    rows = transaction.rows("select_candidates", article_id=article_id, limit=limit)
    revisions = [row["revision_id"] for row in rows]
    if not revisions:
        return []
    return build(
        rows,
        transaction.rows("select_candidate_mentions", revision_ids=revisions),
        transaction.rows("select_candidate_saliences", revision_ids=revisions),
    )


def _candidate(row: Row, mentions: list[Mention], salience: Mapping[str, float]) -> Candidate:
    known: dict[str, Any] = {**row, **{name: frozenset(row[name] or ()) for name in ("earlier_entities", "news")}}
    known["authors"] = tuple(row["authors"] or ())
    known["source_name"] = row["source_name"] or row["source_id"]
    return Candidate(**known, mentions=tuple(mentions), salience=salience)
