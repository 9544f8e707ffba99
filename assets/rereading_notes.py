"""How a difference between what was stored and what is read anew is written down in the working copy, in a few words."""

from collections import Counter
from typing import Any

from warehouse.transaction import Row, Transaction

SHOWN = 400  # characters of a text that are kept to show what changed


def note(transaction: Transaction, row: Row, what: str, before: str | None, after: str | None) -> None:
    """Write a difference down; `row` bears entry_id and source_id."""
    begun = {"before": before and before[:SHOWN], "after": after and after[:SHOWN]}
    transaction.run("note_change", entry_id=row["entry_id"], source_id=row["source_id"], what=what, **begun)


def apart(old: str, new: str) -> tuple[str, str]:
    """The paragraphs that only one of two texts has."""
    before, after = old.split("\n\n"), new.split("\n\n")
    gone = [paragraph for paragraph in before if paragraph not in after]
    come = [paragraph for paragraph in after if paragraph not in before]
    return " ¶ ".join(gone)[:SHOWN], " ¶ ".join(come)[:SHOWN]


def told(counts: Counter[str]) -> str:
    """How often each entity: `2 × russia, 1 × ukraine`."""
    return ", ".join(f"{count} × {entity}" for entity, count in sorted(counts.items()))


def shown(row: Row, changes: Row, other: Row) -> str:
    """What a row says where it changes; of lists only what the other row has not."""
    return "; ".join(f"{name}: {str(_only(row[name], other[name]))[:80]}" for name in changes)[:SHOWN]


def _only(value: Any, other: Any) -> Any:
    if not isinstance(value, list | tuple) or not isinstance(other, list | tuple):
        return value
    return [one for one in value if one not in other]
