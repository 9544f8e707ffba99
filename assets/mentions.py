"""The `mentions` asset: match stored texts against the watch list. From stored text only: no network, no mail."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import dagster as dg

from assets.extraction.records import Zone
from assets.flow import Flow
from assets.matching.compiling import Compiled
from assets.matching.matcher import Matcher
from assets.matching.mentions import Mention, find_mentions
from assets.matching.watchlist import Watchlist
from assets.watching import compile_files, watchlist_rows
from warehouse.database import Row, Transaction
from warehouse.ids import hashed

BATCH = 200


@dg.asset(group_name="flag", kinds={"python", "duckdb"}, code_version="1", deps=["articles"])
def mentions(flow: dg.ResourceParam[Flow]) -> dg.MaterializeResult:
    """Finds every watched organisation and region in each new revision, with the place, the sentence and the form that matched.

    A changed watch list is matched against all stored texts again; that never mails. Datelines and bylines are kept with
    their zone and do not alert. `thinkwatch explain ARTICLE --entity ID` says why one did or did not match.
    """
    compiled, rows, failed = match_revisions(flow)
    top = Counter(row["entity"] for row in rows).most_common(10)
    return dg.MaterializeResult(
        metadata={
            "mentions": len(rows),
            "failed": failed,
            "watchlist": compiled.hash,
            "entities": len(compiled.entities),
            "top": dg.MetadataValue.md(
                "\n".join(["| entity | mentions |", "|---|---:|", *(f"| {entity} | {count} |" for entity, count in top)])
            ),
        }
    )


def match_revisions(flow: Flow) -> tuple[Compiled, list[Row], int]:
    """Match every current revision that this watch list has not seen; the rows stored, and how many revisions failed.

    Raises ConfigError for a fault in a watch list, with its file and line.
    """
    watchlist, compiled = compile_files(flow.watchlists, flow.cache)
    matcher = Matcher(compiled)
    _store_watchlist(flow, watchlist, compiled)
    stored: list[Row] = []
    failed = 0
    while pending := _pending(flow, compiled.hash):
        matched = [_match(matcher, revision, compiled.hash) for revision in pending]
        with flow.warehouse.transaction() as transaction:
            _store(transaction, pending, matched, compiled.hash, flow.now())
        stored += [row for rows, _ in matched for row in rows]
        failed += sum(error is not None for _, error in matched)
    return compiled, stored, failed


def _pending(flow: Flow, watchlist_hash: str) -> list[Row]:
    with flow.warehouse.transaction() as transaction:
        return transaction.rows("revisions_to_match", watchlist_hash=watchlist_hash, most=BATCH)


def _match(matcher: Matcher, revision: Row, watchlist_hash: str) -> tuple[list[Row], str | None]:
    zones = [Zone(zone["kind"], zone["start_char"], zone["end_char"]) for zone in revision["zones"] or ()]
    language = revision["language"] or next(iter(revision["source_languages"] or ()), None)
    try:
        found = find_mentions(matcher, title=revision["title"], text=revision["text"], language=language, zones=zones)
    except Exception as fault:
        # One text that breaks the matcher is parked with its reason; the others go on.
        return [], f"{type(fault).__name__}: {fault}"
    return [_row(mention, revision, watchlist_hash) for mention in found], None


def _row(mention: Mention, revision: Row, watchlist_hash: str) -> Row:
    place = (mention.entity, mention.field, str(mention.start), str(mention.end))
    return {
        "mention_id": hashed(revision["revision_id"], *place),
        "article_id": revision["article_id"],
        "revision_id": revision["revision_id"],
        "entity": mention.entity,
        "field": mention.field,
        "zone": mention.zone,
        "start_char": mention.start,
        "end_char": mention.end,
        "matched": mention.matched,
        "name": mention.name,
        "via": mention.via,
        "sentence_start": mention.sentence[0],
        "sentence_end": mention.sentence[1],
        "alerting": mention.alerting,
        "score": mention.score,
        "watchlist_hash": watchlist_hash,
    }


def _store(
    transaction: Transaction, pending: Sequence[Row], matched: Sequence[tuple[list[Row], str | None]], watchlist_hash: str, now: datetime
) -> None:
    transaction.run("forget_mentions", revision_ids=[revision["revision_id"] for revision in pending])
    rows = {row["mention_id"]: row for found, _ in matched for row in found}
    transaction.merge("mentions", rows.values(), key=["mention_id"])
    marks = [
        {
            "revision_id": revision["revision_id"],
            "watchlist_hash": watchlist_hash,
            "matched_at": now,
            # A text that an earlier watch list has seen is matched again for the record, not for the mail.
            "decided_at": now if revision["matched_before"] else None,
            "decision": "matched again" if revision["matched_before"] else None,
            "error": error,
        }
        for revision, (_, error) in zip(pending, matched, strict=True)
    ]
    transaction.merge("ops.matched", marks, key=["revision_id", "watchlist_hash"])


def _store_watchlist(flow: Flow, watchlist: Watchlist, compiled: Compiled) -> None:
    with flow.warehouse.transaction() as transaction:
        if transaction.value("current_watchlist_hash") == compiled.hash:
            return
        transaction.run("forget_watchlist")
        transaction.merge("watchlist", watchlist_rows(watchlist, compiled, flow.now()), key=["entity"])
