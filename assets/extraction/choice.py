"""Which part of the page is the article: the frame whose blocks are worth most.

Labels come from `zones`; the end of the article is found in `tail`.
"""

from assets.extraction.blocks import Block, Frame, Page
from assets.extraction.markup import names
from assets.extraction.teasers import is_card
from assets.extraction.wording import ends_sentence
from assets.extraction.zones import Labels

BODY, ARTICLE, MAIN = 2.5, 1.6, 1.1
WHOLE = 0.7  # share of the worth of all frames of one name that one of them must hold to be the body
FAR = 40  # blocks between a title and its text
COLUMN = 0.33  # share of the prose that a column must hold to be the article
OVER = 2  # its longest paragraph is so many times as long as any beside it: cards and calls to act are short
_CAP = 1500  # characters: one endless block does not make an article


def worth(block: Block, labelled: bool) -> float:
    """What a block adds to the frames around it: prose adds, links and furniture take away."""
    length = len(block.text)
    if labelled:
        return -min(length, 200) * 0.3
    if block.density > 0.6 or is_card(block):  # noqa: PLR2004 - more than half is links
        return -min(length, 200) * 0.5
    solid = min(length, _CAP) * (1 - block.density)
    if block.kind == "heading":
        return min(solid, 10)
    if block.kind == "table":
        return solid * 0.5
    if length < 40 and not ends_sentence(block.text):  # noqa: PLR2004 - a label
        return -5
    return solid


def choose(page: Page, labels: Labels, votes: frozenset[int] = frozenset()) -> Frame | None:
    """The frame that is the article; None when no frame holds any prose. Where a site's rule names it, that one.

    First the frame of the greatest worth, then down again as long as one frame inside holds nearly all of it: what stands
    behind an article (teasers, voices of customers, calls to act) is prose too, but little beside the article.

    Args:
        page: the page.
        labels: what is furniture.
        votes: places of blocks that a second opinion keeps; they are worth twice as much.
    """
    ruled = [frame for frame in page.frames if frame.rule.startswith("body ") and labels.prose_left(frame)]
    if ruled:
        return max(ruled, key=labels.prose_left)
    sums = [0.0]
    for place, (block, label) in enumerate(zip(page.blocks, labels.found, strict=True)):
        sums.append(sums[-1] + worth(block, label is not None) * (2 if place in votes else 1))
    bodies = _bodies(page, sums)
    best, most = None, 0.0
    for place, frame in enumerate(page.frames):
        value = (sums[frame.end] - sums[frame.start]) * (BODY if place in bodies else _bonus(frame))
        if value > 0 and value >= most:
            best, most = frame, value
    return _column(page, labels, best) if best else None


def _column(page: Page, labels: Labels, best: Frame) -> Frame:
    """The cell that holds the article, where a table lays the page out in columns: beside it stand navigation and cards."""
    cells = [frame for frame in page.frames if frame.tag == "td" and best.start <= frame.start and frame.end <= best.end]
    for cell in reversed(cells):
        beside = [other for other in cells if other.parent == cell.parent and other is not cell]
        prose = labels.prose_left(cell)
        longest = max((labels.longest(other) for other in beside), default=0)
        if beside and labels.longest(cell) >= OVER * longest and prose >= COLUMN * labels.prose_left(best):
            return cell
    return best


def lead(page: Page, labels: Labels, frame: Frame) -> frozenset[int]:
    """The places of an article's beginning that stands apart: between the title and the frame, in frames of its make or named a deck."""
    above = [place for place in labels.titles if place < frame.start]
    if not above or frame.start - above[-1] > FAR:
        return frozenset()
    between = [other for other in page.frames if above[-1] < other.start and other.end <= frame.start]
    twins = [other for other in between if (frame.tokens and other.tokens == frame.tokens) or _is_deck(other)]
    own = {block.text for block in page.blocks[frame.start : frame.end]}
    return frozenset(place for twin in twins for place in range(twin.start, twin.end) if page.blocks[place].text not in own)


def _is_deck(frame: Frame) -> bool:
    """Whether a part below the title calls itself the article's deck: a line or two of its author's before the text."""
    return not names("deck_tokens").isdisjoint(token.lower() for token in frame.tokens)


def _bodies(page: Page, sums: list[float]) -> set[int]:
    """The frames that are named as bodies, unless the body is spread over several that stand side by side."""
    named = [
        place for place, frame in enumerate(page.frames) if not names("body_tokens").isdisjoint(token.lower() for token in frame.tokens)
    ]
    found: set[int] = set()
    for place in named:
        frame = page.frames[place]
        value = sums[frame.end] - sums[frame.start]
        alike = [
            page.frames[other] for other in named if page.frames[other].tokens == frame.tokens and page.frames[other].depth == frame.depth
        ]
        if value >= WHOLE * sum(max(0.0, sums[other.end] - sums[other.start]) for other in alike):
            found.add(place)
    return found


def _bonus(frame: Frame) -> float:
    """How much more a frame is worth for what it calls itself."""
    if frame.tag == "article" or not names("keep_tokens").isdisjoint(frame.tokens):
        return ARTICLE
    return MAIN if frame.tag == "main" else 1.0
