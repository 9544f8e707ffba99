"""Which stored texts a watch list has not seen, read in batches with as little text as possible.

What belongs here: the plan of matching and what a changed list would change. What does not: writing mentions down
(`assets.mentions`), what differs between two lists (`assets.matching.changes`).
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from alerts.candidates import read_candidates
from alerts.records import read_rule
from alerts.rules import judge
from assets.extraction.records import Zone
from assets.matching.batches import Matched, Matchers, Text
from assets.matching.changes import Difference, Version, difference, narrowed, text_test, version
from assets.matching.compiling import Compiled
from assets.matching.mentions import Mention
from warehouse.database import Warehouse
from warehouse.ids import hashed
from warehouse.transaction import Row, Transaction

BATCH = 2000  # revisions that are looked at in one transaction
Progress = Callable[[int, int], None]


class Batch(NamedTuple):
    """Some revisions in the order of their arrival, and those of their texts that must be matched.

    Attributes:
        revisions: rows of `revisions_to_match`; when the batch is stored, all of them are of the new list.
        texts: what must be matched; a text without `only` is matched whole.
        rows: the rows of `texts`, by revision.
        entities: what is matched in the texts that are not matched whole.
    """

    revisions: list[Row]
    texts: list[Text]
    rows: Mapping[str, Row]
    entities: frozenset[str]


def batches(warehouse: Warehouse, compiled: Compiled, *, known: bool) -> Iterator[Batch]:
    """The revisions that no watch list has seen, or with `known` those that another one has; a short transaction a batch.

    Works whether the caller stores each batch before the next one is asked for or not.
    """
    plan = _Plan(compiled)
    after: dict[str, Any] = {"after": None, "after_id": ""}
    while True:
        with warehouse.transaction() as transaction:
            revisions = transaction.rows("revisions_to_match", watchlist_hash=compiled.hash, known=known, most=BATCH, **after)
            batch = plan.read(transaction, revisions) if revisions else None
        if batch is None:
            return
        yield batch
        after = {"after": revisions[-1]["seen_from"], "after_id": revisions[-1]["revision_id"]}


class _Plan:
    """Which texts of a batch must be read, and for which entities they are matched."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.version = version(compiled)
        self.differences: dict[str | None, Difference | None] = {None: None}

    def read(self, transaction: Transaction, revisions: list[Row]) -> Batch:
        differences = {row["revision_id"]: self._difference(transaction, row) for row in revisions}
        whole = [row["revision_id"] for row in revisions if _is_whole(row, differences[row["revision_id"]])]
        part = sorted({row["revision_id"] for row in revisions}.difference(whole))
        entities = frozenset(entity for one in part if (found := differences[one]) for entity in found.entities)
        bounds = {"first": revisions[0]["seen_from"], "last": revisions[-1]["seen_from"]}
        rows = transaction.rows("texts_to_match", revision_ids=whole, **bounds) if whole else []
        texts = [(row, None) for row in rows]
        if entities:
            texts += [(row, entities) for row in self._touched(transaction, part, entities, bounds)]
        languages = {row["revision_id"]: row["language"] for row in revisions}
        return Batch(
            revisions, [_text(row, languages, only) for row, only in texts], {row["revision_id"]: row for row, _ in texts}, entities
        )

    def _difference(self, transaction: Transaction, revision: Row) -> Difference | None:
        """What has changed since the list that the revision's mentions are of; None where that list is not known."""
        if not self.differences.keys() - {None} and revision["known_hash"]:
            for row in transaction.rows("watchlist_versions"):
                old = Version(frozenset(row["languages"] or ()), json.loads(row["entities"]))
                self.differences[row["watchlist_hash"]] = difference(old, self.version)
        return self.differences.get(revision["known_hash"])

    def _touched(self, transaction: Transaction, part: list[str], entities: frozenset[str], bounds: Row) -> list[Row]:
        test = text_test(narrowed(self.compiled, entities))
        if test is None:
            return transaction.rows("texts_to_match", revision_ids=part, **bounds)
        return transaction.rows("texts_to_match_again", revision_ids=part, entities=sorted(entities), **test._asdict(), **bounds)


def _is_whole(revision: Row, changed: Difference | None) -> bool:
    """Whether nothing of the revision's mentions can be kept."""
    return changed is None or revision["error"] is not None or changed.covers(revision["language"])


def _text(row: Row, languages: Mapping[str, str | None], only: frozenset[str] | None) -> Text:
    zones = tuple(Zone(zone["kind"], zone["start_char"], zone["end_char"]) for zone in row["zones"] or ())
    return Text(row["revision_id"], row["title"], row["text"], languages[row["revision_id"]], zones, only)


