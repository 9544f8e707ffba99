"""From an extracted page to rows: a new article, a new revision of a known one, or nothing new. Pure."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from assets.extraction.extract import EXTRACTOR
from assets.extraction.records import Extract
from warehouse.ids import hashed
from warehouse.transaction import Row

STORY_LENGTH = 200


@dataclass(frozen=True)
class MadeBy:
    """Our way of reading: the extractor's version, the source's template, and the rules of its file, as JSON."""

    extractor: str = EXTRACTOR
    template_id: str | None = None
    site_rules: str | None = None


@dataclass(frozen=True)
class Revised:
    """The rows that a page makes; `revision` is None when its text is the one that we have."""

    article: Row | None = None
    revision: Row | None = None
    story: Row | None = None


def text_hash(extracted: Extract, page: Row) -> str:
    """What tells one text from another: its words and its title."""
    return hashed(_title(extracted, page), extracted.text)


def needs_reread(extracted: Extract, page: Row, current: Row | None, made_by: MadeBy) -> bool:
    """Whether it is open who changed a text, its author or we: the page is another, and so is our way of reading."""
    if current is None or extracted.status != "ok" or current["text_source"] != "page" or not page["warc_file"]:
        return False
    another = current["page_id"] != page["page_id"] and current["text_hash"] != text_hash(extracted, page)
    return another and MadeBy(current["extractor"], current["template_id"], current["site_rules"]) != made_by


def revise(
    extracted: Extract,
    *,
    page: Row,
    current: Row | None,
    earlier: Collection[str],
    made_by: MadeBy,
    reread: str | None = None,
    now: datetime,
) -> Revised:
    """Decide what a page changes.

    Args:
        extracted: the article on it; its status is "ok".
        page: the row of `pages`, with the entry's `first_seen_at`, `baseline`, `entry_url`, `entry_title` and `source_id`.
        current: the article's row with `text_hash`, `page_id` and `revision_no` of its revision, or None.
        earlier: text hashes of all its revisions.
        made_by: how `extracted` was read.
        reread: hash of the text on the page before, when that is read as pages are read now.
        now: the time to store.
    """
    title, new_hash = _title(extracted, page), text_hash(extracted, page)
    if current and current["text_hash"] == new_hash:
        return Revised()
    text_source = "page" if page["warc_file"] else "feed"
    if current and current["text_source"] == "page" and text_source == "feed":
        return Revised()  # a failing page never replaces its own better text by the feed's
    number = current["revision_no"] + 1 if current else 1
    revision_id = hashed(page["entry_id"], new_hash, str(number))
    story = _story(extracted.text, page, now)
    article = article_row(extracted, page, now) | {
        "title": title,
        "revision_id": revision_id,
        "story_id": current["story_id"] if current else story["story_id"],
        "text_source": text_source,
    }
    revision = {
        "revision_id": revision_id,
        "article_id": page["entry_id"],
        "revision_no": number,
        "change_kind": _change_kind(current, new_hash, earlier, page, reread),
        "seen_from": page["fetched_at"],
        "stored_at": now,
        "title": title,
        "text": extracted.text,
        "language": extracted.language,
        **labels(extracted),
        "text_hash": new_hash,
        "text_source": text_source,
        "page_id": page["page_id"],
        "extractor": made_by.extractor,
        "template_id": made_by.template_id,
        "site_rules": made_by.site_rules,
    }
    return Revised(article, revision, None if current else story)


def labels(extracted: Extract) -> Row:
    """What was said of the parts of a page: the zones of its text, and what was cut from it by which rule."""
    return {
        "zones": [{"kind": zone.kind, "start_char": zone.start, "end_char": zone.end} for zone in extracted.zones],
        "cut": [{"kind": cut.kind, "rule": cut.rule, "text": cut.text} for cut in extracted.cut],
    }


def _title(extracted: Extract, page: Row) -> str:
    return extracted.title or page["entry_title"] or "(untitled)"


def _change_kind(current: Row | None, new_hash: str, earlier: Collection[str], page: Row, reread: str | None) -> str:
    if current is None:
        return "new"
    if current["text_source"] == "feed" and page["warc_file"]:
        return "completed"
    if current["page_id"] == page["page_id"] or reread == new_hash:
        return "re-extracted"  # the same page gives another text: that is our doing, not its author's
    return "restored" if new_hash in earlier else "edited"


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


def article_row(extracted: Extract, page: Row, now: datetime) -> Row:
    """What a page says of its article, without its title, revision and story."""
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
        "dateline_place": extracted.dateline_place,
        "dateline_desk": extracted.dateline_desk,
        "signature": extracted.signature,
        "about_authors": extracted.about_authors,
        "translations": list(extracted.translations),
        "evidence": list(extracted.evidence),
        "disclaimer": extracted.disclaimer,
        "links": list(extracted.links),
        "attachments": list(extracted.attachments),
        "score": extracted.score,
        "first_seen_at": page["first_seen_at"],
        "changed_at": now,
        "withdrawn_at": None,
        "baseline": page["baseline"],
    }
