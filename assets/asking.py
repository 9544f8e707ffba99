"""Requests of a step on their way out and their answers on their way in; the feeds, entries and pages steps share it.

What is remembered for them between runs is read before and written after: the hosts' robots.txt, and where the archive
holds the last body, so that one that has not changed is not kept twice. What an answer means is the steps' own business.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from urllib.parse import urlsplit

from assets.fetching.fetcher import fetch_all
from assets.fetching.records import Fetched, Request
from assets.fetching.robots import RobotsNote, RobotsNotes
from assets.flow import Flow
from assets.ledger import FetchLedger
from warehouse.archive import ArchiveRef
from warehouse.database import Row


def ask(
    requests: Sequence[Request],
    subjects: Mapping[str, Row],
    flow: Flow,
    run_id: str | None,
    keep: Callable[[Fetched, Row], None] | None = None,
) -> tuple[list[Fetched], list[Request]]:
    """Fetch, archive and write down; what ended, and what was put off to the next run.

    Args:
        requests: `ref` is the key of their subject.
        subjects: rows of `feeds`, `backfills` or `entries`, by `ref`.
        flow: the installation.
        run_id: of the Dagster run.
        keep: called with each answer and its row of `fetches`.
    """
    if not requests:
        return [], []
    robots, kept = _remembered(requests, flow)
    with FetchLedger(flow, run_id, kept) as ledger:

        def add(fetched: Fetched) -> None:
            row = ledger.add(fetched, subjects[fetched.request.ref])
            if keep:
                keep(fetched, row)

        deferred = fetch_all(requests, flow.policy, add, robots=robots)
    with flow.warehouse.transaction() as transaction:
        transaction.merge("ops.robots", [{"origin": origin, **asdict(note)} for origin, note in robots.learnt.items()], key=["origin"])
    return ledger.fetched, deferred


def _remembered(requests: Sequence[Request], flow: Flow) -> tuple[RobotsNotes, dict[str, ArchiveRef]]:
    origins = list({"{0.scheme}://{0.netloc}".format(urlsplit(request.url)) for request in requests})
    name = "kept_pages" if requests[0].purpose == "page" else "kept_feeds"
    with flow.warehouse.transaction() as transaction:
        notes = transaction.rows("robots", origins=origins)
        rows = transaction.rows(name, refs=[request.ref for request in requests])
    kept = {row["ref"]: ArchiveRef(row["warc_file"], row["warc_offset"], row["warc_length"], row["sha256"]) for row in rows}
    known = {row["origin"]: RobotsNote(row["asked_at"], row["status"], row["text"]) for row in notes}
    return RobotsNotes(flow.now, known), kept