def mention_row(mention: Mention, revision: Row, watchlist_hash: str) -> Row:
    """A row of `mentions`."""
    place = (mention.entity, mention.field, str(mention.start), str(mention.end))
    return {
        "mention_id": hashed(revision["revision_id"], *place),
        "article_id": revision["article_id"],
        "revision_id": revision["revision_id"],
        "entity": mention.entity,
        "field": mention.field,
        "zone": mention.zone,
        "start_char": mention.start,
        "end_char": mention.end,
        "matched": mention.matched,
        "name": mention.name,
        "via": mention.via,
        "sentence_start": mention.sentence[0],
        "sentence_end": mention.sentence[1],
        "alerting": mention.alerting,
        "score": mention.score,
        "watchlist_hash": watchlist_hash,
    }


@dataclass
class Foreseen:
    """What a watch list would change in the stored mentions.

    Attributes:
        texts: how many texts were matched again, of `revisions`.
        added, gone: mentions by entity.
        examples: some of them: entity, change (added or gone), matched, sentence, title, article_id.
        alerts: earlier alerts that no rule of theirs would raise without the mentions that go.
    """

    revisions: int = 0
    texts: int = 0
    failed: int = 0
    never_matched: int = 0
    added: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)
    examples: list[Row] = field(default_factory=list)
    alerts: list[Row] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it; an alert's rules are left out."""
        alerts = [{name: value for name, value in alert.items() if name != "rule"} for alert in self.alerts]
        return {**vars(self), "added": dict(self.added), "gone": dict(self.gone), "alerts": alerts}


EXAMPLES = 3  # of each entity and direction


def foresee(warehouse: Warehouse, compiled: Compiled, *, processes: int = 1, progress: Progress = lambda *_: None) -> Foreseen:
    """Match the stored texts against another list and compare; stores nothing."""
    with warehouse.transaction() as transaction:
        waiting = transaction.rows("count_revisions_to_match", watchlist_hash=compiled.hash)[0]
    result = Foreseen(never_matched=waiting["never"])
    lost: list[str] = []
    with Matchers(compiled, processes) as matchers:
        for batch in batches(warehouse, compiled, known=True):
            matched = list(matchers.match(batch.texts))
            with warehouse.transaction() as transaction:
                lost += _compare(transaction, batch, matched, compiled.hash, result)
            result.revisions += len(batch.revisions)
            result.texts += len(batch.texts)
            progress(result.revisions, waiting["again"])
    with warehouse.transaction() as transaction:
        result.alerts = _would_vanish(transaction, lost)
    return result


def _compare(transaction: Transaction, batch: Batch, matched: Iterable[Matched], watchlist_hash: str, result: Foreseen) -> list[str]:
    """Add a batch to the result; the ids of the mentions that would be gone."""
    lost = []
    for text, found in zip(batch.texts, matched, strict=True):
        if found.error:
            result.failed += 1
            continue
        row = batch.rows[text.revision_id]
        entities = None if text.only is None else sorted(text.only)
        stored = transaction.rows("mentions_to_replace", revision_ids=[text.revision_id], entities=entities)
        old = {one["mention_id"]: one for one in stored if one["alerting"]}
        new = {one["mention_id"]: one for one in (mention_row(each, row, watchlist_hash) for each in found.mentions) if one["alerting"]}
        for change, counts, rows in (("added", result.added, new.keys() - old), ("gone", result.gone, old.keys() - new)):
            for mention in sorted(rows):
                _note(result, change, counts, {**old, **new}[mention], row)
        lost += sorted(old.keys() - new)
    return lost


def _note(result: Foreseen, change: str, counts: Counter[str], mention: Row, row: Row) -> None:
    counts[mention["entity"]] += 1
    if counts[mention["entity"]] <= EXAMPLES:
        sentence = row[mention["field"]][mention["sentence_start"] : mention["sentence_end"]]
        shown = {"entity": mention["entity"], "change": change, "matched": mention["matched"], "sentence": " ".join(sentence.split())}
        result.examples.append(shown | {"title": row["title"], "article_id": row["article_id"]})


def _would_vanish(transaction: Transaction, lost: Sequence[str]) -> list[Row]:
    """The alerts that no rule of theirs would raise without these mentions; what rules ask of the history is left aside."""
    gone = frozenset(lost)
    return [row for row in transaction.rows("alerts_on_mentions", mention_ids=sorted(gone)) if not _still_raised(transaction, row, gone)]


def _still_raised(transaction: Transaction, alert: Row, gone: frozenset[str]) -> bool:
    rules = [replace(read_rule(asked["rule"]), first_mention_days=0, volume=None) for asked in json.loads(alert["rule"])]
    for candidate in read_candidates(transaction, article_id=alert["article_id"]):
        if candidate.revision_id == alert["revision_id"]:
            left = replace(candidate, mentions=tuple(one for one in candidate.mentions if one.mention_id not in gone))
            return any(judge(rule, left).hit for rule in rules)
    return False
