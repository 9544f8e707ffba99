from datetime import UTC, datetime, timedelta

import pytest

from assets.fetching.records import Fault, Fetched, Request
from assets.fetching.visits import GIVE_UP_AFTER, after_visit

NOW = datetime(2021, 9, 19, 18, 0, tzinfo=UTC)
ENTRY = {"first_seen_at": NOW, "published_at": NOW, "baseline": False, "page_visits": 0, "page_failures": 0, "page_misses": None}
REQUEST = Request(url="https://site.example/a", purpose="page")


def answer(status=200, body=b"page", fault=None, headers=(("ETag", '"v1"'),), not_modified=False):
    return Fetched(REQUEST, REQUEST.url, status, headers, body, fault=fault, not_modified=not_modified)


def refusal(kind="http_status", status=500):
    return answer(status, b"", Fault(kind, "the server said no"))


def test_known_pages_are_looked_at_again_after_one_three_and_seven_days():
    entry, now, looks = ENTRY, NOW, []
    while now:
        entry = entry | after_visit(entry, answer(), now)
        now = entry["page_due_at"]
        looks.append(now and (now - NOW).days)
    assert looks == [1, 3, 7, None]


def test_what_a_baseline_or_a_history_brings_is_looked_at_once():
    old = ENTRY | {"baseline": True, "published_at": NOW - timedelta(days=31)}
    assert after_visit(old, answer(), NOW)["page_due_at"] is None
    assert after_visit(old, refusal(), NOW)["page_due_at"]
    assert after_visit(old | {"baseline": False}, answer(), NOW)["page_due_at"]


def test_a_late_look_does_not_pile_up():
    after = after_visit(ENTRY, answer(), NOW + timedelta(days=5))
    assert after["page_due_at"] == NOW + timedelta(days=7)


def test_validators_are_kept_byte_for_byte_and_only_with_a_body():
    assert after_visit(ENTRY, answer(), NOW)["page_etag"] == '"v1"'
    assert "page_etag" not in after_visit(ENTRY, answer(304, b"", headers=(("ETag", "W/x"),), not_modified=True), NOW)


def test_p62_a_failed_page_is_tried_again_ever_more_slowly_and_not_for_ever():
    entry, hours = ENTRY, []
    for _ in range(GIVE_UP_AFTER):
        entry = entry | after_visit(entry, refusal(), NOW)
        hours.append(entry["page_due_at"] and (entry["page_due_at"] - NOW) / timedelta(hours=1))
    assert hours[:6] == [1, 2, 4, 8, 16, 24]
    assert hours[-2:] == [24, None]


@pytest.mark.parametrize(
    ("fetched", "state"),
    [
        (refusal(status=403), "blocked"),
        (refusal("challenge", 503), "blocked"),
        (refusal("robots", None), "blocked"),
        (refusal("timeout", None), "failing"),
        (refusal(status=404), "failing"),
    ],
)
def test_a_refusal_is_told_from_a_failure(fetched, state):
    after = after_visit(ENTRY, fetched, NOW)
    assert (after["page_state"], after["page_error"]) == (state, "the server said no")


def test_a_good_visit_forgets_the_failures():
    after = after_visit(ENTRY | {"page_failures": 5}, answer(), NOW)
    assert (after["page_state"], after["page_failures"], after["page_error"]) == ("done", 0, None)
