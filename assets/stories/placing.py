"""Find the story of a new article in the store, and keep its fingerprints for those that come after it."""

from datetime import datetime

from assets.stories.joining import FEWEST, WINDOW, Joined, Known, join
from assets.stories.shingles import SAMPLE, VERSION, shingles, sketch
from warehouse.transaction import Row, Transaction

SHARED = SAMPLE // 6  # fingerprints from which it is worth reading both texts


def place_in_story(transaction: Transaction, article: Row, story: Row, now: datetime) -> tuple[Row, Row | None]:
    """Put a new article into the story that it tells, and return its row and the story's; None when the story is known.

    Args:
        transaction: where the article is about to be written.
        article: its row.
        story: the row that it would make if no other article told the same.
        now: the time to store.
    """
    hashes = shingles(article["text"])
    sample = sketch(hashes) if len(hashes) >= FEWEST else ()
    joined = _same_text(transaction, story) or (_like(transaction, article, sample, now) if sample else None)
    rows = [
        {"fingerprint": one, "article_id": article["article_id"], "language": article["language"], "version": VERSION, "seen_at": now}
        for one in sample
    ]
    transaction.merge("ops.fingerprints", rows, key=["fingerprint", "article_id"])
    if not joined:
        return article, story
    transaction.merge("story_articles", [_membership(article, joined, now)], key=["article_id"])
    return article | {"story_id": joined.story_id}, None


def _same_text(transaction: Transaction, story: Row) -> Joined | None:
    known = transaction.row("story_of_text", story_id=story["story_id"])
    return Joined(known["story_id"], known["first_article_id"], "same text", 1.0) if known else None


def _like(transaction: Transaction, article: Row, sample: tuple[int, ...], now: datetime) -> Joined | None:
    asked = {"fingerprints": list(sample), "version": VERSION, "since": now - WINDOW, "fewest": SHARED}
    mine = {name: article[name] for name in ("article_id", "source_id", "title", "language")}
    rows = transaction.rows("articles_like", **asked, **mine)
    return join(article["text"], [Known(**row) for row in rows])


def _membership(article: Row, joined: Joined, now: datetime) -> Row:
    return {
        "story_id": joined.story_id,
        "article_id": article["article_id"],
        "reason": joined.reason,
        "like_article_id": joined.like,
        "similarity": joined.similarity,
        "joined_at": now,
    }
