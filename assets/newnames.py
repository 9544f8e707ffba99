"""The report of new names: stored texts of some weeks, less what the watch list finds in them.

What belongs here: reading texts and mentions. What does not: what a name is (`assets.matching.newnames`).
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from assets.matching.newnames import Found, NewName, Sighting, names_in, rank
from warehouse.database import Row, Transaction

BATCH = 500


def new_names(transaction: Transaction, *, weeks: int, earlier: int = 8, least: int = 2) -> list[NewName]:
    """What is named in the newest `weeks` and that no watch list knows, by the source's country and week.

    Args:
        transaction: on the store or on the analysts' copy.
        weeks: how many weeks, up to that of the newest article.
        earlier: how many weeks before them it is compared with.
        least: articles that must name it.
    """
    newest: date | None = transaction.value("newest_week")
    if newest is None:
        return []
    first = newest - timedelta(weeks=weeks - 1)
    asked = [str(first + timedelta(weeks=number)) for number in range(weeks)]
    since = first - timedelta(weeks=earlier)
    oldest: date = transaction.value("oldest_week")
    known = max(0, (first - max(since, oldest)).days // 7)
    return rank(_sightings(transaction, since), asked, earlier_weeks=known, least=least)


def _sightings(transaction: Transaction, since: date) -> Iterator[Sighting]:
    after = ""
    while rows := transaction.rows("texts_since", since=since, after=after, most=BATCH):
        watched: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for span in transaction.rows("mention_spans", revision_ids=[row["revision_id"] for row in rows]):
            watched[span["revision_id"]].append((span["start_char"], span["end_char"]))
        for row in rows:
            seen = {
                found.key: found for found in names_in(row["text"], row["language"]) if not _is_watched(found, watched[row["revision_id"]])
            }
            yield from (_sighting(found, row) for found in seen.values())
        after = rows[-1]["article_id"]


def _is_watched(found: Found, spans: list[tuple[int, int]]) -> bool:
    """Whether a mention stands in it or around it."""
    return any(start < found.end and found.start < end for start, end in spans)


def _sighting(found: Found, row: Row) -> Sighting:
    return Sighting(found.key, found.written, row["region"], str(row["week"]), row["article_id"], row["source_id"])
