"""When an article came out and when it was changed: all evidence for it, weighed in one order; never invented.

The order: what a site's rule names; a time that is stated (or told by the feed) and agrees with a day that is shown beside
the title; that day; what is stated; the feed; the dateline; a date below the text; a date anywhere that says of itself that it
is the publication's; the address. A page that tells only of its last change is dated by that, as a guess. Dates in sentences,
teasers, comments and copyright lines are no evidence. How one date is found and read is in `dating`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta, timezone

from assets.extraction import dating
from assets.extraction.blocks import Block, Page
from assets.extraction.dating import without_dates
from assets.extraction.phrases import starts_with
from assets.extraction.records import Hints
from assets.extraction.structured import Statements
from assets.extraction.teasers import is_title
from assets.extraction.wording import fold
from assets.parsing.dates import Dated

_LONGEST_LINE = 200  # characters of a line that shows a date
_BESIDE, _BELOW_TEXT, _LABEL = 90, 60, 40  # characters beside the date: above the text, below it, and in a line that ends like a sentence
_NAME = 4  # words; a longer link beside a date is no author
_SAME_DAY = timedelta(hours=38)  # a day of 24 hours, seen from zones up to 14 hours away
_DAY_HOURS, _ZONES = 24, (12, 14)  # hours that zones lie behind and before UTC
_STAMP = timedelta(minutes=1)  # a page that was "published" when it was changed states when it was built
_CARD, _CARD_DEPTH = 6, 3  # blocks of a teaser's box, and how many boxes around its date
_CHANGED = re.compile(
    r"updat|modif|revis|review|field--name-changed|aktualis|geändert|обновлен|изменен|оновлен|змінен|mis a jour|mis à jour"
    r"|actualiz|atualiz|aggiorna|aktualiz|zmodyf|güncel|guncel|تحديث|更新|修改"
)
_PUBLICATION = re.compile(r"publish|datepublished|pubdate", re.I)


@dataclass(frozen=True, slots=True)
class Known:
    """What else tells of an article's date: the feed, the dateline, the address, lines of which a site's rule says that they do."""

    reading: dating.Reading
    hints: Hints
    dateline: str | None = None
    url: str | None = None
    ruled: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Places:
    """Where dates are looked for, as places of blocks: around the title, right behind the text, and wherever nothing foreign stands."""

    near: Sequence[int] = ()
    behind: Sequence[int] = ()
    anywhere: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Times:
    """When the article came out and when it was changed."""

    published: Dated | None = None
    modified: Dated | None = None
    evidence: tuple[str, ...] = ()  # what says that day too


@dataclass(frozen=True, slots=True)
class _Shown:
    """The dates of some lines, in order: those that are said to be of a change, and the others."""

    published: tuple[Dated, ...] = ()
    changed: tuple[Dated, ...] = ()


def find_times(stated: Statements, page: Page, places: Places, known: Known) -> Times:
    """Weigh the evidence for publication and change; see the head of this module."""
    published, modified = dating.stated(stated, known.reading)
    feed = Dated(dating.aware(known.hints.published), known.hints.published_quality or "exact") if known.hints.published else None
    address = dating.in_url(known.url, known.reading)
    reading = replace(known.reading, day_first=_order(page, places, [date for date in (published, modified, feed, address) if date]))
    shown = _shown(page, places.near, reading, _BESIDE)
    if not shown.published and _is_stamp(published, modified):
        published = None if _labelled(page, places.anywhere, reading).published else published
    told = _surest_first([date for date in (published, feed) if date])
    exact = _ruled(known) or _agreeing((*shown.published, *([address] if address else [])), told, modified)
    best = exact or _first(
        shown.published[:1],
        told,
        (date for _, date in dating.in_text(known.dateline or "", reading)),
        _only(_shown(page, [place for place in places.behind if _is_dated(page, place)], reading, _BELOW_TEXT).published),
        [] if told or shown.published else _labelled(page, places.anywhere, reading).published,
        [address],
    )
    changed = _first(shown.changed, [] if best else _labelled(page, places.anywhere, reading).changed)
    guess = Dated(changed.value, "guess") if changed else None
    dateline = tuple(date for _, date in dating.in_text(known.dateline or "", reading))
    said = {"shown beside the title": shown.published, "address": [address], "feed": [feed], "dateline": dateline}
    when = _local(best, shown.published) or guess
    return Times(when, modified or changed, tuple(_evidence(when, stated, said | {"a change that is shown": [] if best else [changed]})))


def _evidence(when: Dated | None, stated: Statements, said: Mapping[str, Iterable[Dated | None]]) -> Iterator[str]:
    """Who states the day that is given, and where it is shown."""
    if when:
        yield from dating.stating(stated, when)
        told = [name for name, dates in said.items() if any(date and _agree(date, when) for date in dates)]
        yield from told or ["a line that says so"]


def _surest_first(told: list[Dated]) -> list[Dated]:
    """The same, but a time with its zone goes before one of the same day without."""
    best = dating.with_clock(told) if told else None
    return sorted(told, key=lambda date: date is not best)


def _ruled(known: Known) -> Dated | None:
    """The first date in the lines that a site's rule names."""
    return _first(
        known.reading.first([line]) or next((date for _, date in dating.in_text(line, known.reading)), None) for line in known.ruled
    )


