"""The archive read anew, as we read today, into a working copy of the store: parse, extract, match. Nobody is mailed.

What belongs here: what to read, and what came of it, as rows of the working copy, which is the queue too: one that was stopped
goes on where it was. What does not: mentions (`assets.rereading_mentions`), reports beside pages (`assets.rereading_reports`),
taking it over (`assets.adoption`).
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from assets.articles import BATCH, Read, extraction_of, read_pages
from assets.extraction.extract import EXTRACTOR
from assets.extraction.quality import measure
from assets.extraction.revise import article_row, labels, revise
from assets.feeds import sync_sources
from assets.flow import Flow
from assets.matching.compiling import Compiled
from assets.parsing.rerun import Rerun
from assets.reading import identify, read_document
from assets.rematching import Progress
from assets.rereading_mentions import rematch
from assets.rereading_notes import SHOWN, apart, note, shown
from assets.rereading_reports import reread_reports
from assets.sources.registry import Source, load_sources
from assets.stories.placing import place_in_story
from assets.watching import compile_files
from warehouse.database import Warehouse
from warehouse.errors import ConfigError, StoreBusyError
from warehouse.ids import hashed
from warehouse.shadow import drop_shadow, make_shadow, shadow_at
from warehouse.transaction import Row, Transaction

STATE = "reread"  # the name in ops.state of the working copy that says what it is for
DOCUMENTS = 50
KEPT = ("article_id", "source_id", "url", "text", "first_seen_at", "changed_at", "withdrawn_at", "baseline")
First = Literal["entries", "texts", "mentions"]


@dataclass(frozen=True)
class Scope:
    """What to read anew: entries by source, by the time of their first sight, by id; empty or None: all.

    Attributes:
        sources: ids.
        since, until: first seen from then on, and before then.
        articles: ids of entries, whole.
        first: the first step: entries (documents of feeds, then all that follows), texts (pages and reports, then mentions), mentions.
    """

    sources: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    articles: tuple[str, ...] = ()
    first: First = "entries"

    def asked(self) -> Row:
        """As parameters of the queries."""
        return {"sources": list(self.sources), "articles": list(self.articles), "since": self.since, "until": self.until}

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Begun:
    """A working copy that is being read into.

    Attributes:
        reread_id: of what was asked for and when.
        begun_at: when the copy was made.
        in_scope: entries that were asked for; those still on their way through the flow are among them and are left to it.
    """

    reread_id: str
    begun_at: datetime
    in_scope: int


def folder_of(flow: Flow) -> Path:
    """Where the working copy lies."""
    return flow.warehouse.path.parent / "reread"


@contextmanager
def only_one(flow: Flow) -> Iterator[None]:
    """Hold the lock of the working copy. Raises StoreBusyError when another process reads anew."""
    guard = Warehouse(folder_of(flow) / "running.duckdb", lock_seconds=0)
    try:
        with guard.lock():
            yield
    except StoreBusyError as fault:
        raise StoreBusyError("the archive is being read anew by another process", hint="wait for it to end") from fault


def reread(flow: Flow, scope: Scope, *, progress: Progress = lambda *_: None) -> Begun:
    """Read what is asked for into the working copy; goes on with one that was stopped. Hold `only_one` meanwhile.

    Args:
        flow: the installation; its store is only copied.
        scope: what to read.
        progress: called with the number of pages and texts done, and of all.

    Raises ConfigError when nothing is in the scope, or the watch list has changed since the texts were matched.
    """
    _, compiled = compile_files(flow.watchlists, flow.cache)
    _refuse_other_list(flow.warehouse, compiled)
    sources = load_sources(flow.sources)
    asked = _asked(scope, compiled, sources)
    begun = _go_on(flow, asked) or _begin(flow, scope, asked, sources)
    shadow = replace(flow, warehouse=shadow_at(flow.warehouse, folder_of(flow)), transports={})
    for source_id in _waiting(shadow, "sources_to_reparse"):
        _reparse(shadow, source_id, scope)
    _reread_pages(shadow, progress)
    rematch(shadow.warehouse, compiled, flow.now(), processes=flow.warehouse.threads, progress=progress)
    reread_reports(shadow, compiled)
    return begun


def _refuse_other_list(warehouse: Warehouse, compiled: Compiled) -> None:
    with warehouse.transaction() as transaction:
        known = transaction.value("current_watchlist_hash")
    if known is None:
        raise ConfigError("nothing has been matched yet, so there is nothing to read anew", hint="run first: thinkwatch run")
    if known != compiled.hash:
        raise ConfigError("the watch list has changed since the texts were matched", hint="run first: thinkwatch rematch")


def _go_on(flow: Flow, asked: Row) -> Begun | None:
    """The working copy that was begun for the same, as we read now, and has not been taken over."""
    shadow = shadow_at(flow.warehouse, folder_of(flow))
    if not shadow.path.exists():
        return None
    with shadow.transaction() as transaction:
        known = json.loads(transaction.value("read_state", name=STATE) or "{}")
    with flow.warehouse.transaction() as transaction:
        is_done = transaction.value("known_reread", reread_id=known.get("reread_id"))
    if is_done or known.get("asked") != asked:
        return None
    return Begun(known["reread_id"], datetime.fromisoformat(known["begun_at"]), known["in_scope"])


def _asked(scope: Scope, compiled: Compiled, sources: Sequence[Source]) -> Row:
    defined = hashed(json.dumps([source.model_dump(mode="json", by_alias=True) for source in sources]))
    return json.loads(json.dumps({"scope": scope.plain(), "extractor": EXTRACTOR, "watchlist": compiled.hash, "sources": defined}))


def _begin(flow: Flow, scope: Scope, asked: Row, sources: Sequence[Source]) -> Begun:
    now = flow.now()
    shadow = make_shadow(flow.warehouse, folder_of(flow))
    with shadow.transaction() as transaction:
        transaction.run("make_reread_tables")
        sync_sources(transaction, sources, flow)  # a rule that was just written counts, polled or not
        transaction.run("queue_entries", **scope.asked(), parse=scope.first == "entries")
        if scope.first != "mentions":
            transaction.run("queue_pages")
        transaction.run("queue_reports", read=scope.first != "mentions")
        in_scope = transaction.value("count_in_scope", **scope.asked())
        begun = Begun(hashed(json.dumps(asked), now.isoformat()), now, in_scope)
        value = json.dumps({"reread_id": begun.reread_id, "begun_at": now.isoformat(), "in_scope": in_scope, "asked": asked})
        transaction.merge("ops.state", [{"name": STATE, "value": value}], key=["name"])
    if not in_scope:
        drop_shadow(folder_of(flow))
        raise ConfigError("no entry is of these sources, days and articles", hint="see what is there: thinkwatch sql 'FROM entries'")
    return begun


def _waiting(flow: Flow, query: str) -> list[str]:
    with flow.warehouse.transaction() as transaction:
        return [next(iter(row.values())) for row in transaction.rows(query)]


def _reparse(flow: Flow, source_id: str, scope: Scope) -> None:
    """Read a source's documents since the first sight of the earliest of these entries, and store what they now say."""
    with flow.warehouse.transaction() as transaction:
        stored = {row["entry_id"]: row for row in transaction.rows("entries_to_reparse", source_id=source_id)}
        since = min((row["first_seen_at"] for row in stored.values()), default=flow.now())
        fetches = transaction.rows("fetches_to_reparse", source_id=source_id, since=since)
    run = Rerun(stored)
    gaps = [fetch["requested_at"] for fetch in fetches if not fetch["warc_file"]]
    kept = [fetch for fetch in fetches if fetch["warc_file"]]
    for start in range(0, len(kept), DOCUMENTS):
        some = kept[start : start + DOCUMENTS]
        documents = [read_document(fetch, flow) for fetch in some]
        with flow.warehouse.transaction() as transaction:
            for fetch, parsed in zip(some, documents, strict=True):
                if parsed and parsed.verdict != "reject" and not parsed.is_index:
                    found = identify(transaction, parsed.entries, source_id)
                    aliases = run.take(found.resolved, fetch, fetch["requested_at"], may_find=_may_find(fetch, scope))
                    transaction.merge("ops.entry_keys", aliases, key=["source_id", "alias"], update=False)
    with flow.warehouse.transaction() as transaction:
        _keep_entries(transaction, run, gaps)
        transaction.run("mark_reparsed", source_id=source_id)


