"""When a feed is polled again, and what state it is in: one poll after the other, on a calendar."""

from datetime import UTC, datetime, timedelta

import pytest

from assets.fetching.polling import (
    ADVICE,
    Cadence,
    Poll,
    PollState,
    after_poll,
    conditional_allowed,
    fresh_seconds,
    is_due,
    looks_offline,
    usual_gap,
    usual_silence,
    what_to_do,
)

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OK = Poll(status=200, verdict="ok", entries=10)
SAME = Poll(status=304, not_modified=True)


def http(status, **more):
    return Poll(status=status, fault="http_status", error=f"status {status}", **more)


def polled(*polls, state=None, cadence=None):
    """The state after polls that each come when the feed is due, and the time of the last one."""
    state, now = state or PollState(), START
    for poll in polls:
        now = state.next_due_at or now
        state = after_poll(state, poll, now, cadence)
    return state, now


def rhythm(gap, count=12, last=START - HOUR):
    return [last - gap * number for number in range(count)]


def test_a_new_feed_is_due_at_once_and_asked_in_full():
    assert is_due(PollState(), START)
    assert not conditional_allowed(PollState(), START)
    assert what_to_do(PollState())


def test_a_good_poll_makes_it_work():
    state, now = polled(OK)
    assert (state.state, state.state_since, state.last_good_at, state.last_full_at, state.failures) == ("working", now, now, now, 0)
    assert state.next_due_at == now + HOUR
    assert not is_due(state, now + HOUR - timedelta(seconds=1))
    assert is_due(state, now + HOUR)


@pytest.mark.parametrize(
    ("poll", "hours"),
    [
        (Poll(status=200, verdict="ok", entries=3), 1),
        (Poll(status=200, verdict="ok", fresh_seconds=7200), 2),
        (Poll(status=200, verdict="ok", fresh_seconds=60), 1),
        (Poll(status=200, verdict="ok", fresh_seconds=10**8), 24),
        (Poll(status=200, verdict="ok", ttl_minutes=180), 3),
        (Poll(status=200, verdict="ok", ttl_minutes=180, fresh_seconds=18000), 5),
        (Poll(status=200, verdict="ok", published=rhythm(timedelta(minutes=10))), 1),
        (Poll(status=200, verdict="ok", published=rhythm(12 * HOUR)), 3),
        (Poll(status=304, not_modified=True, published=rhythm(DAY)), 6),
        (Poll(status=200, verdict="ok", published=rhythm(30 * DAY)), 24),
        (Poll(status=200, verdict="ok", published=rhythm(HOUR, last=START - 10 * DAY)), 12),  # silent for ten days
        (Poll(status=200, verdict="ok", published=rhythm(timedelta(0))), 1),
        (Poll(status=200, verdict="ok", published=rhythm(100 * DAY, 5, START + 500 * DAY) + rhythm(12 * HOUR, 4)), 3),  # dates to come
    ],
)
def test_the_next_poll_follows_the_feeds_rhythm_and_the_servers_wish(poll, hours):
    assert after_poll(PollState(), poll, START).next_due_at == START + hours * HOUR


def test_a_source_may_have_its_own_limits():
    cadence = Cadence(least=3 * HOUR, most=6 * HOUR)
    assert polled(OK, cadence=cadence)[0].next_due_at == START + 3 * HOUR
    assert after_poll(PollState(), Poll(status=200, verdict="ok", ttl_minutes=9999), START, cadence).next_due_at == START + 6 * HOUR


@pytest.mark.fault("H40")
def test_one_missing_poll_changes_nothing_but_the_count():
    state, now = polled(OK, http(404))
    assert (state.state, state.failures, state.last_error, state.state_since) == ("working", 1, "status 404", START)
    assert state.next_due_at == now + HOUR
    state, _ = polled(OK, state=state)
    assert (state.state, state.failures, state.last_error) == ("working", 0, None)


@pytest.mark.fault("H40")
def test_thirty_failures_are_failing_and_still_polled_daily():
    state, now = polled(OK, *[http(404)] * 30)
    assert (state.state, state.failures, state.last_good_at) == ("failing", 30, START)
    assert state.next_due_at == now + DAY
    assert state.state_since == START + (1 + 1 + 2) * HOUR  # with the third failure in a row


def test_failures_are_retried_more_and_more_slowly_up_to_a_day():
    state, waits = PollState(), []
    for _ in range(40):
        now = state.next_due_at or START
        state = after_poll(state, http(500), now)
        waits.append((state.next_due_at - now) / HOUR)
    assert waits == [*range(1, 25), *[24] * 16]


