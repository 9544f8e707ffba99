"""The `articles` asset: archived pages become clean articles and revisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import dagster as dg

from assets.extraction.calls import call_for, extracted
from assets.extraction.extract import EXTRACTOR
from assets.extraction.records import Extract
from assets.extraction.revise import Revised, revise
from assets.extraction.workers import Call, shared
from assets.fetching.visits import failed
from assets.flow import Flow
from assets.issues import Issue, record_issues
from assets.pages import feed_page
from assets.stories.placing import place_in_story
from warehouse.archive import ArchiveRef
from warehouse.database import Row, Transaction
from warehouse.errors import ArchiveError

BATCH = 40


@dataclass(frozen=True)
class Read:
    """A page and what was read on it."""

    page: Row
    extracted: Extract


@dg.asset(group_name="clean", kinds={"python", "duckdb"}, code_version=EXTRACTOR, deps=["pages"])
def articles(flow: dg.ResourceParam[Flow]) -> dg.MaterializeResult:
    """Strips each new page down to its article: body, dateline, byline, captions, tables and notes stay, the rest is kept as `cut`.

    A text that has changed since the last visit is a new revision; one that has not leaves no trace. A page that holds
    no article (a challenge, a consent wall, a soft 404) never becomes text: the feed's own text stands in for it.
    """
    reads = [read for batch in extract_pages(flow) for read in batch]
    good = [read.extracted for read in reads if read.extracted.status == "ok"]
    removed = sum(len(cut.text) for extracted in good for cut in extracted.cut)
    kept = sum(len(extracted.text) for extracted in good)
    return dg.MaterializeResult(
        metadata={
            "pages": len(reads),
            "articles": len(good),
            "no article": len(reads) - len(good),
            "removed_share": removed / (removed + kept) if good else 0.0,
            "mean_score": sum(extracted.score for extracted in good) / len(good) if good else 0.0,
            "sample": dg.MetadataValue.md(_sample(good)),
        }
    )


def extract_pages(flow: Flow) -> list[list[Read]]:
    """Extract every stored page that has not been extracted yet, a batch a transaction; what was read, by batch.

    Pages are read in worker processes. One that hangs, crashes or grows is ended; its article is made from the feed's text.
    """
    batches: list[list[Read]] = []
    while pending := _pending(flow):
        reads = _read(flow, pending)
        with flow.warehouse.transaction() as transaction:
            _store(transaction, reads, flow.now())
        batches.append(reads)
    return batches


def _pending(flow: Flow) -> list[Row]:
    with flow.warehouse.transaction() as transaction:
        return transaction.rows("pages_to_extract", most=BATCH)


def _read(flow: Flow, pending: Sequence[Row]) -> list[Read]:
    calls: dict[int, Call] = {}
    found: dict[int, Extract] = {}
    for place, page in enumerate(pending):
        try:
            calls[place] = call_for(page, _body(flow, page), (), flow.now())
        except ArchiveError as fault:
            found[place] = Extract(status="error", reason=str(fault))
    outcomes = shared(flow.limits).run(list(calls.values()))
    found |= {place: extracted(outcome) for place, outcome in zip(calls, outcomes, strict=True)}
    return [Read(page, found[place]) for place, page in enumerate(pending)]


def _body(flow: Flow, page: Row) -> bytes | None:
    """The archived bytes; None for an entry whose own text stands in for its page. Raises ArchiveError."""
    if not page["warc_file"]:
        return None
    return flow.archive.read(ArchiveRef(page["warc_file"], page["warc_offset"], page["warc_length"], page["sha256"]))


def _store(transaction: Transaction, reads: Sequence[Read], now: datetime) -> None:
    for read in reads:
        if read.extracted.status == "ok":
            _save(transaction, _revised(transaction, read, now), now)
        else:
            _set_back(transaction, read, now)
        transaction.run(
            "mark_page_extracted",
            page_id=read.page["page_id"],
            now=now,
            extractor=EXTRACTOR,
            verdict=read.extracted.status,
            reason=read.extracted.reason,
        )


def _revised(transaction: Transaction, read: Read, now: datetime) -> Revised:
    article_id = read.page["entry_id"]
    current = transaction.row("current_articles", article_ids=[article_id])
    earlier = transaction.row("text_hashes", article_ids=[article_id])
    return revise(
        read.extracted, page=read.page, current=current, earlier=earlier["hashes"] if earlier else (), extractor=EXTRACTOR, now=now
    )


def _save(transaction: Transaction, revised: Revised, now: datetime) -> None:
    if not (revised.article and revised.revision):
        return
    article, story = place_in_story(transaction, revised.article, revised.story, now) if revised.story else (revised.article, None)
    transaction.merge("articles", [article], key=["article_id"])
    transaction.merge("revisions", [revised.revision], key=["revision_id"])
    if story:
        transaction.merge("stories", [story], key=["story_id"])


def _set_back(transaction: Transaction, read: Read, now: datetime) -> None:
    """A page without an article: say so, try it again later, and let the feed's text stand in if there is no article yet."""
    page, reason = read.page, read.extracted.reason or "no article on the page"
    kind = "extraction_failed" if read.extracted.status == "error" else "no_article"
    hint = f"look at it: thinkwatch extract --url {page['url']}" if page["url"] else ""
    record_issues(transaction, [Issue(kind, page["source_id"], page["url"] or page["entry_id"], reason, hint)], now)
    if not page["warc_file"]:
        return
    entry = transaction.row("entry_by_id", entry_id=page["entry_id"])
    if entry:
        plan = failed(entry, read.extracted.status == "blocked", reason, now)
        transaction.merge("entries", [entry | plan], key=["entry_id"])
        transaction.merge("pages", [feed_page(entry, now)], key=["page_id"], update=False)


def _sample(good: Sequence[Extract]) -> str:
    if not good:
        return "nothing new"
    cut = sorted({f"{cut.kind} ({cut.rule})" for extracted in good for cut in extracted.cut})
    return f"**{good[-1].title}** {' '.join(good[-1].text.split())[:300]} …\n\nremoved: {', '.join(cut)[:500] or 'nothing'}"