def _may_find(fetch: Row, scope: Scope) -> bool:
    moment = fetch["requested_at"]
    return not scope.articles and (scope.since is None or moment >= scope.since) and (scope.until is None or moment < scope.until)


def _keep_entries(transaction: Transaction, run: Rerun, gaps: Sequence[datetime]) -> None:
    transaction.merge("entries", run.found.values(), key=["entry_id"])
    for row in run.found.values():
        note(transaction, row, "found", None, row["title"])
    for old, changes in run.changed(gaps):
        transaction.merge("entries", [{"entry_id": old["entry_id"], **changes}], key=["entry_id"])
        note(transaction, old, "entry", shown(old, changes, changes), shown(changes, changes, old))


def _reread_pages(flow: Flow, progress: Progress) -> None:
    with flow.warehouse.transaction() as transaction:
        total = transaction.value("count_pages_to_reread")
    done = 0
    while True:
        with flow.warehouse.transaction() as transaction:
            pages = transaction.rows("pages_to_reread", most=BATCH)
            known = transaction.rows("newest_templates", source_ids=sorted({page["source_id"] for page in pages}))
        if not pages:
            return
        reads = read_pages(flow, pages, {row["source_id"]: row for row in known}, as_fetched=True)
        with flow.warehouse.transaction() as transaction:
            for read in reads:
                _keep(transaction, read, flow.now())
                transaction.run("mark_page_reread", page_id=read.page["page_id"])
        done += len(pages)
        progress(done, total)