@pytest.mark.parametrize(
    ("poll", "state"),
    [
        (http(404), "failing"),
        (http(500), "failing"),
        (Poll(fault="dns", error="no such name"), "failing"),
        (Poll(fault="tls", error="expired"), "failing"),
        (Poll(status=200, fault="too_large", error="too large"), "failing"),
        (http(401), "blocked"),
        (http(403), "blocked"),
        (http(451), "blocked"),
        (Poll(status=200, fault="challenge", error="riddle"), "blocked"),
        (Poll(fault="robots", error="robots.txt"), "blocked"),
        (Poll(status=200, verdict="reject"), "not_a_feed"),
    ],
)
@pytest.mark.fault("H43")
def test_each_ailment_has_its_state_at_once_for_a_new_feed_and_at_the_third_time_for_a_good_one(poll, state):
    assert polled(poll)[0].state == state
    assert [polled(OK, *[poll] * times)[0].state for times in (1, 2, 3)] == ["working", "working", state]
    assert polled(OK, *[poll] * 3)[0].last_error


def test_a_bad_state_follows_what_is_wrong_now():
    assert polled(OK, *[http(500)] * 3, http(403))[0].state == "blocked"


@pytest.mark.fault("H43")
def test_a_blocked_feed_is_polled_slowly():
    state, now = polled(http(403))
    assert state.next_due_at == now + 6 * HOUR
    state, now = polled(*[http(403)] * 9)
    assert state.next_due_at == now + DAY


@pytest.mark.fault("H41")
def test_three_times_gone_ends_polling_and_an_answer_revives_it():
    assert [polled(OK, *[http(410)] * times)[0].state for times in (1, 2, 3)] == ["working", "working", "gone"]
    state, now = polled(OK, *[http(410)] * 3)
    assert state.next_due_at is None
    assert not is_due(state, now + 365 * DAY)
    assert after_poll(state, OK, now + DAY).state == "working"


def test_gone_between_other_failures_is_not_gone_for_good():
    assert polled(OK, http(410), http(500), http(410), http(500), http(410))[0].state == "failing"


@pytest.mark.parametrize(("seconds", "expected"), [(3600, HOUR), (7200, 2 * HOUR), (60, HOUR), (604800, 7 * DAY), (10**9, 7 * DAY)])
@pytest.mark.fault("H42")
def test_retry_after_is_kept_for_at_most_a_week(seconds, expected):
    assert polled(http(429, retry_after_seconds=seconds))[0].next_due_at == START + expected


def test_retry_after_never_shortens_the_wait():
    state, now = polled(*[http(503, retry_after_seconds=120)] * 10)
    assert state.next_due_at == now + 10 * HOUR


def test_a_feed_that_becomes_a_web_page_and_comes_back_keeps_its_history():
    page = Poll(status=200, verdict="reject", entries=0)
    state, _ = polled(OK, *[page] * 5)
    assert (state.state, state.last_good_at) == ("not_a_feed", START)
    state, now = polled(OK, state=state)
    assert (state.state, state.state_since, state.failures) == ("working", now, 0)


@pytest.mark.fault("F15")
def test_an_empty_feed_is_no_failure():
    empty = Poll(status=200, verdict="ok", entries=0)
    state, now = polled(empty, SAME)
    assert (state.state, state.state_since, state.failures, state.next_due_at) == ("empty", START, 0, now + HOUR)
    assert polled(OK, state=state)[0].state == "working"


@pytest.mark.parametrize(
    ("gap", "silence", "state"),
    [
        (DAY, 4 * DAY, "working"),
        (DAY, 5 * DAY + HOUR, "stale"),
        (HOUR, 3 * DAY, "working"),  # a long weekend
        (HOUR, 5 * DAY, "stale"),
        (30 * DAY, 140 * DAY, "working"),
        (30 * DAY, 160 * DAY, "stale"),
        (200 * DAY, 366 * DAY, "stale"),
    ],
)
@pytest.mark.parametrize("poll", [OK, SAME])
def test_a_feed_is_stale_after_five_of_its_usual_gaps(gap, silence, state, poll):
    known = Poll(**{**poll.__dict__, "published": rhythm(gap, last=START - silence)})
    assert after_poll(PollState(), known, START).state == state


