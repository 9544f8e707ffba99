"""The flood breaker against a source's own history, and what becomes of what it holds."""

from datetime import UTC, date, datetime, timedelta

import pytest

from alerts.flood import Yield, flood
from alerts.holding import release_source

NOW = datetime(2021, 9, 19, 12, tzinfo=UTC)
YESTERDAY = NOW - timedelta(hours=25)


@pytest.mark.fault("O130")
@pytest.mark.parametrize(
    ("recent", "busiest", "last_seen_at", "most"),
    [
        (25, 0, None, None),
        (26, 0, None, 25),
        (26, 6, YESTERDAY, None),  # five times its busiest day, twice because of the silence
        (61, 6, YESTERDAY, 60),
        (500, 90, NOW - timedelta(hours=24, minutes=-1), 450),
        (150, 6, NOW - timedelta(days=5), None),  # we were away for five days
        (151, 6, NOW - timedelta(days=5), 150),
        (176, 1, NOW - timedelta(days=20), 175),  # a long silence allows for a week at most
    ],
)
def test_o130_source_is_held_by_its_own_history(recent, busiest, last_seen_at, most):
    found = flood(Yield("s", recent, {date(2021, 9, 17): busiest, date(2021, 9, 16): 1}, last_seen_at), NOW)
    assert (found and found.most) == most
    if found:
        assert str(recent) in found.reason
        assert str(most) in found.reason


def pour(newsroom, count: int, *, source="russtrat", **changes):
    articles = [
        newsroom.candidate(f"{source}{number:03}", title=f"The CSTO, {number}", text="It met.", source_id=source, **changes)
        for number in range(count)
    ]
    newsroom.put(*articles)


@pytest.mark.fault("O130")
def test_o130_flood_is_held_whole_and_let_go_whole(newsroom, post_office):
    pour(newsroom, 40)
    pour(newsroom, 3, source="valdai")
    rule = newsroom.subscription("csto")
    assert newsroom.decide(rule) == 43
    newsroom.deliver(mail=post_office.smtp())
    assert len(post_office.mails) == 3
    assert newsroom.rows("SELECT state, count(*) FROM alerts GROUP BY ALL ORDER BY ALL") == [("held", 40), ("sent", 3)]
    assert newsroom.rows("SELECT source_id, seen, most FROM ops.holds WHERE released_at IS NULL") == [("russtrat", 40, 25)]

    # What it yields while it is held is held as well, and it is not held twice.
    pour(newsroom, 41)
    newsroom.decide(rule, now=newsroom.now + timedelta(hours=1))
    assert newsroom.rows("SELECT count(*) FROM ops.holds") == [(1,)]

    with newsroom.warehouse.transaction() as transaction:
        assert release_source(transaction, "russtrat", newsroom.now + timedelta(hours=2)) == 41
    newsroom.decide(rule, now=newsroom.now + timedelta(hours=2))
    newsroom.deliver(mail=post_office.smtp(), now=newsroom.now + timedelta(hours=2))
    assert len(post_office.mails) == 4  # all of them in one mail
    assert newsroom.rows("SELECT state, count(*) FROM alerts GROUP BY ALL") == [("sent", 44)]
    assert newsroom.rows("SELECT count(*) FROM ops.holds WHERE released_at IS NULL") == [(0,)]


def test_first_import_of_a_source_is_no_flood(newsroom):
    pour(newsroom, 200, baseline=True)
    newsroom.decide(newsroom.subscription("csto"))
    assert newsroom.rows("SELECT count(*) FROM ops.holds") == [(0,)]
