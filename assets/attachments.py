"""The `attachments` asset: the PDF reports that lie beside articles, fetched, archived, read, and matched for analysts.

It comes after the mails: a report of many pages makes nobody's alert late, and what it mentions raises none.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import dagster as dg

from assets.asking import ask
from assets.extraction.calls import extracted
from assets.extraction.extract import EXTRACTOR, extract
from assets.extraction.pdf import is_pdf
from assets.extraction.records import Extract, Hints, Zone
from assets.extraction.workers import shared
from assets.feeds import FetchConfig
from assets.fetching.attaching import Named, after_fetch, new_rows
from assets.fetching.records import Fetched, Request
from assets.flow import Flow
from assets.issues import Issue, record_issues
from assets.matching.batches import Matched, Matchers, Text
from assets.matching.compiling import Compiled
from assets.recovery import addresses, as_fetched, belonging, fetch_row, take_up
from assets.watching import compile_files
from warehouse.archive import ArchiveRef, ascii_url
from warehouse.errors import ArchiveError
from warehouse.ids import hashed
from warehouse.transaction import Row, Transaction

BATCH = 20
RUN_SECONDS = 300  # at most, for all sources: reports may wait, the copy that analysts open should not


@dg.asset(group_name="publish", kinds={"pdf", "duckdb"}, code_version=EXTRACTOR, deps=["articles", "deliveries"])
def attachments(context: dg.AssetExecutionContext, config: FetchConfig, flow: dg.ResourceParam[Flow]) -> dg.MaterializeResult:
    """Fetches the PDF reports that feeds and pages name as the article itself, and reads their text in worker processes.

    A report that cannot be had is tried again, ever more slowly. Whom a report mentions is in `attachment_mentions` and
    `attachment_sentences`: for SQL and `thinkwatch explain`, never for alerts, which speak of the page that was published.
    """
    fetched = fetch_attachments(flow, config.sources, context.run_id)
    read = read_attachments(flow)
    matched = match_attachments(flow)
    failed = [one for one in fetched if one.fault]
    return dg.MaterializeResult(
        metadata={
            "asked": len(fetched),
            "failed": len(failed),
            "bytes": sum(one.size for one in fetched),
            "read": read["ok"],
            "not readable": read.total() - read["ok"],
            "mentions": matched,
            "failures": dg.MetadataValue.md("\n".join(f"- {f.request.url}: {f.fault.message}" for f in failed[:20] if f.fault) or "none"),
        }
    )


def name_documents(transaction: Transaction, named: Sequence[Named], flow: Flow) -> None:
    """Give each report that an article names a row, if it has none; it is due at once, or says why it is not fetched."""
    known = {row["article_id"]: row for row in transaction.rows("count_attachments", article_ids=[one.article_id for one in named])}
    fresh = [one for one in named if one.url not in known.get(one.article_id, {"urls": ()})["urls"]]
    naming = {row["url"]: row["article_ids"] for row in transaction.rows("articles_naming", urls=[one.url for one in fresh])}
    rows = new_rows(fresh, {article_id: row["taken"] for article_id, row in known.items()}, naming, flow.now())
    transaction.merge("attachments", rows, key=["attachment_id"], update=False)


def fetch_attachments(flow: Flow, source_ids: Sequence[str] = (), run_id: str | None = None) -> list[Fetched]:
    """Ask for every report that is due (of the named sources only, if any are named), store what came, and say how each ended."""
    now = flow.now()
    with flow.warehouse.transaction() as transaction:
        enclosed = transaction.rows("enclosed_reports")
        name_documents(transaction, [Named(row["article_id"], row["source_id"], row["url"], "enclosure") for row in enclosed], flow)
        _take_up(transaction, flow)
        transaction.run("share_attachments")
        due = transaction.rows("due_attachments", now=now, source_ids=list(source_ids), most_per_source=flow.attachments_per_source)
    rows = {row["attachment_id"]: {name: value for name, value in row.items() if name != "baseline"} for row in due}
    requests = [Request(row["url"], "attachment", ref=ref, source=row["source_id"]) for ref, row in rows.items()]
    hasty = replace(flow, began=time.monotonic(), policy=replace(flow.policy, run_seconds=min(RUN_SECONDS, flow.policy.run_seconds)))
    waiting: list[Row] = []

    def keep(fetched: Fetched, fetch: Row) -> None:
        waiting.append(after_fetch(rows[fetched.request.ref], fetched, fetch, flow.now()))
        if len(waiting) >= BATCH:
            _store(flow, waiting)

    asked, _ = ask(requests, rows, hasty, run_id, keep)
    _store(flow, waiting)
    return asked


def _take_up(transaction: Transaction, flow: Flow) -> None:
    """Store the reports that were found in the archive, as though they had just been fetched."""
    found = transaction.rows("recovered")
    if not found:
        return
    waiting = {ascii_url(row["url"]): row for row in transaction.rows("attachments_at", urls=addresses(found), mine=flow.mine)}
    for answer, row in belonging(found, waiting):
        fetched = as_fetched(answer, Request(row["url"], "attachment", source=row["source_id"]), flow.archive)
        if fetched is None or not is_pdf(fetched.body):
            continue
        fetch = fetch_row(answer, "attachment", row, entry_id=row["article_id"], handled_at=answer["requested_at"])
        take_up(transaction, [fetch])
        transaction.merge("attachments", [after_fetch(row, fetched, fetch, answer["requested_at"])], key=["attachment_id"])


def read_attachments(flow: Flow) -> Counter[str]:
    """Read every report that was fetched, in worker processes, a batch a transaction; how many ended with which status."""
    statuses: Counter[str] = Counter()
    while True:
        with flow.warehouse.transaction() as transaction:
            transaction.run("share_attachments")
            pending = transaction.rows("attachments_to_read", most=BATCH)
        if not pending:
            return statuses
        found = read_reports(flow, pending)
        with flow.warehouse.transaction() as transaction:
            transaction.merge("attachments", map(report_row, pending, found, [flow.now()] * len(found)), key=["attachment_id"])
            record_issues(transaction, _unreadable(pending, found), flow.now())
        statuses.update(one.status for one in found)


def match_attachments(flow: Flow, compiled: Compiled | None = None) -> int:
    """Match the reports that this watch list has not seen, a batch a transaction; how many mentions were stored."""
    if compiled is None:
        with flow.warehouse.transaction() as transaction:
            known = transaction.value("current_watchlist_hash")
            if not transaction.rows("attachments_to_match", watchlist_hash=known, most=1):
                return 0
        _, compiled = compile_files(flow.watchlists, flow.cache)
    stored = 0
    with Matchers(compiled, 1) as matchers:
        while True:
            with flow.warehouse.transaction() as transaction:
                rows = transaction.rows("attachments_to_match", watchlist_hash=compiled.hash, most=BATCH)
            if not rows:
                return stored
            matched = list(matchers.match([report_text(row) for row in rows]))
            mentions = [mention_rows(row, one, compiled.hash) for row, one in zip(rows, matched, strict=True)]
            with flow.warehouse.transaction() as transaction:
                ids = [row["attachment_id"] for row in rows]
                transaction.run("forget_attachment_mentions", attachment_ids=ids)
                transaction.merge("attachment_mentions", [row for group in mentions for row in group], key=["mention_id"])
                transaction.run("mark_attachments_matched", attachment_ids=ids, watchlist_hash=compiled.hash)
                record_issues(transaction, _broken(rows, matched), flow.now())
            stored += sum(map(len, mentions))


def _store(flow: Flow, waiting: list[Row]) -> None:
    flow.archive.sync()
    with flow.warehouse.transaction() as transaction:
        transaction.merge("attachments", waiting, key=["attachment_id"])
        record_issues(transaction, [_given_up(row) for row in waiting if row["error"] and row["due_at"] is None], flow.now())
    waiting.clear()


def _given_up(row: Row) -> Issue:
    hint = f"open it in a browser; more of it: thinkwatch sql \"FROM attachments WHERE attachment_id = '{row['attachment_id']}'\""
    return Issue("attachment_given_up", row["source_id"], row["url"], f"the report is not asked for any more: {row['error']}", hint)


def read_reports(flow: Flow, pending: Sequence[Row]) -> list[Extract]:
    """Each report read in a worker, in their order; `pending` are rows of `attachments` with `article_language`."""
    calls, found = {}, {}
    for place, row in enumerate(pending):
        try:
            body = flow.archive.read(ArchiveRef(row["warc_file"], row["warc_offset"], row["warc_length"], row["sha256"]))
        except ArchiveError as fault:
            found[place] = Extract(status="error", reason=str(fault))
            continue
        hints = Hints(language=row["article_language"])
        calls[place] = (
            extract,
            {"body": body, "url": row["final_url"], "content_type": row["media_type"], "hints": hints, "now": flow.now()},
        )
    outcomes = shared(flow.limits).run(list(calls.values()))
    found |= {place: extracted(outcome) for place, outcome in zip(calls, outcomes, strict=True)}
    return [found[place] for place in range(len(pending))]


def report_row(row: Row, found: Extract, now: datetime) -> Row:
    """The row of a report that was read, from the one that waited for it."""
    own = {name: value for name, value in row.items() if name != "article_language"}
    is_read = found.status == "ok"
    return own | {
        "state": "read" if is_read else "unreadable",
        "error": None if is_read else found.reason,
        "read_at": now,
        "extractor": EXTRACTOR,
        "pages": found.sheets,
        "title": found.title,
        "authors": list(found.authors),
        "language": found.language,
        "text": found.text if is_read else None,
        "zones": [{"kind": zone.kind, "start_char": zone.start, "end_char": zone.end} for zone in found.zones],
    }


def _unreadable(pending: Sequence[Row], found: Sequence[Extract]) -> list[Issue]:
    hint = "open it in a browser; the file as it came is in the archive"
    return [
        Issue("attachment_unreadable", row["source_id"], row["url"], f"the report has no text to read: {one.reason}", hint)
        for row, one in zip(pending, found, strict=True)
        if one.status != "ok"
    ]


def _broken(rows: Sequence[Row], matched: Sequence[Matched]) -> list[Issue]:
    hint = "its mentions are missing; it is matched again when the watch list changes"
    return [
        Issue("attachment_not_matched", row["source_id"], row["url"], f"the report broke the matcher: {one.error}", hint)
        for row, one in zip(rows, matched, strict=True)
        if one.error
    ]


def report_text(row: Row) -> Text:
    """A report as the matcher takes it."""
    zones = tuple(Zone(zone["kind"], zone["start_char"], zone["end_char"]) for zone in row["zones"] or ())
    return Text(row["attachment_id"], "", row["text"], row["language"], zones)


def mention_rows(row: Row, matched: Matched, watchlist_hash: str) -> list[Row]:
    """What was found in a report, as rows of `attachment_mentions`."""
    return [
        {
            "mention_id": hashed(row["attachment_id"], one.entity, str(one.start), str(one.end)),
            "attachment_id": row["attachment_id"],
            "article_id": row["article_id"],
            "entity": one.entity,
            "zone": one.zone,
            "start_char": one.start,
            "end_char": one.end,
            "matched": one.matched,
            "name": one.name,
            "via": one.via,
            "sentence_start": one.sentence[0],
            "sentence_end": one.sentence[1],
            "score": one.score,
            "watchlist_hash": watchlist_hash,
        }
        for one in matched.mentions
    ]
