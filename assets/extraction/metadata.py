"""What is known about an article beside its text: site, authors, dates, description, tags, links, attachments.

Each part is weighed in its own module (`titles`, `people`, `dating`); here they are brought together, with the feed's word
where the page has none.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

from assets.extraction import dating
from assets.extraction.blocks import Block, Page
from assets.extraction.dating import without_dates
from assets.extraction.markup import fields
from assets.extraction.phrases import starts_with
from assets.extraction.records import Hints
from assets.extraction.structured import Statements, texts
from assets.extraction.titles import is_title
from assets.extraction.wording import fold, key, tidy
from assets.extraction.zones import Label
from assets.parsing.dates import Dated

_FILES = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|odt|rtf|epub|zip|csv)(?:$|[?#])", re.I)
_ABOVE, _BELOW = 6, 14  # blocks above and below the title in which a byline is the article's
_NO_HEAD = frozenset({"navigation", "related", "comments", "hidden", "cookie", "language"})
_LONGEST_LINE = 200  # characters of a line that shows a date
_BESIDE, _BELOW_TEXT, _LABEL = 90, 60, 40  # characters beside the date: above the text, below it, and in a line that ends like a sentence
_LONGEST_TAG, _MOST_TAGS = 80, 50  # characters, tags
_NAME = 4  # words; a longer link beside a date is no author
_SAME_DAY = timedelta(hours=38)  # a day of 24 hours, seen from zones up to 14 hours away


_CHANGED = re.compile(
    r"updat|modif|revis|review|aktualis|geändert|обновлен|изменен|оновлен|змінен|mis a jour|mis à jour|actualiz|更新|修改"
)


@dataclass(frozen=True, slots=True)
class Known:
    """What else tells of an article's date: the feed, the dateline, the address, and how dates are read here."""

    reading: dating.Reading
    hints: Hints
    dateline: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """When the article came out and when it was changed."""

    published: Dated | None = None
    modified: Dated | None = None


def find_site(stated: Statements, url: str | None) -> str | None:
    """The name of the site, as it states it."""
    named = stated.first(*fields("sites"))
    publishers = [text for thing in stated.things for text in texts(thing.get("publisher"))]
    return next((tidy(name) for name in (named, *publishers, *stated.sites) if name), None) or urlsplit(url or "").hostname


def head_region(page: Page, labels: Sequence[Label | None], title: str | None, start: int) -> list[int]:
    """The places below and above the title and above the first paragraph, where bylines and dates stand; menus and teasers are left out."""
    titles = [place for place, block in enumerate(page.blocks) if is_title(block, title) and place <= start + 5] or [start]
    below = [place for title_at in titles for place in range(title_at, title_at + _BELOW)]
    above = [place for title_at in titles for place in range(title_at - 1, title_at - _ABOVE, -1)]
    places = dict.fromkeys([*below, *range(start - _ABOVE, start + 4), *above])
    return [place for place in places if 0 <= place < len(page.blocks) and not _is_furniture(labels[place])]


def _is_furniture(label: Label | None) -> bool:
    return label is not None and label.kind in _NO_HEAD and not label.rule.endswith(("header", "aside", "complementary"))


def find_times(stated: Statements, page: Page, near: Iterable[int], behind: Iterable[int], known: Known) -> Times:
    """Publication and change: as shown beside the title, made exact by what is stated; else as stated, or as the feed says.

    Last come the dateline, what stands behind the text, and the address.
    A page that shows only the day of its last change is dated by that, as a guess.
    """
    published, modified = dating.stated(stated, known.reading)
    shown, changed = _shown_dates(page, near, known.reading)
    hinted = Dated(dating.aware(known.hints.published), known.hints.published_quality or "exact") if known.hints.published else None
    lined = next((dated for _, dated in dating.in_text(known.dateline or "", known.reading)), None)
    signed = [place for place in behind if _is_dated(page.blocks[place])]
    below = _shown_dates(page, signed, known.reading, _BELOW_TEXT)[0]
    exact = next(
        (dated for dated in (published, hinted) if dated and (_agree(shown, dated) or (modified and _agree(shown, modified)))), None
    )
    best = next(
        (dated for dated in (exact, shown, published, hinted, lined, below, dating.in_url(known.url, known.reading)) if dated), None
    )
    return Times(_local(best, shown) or (Dated(changed.value, "guess") if changed else None), modified or changed)


