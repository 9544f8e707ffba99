"""Other opinions on the body of a page: the feed's own text of the entry, and trafilatura's choice where ours is doubtful.

Opinions only; what follows from them is decided in `decision`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from assets.extraction.blocks import Frame, Page
from assets.extraction.sorting import sort
from assets.extraction.walk import parse, read_blocks
from assets.extraction.wording import key, tokens
from assets.extraction.zones import Labels, label

SHORT = 600  # characters of prose; an article is rarely shorter
SHARE = 0.5  # of a page's prose; an article is rarely less
_PHRASE = 8  # words that two texts have in common only where one is taken from the other
_LEAST = 40  # characters of a block; shorter lines are everywhere
_MOST = 3000  # blocks and cells of a page that trafilatura is asked about: its time grows with their square


@dataclass(frozen=True, slots=True)
class FeedText:
    """The feed's own text of an entry: its phrases, and its paragraphs (as keys) without the feed's own furniture."""

    phrases: frozenset[tuple[str, ...]] = frozenset()
    paragraphs: frozenset[str] = frozenset()

    def echoes(self, page: Page) -> frozenset[int]:
        """The places of the blocks that share a phrase with it."""
        if not self.phrases:
            return frozenset()
        return frozenset(place for place, block in enumerate(page.blocks) if any(phrase in self.phrases for phrase in _phrases(block.text)))


def of_feed(content: str | None, title: str | None = None) -> FeedText:
    """Read the content of a feed entry."""
    root = parse(content) if content else None
    if root is None:
        return FeedText()
    page = read_blocks(root)
    kept = sort(page, label(page, title).found, title, 0, len(page.blocks)).kept
    phrases = frozenset(phrase for block in page.blocks for phrase in _phrases(block.text))
    return FeedText(phrases, frozenset(key(block.text) for block in kept))


def _phrases(text: str) -> Iterator[tuple[str, ...]]:
    words = tokens(text)
    return (tuple(words[place : place + _PHRASE]) for place in range(len(words) - _PHRASE + 1))


def is_doubtful(labels: Labels, frame: Frame | None) -> bool:
    """Whether the frame that was chosen is so small, beside the page or at all, that another view may help."""
    if frame is None:
        return labels.sums[-1] > 0
    inside = labels.prose_left(frame)
    return inside < labels.sums[-1] and (inside < SHORT or inside < SHARE * labels.sums[-1])


def votes(source: str, page: Page) -> frozenset[int]:
    """The places of the blocks that trafilatura keeps; it parses the page again, so it is asked only in doubt."""
    if len(page.blocks) + source.count("<td") + source.count("<TD") > _MOST:
        return frozenset()
    import trafilatura  # noqa: PLC0415 - slow to import, and few pages need it

    try:
        text = trafilatura.extract(source, include_comments=False, include_tables=True, deduplicate=False) or ""
    except Exception:  # a helper that fails has no opinion
        return frozenset()
    said = f" {key(text)} "
    return frozenset(place for place, block in enumerate(page.blocks) if len(block.text) >= _LEAST and f" {key(block.text)} " in said)
