"""When to poll a feed again and what state it is in, decided from how the last poll went.

Pure: takes what is known and `now`, returns what to know next. Nothing is ever given up but a feed that says three
times that it is gone; all others are polled at least once a day.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Literal

from assets.fetching.faults import http_date, value_of
from assets.fetching.records import FaultKind, Fetched

State = Literal["new", "working", "failing", "blocked", "not_a_feed", "empty", "stale", "gone"]
Verdict = Literal["ok", "ok_degraded", "reject"]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

FAILURES_BEFORE_WORD = 3  # a feed that worked may miss this many polls less one before its state changes
REDIRECTS_BEFORE_MOVE = 2
BLOCKED_STEP = 6 * HOUR  # somebody decided to keep us out: hurrying back does not change that
# With polls up to a day apart, this keeps a wrong 304 from hiding a change for more than a week.
FULL_POLL_AFTER = 6 * DAY
LONGEST_WAIT = 7 * DAY
POLLS_PER_GAP = 4
DATES_FOR_RHYTHM = 4
GAPS_OF_SILENCE = 5
SHORTEST_SILENCE, LONGEST_SILENCE = 4 * DAY, 365 * DAY

CALM: frozenset[State] = frozenset({"working", "empty", "stale"})
REFUSALS = frozenset({401, 402, 403, 407, 451})
GONE_STATUS = 410
OFFLINE_FAULTS = frozenset({"dns", "connect", "timeout"})

ADVICE: dict[State, str] = {
    "new": "Nothing: it is polled with the next run.",
    "working": "Nothing.",
    "failing": "Open the address in a browser; if the feed has moved, set its new address, else wait: it is polled daily.",
    "blocked": "Ask the site to let our robot in, or read it by another feed; it is polled daily in case it opens.",
    "not_a_feed": "Look for the feed's new address on the site: what is there now is no feed.",
    "empty": "Nothing, if the site has published nothing; else look for another feed of it.",
    "stale": "See whether the site still publishes there; it has been silent for much longer than usual.",
    "gone": "Find the feed's new address or disable it: the site said repeatedly that it is gone for good, so it is no longer polled.",
}


@dataclass(frozen=True)
class PollState:
    """What is remembered of a feed between polls.

    Attributes:
        state: see `ADVICE` for what each asks of a person.
        state_since: when it took that state; None before the first poll.
        last_good_at: last poll that gave a feed or confirmed the one that we have.
        failures: bad polls since then.
        last_polled_at: last poll of any outcome.
        last_full_at: last poll that gave the whole document.
        next_due_at: when to poll next; None is at once for a new feed, and never for one that is gone.
        permanent_url: where permanent redirects have led, `permanent_seen` polls in a row.
        moved_url: where to poll since then, in place of the address in the source's file; None: there.
        gone_seen: how often in a row the server said that it is gone for good.
        last_error: what went wrong last; None after a good poll.
    """

    state: State = "new"
    state_since: datetime | None = None
    last_good_at: datetime | None = None
    failures: int = 0
    last_polled_at: datetime | None = None
    last_full_at: datetime | None = None
    next_due_at: datetime | None = None
    permanent_url: str | None = None
    permanent_seen: int = 0
    moved_url: str | None = None
    gone_seen: int = 0
    last_error: str | None = None


@dataclass(frozen=True)
class Poll:
    """How one poll went, and what is known of the feed after it.

    Attributes:
        status, not_modified, permanent_url: as in `Fetched`.
        fault, error, retry_after_seconds: kind, message and wait of its fault, if there was one.
        fresh_seconds: how long the answer may be kept, see `fresh_seconds`.
        verdict: the parser's, when there was a document.
        entries: in the document, None when there was none.
        published: dates of the feed's newest entries, known from before or from this poll; order and count are free.
        ttl_minutes: how long the feed itself asks not to be polled.
    """

    status: int | None = None
    not_modified: bool = False
    permanent_url: str | None = None
    fault: FaultKind | None = None
    error: str | None = None
    retry_after_seconds: float | None = None
    fresh_seconds: float | None = None
    verdict: Verdict | None = None
    entries: int | None = None
    published: Sequence[datetime] = ()
    ttl_minutes: float | None = None


@dataclass(frozen=True)
class Cadence:
    """The shortest and the longest time between two polls of a feed in order."""

    least: timedelta = HOUR
    most: timedelta = DAY


def poll_of(
    fetched: Fetched,
    now: datetime,
    *,
    verdict: Verdict | None = None,
    entries: int | None = None,
    published: Sequence[datetime] = (),
    ttl_minutes: float | None = None,
) -> Poll:
    """What `after_poll` needs to know of a fetch and of what the parser made of it."""
    fault = fetched.fault
    return Poll(
        status=fetched.status,
        not_modified=fetched.not_modified,
        permanent_url=fetched.permanent_url,
        fault=fault.kind if fault else None,
        error=fault.message if fault else None,
        retry_after_seconds=fault.retry_after_seconds if fault else None,
        fresh_seconds=fresh_seconds(fetched.headers, now),
        verdict=verdict,
        entries=entries,
        published=published,
        ttl_minutes=ttl_minutes,
    )


def after_poll(state: PollState, poll: Poll, now: datetime, cadence: Cadence | None = None, *, offline: bool = False) -> PollState:
    """The state of a feed after a poll.

    Args:
        state: before the poll.
        poll: how it went.
        now: when, UTC.
        cadence: limits of this feed; the default is an hour to a day.
        offline: the fault is our own network's (see `looks_offline`): it counts for nothing, and the feed stays due.
    """
    if offline and poll.fault:
        return replace(state, last_polled_at=now, last_error=poll.error)
    cadence = cadence or Cadence()
    ailment = _ailment(poll)
    after = _worse(state, poll, ailment, now, cadence) if ailment else _better(state, poll, now, cadence)
    return replace(after, last_polled_at=now, state_since=state.state_since if after.state == state.state else now)


def is_due(state: PollState, now: datetime) -> bool:
    """Whether to poll now."""
    return state.state != "gone" if state.next_due_at is None else now >= state.next_due_at


def conditional_allowed(state: PollState, now: datetime) -> bool:
    """Whether to send validators: not after a failure, and once a week not at all, as some servers answer 304 for ever."""
    return state.failures == 0 and state.last_full_at is not None and now - state.last_full_at < FULL_POLL_AFTER


def what_to_do(state: PollState) -> str:
    """One sentence for the operator."""
    return ADVICE[state.state]


def looks_offline(polls: Sequence[Poll], before: Sequence[PollState] = ()) -> bool:
    """Whether our own network is down: nobody of several could be reached, and most of them were well before."""
    nobody = len(polls) >= FAILURES_BEFORE_WORD and all(poll.fault in OFFLINE_FAULTS for poll in polls)
    return nobody and 2 * sum(state.failures > 0 for state in before) <= len(before)


def fresh_seconds(headers: Sequence[tuple[str, str]], now: datetime) -> int | None:
    """How long the server lets its answer be kept: max-age, else Expires, read against the server's own clock."""
    pairs = tuple(headers)
    if found := re.search(r"\bmax-age\s*=\s*\"?(\d{1,9})", value_of(pairs, "cache-control") or "", re.IGNORECASE):
        return int(found[1])
    expires = http_date(value_of(pairs, "expires"))
    if expires is None:
        return None
    return max(0, int((expires - (http_date(value_of(pairs, "date")) or now)).total_seconds()))


