"""A source's documents read again, oldest first: what its entries would be if all had been read as we read today. Pure.

Follows what a poll does (`intake`), but moves no visit, no time of sight and no baseline: these are history.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from assets.parsing.identity import Resolved
from assets.parsing.intake import Bound, take_in
from warehouse.transaction import Row

FROM_FEED = (
    *("guid", "url", "title", "published_at", "published_raw", "published_quality", "updated_at", "authors", "summary", "content"),
    *("categories", "enclosures", "language", "content_hash"),
)


class Rerun:
    """The entries of one source, document by document.

    Args:
        stored: rows of `entries` that are to be read again, by id.
    """

    def __init__(self, stored: Mapping[str, Row]) -> None:
        self.stored = dict(stored)
        self.found: dict[str, Row] = {}
        self._rows: dict[str, Row] = {}

    def take(self, resolved: Iterable[Resolved], feed: Row, now: datetime, *, may_find: bool) -> list[Row]:
        """Take up a document of `feed` (its feed_id, source_id and purpose) that was fetched at `now`; the aliases of entries that are new.

        An entry that nobody had found is taken only where `may_find` says so, as one that nobody is ever told of. Of an older page
        that a search for a gap has read no more is taken than the search took: what nobody knew then and was found by it.
        """
        is_poll = feed["purpose"] == "feed"
        chosen = [item for item in resolved if self._is_ours(item, now, may_find=may_find and is_poll, may_change=is_poll)]
        intake = take_in(chosen, known=self._rows, feed=feed, now=now, bound=Bound())
        self._rows |= {row["entry_id"]: row for row in intake.entries}
        fresh = {row["entry_id"]: row | {"baseline": True} for row in intake.entries if row["entry_id"] not in self.stored}
        self.found |= fresh
        self.stored |= fresh
        return [alias for alias in intake.aliases if alias["entry_id"] in fresh]

    def changed(self, gaps: Collection[datetime]) -> list[tuple[Row, Row]]:
        """Stored row and its new columns, of each entry that would be another.

        `gaps` are the times of documents that are no longer there: what they may have said of an entry is not known, so that an
        entry that was in sight then is left as it is.
        """
        pairs = ((self.stored[entry_id], row) for entry_id, row in self._rows.items() if entry_id not in self.found)
        whole = ((old, new) for old, new in pairs if not _has_gap(old, gaps))
        compared = ((old, {name: new[name] for name in FROM_FEED if _differs(old[name], new[name])}) for old, new in whole)
        return [(old, changes) for old, changes in compared if changes]

    def broken(self, gaps: Collection[datetime]) -> int:
        """How many entries could not be read again because a document is gone."""
        return sum(_has_gap(row, gaps) for entry_id, row in self.stored.items() if entry_id not in self.found)

    def _is_ours(self, item: Resolved, now: datetime, *, may_find: bool, may_change: bool) -> bool:
        before = self.stored.get(item.entry_id)
        if before is None:
            return item.is_new and may_find
        return may_change if item.entry_id in self._rows else before["first_seen_at"] == now


def _has_gap(row: Row, gaps: Collection[datetime]) -> bool:
    return any(row["first_seen_at"] <= moment <= row["last_seen_at"] for moment in gaps)


def _differs(old: Any, new: Any) -> bool:
    return _plain(old) != _plain(new)


def _plain(value: Any) -> Any:
    """Equal for what the store hands out and what a reader makes: JSON is text there, and nothing is nothing."""
    if isinstance(value, str) and value[:1] in {"[", "{"}:
        try:
            value = json.loads(value)
        except ValueError:
            return value
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = list(value)
    return value or None
