"""The `mentions` asset: match stored texts against the watch list. From stored text only: no network, no mail."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter

import dagster as dg

from assets.attachments import match_attachments
from assets.flow import Flow
from assets.lineage import MENTIONS
from assets.matching.batches import Matched, Matchers
from assets.matching.changes import version
from assets.matching.compiling import Compiled
from assets.matching.watchlist import Watchlist
from assets.rematching import Batch, Progress, batches, mention_row
from assets.showing import bars, table
from assets.watching import compile_files, watchlist_rows
from warehouse.transaction import Transaction


class Rematch(dg.Config):
    """How a changed watch list is taken up."""

    notify_since: str = ""  # ISO 8601: tell what the change finds in texts seen since then; empty: nobody is told


@dg.asset(group_name="flag", kinds={"python", "duckdb"}, code_version="2", deps=["articles"])
def mentions(config: Rematch, flow: dg.ResourceParam[Flow]) -> dg.MaterializeResult:
    """Finds every watched organisation and region in each new revision, with the place, the sentence and the form that matched.

    A changed watch list is matched against the stored texts again, for the entities that changed and in texts where they
    can stand; that mails nothing unless asked. Datelines and bylines are kept with their zone and do not alert.
    `thinkwatch explain ARTICLE --entity ID` says why one did or did not match.
    """
    since = datetime.fromisoformat(config.notify_since) if config.notify_since else None
    begun = perf_counter()
    with shown_progress("matching") as progress:
        done = match_revisions(flow, notify_since=since, progress=progress)
    seconds = perf_counter() - begun
    in_reports = match_attachments(flow, done.compiled)
    return dg.MaterializeResult(
        metadata={
            "mentions": done.found.total(),
            "in reports": in_reports,
            "texts": done.texts,
            "passed over": done.passed_over,
            "changed entities": len(done.entities),
            "failed": done.failed,
            "watchlist": done.compiled.hash,
            "entities": len(done.compiled.entities),
            "seconds": round(seconds, 2),
            "dagster/row_count": flow.count("mentions"),
            "dagster/column_lineage": MENTIONS,
            "by_entity": dg.MetadataValue.md(table([{"entity": name, "mentions": count} for name, count in done.found.most_common()])),
            "top": dg.MetadataValue.md(bars(done.found)),
        }
    )


@dataclass
class Done:
    """What `match_revisions` did.

    Attributes:
        compiled: the list that all current texts now agree with.
        found: mentions stored, by entity.
        texts: texts that were matched, some only for `entities`, those that the list has changed.
        passed_over: texts in which nothing that has changed can stand.
        failed: texts that broke the matcher.
    """

    compiled: Compiled
    found: Counter[str] = field(default_factory=Counter)
    texts: int = 0
    passed_over: int = 0
    failed: int = 0
    entities: set[str] = field(default_factory=set)


def match_revisions(flow: Flow, *, notify_since: datetime | None = None, progress: Progress = lambda *_: None) -> Done:
    """Match every current revision that this watch list has not seen, new ones first; a batch a transaction.

    Args:
        flow: the installation.
        notify_since: what a changed list finds in texts seen since then is put before the subscriptions; None: nothing is.
        progress: called after each batch with the number of revisions done and of all.

    Raises ConfigError for a fault in a watch list, with its file and line.
    """
    watchlist, compiled = compile_files(flow.watchlists, flow.cache)
    waiting = _begin(flow, watchlist, compiled)
    done = Done(compiled)
    seen = 0
    with Matchers(compiled, flow.warehouse.threads) as matchers:
        for known in (False, True):
            for batch, matched in _matched(batches(flow.warehouse, compiled, known=known), matchers):
                with flow.warehouse.transaction() as transaction:
                    _store(transaction, batch, matched, compiled.hash, flow.now(), notify_since if known else None)
                _count(done, batch, matched)
                seen += len(batch.revisions)
                progress(seen, waiting)
    with flow.warehouse.transaction() as transaction:
        transaction.run("forget_old_watchlists", watchlist_hash=compiled.hash)
    return done


def _matched(given: Iterable[Batch], matchers: Matchers) -> Iterator[tuple[Batch, list[Matched]]]:
    """Each batch with its mentions; the other processes are at the next one while the caller stores this one."""
    waiting: tuple[Batch, Iterable[Matched]] | None = None
    for batch in given:
        begun = batch, matchers.match(batch.texts)
        if waiting:
            yield waiting[0], list(waiting[1])
        waiting = begun
    if waiting:
        yield waiting[0], list(waiting[1])


@contextmanager
def shown_progress(label: str) -> Iterator[Progress]:
    """A progress bar on stderr where that is a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console  # noqa: PLC0415 - only for a person at a terminal
    from rich.progress import Progress as Bar  # noqa: PLC0415

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda count, total: bar.update(task, completed=count, total=total)