def _first(*groups: Iterable[Dated | None]) -> Dated | None:
    return next((dated for group in groups for dated in group if dated), None)


def _agreeing(shown: Sequence[Dated], told: Iterable[Dated | None], modified: Dated | None) -> Dated | None:
    """A time that is told and lies on a day that is shown; or one beside which only the day of the change is shown."""
    for time in told:
        if time and any(_agree(day, time) for day in shown):
            return time
        if time and shown and modified and _agree(shown[0], modified):
            return time
    return None


def _agree(shown: Dated, told: Dated) -> bool:
    """Whether a time lies on the day that is shown, in whatever zone; 09.10.2024 may also be the tenth of September."""
    if shown.value is None or told.value is None:
        return False
    swapped = (shown.value.year, shown.value.month, shown.value.day) == (told.value.year, told.value.day, told.value.month)
    return abs(told.value - shown.value) <= _SAME_DAY or (swapped and shown.quality != "exact")


def _is_stamp(published: Dated | None, modified: Dated | None) -> bool:
    """Whether a page states one time for both, to the second: often the time at which it was made anew."""
    if not (published and modified and published.value and modified.value) or published.quality != "exact":
        return False
    return abs(published.value - modified.value) <= _STAMP


def _local(published: Dated | None, shown: Sequence[Dated]) -> Dated | None:
    """The same moment as it is shown, in the site's own zone, so that the day is the one that readers see."""
    return next((date for date in shown if published and date.value == published.value and date.quality == "exact"), published)


def _on_day(stated: Dated, written: Dated | None) -> Dated:
    """A moment that an element states in UTC, in a zone in which it lies on the day that the element shows."""
    moment, day = stated.value, written.value if written else None
    if moment is None or day is None or stated.quality != "exact" or moment.utcoffset() or not dating.has_clock(stated):
        return stated
    hours = -moment.hour - 1 if day.date() < moment.date() else _DAY_HOURS - moment.hour
    if abs(day.date() - moment.date()) != timedelta(days=1) or not -_ZONES[0] <= hours <= _ZONES[1]:
        return stated
    return Dated(moment.astimezone(timezone(timedelta(hours=hours))), "exact")


def _shown(page: Page, places: Iterable[int], reading: dating.Reading, beside: int) -> _Shown:
    """The dates that are shown there; dates inside sentences are not the article's."""
    published: list[Dated] = []
    changed: list[Dated] = []
    for block in (page.blocks[place] for place in places):
        if not _may_date(block, beside):
            continue
        named = _says_changed(" ".join(token for frame in page.ancestors(block)[:2] for token in frame.tokens))
        for dated, of_change in _dates(block, reading):
            (changed if of_change or named else published).append(dated)
    return _Shown(tuple(published), tuple(changed))


def _dates(block: Block, reading: dating.Reading) -> Iterator[tuple[Dated, bool]]:
    """The dates of a line, each with whether it is said to be of a change: machine-readable ones first, in a heading only those."""
    written = list(dating.in_text(block.text, reading)) if block.level != 1 else []
    changes = [dated for dated in map(reading.read, block.changes) if dated.value]
    yield from ((dated, True) for dated in changes)
    for dated in (dated for dated in map(reading.read, block.times) if dated.value):
        before, day = next(((before, day) for before, day in written if _agree(day, dated)), (block.text, None))
        yield _on_day(dated, day), _says_changed(before)
    for before, dated in written:
        own = next((one for one in changes if _agree(dated, one)), None)
        changes = [one for one in changes if one is not own]
        yield dated, own is not None or _says_changed(before)


