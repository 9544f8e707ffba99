"""Of a document that a search for older entries has found: what is taken in, what of that is news, and whether it closes the gap.

Pure. Which documents are asked is told in `gaps`, how a search goes on in `backfilling`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from assets.parsing.gaps import FEWEST_IN_ORDER, are_pinned, shape, was_known
from assets.parsing.identity import Resolved
from assets.parsing.intake import BASELINE_AGE, MOST_UNDATED, Bound
from assets.parsing.records import ParsedEntry
from warehouse.transaction import Row

ALL = Bound(datetime.max.replace(tzinfo=UTC), undated_from=0)


@dataclass(frozen=True)
class Stretch:
    """The entries that are taken in, which of them are old news, and whether one that was known before the gap is among the listed."""

    items: Sequence[Resolved]
    bound: Bound
    met: bool = False


def fitting(entries: Iterable[ParsedEntry], shapes: frozenset[str], back_to: datetime | None = None) -> list[ParsedEntry]:
    """Of what a sitemap of a whole site lists: at an address like those of known articles, latest change first, undated last."""
    alike = [entry for entry in entries if entry.url and shape(entry.url) in shapes]
    dated = [(entry.published, entry) for entry in alike if entry.published and (back_to is None or entry.published >= back_to)]
    latest_first = [entry for _, entry in sorted(dated, key=lambda one: one[0], reverse=True)]
    return latest_first if back_to else latest_first + [entry for entry in alike if not entry.published]


def of_page(resolved: Sequence[Resolved], known: Mapping[str, Row], since: datetime, *, found: int) -> Stretch:
    """Of an older page, which runs from the newest down: all of it; news is what was published since the gap began.

    Undated entries are news above something known. Where nothing is, they are until so many were found that they are an archive.
    """
    new = [item for item in resolved if item.entry_id not in known]
    anchors = [place for place, item in enumerate(resolved) if was_known(known.get(item.entry_id), since)]
    if not anchors or are_pinned(anchors, resolved, new):
        undated = sum(item.entry.published is None for item in new)
        return Stretch(new, Bound(since - BASELINE_AGE, 0 if undated and found + undated > MOST_UNDATED else None))
    above = sum(item.entry_id not in known for item in resolved[: anchors[0]])
    return Stretch(new, Bound(since - BASELINE_AGE, undated_from=above), met=True)


def of_sitemap(resolved: Sequence[Resolved], known: Mapping[str, Row], since: datetime, *, most: int) -> Stretch:
    """Of a sitemap, latest change first: down to the first known entry that has not changed since the gap began, `most` at most.

    Undated ones are all taken, and are no news. Where all that was known has changed, the dates are those of the site's last
    building: they say nothing, and then all is taken.
    """
    old = [item.entry.published for item in resolved if was_known(known.get(item.entry_id), since)]
    unchanged = [date for date in old if date and date < since - BASELINE_AGE]
    is_built_anew = len(old) >= FEWEST_IN_ORDER and all(old) and not unchanged
    lowest = max(unchanged, default=datetime.min.replace(tzinfo=UTC))
    items = [item for item in resolved if item.entry_id not in known and (item.entry.published is None or item.entry.published >= lowest)]
    met = bool(unchanged) or None in old or is_built_anew
    return Stretch(items[:most], ALL if is_built_anew else Bound(since - BASELINE_AGE, undated_from=0), met=met and len(items) <= most)


def of_history(
    resolved: Sequence[Resolved],
    known: Mapping[str, Row],
    *,
    back_to: datetime | None,
    last_good_at: datetime,
    news_since: datetime | None,
    most: int,
) -> Stretch:
    """Of an older page, what belongs to a source's history, `most` at most; news only from the day that a person named.

    What may be news is left to the polls, which tell of it: what was published since the last good one (less two days), and
    what bears no date and stands above something known.
    """
    news_from = last_good_at - BASELINE_AGE
    last_known = max((place for place, item in enumerate(resolved) if item.entry_id in known), default=-1)

    def belongs(place: int, item: Resolved) -> bool:
        published = item.entry.published
        if published is None:
            return place > last_known
        return published < news_from and (back_to is None or published >= back_to)

    items = [item for place, item in enumerate(resolved) if item.entry_id not in known and belongs(place, item)]
    return Stretch(items[:most], Bound(news_since, undated_from=0) if news_since else ALL)