def _begin(flow: Flow, watchlist: Watchlist, compiled: Compiled) -> int:
    """Write the list down, and count the revisions that wait for it."""
    with flow.warehouse.transaction() as transaction:
        if transaction.value("current_watchlist_hash") != compiled.hash:
            transaction.run("forget_watchlist")
            transaction.merge("watchlist", watchlist_rows(watchlist, compiled, flow.now()), key=["entity"])
        known = version(compiled)
        row = {"watchlist_hash": compiled.hash, "languages": known.languages, "entities": known.entities, "first_used_at": flow.now()}
        transaction.merge("ops.watchlist_versions", [row], key=["watchlist_hash"], update=False)
        waiting = transaction.rows("count_revisions_to_match", watchlist_hash=compiled.hash)[0]
    return waiting["never"] + waiting["again"]


def _store(
    transaction: Transaction, batch: Batch, matched: Sequence[Matched], watchlist_hash: str, now: datetime, notify_since: datetime | None
) -> None:
    """Replace what the batch was matched for, and mark all of it as seen."""
    errors = {one.revision_id: one.error for one in matched if one.error}
    _mark_decisions(transaction, batch, matched, watchlist_hash, now, notify_since)
    for entities in (None, sorted(batch.entities)):
        # The rows of a text that broke the matcher stay as they were.
        ids = [text.revision_id for text in batch.texts if (text.only is None) == (entities is None) and text.revision_id not in errors]
        if ids:
            transaction.run("forget_mentions", revision_ids=ids, entities=entities)
            transaction.run("silence_proof", revision_ids=ids, entities=entities)
    rows = [mention_row(mention, batch.rows[one.revision_id], watchlist_hash) for one in matched for mention in one.mentions]
    transaction.merge("mentions", {row["mention_id"]: row for row in rows}.values(), key=["mention_id"])
    marks = [
        {"revision_id": row["revision_id"], "watchlist_hash": watchlist_hash, "error": errors.get(row["revision_id"])}
        for row in batch.revisions
    ]
    transaction.merge("ops.mention_state", marks, key=["revision_id"])


def _mark_decisions(
    transaction: Transaction, batch: Batch, matched: Sequence[Matched], watchlist_hash: str, now: datetime, notify_since: datetime | None
) -> None:
    """Put before the subscriptions what is matched for the first time, and of the rest only what they are to be told."""
    ids = [one.revision_id for one in matched]
    seen_from = {row["revision_id"]: row["seen_from"] for row in batch.revisions}
    # What broke the matcher before was never put before anybody.
    again = {row["revision_id"] for row in batch.revisions if row["known_hash"] and not row["error"]}
    news: dict[str, list[str]] = {}
    if notify_since:
        decided = {row["revision_id"] for row in transaction.rows("first_decided", revision_ids=ids)}
        news = _news(transaction, [one for one in matched if one.revision_id in decided and seen_from[one.revision_id] >= notify_since])
    marks = [
        {
            "revision_id": one.revision_id,
            "watchlist_hash": watchlist_hash,
            "matched_at": now,
            "decided_at": None,
            "decision": None,
            "error": one.error,
            "news": news.get(one.revision_id),
        }
        for one in matched
        if one.revision_id not in again or one.revision_id in news
    ]
    transaction.merge("ops.matched", marks, key=["revision_id", "watchlist_hash"])


def _news(transaction: Transaction, matched: Sequence[Matched]) -> dict[str, list[str]]:
    """By revision the entities that it is now found to mention and was not before."""
    stored = transaction.rows("mentions_to_replace", revision_ids=[one.revision_id for one in matched], entities=None)
    before = {(row["revision_id"], row["entity"]) for row in stored if row["alerting"]}
    found = {one.revision_id: {mention.entity for mention in one.mentions if mention.alerting} for one in matched}
    fresh = {revision: sorted(entity for entity in entities if (revision, entity) not in before) for revision, entities in found.items()}
    return {revision: entities for revision, entities in fresh.items() if entities}


def _count(done: Done, batch: Batch, matched: Sequence[Matched]) -> None:
    done.texts += len(matched)
    done.passed_over += len(batch.revisions) - len(matched)
    done.failed += sum(one.error is not None for one in matched)
    done.found.update(mention.entity for one in matched for mention in one.mentions)
    done.entities |= batch.entities
