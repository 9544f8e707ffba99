"""Subscriptions in the store: since when each one alerts."""

from dataclasses import replace
from datetime import timedelta

from alerts.enrolment import enrol


def test_subscription_keeps_its_beginning_and_a_returning_one_begins_anew(newsroom):
    def at(hours: int, *subscriptions):
        with newsroom.warehouse.transaction() as transaction:
            enrolled = enrol(transaction, subscriptions, newsroom.now + timedelta(hours=hours))
        columns = "subscription_id, active, hour(added_at), hour(changed_at)"
        return enrolled, newsroom.rows(f"SELECT {columns} FROM subscriptions ORDER BY ALL")

    csto, nato = newsroom.subscription("csto", id="csto"), newsroom.subscription("nato", id="nato")
    (first, _), rows = at(0, csto, nato)
    assert first.added_at == newsroom.now
    assert rows == [("csto", True, 12, 12), ("nato", True, 12, 12)]
    assert at(1, csto, nato)[1] == rows
    changed = newsroom.subscription("csto", id="csto", min_mentions=2)
    assert at(2, changed, nato)[1] == [("csto", True, 12, 14), ("nato", True, 12, 12)]
    assert at(3, nato)[1] == [("csto", False, 12, 15), ("nato", True, 12, 12)]
    assert at(4, changed, replace(nato, active=False))[1] == [("csto", True, 16, 16), ("nato", False, 12, 16)]


def test_rule_and_words_are_kept_for_sql(newsroom):
    with newsroom.warehouse.transaction() as transaction:
        enrol(transaction, [newsroom.subscription("csto", "central-asia", within="sentence")], newsroom.now)
    stored = newsroom.rows("SELECT rule_text, rule ->> '$.within', rule -> '$.groups', timezone FROM subscriptions")
    assert stored == [("CSTO and any of Central Asia in one sentence", "sentence", '[["csto"],["central-asia"]]', "UTC")]


def test_run_writes_only_the_subscriptions_that_have_changed(newsroom):
    people = [newsroom.subscription("csto", id=name, subscriber=name) for name in ("anna", "boris")]
    for given, written in ((people, True), (people, False), ([people[0], replace(people[1], frequency="daily")], True)):
        with newsroom.warehouse.transaction() as transaction:
            enrol(transaction, given, newsroom.now)
            assert transaction.changed is written
