"""The search index: a tantivy folder beside the published copy that follows it, a batch of documents at a time.

It can always be thrown away and built anew. One article is one document, the current revision, and so is each report beside
one. A killed update leaves the index as it was after its last commit; the next one goes on.

Two words that stand together are a term of their own, and places are kept of such pairs alone: a phrase of two common words is
looked up like a word, and a longer one among the few texts that hold all its pairs.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import tantivy

from warehouse.errors import StoreError
from warehouse.search.asking import Limits, Part
from warehouse.search.words import VERSION, pairs, text_forms

_RAW = ("article_id", "revision_id", "source_id", "country", "language")
_FIELDS = ("title", "text")
_TITLE_WEIGHT = 3.0
_COMMIT_EVERY = 2_000  # articles
_HEAP = 64_000_000  # bytes; tantivy's own default is twice that
META = "meta.json"  # tantivy's list of an index's files
_FULL = ("No space left", "File too large", "quota exceeded")  # tantivy says it in words alone
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# tantivy counts in nanoseconds; whatever is dated beyond that lies within a day of the end.
EARLIEST, LATEST, DAY = datetime(1678, 1, 1, tzinfo=UTC), datetime(2262, 1, 1, tzinfo=UTC), timedelta(days=1)


@dataclass(frozen=True)
class Found:
    """One document that answers a question: its id, its version and its BM25 score."""

    document_id: str
    version: str
    score: float


class SearchIndex:
    """The index in `folder`, a folder of its own for each version of the analysis."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / f"v{VERSION}"
        self.schema = _schema()
        self._unfinished = self.folder / "unfinished"

    @property
    def exists(self) -> bool:
        """Whether anything was ever indexed with this version of the analysis."""
        return self.folder.is_dir() and tantivy.Index.exists(str(self.folder))

    @property
    def is_whole(self) -> bool:
        """Whether it was once built to its end, so that what it does not know is not there."""
        return self.exists and not self._unfinished.exists()

    @contextmanager
    def building(self) -> Iterator[None]:
        """While an index is built for the first time it does not count as whole; nor does one whose building was killed."""
        if not self.exists:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._unfinished.touch()
        with self._readable():
            yield
            # Tantivy lets nobody else read it; whoever may look into the folder shall.
            (self.folder / META).chmod(self.folder.stat().st_mode & 0o666)
        self._unfinished.unlink(missing_ok=True)

    def drop(self) -> None:
        """Throw the index away."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def newest_change(self) -> datetime:
        """The latest `changed_at` that the index knows; 1970 when it is empty."""
        if not self.exists:
            return EPOCH
        searcher = self._open().searcher()
        found = searcher.search(tantivy.Query.all_query(), limit=1, order_by_field="changed_at").hits
        return datetime.fromtimestamp(_stored(searcher, found[0][1], "changed_ms") / 1000, UTC) if found else EPOCH

    def count(self) -> int:
        """Documents in the index."""
        return self._open().searcher().num_docs if self.exists else 0

    def update(self, documents: Iterable[Sequence[Any]]) -> int:
        """Index documents, replacing what is there of them, and return how many were new or changed.

        Args:
            documents: rows (document_id, version, source_id, country, language, title, text, dated, changed_at).

        Raises StoreError when another process is indexing, or the folder cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._drop_older()
        index = self._open()
        searcher, count = index.searcher(), 0
        with self._writer(index) as writer:
            for row in documents:
                if self._is_known(searcher, row[0], row[1], row[-1]):
                    continue
                writer.delete_documents_by_term("article_id", row[0])
                writer.add_document(_document(*row))
                count += 1
                if count % _COMMIT_EVERY == 0:
                    writer.commit()
        return count

    def keep_only(self, document_ids: Iterable[str]) -> int:
        """Drop every document that is not among the given ones, and return how many went; for a store that was restored or thinned."""
        known, index = set(document_ids), self._open()
        searcher = index.searcher()
        found = searcher.search(tantivy.Query.all_query(), limit=max(searcher.num_docs, 1)).hits
        gone = [document for _, place in found if (document := _stored(searcher, place, "article_id")) not in known]
        if gone:
            with self._writer(index) as writer:
                writer.delete_documents_by_query(tantivy.Query.term_set_query(self.schema, "article_id", gone))
        return len(gone)

    def search(self, parts: Sequence[Part], limits: Limits = Limits(), *, limit: int = 20, offset: int = 0) -> tuple[list[Found], int]:  # noqa: B008 - frozen
        """The best documents and how many there are in all. Raises StoreError for an index that cannot be read."""
        with self._searcher() as searcher:
            result = searcher.search(self._query(parts, limits), limit=limit, offset=offset)
            found = [
                Found(_stored(searcher, place, "article_id"), _stored(searcher, place, "revision_id"), float(score))
                for score, place in result.hits
            ]
            return found, result.count or 0  # pyrefly: ignore - missing in tantivy's own stubs

    def _open(self) -> tantivy.Index:
        with self._readable():
            return tantivy.Index(self.schema, path=str(self.folder), reuse=True)

    @contextmanager
    def _searcher(self) -> Iterator[tantivy.Searcher]:
        """To look with. Tantivy locks what it reads: who may not write there looks through links in a folder of his own."""
        with self._readable(), ExitStack() as stack:
            place = self.folder
            if not os.access(place, os.W_OK):
                place = Path(stack.enter_context(TemporaryDirectory(prefix="thinkwatch-index-")))
                shutil.copyfile(self.folder / META, place / META)  # first: what it names is there still when the rest is linked
                for path in self.folder.iterdir():
                    if path.name != META and not path.name.endswith(".lock"):
                        (place / path.name).symlink_to(path.resolve())
            yield tantivy.Index(self.schema, path=str(place), reuse=True).searcher()

    @contextmanager
    def _writer(self, index: tantivy.Index) -> Iterator[tantivy.IndexWriter]:
        """Commits at the end, and lets go of the folder's lock whatever happens."""
        try:
            writer = index.writer(_HEAP, 1)
        except ValueError as fault:
            raise StoreError(f"{self.folder}: {fault}", hint="another run is indexing; it will be done with the next one") from fault
        try:
            yield writer
            writer.commit()
        finally:
            writer.wait_merging_threads()

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (ValueError, OSError) as fault:
            is_full = any(words in str(fault) for words in _FULL)
            hint = "free some space; the next run goes on with it" if is_full else "build it anew: thinkwatch search --rebuild"
            raise StoreError(f"{self.folder}: {fault}", hint=hint) from fault

    def _drop_older(self) -> None:
        for older in self.folder.parent.glob("v[0-9]*"):
            if older != self.folder:
                shutil.rmtree(older, ignore_errors=True)

    def _is_known(self, searcher: tantivy.Searcher, document_id: str, version: str, changed_at: datetime) -> bool:
        both = [_term(self.schema, "article_id", document_id), _term(self.schema, "revision_id", version)]
        hits = searcher.search(_all(both), limit=1).hits
        # The same text under another date, language or source is a change too.
        return bool(hits) and _stored(searcher, hits[0][1], "changed_ms") == _milliseconds(changed_at)

    def _query(self, parts: Sequence[Part], limits: Limits) -> tantivy.Query:
        filters = [
            tantivy.Query.const_score_query(_any([_term(self.schema, name, value) for value in values]), 0.0)
            for name, values in (("source_id", limits.sources), ("country", limits.countries), ("language", limits.languages))
            if values
        ]
        if limits.since or limits.until:
            filters.append(tantivy.Query.const_score_query(self._dated(limits), 0.0))
        wanted = [(tantivy.Occur.Must, self._part(part, filters)) for part in parts if part.wanted]
        unwanted = [(tantivy.Occur.MustNot, self._part(part)) for part in parts if not part.wanted]
        return tantivy.Query.boolean_query([*wanted, *unwanted])

    def _part(self, part: Part, filters: Sequence[tantivy.Query] = ()) -> tantivy.Query:
        """Where a part stands. The filters go to each reading: beside all of them tantivy would look for a phrase everywhere first."""
        queries = []
        for name in _FIELDS:
            for reading in part.readings:
                query = self._reading(part, name, reading)
                query = _all([query, *filters]) if filters else query
                queries.append(tantivy.Query.boost_query(query, _TITLE_WEIGHT) if name == "title" else query)
        return tantivy.Query.disjunction_max_query(queries, 0.1)

    def _reading(self, part: Part, name: str, reading: tuple[str, ...]) -> tantivy.Query:
        if part.kind == "prefix":
            return tantivy.Query.regex_query(self.schema, name, f"{_escaped(reading[0])}.*")
        if len(reading) == 1:
            return _term(self.schema, name, reading[0])
        together = tuple(pairs(reading))
        if len(together) == 1:
            return _term(self.schema, _pairs_of(name), together[0])
        return tantivy.Query.phrase_query(self.schema, _pairs_of(name), list(together))

    def _dated(self, limits: Limits) -> tantivy.Query:
        return tantivy.Query.range_query(
            self.schema,
            "dated",
            tantivy.FieldType.Date,
            lower_bound=limits.since and _between(EARLIEST, limits.since, LATEST),
            upper_bound=limits.until and _between(EARLIEST, limits.until, LATEST),
            include_upper=limits.until is None,  # an open side must be called inclusive
        )


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("article_id", "revision_id"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("source_id", "country", "language"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in _FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
        builder.add_text_field(_pairs_of(name), tokenizer_name="whitespace", index_option="position")
    builder.add_date_field("dated", indexed=True, fast=True)
    builder.add_date_field("changed_at", fast=True)
    builder.add_integer_field("changed_ms", stored=True)
    return builder.build()


def _document(
    document_id: str,
    version: str,
    source_id: str,
    country: str | None,
    language: str | None,
    title: str,
    text: str,
    dated: datetime,
    changed_at: datetime,
) -> tantivy.Document:
    document = tantivy.Document()
    named = {"article_id": document_id, "revision_id": version, "source_id": source_id, "country": country, "language": language}
    for name, value in named.items():
        if value:
            document.add_text(name, value)
    for name, value in (("title", title), ("text", text)):
        forms = list(text_forms(value, language))
        document.add_text(name, " ".join(forms))
        document.add_text(_pairs_of(name), " ".join(pairs(forms)))
    document.add_date("dated", _between(EARLIEST + DAY, dated, LATEST - DAY))
    document.add_date("changed_at", changed_at)
    document.add_integer("changed_ms", _milliseconds(changed_at))
    return document


def _pairs_of(name: str) -> str:
    return f"{name}_pairs"


def _between(first: datetime, moment: datetime, last: datetime) -> datetime:
    return min(max(first, moment), last)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _stored(searcher: tantivy.Searcher, place: tantivy.DocAddress, name: str) -> Any:
    return searcher.doc(place).get_first(name)


def _term(schema: tantivy.Schema, name: str, value: str) -> tantivy.Query:
    return tantivy.Query.term_query(schema, name, value, "basic" if name in _RAW else "freq")


def _all(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in queries])


def _any(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def _escaped(word: str) -> str:
    return "".join(letter if letter.isalnum() else f"\\{letter}" for letter in word)
