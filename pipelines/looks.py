"""What is odd in the store: each look asks one question of all sources or of the mail, and answers with a sentence and a table.

Nothing here stops a run. What must never be is asked by checks.py, in SQL.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from statistics import median

from assets.extraction.phrases import starts_with
from assets.extraction.quality import find_jump
from assets.fetching.polling import ADVICE, GAPS_OF_SILENCE, patience, usual_silence
from assets.showing import link
from assets.sources.expectations import Expectations, unexpected
from pipelines.sources_report import PAGES_ADVICE
from warehouse.transaction import Row, Transaction

DAY, WEEK = timedelta(days=1), timedelta(days=7)
WEEKS = 10  # that a week is held against
FEWEST_WEEKS = 4
FEWEST_MORE = 10  # entries in a week, below which nothing is a flood
TIMES = 3  # the usual, or a third of it
RECENT = timedelta(days=7)  # texts that are looked at
FURNITURE = ("share", "newsletter", "cookie", "related")
LATE_MAIL = timedelta(hours=2)
FEED_LAG = 2 * DAY  # that a feed may be behind its site
LATEST = 60  # scores of a source that are looked at
NAMED = 5  # in the sentence
SAID = {"stale": "the newest that it shows is old", "empty": "it shows no entry"}  # why a feed is ill that answered without a fault


@dataclass(frozen=True)
class Look:
    """What a look found: a sentence, rows for a table, and numbers, which Dagster plots run by run."""

    passed: bool
    words: str
    rows: Sequence[Row]
    numbers: Mapping[str, float]


def sources_healthy(transaction: Transaction, _now: datetime) -> Look:
    """Every polled feed and every source's pages are well."""
    ill = transaction.rows("ill_sources")
    return _look([_ailment(row) for row in ill], "not well", [row["source_id"] for row in ill])


def sources_fresh(transaction: Transaction, now: datetime) -> Look:
    """No source has been silent for five times its usual gap."""
    rows = [_rhythm(row, now) for row in transaction.rows("source_rhythms", now=now)]
    rows.sort(key=lambda row: -(row["times"] or 0))
    stale = [row["source"] for row in rows if row["stale"]]
    return _look(rows, f"silent for more than {GAPS_OF_SILENCE} times their usual gap", stale)


def volumes_usual(transaction: Transaction, now: datetime) -> Look:
    """No source brings far more or far fewer entries a week than it did."""
    days: dict[str, dict[date, int]] = defaultdict(dict)
    for row in transaction.rows("daily_entries", since=now - (WEEKS + 1) * WEEK):
        days[row["source_id"]][row["day"]] = row["entries"]
    since = {row["source_id"]: row["since"] for row in transaction.rows("polled_since")}
    rows = [found for source, begun in since.items() if (found := change_of_volume(source, days[source], begun, now))]
    week = sum(counts.get((now - back * DAY).date(), 0) for counts in days.values() for back in range(7))
    return _look(rows, "bringing far more or fewer entries than usual", [row["source"] for row in rows], entries_in_seven_days=week)


def as_expected(transaction: Transaction, now: datetime) -> Look:
    """Every source is within the bounds that its file expects."""
    rows = [
        {"source": row["source_id"], "what": words}
        for row in transaction.rows("expectations", week=now - WEEK, month=now - 30 * DAY)
        for words in unexpected(Expectations.model_validate_json(row["expect"]), row, now)
    ]
    return _look(rows, "outside of what their files expect", [row["source"] for row in rows])


def feeds_complete(transaction: Transaction, now: datetime) -> Look:
    """What sites publish stands in their feeds too."""
    missing = transaction.rows("missing_in_feeds", since=now - 30 * DAY, before=now - FEED_LAG)
    rows = [
        {
            "source": row["source_id"],
            "published": row["first_seen_at"],
            "found in": row["found_in"],
            "entry": link(row["title"] or "untitled", row["url"]),
        }
        for row in missing
    ]
    return _look(rows, "publishing what their feeds do not show", [row["source"] for row in rows])


def extraction_steady(transaction: Transaction, _now: datetime) -> Look:
    """Every source's pages are read as well as before."""
    rows = jumps(transaction.rows("latest_scores", most=LATEST))
    return _look(rows, "read otherwise since a day", [str(row["source"]) for row in rows])


def texts_clean(transaction: Transaction, now: datetime) -> Look:
    """No text has a paragraph that was cut from its page, or a line of furniture."""
    rows = [
        {
            "source": row["source_id"],
            "article": row["title"],
            "what": f"was cut as {row['kind']} and stands in the text",
            "words": row["words"],
        }
        for row in transaction.rows("cut_in_texts", since=now - RECENT)
    ]
    rows += furniture(transaction.rows("short_lines", since=now - RECENT))
    return _look(rows, "leaving furniture in their texts", [row["source"] for row in rows])


