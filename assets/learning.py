"""From an alert that a reader marked as false to a change of the watch list, tried on the whole stored history.

What belongs here: reading contexts, and what a proposal would change besides. What does not: the proposal itself
(`assets.matching.learning`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from assets.matching.compiling import compile_watchlist
from assets.matching.learning import Context, Proposal, propose, snippet
from assets.matching.watchlist import load_watchlist, merge
from assets.rematching import Foreseen, foresee
from warehouse.database import Warehouse
from warehouse.documents import Document
from warehouse.errors import ConfigError
from warehouse.transaction import Row, Transaction

MOST_CONTEXTS = 5000  # mentions of one entity that are looked at, newest first


@dataclass(frozen=True)
class Tried:
    """A proposal as YAML, with what it would change in the stored history.

    Attributes:
        entity: whose mentions it is about.
        proposal: the change and its counts.
        yaml: the change as a watch list.
        foreseen: the mentions that would come and go, and the alerts that would not have been raised.
        prevents: whether the marked alert is among these.
    """

    entity: str
    proposal: Proposal
    yaml: str
    foreseen: Foreseen
    prevents: bool


def find_alert(transaction: Transaction, wanted: str) -> Row:
    """The alert whose id begins so. Raises ConfigError when there is none, or more than one."""
    found = transaction.rows("find_alert", wanted=wanted)
    if len(found) == 1:
        return found[0]
    if found:
        raise ConfigError(
            f"{wanted!r} begins several alerts' ids", hint=f"give more of it: {', '.join(row['alert_id'] for row in found)} …"
        )
    raise ConfigError(f"there is no alert {wanted!r}", hint="list them with: thinkwatch alerts list")


def mark(transaction: Transaction, alert_id: str, verdict: Literal["right", "false"], because: str | None, now: datetime) -> None:
    """Write down what a reader says of an alert; the last word holds."""
    row = {"alert_id": alert_id, "verdict": verdict, "because": because, "marked_at": now}
    transaction.merge("alert_marks", [row], key=["alert_id"])


def learn(
    warehouse: Warehouse, alert_id: str, lists: Sequence[Path], cache: Path, *, entity: str | None = None, processes: int = 1
) -> list[Tried]:
    """What would have prevented the alert: proposals for each of its entities (or for one), each tried on the history.

    Raises ConfigError when the stored mentions are not of these watch lists, so that a comparison would show other changes too.
    """
    current = compile_watchlist(load_watchlist(lists), cache_dir=cache)
    with warehouse.transaction() as transaction:
        if transaction.rows("count_revisions_to_match", watchlist_hash=current.hash)[0]["again"]:
            raise ConfigError("the watch list has changed since the texts were matched", hint="run first: thinkwatch rematch")
        causes = transaction.rows("alert_contexts", alert_id=alert_id)
        proposals = [
            (one, proposal)
            for one in sorted({row["entity"] for row in causes})
            if entity in {None, one}
            for proposal in _proposals(transaction, one, causes)
        ]
    return [_try(warehouse, alert_id, one, proposal, lists, cache, processes) for one, proposal in proposals]


def _proposals(transaction: Transaction, entity: str, causes: Sequence[Row]) -> list[Proposal]:
    """From the mentions of all alerts that are marked false, and this one, against all other mentions of the entity."""
    own = [row for row in causes if row["entity"] == entity]
    languages = sorted({row["language"] for row in own if row["language"]})
    stored = transaction.rows("entity_contexts", entity=entity, languages=languages, most=MOST_CONTEXTS)
    false = {row["mention_id"]: row for row in (*own, *(row for row in stored if row["verdict"] == "false"))}
    others = [row for row in stored if row["mention_id"] not in false]
    return propose(
        _contexts(false.values()),
        _contexts(row for row in others if not row["verdict"]),
        right=_contexts(row for row in others if row["verdict"]),
        languages=languages,
    )


def _contexts(rows: Iterable[Row]) -> list[Context]:
    return [Context(row["before"], row["matched"], row["after"]) for row in rows]


def _try(warehouse: Warehouse, alert_id: str, entity: str, proposal: Proposal, lists: Sequence[Path], cache: Path, processes: int) -> Tried:
    text = snippet(entity, proposal)
    changed = compile_watchlist(merge([*(Document.read(path) for path in lists), Document(text, "proposal")]), cache_dir=cache)
    foreseen = foresee(warehouse, changed, processes=processes)
    return Tried(entity, proposal, text, foreseen, any(row["alert_id"] == alert_id for row in foreseen.alerts))
