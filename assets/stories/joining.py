"""Whether an article tells the same story as one that is known: the same text, a near copy, or a part of it. Pure.

Two articles about one event are two stories. A wrong join would keep an alert back, so the bounds are high.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, NamedTuple

from assets.stories.shingles import shingles

WINDOW = timedelta(days=60)  # between first sightings; a text that comes back later is news again
FEWEST = 40  # word sequences from which texts can be told apart
ALIKE = 0.75  # of all sequences of both stand in both
TITLED = 0.65  # the same, under the same title at another source: a dateline and a caption weigh much in a short text
WITHIN = 0.9  # of the shorter one's sequences stand in the longer one
SHORTEST = 0.35  # length of the shorter one as a share of the longer one


class Known(NamedTuple):
    """An article that shares fingerprints with the new one; `is_namesake`: it is another source's and has the same title."""

    article_id: str
    story_id: str
    text: str
    is_namesake: bool = False


@dataclass(frozen=True)
class Joined:
    """Which story an article belongs to, and why.

    Attributes:
        story_id: the story.
        like: the article that it was found alike.
        reason: "same text", "near copy" or "part".
        similarity: share of the word sequences, of both (near copy) or of the shorter one (part), 0 to 1.
    """

    story_id: str
    like: str
    reason: Literal["same text", "near copy", "part"]
    similarity: float


def join(text: str, known: Iterable[Known]) -> Joined | None:
    """The story of the known article that is most like `text`, or None when none is like enough. `known` is in order of preference."""
    mine = shingles(text)
    if len(mine) < FEWEST:
        return None
    found = [joined for article in known if (joined := _compare(mine, shingles(article.text), article))]
    return max(found, key=lambda joined: joined.similarity, default=None)


def _compare(mine: frozenset[int], theirs: frozenset[int], article: Known) -> Joined | None:
    if len(theirs) < FEWEST:
        return None
    shared, shorter, longer = len(mine & theirs), *sorted((len(mine), len(theirs)))
    alike, within = shared / (len(mine) + len(theirs) - shared), shared / shorter
    if alike >= (TITLED if article.is_namesake else ALIKE):
        return Joined(article.story_id, article.article_id, "same text" if mine == theirs else "near copy", round(alike, 3))
    if within >= WITHIN and shorter >= SHORTEST * longer:
        return Joined(article.story_id, article.article_id, "part", round(within, 3))
    return None
