"""The view `source_health`: a source's pages are judged apart from its feed."""

from datetime import timedelta

import pytest

GOOD, NO, NOT_FOUND = (200, None), (403, "http_status"), (404, "http_status")
CHALLENGE, SLOW = (503, "challenge"), (None, "timeout")


@pytest.fixture
def health(warehouse, now):
    def of(*pages):
        with warehouse.transaction() as transaction:
            source = {"source_id": "s", "name": "S", "enabled": True, "added_at": now}
            feed = {"feed_id": "f", "source_id": "s", "url": "https://s.example/feed", "enabled": True, "state": "working"}
            transaction.merge("sources", [source], key=["source_id"])
            transaction.merge("feeds", [feed | {"failures": 0, "permanent_seen": 0}], key=["feed_id"])
            transaction.merge("fetches", [_fetch(number, page, now) for number, page in enumerate(pages)], key=["fetch_id"])
            cursor = transaction.connection.execute(
                "SELECT state, pages_state, pages_state_since, pages_good_at, pages_error FROM source_health"
            )
            [row] = cursor.fetchall()
        return row

    return of


def _fetch(number, page, now):
    status, fault = page
    row = {"fetch_id": str(number), "source_id": "s", "purpose": "page", "entry_id": str(number), "url": f"https://s.example/{number}"}
    error = f"status {status}" if fault else None
    return row | {"requested_at": now + timedelta(hours=number), "status": status, "not_modified": False, "fault": fault, "error": error}


def test_a_source_without_pages_says_nothing_of_them(health):
    assert health() == ("working", None, None, None, None)


@pytest.mark.parametrize("pages", [[GOOD], [GOOD, NOT_FOUND], [NO, NO, NO, GOOD], [GOOD, NO, NO]])
def test_single_pages_that_cannot_be_had_are_no_illness(health, now, pages):
    assert health(*pages)[:3] == ("working", "working", None)


@pytest.mark.parametrize(
    ("pages", "state"),
    [
        ([GOOD, NO, CHALLENGE, NO], "blocked"),
        ([GOOD, SLOW, SLOW, SLOW], "failing"),
        ([GOOD, NO, NO, SLOW], "failing"),
    ],
)
def test_three_in_a_row_are_an_illness_with_since_and_last_good(health, now, pages, state):
    shown = health(*pages)
    assert shown[:4] == ("working", state, now + timedelta(hours=1), now)
    assert shown[4].startswith("status")


def test_a_source_whose_pages_never_came_has_no_last_good(health, now):
    assert health(CHALLENGE, CHALLENGE, CHALLENGE)[1:4] == ("blocked", now, None)
