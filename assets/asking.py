"""Requests of a step on their way out and their answers on their way in; all steps that fetch share it.

What is remembered for them between runs is read before and written after: the hosts' robots.txt, and where the archive
holds the last body, so that one that has not changed is not kept twice. What an answer means is the steps' own business.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from urllib.parse import urlsplit

from assets.fetching.fetcher import Fetcher, fetch_all
from assets.fetching.records import Fetched, Policy, Request
from assets.fetching.robots import RobotsNote, RobotsNotes
from assets.flow import Flow
from assets.ledger import FetchLedger
from warehouse.archive import ArchiveRef
from warehouse.transaction import Row

_NEXT_TO_NOTHING = 0.001  # seconds: everything is put off


def ask(
    requests: Sequence[Request],
    subjects: Mapping[str, Row],
    flow: Flow,
    run_id: str | None,
    keep: Callable[[Fetched, Row], None] | None = None,
) -> tuple[list[Fetched], list[Request]]:
    """Fetch, archive and write down; what ended (without its body), and what was put off to the next run.

    Args:
        requests: `ref` is the key of their subject.
        subjects: rows of `feeds`, `backfills`, `entries` or `attachments`, by `ref`.
        flow: the installation.
        run_id: of the Dagster run.
        keep: called with each whole answer and its row of `fetches`.
    """
    if not requests:
        return [], []
    robots, kept = _remembered(requests, flow)
    with FetchLedger(flow, run_id, kept) as ledger:

        def add(fetched: Fetched) -> None:
            row = ledger.add(fetched, subjects[fetched.request.ref])
            if keep:
                keep(fetched, row)

        deferred = fetch_all(requests, _hurried(flow), add, robots=robots, fetcher=partial(Fetcher, now=flow.now))
    with flow.warehouse.transaction() as transaction:
        transaction.merge("ops.robots", [{"origin": origin, **asdict(note)} for origin, note in robots.learnt.items()], key=["origin"])
    return ledger.fetched, deferred


def _hurried(flow: Flow) -> Policy:
    """The policy with what is left of the run: its steps together may not fetch for so long that nobody is told anything."""
    left = flow.policy.run_seconds - (time.monotonic() - flow.began)
    return replace(flow.policy, run_seconds=max(left, _NEXT_TO_NOTHING))


def _remembered(requests: Sequence[Request], flow: Flow) -> tuple[RobotsNotes, dict[str, ArchiveRef]]:
    origins = list({"{0.scheme}://{0.netloc}".format(urlsplit(request.url)) for request in requests})
    name = {"page": "kept_pages", "attachment": "kept_attachments"}.get(requests[0].purpose, "kept_feeds")
    with flow.warehouse.transaction() as transaction:
        notes = transaction.rows("robots", origins=origins)
        rows = transaction.rows(name, refs=[request.ref for request in requests])
    kept = {row["ref"]: ArchiveRef(row["warc_file"], row["warc_offset"], row["warc_length"], row["sha256"]) for row in rows}
    known = {row["origin"]: RobotsNote(row["asked_at"], row["status"], row["text"]) for row in notes}
    return RobotsNotes(flow.now, known), kept
