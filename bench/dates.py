"""Why dates are missed: for each page whose date we do not give as its gold says, whether the gold's day stands on the page, and as what.

Usage: python bench/dates.py [BENCHMARK] [--list]    (default: ../shared/benchmarks/extraction beside the repository)

The classes: "no day" (the gold names a month only), "nowhere" (the day stands nowhere on the page, in no form), "next day only"
(only the day before or after it does), "as a change" (all that states it, or what shows it beside the title, speaks of a change),
"elsewhere" (all others: these are ours to mend). `best possible` are both figures if all of the last class were right and nothing
were given where the day stands nowhere. Below it stands whether any rule could know when the gold means the day of a change: on
how many pages that tell both days it is the one, and on how many the other.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from babel.dates import get_month_names

from assets.extraction.decode import decode
from assets.extraction.extract import extract
from bench.scorer import DATA, page, rows, scorer

NOW = datetime(2026, 11, 23, tzinfo=UTC)
WIDTHS: tuple[Literal["wide"], Literal["abbreviated"]] = ("wide", "abbreviated")
LOCALES = ("en", "de", "fr", "es", "ru", "pl", "el", "zh", "it", "pt")
CHANGED = re.compile(r"updat|modif|chang|review|aktualis|geändert|mis à jour|обновл", re.I)
ABSENT = frozenset({"nowhere", "next day only", "no day"})
BEFORE = 60  # characters in front of a day that may say what it is


def month_words(month: int) -> set[str]:
    """What a month is called, in full and cut short."""
    tables = [get_month_names(width, context, locale) for locale in LOCALES for width in WIDTHS for context in ("format", "stand-alone")]
    return {str(table[month]).rstrip(".") for table in tables} - {str(month)}


def forms(day: date) -> re.Pattern[str]:
    """A day as pages write it."""
    year, month, number = day.year, day.month, day.day
    separate = [
        rf"0?{number}([-/. ])0?{month}\1(?:{year}|{year % 100:02d})(?!\d)",
        rf"0?{month}([-/. ])0?{number}\2(?:{year}|{year % 100:02d})(?!\d)",
    ]
    named = "|".join(sorted(map(re.escape, month_words(month)), key=len, reverse=True))
    worded = [
        rf"(?:{named})\w*\.?,?\s*0?{number}(?:st|nd|rd|th)?\s*,?\s*{year}",
        rf"0?{number}(?:st|nd|rd|th|er|\.)?[\s-]*(?:of|de)?\s*(?:{named})\w*\.?,?[\s-]*(?:de\s)?{year}",
    ]
    ordered = [rf"{year}[-/.年]\s?0?{month}[-/.月]\s?0?{number}(?!\d)", rf"{year}{month:02d}{number:02d}"]
    return re.compile(rf"(?<!\d)(?:{'|'.join([*separate, *ordered])})|(?<!\w)(?:{'|'.join(worded)})", re.I)


def places(source: str, day: date) -> Iterator[str]:
    """What stands in front of each place at which a day is written."""
    for found in forms(day).finditer(source):
        yield source[max(0, found.start() - BEFORE) : found.start()]


def why(source: str, gold: str, modified: datetime | None) -> str:
    """The class of a miss; see the head."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", gold):
        return "no day"
    day = date.fromisoformat(gold)
    here = list(places(source, day))
    if not here:
        beside = any(list(places(source, day + timedelta(days=step))) for step in (-1, 1))
        return "next day only" if beside else "nowhere"
    a_change = all(CHANGED.search(before) for before in here) or (modified is not None and abs((modified.date() - day).days) <= 1)
    return "as a change" if a_change or any(CHANGED.search(before) for before in here) else "elsewhere"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmark", nargs="?", type=Path, default=DATA)
    parser.add_argument("--list", action="store_true", help="name the pages")
    wanted = parser.parse_args()
    score, dated = scorer(wanted.benchmark), [row for row in rows(wanted.benchmark) if row.get("date")]
    right = given = astray = 0
    both: Counter[str] = Counter()
    classes: Counter[str] = Counter()
    for row in dated:
        body = page(wanted.benchmark, row)
        found = extract(body, url=row["url"], now=NOW)
        got = score.day(found.published.isoformat()) if found.published else None
        given += got is not None
        changed = score.day(found.modified.isoformat()) if found.modified else None
        if got and changed and got != changed:
            both[next((name for name, day in (("publication", got), ("change", changed)) if day in score.days(row)), "neither")] += 1
        if got in score.days(row):
            right += 1
            continue
        kind = why(" ".join(decode(body, None).text.split()), row["date"], found.modified)
        classes[kind] += 1
        astray += kind in ABSENT and got is not None
        if wanted.list:
            print(f"{kind:14s} {row['id']}  gold {row['date']}  ours {got} ({found.published_quality})")
    print(
        f"{len(dated)} pages with a date: {right / len(dated):.3f} right, {right / given:.3f} of those given; {len(dated) - right} missed:"
    )
    for kind, count in classes.most_common():
        print(f"  {count:3d}  {kind}")
    best = right + classes["elsewhere"]
    print(f"best possible {best / len(dated):.3f} right, {best / (given - astray):.3f} of those given")
    print("both days told and different, and the gold means: " + ", ".join(f"{name} {count}" for name, count in both.most_common()))


if __name__ == "__main__":
    main()