def mail_flows(transaction: Transaction, now: datetime) -> Look:
    """No mail is parked, and none has waited for two hours to leave."""
    stuck = transaction.rows("stuck_mails", before=now - LATE_MAIL)
    rows = [
        {
            "subscriber": row["subscriber_id"],
            "state": row["state"],
            "hours": round((now - row["created_at"]) / timedelta(hours=1), 1),
            "attempts": row["attempts"],
            "why": row["error"] or "nobody has tried to send it",
        }
        for row in stuck
    ]
    parked = sum(row["state"] == "parked" for row in rows)
    words = f"{parked} parked, {len(rows) - parked} waiting for more than two hours" if rows else "all mails have left"
    oldest = max((row["hours"] for row in rows), default=0.0)
    return Look(not rows, words, rows, {"parked": parked, "late": len(rows) - parked, "oldest_hours": oldest})


def jumps(scores: Iterable[Row]) -> list[Row]:
    """The sources whose scores (rows of `latest_scores`) have jumped: since when, from what to what, and the first page of it."""
    by_source: dict[str, list[Row]] = defaultdict(list)
    for row in scores:
        by_source[row["source_id"]].append(row)
    found: list[Row] = []
    for source_id, rows in by_source.items():
        jump = find_jump([row["score"] for row in rows])
        if jump:
            first = rows[jump.place]
            since = first["fetched_at"].date().isoformat()
            found.append({"source": source_id, "since": since, "before": jump.before, "after": jump.after, "page": first["page_id"]})
    return found


def change_of_volume(source: str, days: Mapping[date, int], since: datetime, now: datetime) -> Row | None:
    """How a source's last seven days differ from its weeks before; None when they do not, or too few weeks are known.

    They differ by three standard deviations of a count and by three times (or to a third); what is more must also be at least ten.
    """
    weeks = [sum(days.get((now - back * DAY).date(), 0) for back in range(7 * week, 7 * week + 7)) for week in range(WEEKS)]
    known = weeks[1 : min(WEEKS, max(1, int((now - since) / WEEK)))]
    if len(known) < FEWEST_WEEKS:
        return None
    usual, last = median(known), weeks[0]
    if (
        abs(last - usual) <= 3 * sqrt(usual + 1)
        or (last < FEWEST_MORE if last > usual else TIMES * last > usual)
        or usual * TIMES > last > usual
    ):
        return None
    return {"source": source, "last seven days": last, "usual week": usual, "weeks": len(known)}


def furniture(lines: Iterable[Row]) -> list[Row]:
    """The lines (rows of `short_lines`) that say what a page's furniture says."""
    found = []
    for row in lines:
        kind = next((kind for kind in FURNITURE if starts_with(kind, row["line"])), None)
        if kind:
            found.append({"source": row["source_id"], "article": row["title"], "what": f"reads like {kind}", "words": row["line"]})
    return found


def _rhythm(row: Row, now: datetime) -> Row:
    """How long a source has been silent by its own measure. What we have not asked for since, nobody can have published."""
    published = [moment for moment in row["published"] or () if moment]
    usual = usual_silence(published)
    until = min(row["last_good_at"] or now, now)
    silent = until - max(published) if published else None
    return {
        "source": row["source_id"],
        "stale": "stale" if silent and silent > patience(usual) else "",
        "times": round(silent / usual, 1) if silent and usual else None,
        "silent days": round(silent / DAY, 1) if silent else None,
        "usual gap in days": round(usual / DAY, 1) if usual else None,
        "last polled well": row["last_good_at"],
    }


def _ailment(row: Row) -> Row:
    feed_is_ill = row["state"] not in ("new", "working")
    what = row["state"] if feed_is_ill else f"pages {row['pages_state']}"
    return {
        "source": link(row["source_id"], row["url"]),
        "what": what,
        "since": row["state_since"] if feed_is_ill else row["pages_state_since"],
        "why": row["error"] or SAID.get(row["state"], "") if feed_is_ill else row["pages_error"],
        "to do": ADVICE[row["state"]] if feed_is_ill else PAGES_ADVICE[row["pages_state"]],
        "last good": row["last_good_at"],
    }


def _look(rows: Sequence[Row], trouble: str, sources: Sequence[str], **numbers: float) -> Look:
    named = list(dict.fromkeys(sources))
    words = (
        f"{len(named)} {'source' if len(named) == 1 else 'sources'} {trouble}: {', '.join(_few(named))}" if named else f"none is {trouble}"
    )
    return Look(not named, words, rows, {"sources": len(named), "rows": len(rows), **numbers})


def _few(names: Sequence[str]) -> Iterator[str]:
    yield from names[:NAMED]
    if len(names) > NAMED:
        yield f"and {len(names) - NAMED} more"


# name → the asset that it belongs to, and the question; the questions are shown as the checks' descriptions
LOOKS: dict[str, tuple[str, Callable[[Transaction, datetime], Look]]] = {
    "sources_healthy": ("feeds", sources_healthy),
    "sources_fresh": ("entries", sources_fresh),
    "volumes_usual": ("entries", volumes_usual),
    "as_expected": ("entries", as_expected),
    "feeds_complete": ("entries", feeds_complete),
    "extraction_steady": ("articles", extraction_steady),
    "texts_clean": ("articles", texts_clean),
    "mail_flows": ("deliveries", mail_flows),
}
