"""Reports beside pages: which of those that feeds and pages name are fetched, and when again after a failure. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from assets.extraction.pdf import is_pdf
from assets.fetching.polling import OFFLINE_FAULTS
from assets.fetching.records import Fetched
from assets.fetching.visits import GIVE_UP_AFTER, GONE_STATUS, MISSES, is_blocking
from warehouse.ids import hashed
from warehouse.transaction import Row

MOST_PER_ARTICLE = 3  # reports; more is a list of files
MOST_ARTICLES = 5  # that name one address; what more of them name belongs to the site
FINAL_FAULTS = {"too_large", "blocked_address"}  # another try would end alike
_PLACE = ("bytes", "sha256", "warc_file", "warc_offset", "warc_length")
_ANSWER = ("fault", "error", "fetched_at", "final_url", "status", "media_type")
_READING = ("read_at", "extractor", "pages", "title", "authors", "language", "text", "zones", "watchlist_hash")
_EMPTY = dict.fromkeys((*_ANSWER, *_PLACE, *_READING))


class Named(NamedTuple):
    """A report that the feed (`enclosure`) or the page (`page`) of an article names beside it."""

    article_id: str
    source_id: str
    url: str
    named_by: str


def new_rows(named: Iterable[Named], taken: Mapping[str, int], naming: Mapping[str, Sequence[str]], now: datetime) -> list[Row]:
    """Rows of `attachments` for reports that have none; what is not fetched says why.

    Args:
        named: in the order in which they are to be taken.
        taken: how many reports each article has.
        naming: by address the articles that name it so far.
        now: UTC.
    """
    counts, articles = Counter(taken), {url: set(ids) for url, ids in naming.items()}
    rows: dict[str, Row] = {}
    for one in named:
        attachment_id = hashed(one.article_id, one.url)
        if attachment_id in rows:
            continue
        others = articles.setdefault(one.url, set())
        reason = _left_out(counts[one.article_id], len(others))
        counts[one.article_id] += reason is None
        others.add(one.article_id)
        state = {"state": "left_out", "due_at": None, "error": reason} if reason else {"state": "waiting", "due_at": now}
        rows[attachment_id] = {**_EMPTY, "attachment_id": attachment_id, **one._asdict(), "first_seen_at": now, "failures": 0, **state}
    return list(rows.values())


def after_fetch(row: Row, fetched: Fetched, fetch: Row, now: datetime) -> Row:
    """The row after it was asked for; `fetch` is the row of `fetches`. A report is fetched once: another version has another address.

    A failure is tried again after 1, 2, 4 … at most 24 hours, twelve times; what is too large, or lies where nothing may be
    fetched, is not. While our own network is down nothing is given up.
    """
    asked = {"final_url": fetch["final_url"], "status": fetch["status"], "media_type": fetch["content_type"]}
    if fetched.ok and is_pdf(fetched.body):
        place = {name: fetch[name] for name in _PLACE}
        return row | asked | place | {"fetched_at": now, "state": "fetched", "due_at": None, "failures": 0, "fault": None, "error": None}
    kind, message = (fetched.fault.kind, fetched.fault.message) if fetched.fault else ("not_a_pdf", _what_came(fetch["content_type"]))
    failures = row["failures"] + 1
    ended = kind in FINAL_FAULTS or (failures >= GIVE_UP_AFTER and kind not in OFFLINE_FAULTS)
    gone = fetched.status in GONE_STATUS and failures >= MISSES
    due = None if ended or gone else now + timedelta(hours=min(2 ** (failures - 1), 24))
    state = "gone" if gone else "left_out" if kind in FINAL_FAULTS else "blocked" if is_blocking(fetched) else "failing"
    return row | asked | {"state": state, "due_at": due, "failures": failures, "fault": kind, "error": message}


def _left_out(taken: int, others: int) -> str | None:
    if taken >= MOST_PER_ARTICLE:
        return f"the article has {MOST_PER_ARTICLE} reports before it"
    if others >= MOST_ARTICLES:
        return f"{others} other articles name it too: it is the site's, not theirs"
    return None


def _what_came(content_type: str | None) -> str:
    return f"no PDF came, but {(content_type or 'something unnamed').partition(';')[0].strip()}"
