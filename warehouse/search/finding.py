"""Search as its users see it: keep the index up with the published copy, and answer questions from both.

Where there is no index, or it cannot be read, the texts of a span of time are read instead: slower, the same words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from warehouse.errors import StoreError
from warehouse.publish import AnalystsCopy
from warehouse.queries import statements
from warehouse.search.asking import Limits, Part, foreign_signs, read_question
from warehouse.search.index import EPOCH, SearchIndex
from warehouse.search.snippets import Snippet, snippet
from warehouse.search.words import text_forms
from warehouse.transaction import Row

OVERLAP = timedelta(hours=1)  # two runs may commit in another order than their clocks say
SCANNED = timedelta(days=92)  # of texts that are read where there is no index
FIRST = datetime(1, 1, 1, tzinfo=UTC)
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
_BATCH, _SPAN = 500, 20_000  # documents
_MEMORY = "1GB"  # DuckDB would keep the whole file


@dataclass(frozen=True)
class Hit:
    """An article that answers a question, or a report beside it.

    Attributes:
        report: the report's address, where it is the report that answers; title, language and snippet are then the report's.
        withdrawn_at: since when the article's page is gone.
        score: BM25; None when the texts were read without an index.
    """

    article_id: str
    report: str | None
    source_id: str
    title: str
    url: str | None
    language: str | None
    dated: datetime
    withdrawn_at: datetime | None
    score: float | None
    snippet: Snippet


@dataclass(frozen=True)
class Answer:
    """The hits, best first, how many there are in all, and what the person should know about how they were found."""

    hits: tuple[Hit, ...]
    total: int
    note: str = ""


def refresh(copy: AnalystsCopy, index: SearchIndex) -> int:
    """Bring the index up to the copy and return how many articles and reports were new or changed.

    Raises StoreError when nothing was published, or another process is indexing.
    """
    with copy.connect() as connection, index.building():
        connection.execute(f"SET memory_limit = '{_MEMORY}'")

        def follow(since: datetime) -> int:
            return index.update(_changed(connection, since))

        changed = follow(index.newest_change() - OVERLAP)
        (count,) = connection.execute(statements()["count_documents"]).fetchone() or (0,)
        if index.count() != count:
            index.keep_only(name for (name,) in connection.execute(statements()["document_ids"]).fetchall())
        if index.count() < count:  # an index of before reports were searched, or a store that was put back and went on from there
            changed += follow(EPOCH)
    return changed


def find(copy: AnalystsCopy, index: SearchIndex, question: str, limits: Limits, now: datetime, *, limit: int = 20) -> Answer:
    """Answer a question. Raises ConfigError for one that asks for nothing, StoreError when nothing was published."""
    parts = read_question(question)
    if not index.is_whole:
        missing = "there is no whole index yet; it is built with the next run, or now: thinkwatch search --rebuild"
        return _scan(copy, parts, limits, now, limit, missing)
    try:
        found, total = index.search(parts, limits, limit=limit)
    except StoreError as fault:
        return _scan(copy, parts, limits, now, limit, f"{fault}; {fault.hint}")
    asked = [hit.document_id for hit in found]
    rows = {row["document_id"]: row for row in copy.rows(statements()["documents_found"], document_ids=asked)} if asked else {}
    hits = [_hit(rows[hit.document_id], parts, hit.score) for hit in found if hit.document_id in rows]
    signs = foreign_signs(question)
    return Answer(tuple(hits), total, f"`{signs}` steers nothing here: every word must be there, a -word must not" if signs else "")


def _scan(copy: AnalystsCopy, parts: Sequence[Part], limits: Limits, now: datetime, limit: int, note: str) -> Answer:
    until = limits.until or now + timedelta(days=1)
    since = limits.since or max(until, FIRST + SCANNED) - SCANNED
    asked = {
        "since": since,
        "until": until,
        "sources": list(limits.sources),
        "countries": list(limits.countries),
        "languages": list(limits.languages),
    }
    answers = [row for row in copy.rows(statements()["documents_between"], **asked) if _answers(row, parts)]
    spanned = f"read without an index, {since:%Y-%m-%d} to {until:%Y-%m-%d}; {note}"
    return Answer(tuple(_hit(row, parts, None) for row in answers[:limit]), len(answers), spanned)


def _answers(row: Row, parts: Sequence[Part]) -> bool:
    fields = [list(text_forms(row[name], row["language"])) for name in ("title", "text")]
    return all(any(_stands(part, field) for field in fields) == part.wanted for part in parts)


def _stands(part: Part, forms: Sequence[str]) -> bool:
    if part.kind == "prefix":
        return any(form.startswith(reading[0]) for reading in part.readings for form in forms)
    return any(tuple(forms[place : place + len(reading)]) == reading for reading in part.readings for place in range(len(forms)))


def _hit(row: Row, parts: Sequence[Part], score: float | None) -> Hit:
    taken = {name: row[name] for name in ("article_id", "report", "source_id", "title", "url", "language", "dated", "withdrawn_at")}
    return Hit(**taken, score=score, snippet=snippet(row["text"], row["language"], parts))


def _changed(connection: Any, since: datetime) -> Iterator[tuple[Any, ...]]:
    """What changed since then, in that order; of a whole store only a span at a time, as texts that are sorted are held in memory."""
    parted = connection.execute(statements()["changes_to_index"], {"since": since, "most": _SPAN}).fetchall()
    for begin, end in pairwise([since, *(moment for (moment,) in parted), NEVER]):
        cursor = connection.execute(statements()["documents_to_index"], {"since": begin, "until": end})
        while batch := cursor.fetchmany(_BATCH):
            yield from batch