def usual_gap(published: Sequence[datetime]) -> timedelta | None:
    """The median time between publications; None when there are too few to tell."""
    dates = sorted(set(published))
    if len(dates) < DATES_FOR_RHYTHM:
        return None
    return timedelta(seconds=median((later - earlier).total_seconds() for earlier, later in pairwise(dates)))


def usual_silence(published: Sequence[datetime]) -> timedelta | None:
    """As usual_gap, but never less than between the days on which something comes: five articles at once each week are a week's rhythm."""
    days = sorted({moment.astimezone(UTC).date() for moment in published})
    between = median((later - earlier) / DAY for earlier, later in pairwise(days)) * DAY if len(days) >= DATES_FOR_RHYTHM else timedelta(0)
    gap = usual_gap(published)
    return max(gap, between) if gap is not None else None


def patience(usual: timedelta | None) -> timedelta:
    """How long a silence is borne where this one is usual."""
    return LONGEST_SILENCE if usual is None else min(max(usual * GAPS_OF_SILENCE, SHORTEST_SILENCE), LONGEST_SILENCE)


def _ailment(poll: Poll) -> State | None:
    if poll.fault is None:
        return "not_a_feed" if poll.verdict == "reject" else None
    if poll.fault in ("challenge", "robots") or poll.status in REFUSALS:
        return "blocked"
    return "failing"