def _keep(transaction: Transaction, read: Read, now: datetime) -> None:
    """Store what a page gives now where it differs, and note the difference."""
    page, extracted = read.page, read.extracted
    current = transaction.row("current_articles", article_ids=[page["entry_id"]])
    if extracted.status != "ok":
        if current and current["page_id"] == page["page_id"]:
            note(transaction, page, "lost", current["text"][:SHOWN], extracted.reason or "no article on the page")
        return
    earlier = transaction.row("text_hashes", article_ids=[page["entry_id"]])
    hashes = earlier["hashes"] if earlier else ()
    revised = revise(extracted, page=page, current=current, earlier=hashes, made_by=read.made_by, reread=read.reread, now=now)
    if revised.article and revised.revision:
        _keep_text(transaction, read, revised.article, revised.revision, revised.story, current, now)
    elif current and current["page_id"] == page["page_id"]:
        _keep_details(transaction, read, current, now)


def _keep_text(
    transaction: Transaction, read: Read, article: Row, revision: Row, story: Row | None, current: Row | None, now: datetime
) -> None:
    if current is None:
        made, story = place_in_story(transaction, article, story, now) if story else (article, None)
        transaction.merge("stories", [story] if story else [], key=["story_id"])
        note(transaction, read.page, "article", None, article["title"])
    else:
        made = article | {"withdrawn_at": current["withdrawn_at"]}
        for what in ("text", "title"):
            if current[what] != revision[what]:
                note(transaction, read.page, what, *apart(current[what], revision[what]))
        _note_date(transaction, read.page, current, article)
    transaction.merge("articles", [made], key=["article_id"])
    transaction.merge("revisions", [revision], key=["revision_id"])
    _measure(transaction, read)


def _keep_details(transaction: Transaction, read: Read, current: Row, now: datetime) -> None:
    """The same text, but another date, author or label: that is no new revision, as nobody has changed a word."""
    row = article_row(read.extracted, read.page, now)
    changes = {name: value for name, value in row.items() if name not in KEPT and (current[name] or None) != (value or None)}
    stored, said = transaction.row("revision_labels", revision_id=current["revision_id"]) or {}, labels(read.extracted)
    relabelled = {name: value for name, value in said.items() if (stored[name] or None) != (value or None)}
    if not changes and not relabelled:
        return
    _note_date(transaction, read.page, current, row)
    if relabelled or set(changes) - {"published_at", "published_quality"}:
        after = shown(changes, changes, current) if changes else "zones or cuts"
        note(transaction, read.page, "details", shown(current, changes, changes), after)
    transaction.merge("articles", [{"article_id": current["article_id"], **changes, "changed_at": now}], key=["article_id"])
    made = {"revision_id": current["revision_id"], **said, **asdict(read.made_by), "language": read.extracted.language}
    transaction.merge("revisions", [made], key=["revision_id"])
    _measure(transaction, read)


def _measure(transaction: Transaction, read: Read) -> None:
    page = read.page
    if page["warc_file"]:
        transaction.merge("extractions", [measure(read.extracted) | extraction_of(read)], key=["page_id"])
    mark = {"page_id": page["page_id"], "extractor": EXTRACTOR, "verdict": read.extracted.status, "reason": read.extracted.reason}
    transaction.merge("pages", [mark], key=["page_id"])


def _note_date(transaction: Transaction, page: Row, current: Row, article: Row) -> None:
    if current["published_at"] != article["published_at"]:
        note(transaction, page, "date", *(str(one["published_at"] or "no date") for one in (current, article)))
