"""The template of a site, learnt from some of its pages: what recurs on them is furniture, whatever it says and is called.

Pure: pages in, template out. A line is compared with its place (the tags and names of the boxes around it), because the
title of one article is the teaser on another's page. Datelines, signatures and headings like "Background" are never learnt:
authors sign each of their articles, and articles are built alike.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assets.extraction.blocks import HEADINGS, Block, Page
from assets.extraction.phrases import starts_with
from assets.extraction.signatures import is_dateline, may_be_signature
from assets.extraction.wording import key

LEAST_PAGES = 3  # fewer tell nothing
SHARE = 0.6  # of the lines at a place that must recur for the place to be furniture
MOST = 0.8  # of the pages that must show a line for it to be furniture wherever it stands
_DEPTH = 6  # boxes that tell where a line stands
_EXCERPT = 450  # characters; where an article's own paragraphs stand, longer ones occur

Spot = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """What recurs on the pages of a site: lines at their places, and places where nearly every line recurs."""

    pages: int = 0
    lines: frozenset[tuple[Spot, str]] = frozenset()
    spots: frozenset[Spot] = frozenset()

    def covers(self, page: Page) -> frozenset[int]:
        """The places of the blocks of a page that belong to the template."""
        return frozenset(
            place
            for place, block in enumerate(page.blocks)
            if not _is_own(block) and ((spot := spot_of(page, block)) in self.spots or (spot, key(block.text)) in self.lines)
        )


def spot_of(page: Page, block: Block) -> Spot:
    """Where a block stands: tags and names of the boxes around it, without those that number or date them."""
    frames = page.ancestors(block)[:_DEPTH]
    return tuple(".".join((frame.tag, *(token for token in frame.tokens if not any(map(str.isdigit, token))))) for frame in frames)


def learn(pages: Sequence[Page]) -> Template:
    """Learn the template of a site from some of its pages, at least three."""
    if len(pages) < LEAST_PAGES:
        return Template()
    shown = [{(spot_of(page, block), key(block.text)) for block in page.blocks if key(block.text)} for page in pages]
    counts = Counter(line for lines in shown for line in lines)
    recurring = {line for line, count in counts.items() if count > 1}
    spots = _spots(counts, recurring) - _texts(pages, recurring)
    everywhere = {line for line in recurring if counts[line] >= MOST * len(pages)}
    return Template(len(pages), frozenset(everywhere), frozenset(spot for spot in spots if not _is_heading(spot)))


def _spots(counts: Counter[tuple[Spot, str]], recurring: set[tuple[Spot, str]]) -> set[Spot]:
    """The places at which most of what is shown recurs."""
    total: dict[Spot, int] = defaultdict(int)
    again: dict[Spot, int] = defaultdict(int)
    for line, count in counts.items():
        total[line[0]] += count
        again[line[0]] += count if line in recurring else 0
    return {spot for spot, shown in total.items() if again[spot] >= SHARE * shown and shown > 1}


def _texts(pages: Iterable[Page], recurring: set[tuple[Spot, str]]) -> set[Spot]:
    """The places at which articles have their own paragraphs."""
    own = ((page, block) for page in pages for block in page.blocks if len(block.text) > _EXCERPT)
    return {spot for page, block in own if ((spot := spot_of(page, block)), key(block.text)) not in recurring}


def _is_heading(spot: Spot) -> bool:
    """Whether headings stand there: articles of one site may all have the same ones."""
    return any(box.partition(".")[0] in HEADINGS for box in spot[:2])


def _is_own(block: Block) -> bool:
    """Whether a block is an article's own even where it recurs."""
    heading = block.kind == "heading" and starts_with("section_head", block.text)
    return heading or block.level == 1 or is_dateline(block) or may_be_signature(block)