def _worse(state: PollState, poll: Poll, ailment: State, now: datetime, cadence: Cadence) -> PollState:
    failures = state.failures + 1
    gone_seen = state.gone_seen + 1 if poll.status == GONE_STATUS else 0
    # An address that the server itself named and that then fails is worth less than the one in the source's file.
    moved_url = state.moved_url if failures < FAILURES_BEFORE_WORD else None
    shown: State = ailment
    if state.state in CALM and failures < FAILURES_BEFORE_WORD:
        shown = state.state
    elif gone_seen >= FAILURES_BEFORE_WORD and not state.moved_url:
        shown = "gone"
    step = BLOCKED_STEP if ailment == "blocked" else cadence.least
    wait = max(min(step * failures, cadence.most), timedelta(seconds=poll.retry_after_seconds or 0))
    due = None if shown == "gone" else now + min(wait, LONGEST_WAIT)
    return replace(
        state,
        state=shown,
        failures=failures,
        gone_seen=gone_seen,
        moved_url=moved_url,
        last_error=poll.error or "what is there is no feed",
        next_due_at=due,
    )


def _better(state: PollState, poll: Poll, now: datetime, cadence: Cadence) -> PollState:
    seen = (state.permanent_seen + 1 if poll.permanent_url == state.permanent_url else 1) if poll.permanent_url else 0
    moves = seen >= REDIRECTS_BEFORE_MOVE
    full = state.last_full_at if poll.not_modified else now
    return replace(
        state,
        state=_calm_state(state, poll, now),
        failures=0,
        gone_seen=0,
        last_error=None,
        last_good_at=now,
        last_full_at=None if moves else full,  # validators of one address say nothing at another
        next_due_at=now + _interval(poll, now, cadence),
        permanent_url=None if moves else poll.permanent_url,
        permanent_seen=0 if moves else seen,
        moved_url=poll.permanent_url if moves else state.moved_url,
    )


def _calm_state(state: PollState, poll: Poll, now: datetime) -> State:
    if poll.entries == 0:
        return "empty"
    if poll.not_modified and state.state in {"empty", "stale"}:
        return state.state  # what it shows is what it showed then
    past = [date for date in poll.published if date <= now]
    if not past:
        return "working"
    return "stale" if now - max(past) > patience(usual_silence(past)) else "working"


def _interval(poll: Poll, now: datetime, cadence: Cadence) -> timedelta:
    """A few polls for each publication, fewer in a long silence, and never sooner than the server and the feed ask."""
    past = [date for date in poll.published if date <= now]
    usual = usual_gap(past)
    silence = now - max(past, default=now)  # one that has too few dates for a rhythm and is silent for years is not asked every hour
    wanted = max((usual or timedelta(0)) / POLLS_PER_GAP, silence / (POLLS_PER_GAP * GAPS_OF_SILENCE))
    asked = timedelta(seconds=max(poll.fresh_seconds or 0, 60 * (poll.ttl_minutes or 0)))
    return min(max(wanted, asked, cadence.least), cadence.most)
