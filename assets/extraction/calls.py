"""From a stored page to the call that reads it in a worker, and from what came of the call to an article or a reason. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from assets.extraction.extract import extract, extract_feed_content
from assets.extraction.records import Extract, Hints
from assets.extraction.templates import Rule
from assets.extraction.workers import Call, Ended
from warehouse.database import Row


def hints_of(page: Row) -> Hints:
    """What the entry and the source tell of a page; `page` is a row of `pages_to_extract`."""
    return Hints(
        title=page["entry_title"],
        published=page["entry_published_at"],
        published_quality=page["entry_published_quality"],
        authors=tuple(page["entry_authors"] or ()),
        language=page["entry_language"] or next(iter(page["source_languages"] or ()), None),
        content=page["entry_content"] or page["entry_summary"],
        country=page["source_country"],
    )


def call_for(page: Row, body: bytes | None, rules: Sequence[Rule], now: datetime) -> Call:
    """The call that reads a page; without a body the feed's own text is read in its place."""
    hints = hints_of(page)
    if body is None:
        return extract_feed_content, {"content": hints.content or "", "hints": hints, "now": now}
    return extract, {"body": body, "url": page["url"], "content_type": page["content_type"], "hints": hints, "rules": rules, "now": now}


def extracted(outcome: Any) -> Extract:
    """What came of a call as an Extract: one that was ended or raised is an error with its reason."""
    if isinstance(outcome, Extract):
        return outcome
    reason = f"{outcome.kind}: {outcome.message}" if isinstance(outcome, Ended) else f"{type(outcome).__name__}: {outcome}"
    return Extract("error", reason[:200])
