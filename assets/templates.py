"""The templates of sources: learnt from their archived pages, stored with a version, learnt anew when they expire.

No asset of its own: the `articles` step asks for the templates of the sources whose pages it reads. The decisions are in
`assets.extraction.learning`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from assets.extraction.learning import AGAIN, is_due, learn_from, template_row
from assets.extraction.templates import MOST_TAUGHT, Template
from assets.extraction.workers import Ended, shared
from assets.flow import Flow
from assets.issues import Issue, record_issues
from warehouse.archive import ArchiveRef
from warehouse.errors import ArchiveError
from warehouse.transaction import Row


def current_templates(flow: Flow, source_ids: Iterable[str]) -> dict[str, Row]:
    """The newest template of each of these sources that has one, learnt first where it is due."""
    ids = sorted(set(source_ids))
    with flow.warehouse.transaction() as transaction:
        known = {row["source_id"]: row for row in transaction.rows("newest_templates", source_ids=ids)}
        pages: dict[str, list[Row]] = defaultdict(list)
        for page in transaction.rows("teaching_pages", source_ids=ids, most=MOST_TAUGHT):
            pages[page["source_id"]].append(page)
    due = [source_id for source_id in ids if is_due(known.get(source_id), len(pages[source_id]), flow.now())]
    calls = [(learn_from, {"bodies": _bodies(flow, pages[source_id]), "now": flow.now()}) for source_id in due]
    outcomes = list(shared(flow.limits).run(calls))
    if not due:
        return known
    with flow.warehouse.session():
        for source_id, outcome in zip(due, outcomes, strict=True):
            row = _stored(flow, source_id, outcome, known.get(source_id), pages[source_id])
            known |= {source_id: row} if row else {}
    return known


def _bodies(flow: Flow, pages: Sequence[Row]) -> list[tuple[bytes, str | None]]:
    found = []
    for page in pages:
        try:
            ref = ArchiveRef(page["warc_file"], page["warc_offset"], page["warc_length"], page["sha256"])
            found.append((flow.archive.read(ref), page["content_type"]))
        except ArchiveError:
            continue  # the page itself will be reported when it is read
    return found


def _stored(flow: Flow, source_id: str, outcome: object, known: Row | None, pages: Sequence[Row]) -> Row | None:
    """Store what was learnt, and have the source's young texts made again by it while it is still growing."""
    now = flow.now()
    with flow.warehouse.transaction() as transaction:
        if not isinstance(outcome, Template):
            why = outcome.message if isinstance(outcome, Ended) else str(outcome)
            record_issues(transaction, [Issue("template_not_learnt", source_id, source_id, why, "its pages are read without one")], now)
            return None
        row = template_row(source_id, outcome, known, [page["page_id"] for page in pages])
        transaction.merge("templates", [row], key=["template_id"])
        transaction.run("extract_again", source_id=source_id, template_id=row["template_id"], since=now - AGAIN)
    return row
