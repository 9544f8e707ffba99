"""What an operator knows of a source, as data in its YAML, and how it is held against what came. Pure.

expect:
  per_week: [2, 30]          # new entries within seven days
  silent_days: 14
  characters: [800, 60000]   # of its articles, by their median
  score: 0.6                 # how well its pages are read
  languages: [en, ru]
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from warehouse.transaction import Row

WEEK, DAY = timedelta(days=7), timedelta(days=1)


class Expectations(BaseModel):
    """What an operator knows that a source does; outside of it the check `as_expected` warns. Nothing else depends on it.

    Attributes:
        per_week: fewest and most new entries within seven days.
        silent_days: most days without a new entry.
        characters: fewest and most characters of its articles, as the median of the last thirty days.
        score: how well its pages are read, 0 to 1, at least; the mean of the last thirty days.
        languages: of its articles; others are odd.
    """

    model_config = ConfigDict(extra="forbid")

    per_week: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]] | None = None
    silent_days: Annotated[float, Field(gt=0)] | None = None
    characters: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]] | None = None
    score: Annotated[float, Field(ge=0, le=1)] | None = None
    languages: list[Annotated[str, Field(pattern=r"^[a-z]{2}$")]] | None = None

    @field_validator("per_week", "characters")
    @classmethod
    def _in_order(cls, bounds: tuple[int, int] | None) -> tuple[int, int] | None:
        if bounds and bounds[0] > bounds[1]:
            raise ValueError(f"{list(bounds)}: the first is the least and must not be above the second")
        return bounds


def unexpected(expect: Expectations, seen: Row, now: datetime) -> Iterator[str]:
    """What of a source is not as expected, in words.

    Args:
        expect: from its file.
        seen: `since` (first good poll), `week` (entries of the last seven days), `last_entry_at`, `characters`, `score`, `languages`.
        now: UTC.
    """
    # A source that is read for less than a week cannot have brought a week's entries.
    if expect.per_week and seen["since"] and now - seen["since"] >= WEEK:
        yield from _outside("new entries in seven days", seen["week"], *expect.per_week)
    if expect.silent_days and seen["last_entry_at"] and now - seen["last_entry_at"] > expect.silent_days * DAY:
        yield f"silent for {(now - seen['last_entry_at']) / DAY:.1f} days, at most {expect.silent_days:g} expected"
    if expect.characters and seen["characters"] is not None:
        yield from _outside("characters in the median article", seen["characters"], *expect.characters)
    if expect.score is not None and seen["score"] is not None and seen["score"] < expect.score:
        yield f"pages are read with a score of {seen['score']:.2f}, at least {expect.score:g} expected"
    if expect.languages and (others := sorted({language for language in seen["languages"] or () if language} - set(expect.languages))):
        yield f"articles in {', '.join(others)}, only {', '.join(expect.languages)} expected"


def _outside(what: str, seen: float, least: int, most: int) -> Iterator[str]:
    if not least <= seen <= most:
        yield f"{seen:,.0f} {what}, {least:,} to {most:,} expected"
