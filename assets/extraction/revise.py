"""From an extracted page to rows: a new article, a new revision of a known one, or nothing new. Pure."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from assets.extraction.records import Extract
from warehouse.database import Row
from warehouse.ids import hashed

STORY_LENGTH = 200


@dataclass(frozen=True)
class Revised:
    """The rows that a page makes; `revision` is None when its text is the one that we have."""

    article: Row | None = None
    revision: Row | None = None
    story: Row | None = None


def revise(extracted: Extract, *, page: Row, current: Row | None, earlier: Collection[str], extractor: str, now: datetime) -> Revised:
    """Decide what a page changes.

    Args:
        extracted: the article on it; its status is "ok".
        page: the row of `pages`, with the entry's `first_seen_at`, `baseline`, `entry_url`, `entry_title` and `source_id`.
        current: the article's row with `text_hash`, `page_id`, `extractor` and `revision_no` of its revision, or None.
        earlier: text hashes of all its revisions.
        extractor: version that made `extracted`.
        now: the time to store.
    """
    title = extracted.title or page["entry_title"] or "(untitled)"
    text_hash = hashed(title, extracted.text)
    if current and current["text_hash"] == text_hash:
        return Revised()
    text_source = "page" if page["warc_file"] else "feed"
    if current and current["text_source"] == "page" and text_source == "feed":
        return Revised()  # a failing page never replaces its own better text by the feed's
    number = current["revision_no"] + 1 if current else 1
    revision_id = hashed(page["entry_id"], text_hash, str(number))
    story = _story(extracted.text, page, now)
    article = _article(extracted, page, now) | {
        "title": title,
        "revision_id": revision_id,
        "story_id": current["story_id"] if current else story["story_id"],
        "text_source": text_source,
    }
    revision = {
        "revision_id": revision_id,
        "article_id": page["entry_id"],
        "revision_no": number,
        "change_kind": _change_kind(current, text_hash, earlier, page, extractor),
        "seen_from": page["fetched_at"],
        "title": title,
        "text": extracted.text,
        "language": extracted.language,
        "zones": [{"kind": zone.kind, "start_char": zone.start, "end_char": zone.end} for zone in extracted.zones],
        "cut": [{"kind": cut.kind, "rule": cut.rule, "text": cut.text} for cut in extracted.cut],
        "text_hash": text_hash,
        "text_source": text_source,
        "page_id": page["page_id"],
        "extractor": extractor,
    }
    return Revised(article, revision, None if current else story)


def _change_kind(current: Row | None, text_hash: str, earlier: Collection[str], page: Row, extractor: str) -> str:
    if current is None:
        return "new"
    if current["text_source"] == "feed" and page["warc_file"]:
        return "completed"
    if current["page_id"] == page["page_id"] and current["extractor"] != extractor:
        return "re-extracted"
    return "restored" if text_hash in earlier else "edited"


def _story(text: str, page: Row, now: datetime) -> Row:
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    # Short notes ("Read the report") are alike without being the same story.
    shared = folded if len(folded) >= STORY_LENGTH else f"{page['entry_id']} {folded}"
    return {
        "story_id": hashed("story", shared),
        "first_article_id": page["entry_id"],
        "first_source_id": page["source_id"],
        "first_seen_at": now,
        "reason": "same text",
        "text_hash": hashed(shared),
    }


def _article(extracted: Extract, page: Row, now: datetime) -> Row:
    return {
        "article_id": page["entry_id"],
        "source_id": page["source_id"],
        "url": page["entry_url"] or page["url"],
        "text": extracted.text,
        "language": extracted.language,
        "authors": list(extracted.authors),
        "published_at": extracted.published,
        "published_quality": extracted.published_quality,
        "modified_at": extracted.modified,
        "description": extracted.description,
        "tags": list(extracted.tags),
        "dateline": extracted.dateline,
        "disclaimer": extracted.disclaimer,
        "links": list(extracted.links),
        "attachments": list(extracted.attachments),
        "score": extracted.score,
        "first_seen_at": page["first_seen_at"],
        "changed_at": now,
        "withdrawn_at": None,
        "baseline": page["baseline"],
    }