def _may_date(block: Block, beside: int) -> bool:
    if len(block.text) > _LONGEST_LINE or block.level == 1:
        return block.level == 1 and bool(block.times)
    rest = len(without_dates(block.text).strip(" |"))
    if rest > (_LABEL if block.bullet else beside) or (rest > _LABEL and _is_sentence(block)):
        return False
    return not any(len(without_dates(text).split()) > _NAME for _, text in block.links)  # the title of another article


def _is_sentence(block: Block) -> bool:
    return block.text.endswith(".") and not starts_with("byline", block.text, longest=_LONGEST_LINE)


def _is_dated(page: Page, place: int) -> bool:
    """Whether a line below the text may date it: it says so, or is nothing but a date, and belongs to no teaser."""
    block = page.blocks[place]
    rest = without_dates(block.text).strip(" |")
    says = starts_with("dated", block.text, longest=_LONGEST_LINE) or starts_with("byline", rest, longest=_LONGEST_LINE)
    return (says or not rest) and all(len(text.split()) <= _NAME for _, text in block.links) and not _is_in_teaser(page, place)


def _labelled(page: Page, places: Iterable[int], reading: dating.Reading) -> _Shown:
    """A date that says of itself what it is, wherever it stands; several that contradict each other say nothing."""
    labelled = [place for place in places if _is_labelled(page, place)]
    changed = _shown(page, labelled, reading, _LABEL).changed
    published = _shown(page, [place for place in labelled if not _is_in_teaser(page, place)], reading, _LABEL).published
    return _Shown(_only(published), _only(changed))


def _only(dates: Iterable[Dated]) -> tuple[Dated, ...]:
    kept = list(dates)
    return tuple(kept[:1]) if len({date.value.date() for date in kept if date.value}) == 1 else ()


def _is_labelled(page: Page, place: int) -> bool:
    """Whether a line is a date with a word such as "Published" in it, above it or on its box."""
    block = page.blocks[place]
    if len(block.text) > _BESIDE or not any(map(str.isdigit, block.text)):
        return False
    above = page.blocks[place - 1].text if place else ""
    label = without_dates(block.text).strip(" |.:")
    worded = bool(label) and (starts_with("dated", block.text) or _says_changed(label)) and label != block.text
    headed = not label and len(above) <= _LABEL and starts_with("dated", above) and above == without_dates(above)
    named = not label and any(_PUBLICATION.search(token) for frame in page.ancestors(block)[:1] for token in frame.tokens)
    return worded or headed or named


def _is_in_teaser(page: Page, place: int) -> bool:
    """Whether a linked title stands in the small box around a date, or right above it."""
    boxes = (frame for frame in page.ancestors(page.blocks[place])[:_CARD_DEPTH] if frame.end - frame.start <= _CARD)
    beside = {place - 1, *(other for frame in boxes for other in range(frame.start, frame.end))}
    blocks = (page.blocks[other] for other in beside if other >= 0)
    return any(
        is_title(block)
        and not starts_with("tags", block.text, longest=_LONGEST_LINE)
        and any(len(text.split()) > _NAME for _, text in block.links)
        for block in blocks
    )


def _says_changed(before: str) -> bool:
    return bool(_CHANGED.search(fold(before)))


def _order(page: Page, places: Places, told: Sequence[Dated]) -> bool | None:
    """Whether the day stands first in 03/10/2023, by what else the page says: a date that is told, or one that is written out."""
    lines = [text for place in (*places.near, *places.behind) for text in (page.blocks[place].text, *page.blocks[place].times)]
    open_ones = {numbers for line in lines if len(line) <= _LONGEST_LINE for numbers in dating.undecided(line)}
    if not open_ones:
        return None
    days = {(date.value.year, date.value.month, date.value.day) for date in told if date.value}
    for known in (days, dating.decided(block.text for block in page.blocks)):
        votes = {_vote(numbers, known) for numbers in open_ones} - {None}
        if len(votes) == 1:
            return votes.pop()
    orders = {order for block in page.blocks for order in dating.orders(block.text)}
    return orders.pop() if len(orders) == 1 else None


def _vote(numbers: tuple[int, int, int], known: Iterable[tuple[int, int, int]]) -> bool | None:
    first, second, year = numbers
    readings = [day_first for day_first, day in ((True, (year, second, first)), (False, (year, first, second))) if day in known]
    return readings[0] if len(readings) == 1 else None
