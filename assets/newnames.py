"""The report of new names: stored texts of some weeks, less what the watch list finds in them.

What belongs here: reading texts and mentions. What does not: what a name is (`assets.matching.newnames`).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache

from assets.matching.newnames import Found, NewName, Sighting, names_in, rank
from assets.matching.packs import pack_file
from warehouse.documents import Document
from warehouse.transaction import Row, Transaction

BATCH = 500
_M49 = re.compile(r"cldr:\d{3}")
_COUNTRY = re.compile(r"cldr:([A-Z]{2})")


def new_names(transaction: Transaction, *, weeks: int, earlier: int = 8, least: int = 2) -> list[NewName]:
    """What is named in the newest `weeks` and that no watch list knows, by week and by the source's country and its regions.

    Args:
        transaction: on the store or on the analysts' copy.
        weeks: how many weeks, up to that of the newest article.
        earlier: how many weeks before them it is compared with.
        least: articles that must name it.
    """
    asked = weeks_of_report(transaction, weeks)
    if not asked:
        return []
    since = asked[0] - timedelta(weeks=earlier)
    oldest: date = transaction.value("oldest_week")
    known = max(0, (asked[0] - max(since, oldest)).days // 7)
    return rank(_sightings(transaction, since), list(map(str, asked)), earlier_weeks=known, least=least, above=regions_of_countries())


def weeks_of_report(transaction: Transaction, weeks: int) -> list[date]:
    """The Mondays of the newest weeks, in order; none where there is no article."""
    newest: date | None = transaction.value("newest_week")
    return [newest - timedelta(weeks=weeks - 1 - number) for number in range(weeks)] if newest else []


def store_new_names(transaction: Transaction, found: Sequence[NewName], weeks: Sequence[date], now: datetime) -> int:
    """Write the report into table `new_names` in place of what it held of these weeks; how many rows.

    Of two names that are written alike, as languages inflect them apart, the first is kept.
    """
    transaction.run("forget_new_names", weeks=list(weeks))
    rows = {(one.week, one.level, one.region, one.name): one._asdict() | {"counted_at": now} for one in reversed(found)}
    transaction.merge("new_names", rows.values(), key=["week", "level", "region", "name"])
    return len(rows)


@cache
def regions_of_countries() -> Mapping[str, tuple[str, ...]]:
    """By ISO 3166 code the regions of UN M49 that hold the country, the smallest first, as the pack `regions` has them."""
    entities = [entity for pack in ("regions", "countries") for entity in Document.read(pack_file(pack)).data["entities"]]
    regions = {entity["id"]: entity.get("parents", ()) for entity in entities if _M49.fullmatch(entity.get("from", ""))}
    countries = {found[1]: entity.get("parents", ()) for entity in entities if (found := _COUNTRY.fullmatch(entity.get("from", "")))}
    return {code: _above(parents, regions) for code, parents in countries.items()}


def _above(parents: Iterable[str], regions: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    found = [region for region in parents if region in regions]
    for region in found:
        found += [above for above in regions[region] if above in regions and above not in found]
    return tuple(found)


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
    return Sighting(found.key, found.written, row["region"], str(row["week"]), row["article_id"], row["source_id"], row["at"])
