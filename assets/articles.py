"""The `articles` asset: archived pages become clean articles and revisions."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import fmean
from time import perf_counter

import dagster as dg

from assets.attachments import name_documents
from assets.extraction.calls import call_for, extracted, made_by, site_rules_of
from assets.extraction.extract import EXTRACTOR
from assets.extraction.quality import measure
from assets.extraction.records import Extract
from assets.extraction.revise import MadeBy, Revised, needs_reread, revise, text_hash
from assets.extraction.workers import Call, shared
from assets.fetching.attaching import Named
from assets.fetching.visits import failed
from assets.flow import Flow
from assets.issues import Issue, record_issues
from assets.lineage import ARTICLES
from assets.pages import feed_page
from assets.parsing.urls import canonical_url
from assets.showing import bars, table
from assets.stories.placing import place_in_story
from assets.templates import current_templates
from warehouse.archive import ArchiveRef
from warehouse.errors import ArchiveError
from warehouse.transaction import Row, Transaction

BATCH = 40


@dataclass(frozen=True)
class Read:
    """A page and what was read on it, and how; `reread` is the hash of the text before, read again as pages are read now."""

    page: Row
    extracted: Extract
    made_by: MadeBy
    reread: str | None = None


@dg.asset(group_name="clean", kinds={"python", "duckdb"}, code_version=EXTRACTOR, deps=["pages"])
def articles(flow: dg.ResourceParam[Flow]) -> dg.MaterializeResult:
    """Strips each new page down to its article: body, dateline, byline, captions, tables and notes stay, the rest is kept as `cut`.

    A text that has changed since the last visit is a new revision; one that has not leaves no trace. A page that holds
    no article (a challenge, a consent wall, a soft 404) never becomes text: the feed's own text stands in for it.
    """
    begun = perf_counter()
    reads = [read for batch in extract_pages(flow) for read in batch]
    seconds = perf_counter() - begun
    good = [read.extracted for read in reads if read.extracted.status == "ok"]
    removed = sum(len(cut.text) for extracted in good for cut in extracted.cut)
    kept = sum(len(extracted.text) for extracted in good)
    return dg.MaterializeResult(
        metadata={
            "pages": len(reads),
            "articles": len(good),
            "no article": len(reads) - len(good),
            "removed_share": round(removed / (removed + kept), 3) if good else 0.0,
            # Nothing read is no score: a zero would be a hole in the plot.
            **({"mean_score": round(fmean(extracted.score for extracted in good), 3)} if good else {}),
            "seconds": round(seconds, 2),
            "dagster/row_count": flow.count("articles"),
            "dagster/column_lineage": ARTICLES,
            "by_source": dg.MetadataValue.md(table(_by_source(reads))),
            "read_by_source": dg.MetadataValue.md(bars(Counter(read.page["source_id"] for read in reads))),
            "last_seven_days": dg.MetadataValue.md(bars(flow.week("articles"))),
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
            name_documents(transaction, named_documents(reads), flow)
            record_issues(transaction, ended_rules(pending, flow.now()), flow.now())
        batches.append(reads)
    return batches


def named_documents(reads: Sequence[Read]) -> list[Named]:
    """The reports that pages offer as the article itself; one that is the page itself is none beside it."""
    return [
        Named(read.page["entry_id"], read.page["source_id"], url, "page")
        for read in reads
        for url in map(canonical_url, read.extracted.documents)
        if url and url not in {read.page["url"], read.page["entry_url"]}
    ]


def ended_rules(pages: Sequence[Row], now: datetime) -> list[Issue]:
    """The sources whose files have rules that are over, once each."""
    found = {page["source_id"]: rules for page in pages if (rules := site_rules_of(page)) and not rules.is_live(now)}
    hint = "look at its pages again: renew the day, or remove the rules"
    return [
        Issue("rules_ended", source_id, source_id, f"the rules in its file ended on {rules.until}", hint)
        for source_id, rules in found.items()
    ]


def _pending(flow: Flow) -> list[Row]:
    with flow.warehouse.transaction() as transaction:
        return transaction.rows("pages_to_extract", most=BATCH, mine=flow.mine)


def _read(flow: Flow, pending: Sequence[Row]) -> list[Read]:
    return read_pages(flow, pending, current_templates(flow, (page["source_id"] for page in pending)))


def read_pages(flow: Flow, pages: Sequence[Row], templates: Mapping[str, Row], *, as_fetched: bool = False) -> list[Read]:
    """Read archived pages as we read now; stores nothing.

    Args:
        flow: the installation.
        pages: rows as `pages_to_extract` gives them.
        templates: by source id.
        as_fetched: judge dates and the end of rules by the time when each page was fetched, not by now.
    """
    moments = [page["fetched_at"] if as_fetched else flow.now() for page in pages]
    found = _extracted(flow, pages, templates, moments)
    reads = [
        Read(page, extract, made_by(page, templates.get(page["source_id"]), moment))
        for page, extract, moment in zip(pages, found, moments, strict=True)
    ]
    return _with_rereads(flow, reads, templates)


def _extracted(flow: Flow, pages: Sequence[Row], templates: Mapping[str, Row], moments: Sequence[datetime]) -> list[Extract]:
    """Each page read in a worker, in their order."""
    calls: dict[int, Call] = {}
    found: dict[int, Extract] = {}
    for place, (page, moment) in enumerate(zip(pages, moments, strict=True)):
        try:
            calls[place] = call_for(page, _body(flow, page), templates.get(page["source_id"]), moment)
        except ArchiveError as fault:
            found[place] = Extract(status="error", reason=str(fault))
    outcomes = shared(flow.limits).run(list(calls.values()))
    found |= {place: extracted(outcome) for place, outcome in zip(calls, outcomes, strict=True)}
    return [found[place] for place in range(len(pages))]


def _with_rereads(flow: Flow, reads: Sequence[Read], templates: Mapping[str, Row]) -> list[Read]:
    """Where a text differs and our way of reading has changed as well, the page before is read again, to tell whose doing it is."""
    with flow.warehouse.transaction() as transaction:
        rows = transaction.rows("current_articles", article_ids=[read.page["entry_id"] for read in reads])
        current = {row["article_id"]: row for row in rows}
        doubtful = [read for read in reads if needs_reread(read.extracted, read.page, current.get(read.page["entry_id"]), read.made_by)]
        ids = [current[read.page["entry_id"]]["page_id"] for read in doubtful]
        before = {page["page_id"]: page for page in transaction.rows("pages_by_id", page_ids=ids)}
    old = [read.page | before[page_id] for read, page_id in zip(doubtful, ids, strict=True)]
    again = zip(doubtful, _extracted(flow, old, templates, [flow.now()] * len(old)), strict=True)
    hashes = {read.page["page_id"]: text_hash(extract, read.page) for read, extract in again}
    return [replace(read, reread=hashes.get(read.page["page_id"])) for read in reads]


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

    measured = [measure(read.extracted) | extraction_of(read) for read in reads if read.page["warc_file"]]
    transaction.merge("extractions", {row["page_id"]: row for row in measured}.values(), key=["page_id"])


def extraction_of(read: Read) -> Row:
    """The columns of `extractions` that tell which page was read, and by what."""
    page = read.page
    return {
        "page_id": page["page_id"],
        "article_id": page["entry_id"],
        "source_id": page["source_id"],
        "fetched_at": page["fetched_at"],
        "extractor": EXTRACTOR,
        "template_id": read.made_by.template_id,
    }


def _revised(transaction: Transaction, read: Read, now: datetime) -> Revised:
    article_id = read.page["entry_id"]
    current = transaction.row("current_articles", article_ids=[article_id])
    earlier = transaction.row("text_hashes", article_ids=[article_id])
    return revise(
        read.extracted,
        page=read.page,
        current=current,
        earlier=earlier["hashes"] if earlier else (),
        made_by=read.made_by,
        reread=read.reread,
        now=now,
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
    hint = f"look at it as it came: thinkwatch fixture {page['url']}" if page["url"] else ""
    record_issues(transaction, [Issue(kind, page["source_id"], page["url"] or page["entry_id"], reason, hint)], now)
    if not page["warc_file"]:
        return
    entry = transaction.row("entry_by_id", entry_id=page["entry_id"])
    if entry:
        plan = failed(entry, read.extracted.status == "blocked", reason, now)
        transaction.merge("entries", [entry | plan], key=["entry_id"])
        transaction.merge("pages", [feed_page(entry, now)], key=["page_id"], update=False)


def _by_source(reads: Sequence[Read]) -> list[Row]:
    """A line a source, the one that was read worst first."""
    rows: list[Row] = []
    for source in sorted({read.page["source_id"] for read in reads}):
        ours = [measure(read.extracted) for read in reads if read.page["source_id"] == source]
        good = [one for one in ours if one["verdict"] == "ok"]
        rows.append(
            {
                "source": source,
                "pages": len(ours),
                "no article": len(ours) - len(good),
                "score": fmean(one["score"] for one in ours),
                "characters": fmean(one["characters"] for one in good) if good else None,
                "cut share": fmean(one["cut_share"] for one in good) if good else None,
            }
        )
    return sorted(rows, key=lambda row: row["score"])


def _sample(good: Sequence[Extract]) -> str:
    if not good:
        return "nothing new"
    cut = sorted({f"{cut.kind} ({cut.rule})" for extracted in good for cut in extracted.cut})
    return f"**{good[-1].title}** {' '.join(good[-1].text.split())[:300]} …\n\nremoved: {', '.join(cut)[:500] or 'nothing'}"
