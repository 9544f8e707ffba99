"""Where on a page things are said about the article: around its title, right behind its text, and where nothing foreign stands.

Places only; what is said there is read in `people` and `times`.
"""

from collections.abc import Iterable, Sequence

from assets.extraction.blocks import Page
from assets.extraction.sorting import Sorted
from assets.extraction.titles import is_title
from assets.extraction.zones import Label, prose

_ABOVE, _BELOW = 6, 14  # blocks above and below the title in which a byline is the article's
_NO_HEAD = frozenset({"navigation", "related", "comments", "hidden", "cookie", "language"})
_FOREIGN = frozenset({"related", "comments", "hidden"})


def head_region(page: Page, labels: Sequence[Label | None], title: str | None, start: int) -> list[int]:
    """The places below and above the title and above the first paragraph, where bylines and dates stand; menus and teasers are left out."""
    titles = [place for place, block in enumerate(page.blocks) if is_title(block, title) and (place <= start + 5 or block.level == 1)]
    titles = titles or [place for place, block in enumerate(page.blocks) if block.level == 1][:1] or [start]
    below = [place for title_at in titles for place in range(title_at, title_at + _BELOW)]
    above = [place for title_at in titles for place in range(title_at - 1, title_at - _ABOVE, -1)]
    places = dict.fromkeys([*below, *range(start - _ABOVE, start + 4), *above])
    return [place for place in places if 0 <= place < len(page.blocks) and not _is_furniture(labels[place])]


def _is_furniture(label: Label | None) -> bool:
    return label is not None and label.kind in _NO_HEAD and not label.rule.endswith(("header", "aside", "complementary"))


def above(page: Page, found: Sorted, near: Iterable[int]) -> list[int]:
    """Of the places around the title those above the fourth paragraph: what stands lower is no longer its head."""
    kept = {id(block) for block in found.kept}
    text = [place for place, block in enumerate(page.blocks) if id(block) in kept]
    long = [place for place in text if prose(page.blocks[place])]
    limit = long[3] if len(long) > 3 else (text[-1] if text else len(page.blocks))  # noqa: PLR2004
    return [place for place in near if place <= limit and place < len(page.blocks)]


def behind(page: Page, found: Sorted) -> list[int]:
    """The last places of the text and those right behind it, where some sites sign; teasers and remarks are left out."""
    last = next(
        (place for place in range(len(page.blocks) - 1, -1, -1) if found.kept and page.blocks[place] is found.kept[-1]), len(page.blocks)
    )
    foreign = {id(block) for block, label in found.cuts if label.kind in _FOREIGN}
    return [place for place in range(max(0, last - 1), min(len(page.blocks), last + 8)) if id(page.blocks[place]) not in foreign]


def not_foreign(page: Page, found: Sorted) -> list[int]:
    """All places but those of teasers, remarks and what no reader sees."""
    foreign = {id(block) for block, label in found.cuts if label.kind in _FOREIGN}
    return [place for place, block in enumerate(page.blocks) if id(block) not in foreign]