def _is_dated(block: Block) -> bool:
    """Whether a line below the text may date it: it says so, or is nothing but a date; teasers lead elsewhere."""
    rest = without_dates(block.text).strip(" |")
    says = starts_with("dated", block.text, longest=_LONGEST_LINE) or starts_with("byline", rest, longest=_LONGEST_LINE)
    return not block.links and (says or not rest)


def _agree(shown: Dated | None, dated: Dated) -> bool:
    """Whether a stated time lies on the day that is shown, in whatever zone."""
    if shown is None or shown.value is None or dated.value is None:
        return shown is None
    return abs(dated.value - shown.value) <= _SAME_DAY


def _local(published: Dated | None, shown: Dated | None) -> Dated | None:
    """The same moment as it is shown, in the site's own zone, so that the day is the one that readers see."""
    return shown if published and shown and published.value == shown.value and shown.quality == "exact" else published


def _shown_dates(page: Page, places: Iterable[int], reading: dating.Reading, beside: int = _BESIDE) -> tuple[Dated | None, Dated | None]:
    """The first date that is shown there, and the first that is said to be of a change; dates inside sentences are not the article's."""
    published = modified = None
    for place in places:
        block = page.blocks[place]
        rest = len(dating.without_dates(block.text).strip(" |"))
        if len(block.text) > _LONGEST_LINE or block.level == 1 or rest > beside or (rest > _LABEL and block.text.endswith(".")):
            continue
        if any(len(without_dates(text).split()) > _NAME for _, text in block.links):
            continue  # the title of another article
        named = " ".join(token for frame in page.ancestors(block)[:2] for token in frame.tokens)
        for before, dated in (
            *((block.text, dated) for dated in map(reading.read, block.times) if dated.value),
            *dating.in_text(block.text, reading),
        ):
            if _says_changed(before) or _says_changed(named):
                modified = modified or dated
            else:
                published = published or dated
    return published, modified


def _says_changed(before: str) -> bool:
    return bool(_CHANGED.search(fold(before)))


def description(stated: Statements) -> str | None:
    """The page's own summary."""
    return stated.first(*fields("descriptions"))


def tags(stated: Statements, cut_tags: Iterable[Block]) -> tuple[str, ...]:
    """Key words as stated, then the linked tags of the article's tag list."""
    listed = [text for thing in stated.things for text in texts(thing.get("keywords"))]
    parts = [part for text in (*listed, *stated.all(*fields("tags"))) for part in text.split(",")]
    shown = [text for block in cut_tags for _, text in block.links]
    found: dict[str, str] = {}
    for tag in map(tidy, (*parts, *shown)):
        if key(tag) and len(tag) <= _LONGEST_TAG:
            found.setdefault(key(tag), tag)
    return tuple(found.values())[:_MOST_TAGS]


def links(blocks: Iterable[Block], base: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Where the text's links lead, and which of them are files."""
    found: dict[str, None] = {}
    for block in blocks:
        for href, _ in block.links:
            target = _absolute(href, base)
            if target:
                found.setdefault(target)
    return tuple(found), tuple(target for target in found if _FILES.search(target))


def _absolute(href: str, base: str | None) -> str | None:
    href = tidy(href)
    if not href or href.startswith("#"):
        return None
    try:
        target = urljoin(base or "", href)
        return target if urlsplit(target).scheme in {"http", "https"} else None
    except ValueError:
        return None
