"""What the operator is told: once a cause, again when it comes back, and never of nothing."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from alerts.notices import Cause, compare, tell_operator


@pytest.fixture
def told(newsroom, post_office):
    """The subjects of the mails that the operator gets by now."""

    def told(hours: float = 0) -> list[str]:
        now = newsroom.now + timedelta(hours=hours)
        with newsroom.warehouse.transaction() as transaction:
            tell_operator(transaction, now, address="operator@institute.example", channel="mail", domain="thinkwatch.example")
        before = len(post_office.mails)
        newsroom.deliver(mail=post_office.smtp(), now=now)
        return [message_from_bytes(content, policy=policy.default)["Subject"] for _, content in post_office.mails[before:]]

    return told


def test_only_what_is_new_is_told_and_only_what_is_gone_is_closed():
    flood, run = Cause("flood", "a", "…"), Cause("run_failed", "r", "…")
    rows = [{"kind": "flood", "about": "a", "notice_id": 1}, {"kind": "flood", "about": "b", "notice_id": 2}]
    assert compare([flood, run], rows) == ([run], [rows[1]])


def test_nothing_wrong_is_no_mail(told):
    assert told() == []


@pytest.mark.fault("O130")
def test_o130_flood_is_told_once_and_again_when_it_comes_back(newsroom, told):
    hold = "INSERT INTO ops.holds VALUES ('russtrat', TIMESTAMPTZ '{}', 400, 25, '400 new articles', NULL)"
    newsroom.rows(hold.format(newsroom.now))
    assert told() == ["[Thinkwatch] A source is held: russtrat"]
    assert told(1) == told(24) == []
    newsroom.rows("UPDATE ops.holds SET released_at = held_since")
    assert told(25) == []
    newsroom.rows(hold.format(newsroom.now + timedelta(hours=26)))
    assert told(26) == ["[Thinkwatch] A source is held: russtrat"]
    assert newsroom.rows("SELECT count(*), count(ended_at) FROM ops.notices") == [(2, 1)]


def test_failed_run_ill_source_and_parked_mail(newsroom, told, post_office):
    now = newsroom.now
    newsroom.put(newsroom.candidate())
    newsroom.rows(
        "INSERT INTO issues VALUES ('i', 'run_failed', NULL, 'run 4711', 'the check articles_whole failed', '', "
        f"TIMESTAMPTZ '{now}', TIMESTAMPTZ '{now}', 1)"
    )
    feed = "INSERT INTO feeds (feed_id, source_id, url, enabled, state, state_since, failures, permanent_seen, last_error) VALUES "
    newsroom.rows(
        feed + f"('f', 'russtrat', 'https://r.example/feed', true, 'blocked', TIMESTAMPTZ '{now - timedelta(hours=49)}', 9, 0, '403')"
    )
    newsroom.rows(
        feed + f"('g', 'russtrat', 'https://r.example/ok', true, 'failing', TIMESTAMPTZ '{now - timedelta(hours=47)}', 9, 0, '500')"
    )
    assert sorted(told()) == ["[Thinkwatch] A run failed: run 4711", "[Thinkwatch] A source is ill: russtrat"]
    texts = [message_from_bytes(content, policy=policy.default).get_body(("plain",)).get_content() for _, content in post_office.mails]
    assert any("russtrat: https://r.example/feed is blocked: 403" in text and "thinkwatch status" in text for text in texts)
    newsroom.decide(newsroom.subscription("csto"))
    newsroom.rows("UPDATE deliveries SET state = 'parked', error = 'cannot be rendered' WHERE kind = 'alert'")
    assert told(1) == ["[Thinkwatch] Mails are parked"]
    assert told(2) == []


def test_notice_is_safe_whatever_the_cause_says(newsroom, told, post_office):
    newsroom.rows(f"INSERT INTO ops.holds VALUES ('<script>', TIMESTAMPTZ '{newsroom.now}', 1, 1, 'x\n\n<img src=y>', NULL)")
    (subject,) = told()
    assert "<script>" in subject
    message = message_from_bytes(post_office.mails[0][1], policy=policy.default)
    assert "<img" not in message.get_body(("html",)).get_content()
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] is None
