"""The user's own document: a think tank's article as plain text, kept byte for byte in `articles/csto-summit.en.txt`.

Its tail (share lines, heading, two teaser cards) is what Thinkwatch exists to remove. Here it is split into article and tail;
no word of it is rewritten. `csto-summit.en.yaml` beside it tells what the text itself cannot: institute, moment and expected entities.
"""

from dataclasses import dataclass
from functools import cache

from pipelines.replay.articles import FOLDER, Article, FrontMatter
from warehouse.documents import Document

SEED = FOLDER / "csto-summit.en.txt"
FIRST_OF_TAIL = "Share on "


@dataclass(frozen=True)
class Tail:
    """The lines below the article, as the page shows them.

    Attributes:
        share: the labels of the share buttons.
        headings: the two headings above the cards.
        badge: the label on the first card.
        cards: title and excerpt of each card.
    """

    share: tuple[str, ...]
    headings: tuple[str, ...]
    badge: str
    cards: tuple[tuple[str, str], ...]


@cache
def seed_lines() -> tuple[str, ...]:
    """The lines of the document that hold text, in order: title, body, tail."""
    return tuple(line for line in SEED.read_text(encoding="utf-8").splitlines() if line.strip())


@cache
def seed_article() -> Article:
    """The document's article, without its tail."""
    meta = SEED.with_suffix(".yaml")
    front = Document.read(meta).validate(FrontMatter)
    title, dateline, *body = seed_lines()[: _cut()]
    if (title, dateline) != (front.title, front.dateline):
        raise ValueError(f"{meta.name} and {SEED.name} disagree on title or dateline")
    slug, language = SEED.stem.rsplit(".", 1)
    return Article(slug, language, front, title, "\n\n".join(body), front.expect)


@cache
def seed_tail() -> Tail:
    """The document's tail. Raises ValueError when the file is not the one that this code was written for."""
    tail = seed_lines()[_cut() :]
    share = tuple(line for line in tail if line.startswith(FIRST_OF_TAIL))
    on_key, related, badge, *cards = tail[len(share) :]
    return Tail(share, (on_key, related), badge, tuple(zip(cards[::2], cards[1::2], strict=True)))


def _cut() -> int:
    return next(number for number, line in enumerate(seed_lines()) if line.startswith(FIRST_OF_TAIL))