@pytest.mark.fault("O129")
@pytest.mark.parametrize(("silence", "state"), [(30 * DAY, "working"), (36 * DAY, "stale")])
def test_o129_a_feed_that_brings_five_articles_at_once_each_week_has_the_rhythm_of_a_week(silence, state):
    weekly = [START - silence - week * 7 * DAY - minute * timedelta(minutes=15) for week in range(4) for minute in range(5)]
    assert after_poll(PollState(), Poll(status=200, verdict="ok", entries=20, published=weekly), START).state == state
    assert usual_silence(weekly) == 7 * DAY


def test_a_date_from_the_future_does_not_make_a_silent_feed_fresh():
    silent = Poll(status=200, verdict="ok", entries=9, published=[START + DAY, *rhythm(DAY, last=START - 30 * DAY)])
    assert after_poll(PollState(), silent, START).state == "stale"


def test_a_feed_with_too_few_dates_to_have_a_rhythm_is_stale_after_a_year():
    one = Poll(status=200, verdict="ok", entries=1, published=[START - 300 * DAY])
    assert after_poll(PollState(), one, START).state == "working"
    assert after_poll(PollState(), one, START + 66 * DAY).state == "stale"
    assert usual_gap([START, START - DAY, START - DAY]) is None


@pytest.mark.fault("H45")
def test_a_wrong_304_is_found_within_a_week():
    state, now = polled(OK)
    while conditional_allowed(state, now := state.next_due_at):
        state = after_poll(state, Poll(status=304, not_modified=True, fresh_seconds=86400), now)
    assert 6 * DAY <= now - START <= 7 * DAY
    assert conditional_allowed(after_poll(state, OK, now), now + HOUR)


def test_after_a_failure_the_whole_document_is_asked_for():
    state, _ = polled(OK, Poll(status=304, fault="protocol", error="304 to a full request"))
    assert not conditional_allowed(state, state.next_due_at)


@pytest.mark.fault("H39")
def test_a_permanent_redirect_moves_a_feed_at_the_second_time_in_a_row():
    moved = Poll(status=200, verdict="ok", entries=3, permanent_url="https://new.example/feed")
    elsewhere = Poll(status=200, verdict="ok", entries=3, permanent_url="https://third.example/feed")
    assert polled(moved)[0].moved_url is None
    assert polled(moved, moved)[0].moved_url == "https://new.example/feed"
    assert polled(moved, elsewhere)[0].moved_url is None
    assert polled(moved, OK, moved)[0].moved_url is None
    assert polled(moved, http(500), moved)[0].moved_url == "https://new.example/feed"
    assert polled(*[Poll(status=404, fault="http_status", permanent_url="https://x.example/")] * 3)[0].moved_url is None


@pytest.mark.fault("H49")
def test_our_own_network_being_down_counts_against_nobody():
    lost = Poll(fault="dns", error="no answer")
    assert looks_offline([lost, Poll(fault="connect"), Poll(fault="timeout")])
    assert not looks_offline([lost, lost])
    assert not looks_offline([lost, lost, lost, http(500)])
    assert not looks_offline([lost, lost, lost, OK])
    before, now = polled(OK)
    after = after_poll(before, lost, now + HOUR, offline=True)
    assert (after.state, after.failures, after.last_error) == ("working", 0, "no answer")
    assert is_due(after, now + HOUR)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([("Cache-Control", "public, max-age=7200")], 7200),
        ([("cache-control", 's-maxage=9, MAX-AGE = "60"')], 60),
        ([("Cache-Control", "no-cache")], None),
        ([("Expires", "Mon, 02 Mar 2026 13:00:00 GMT")], 3600),
        ([("Expires", "Mon, 02 Mar 2026 13:00:00 GMT"), ("Date", "Mon, 02 Mar 2026 12:50:00 GMT")], 600),
        ([("Expires", "0")], None),
        ([("Expires", "Mon, 02 Mar 2020 13:00:00 GMT")], 0),
        ([("Cache-Control", "max-age=5"), ("Expires", "Mon, 02 Mar 2026 13:00:00 GMT")], 5),
        ([], None),
    ],
)
def test_how_long_an_answer_stays_fresh(headers, seconds):
    assert fresh_seconds(headers, START) == seconds


def test_every_state_has_one_sentence_of_advice():
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in ADVICE.values())
    assert what_to_do(polled(*[http(410)] * 3)[0]) == ADVICE["gone"]


def test_a_feed_that_is_silent_for_years_is_asked_daily_however_few_dates_it_has():
    old = Poll(status=200, verdict="ok", entries=2, published=[START - 4000 * DAY, START - 3990 * DAY])
    after = after_poll(PollState(), old, START)
    assert (after.state, after.next_due_at) == ("stale", START + DAY)
