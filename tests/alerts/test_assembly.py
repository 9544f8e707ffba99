"""Digests on a real store and a real SMTP server: each alert once, at its reader's time, whatever happens in between."""

import shutil
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes, policy

import pytest

from alerts.assembly import Rhythm, Waiting, plan
from alerts.enrolment import Preference, choose
from alerts.schedule import Schedule
from alerts.transports import Smtp

HOUR = timedelta(hours=1)
SEVEN = datetime(2021, 9, 20, 7, tzinfo=UTC)


def mails(office) -> list:
    return [message_from_bytes(content, policy=policy.default) for _, content in office.mails]


def text_of(message) -> str:
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def states(newsroom) -> list[tuple]:
    return newsroom.rows("SELECT state, count(*) FROM alerts GROUP BY ALL ORDER BY ALL")


def daily(newsroom, **changes):
    return newsroom.subscription("csto", frequency="daily", **changes)


def told(newsroom, subscription, *names: str, now=None) -> None:
    newsroom.put(*[newsroom.candidate(name, title=f"The CSTO in {name}", text="It met.") for name in names])
    assert newsroom.decide(subscription, now=now or newsroom.now) == len(names)


@pytest.mark.fault("E101")
def test_e101_daily_digest_is_one_mail_at_its_time_with_every_alert_once(newsroom, post_office):
    rule = daily(newsroom)
    newsroom.deliver(mail=post_office.smtp())  # the first look
    told(newsroom, rule, "Minsk", "Osh")
    for half_hours in range(39):
        newsroom.deliver(mail=post_office.smtp(), now=newsroom.now + half_hours * HOUR / 2)
        if half_hours == 20:
            told(newsroom, rule, "Bishkek", now=newsroom.now + 10 * HOUR)
    assert newsroom.rows("SELECT kind, frequency, due_at, delayed, created_at, state FROM deliveries") == [
        ("digest", "daily", SEVEN, False, SEVEN, "sent")
    ]
    (mail,) = mails(post_office)
    assert mail["Subject"] == "Daily digest (3): CSTO"
    assert [line for line in text_of(mail).splitlines() if line.startswith("The *CSTO*")] == [
        "The *CSTO* in Minsk",
        "The *CSTO* in Osh",
        "The *CSTO* in Bishkek",
    ]
    assert states(newsroom) == [("sent", 3)]
    assert newsroom.rows("SELECT count(*) FROM delivery_alerts WHERE left_out IS NULL") == [(3,)]


@pytest.mark.fault("O126")
def test_o126_three_days_without_a_run_are_one_digest_that_says_so(newsroom, post_office):
    rule = daily(newsroom)
    newsroom.deliver(mail=post_office.smtp())
    back = newsroom.now + timedelta(days=3, hours=3)
    told(newsroom, rule, "Minsk", "Osh", now=back)
    newsroom.deliver(mail=post_office.smtp(), now=back)
    (mail,) = mails(post_office)
    assert "This digest was due on 20 September 2021, 07:00 (UTC) and comes late. Nothing was left out of it." in text_of(mail)
    newsroom.deliver(mail=post_office.smtp(), now=back + HOUR)
    assert len(post_office.mails) == 1


@pytest.mark.fault("E90")
def test_e90_relay_down_for_three_days_digests_are_merged(newsroom, post_office):
    nowhere = Smtp("127.0.0.1", 1, timeout=1, hello="thinkwatch.example")
    rule = daily(newsroom)
    newsroom.deliver(mail=nowhere)
    for day in range(3):
        told(newsroom, rule, f"day{day}", now=newsroom.now + timedelta(days=day))
        newsroom.deliver(mail=nowhere, now=SEVEN + timedelta(days=day))
    newsroom.deliver(mail=post_office.smtp(), now=SEVEN + timedelta(days=2, hours=5))
    (mail,) = mails(post_office)
    assert mail["Subject"] == "Daily digest (3): CSTO"
    assert states(newsroom) == [("sent", 3)]


@pytest.mark.fault("E90")
def test_e90_immediate_alerts_that_waited_long_come_as_one_mail(newsroom, post_office):
    nowhere = Smtp("127.0.0.1", 1, timeout=1, hello="thinkwatch.example")
    rule = newsroom.subscription("csto")
    for hour in range(5):
        told(newsroom, rule, f"hour{hour}", now=newsroom.now + hour * HOUR)
        newsroom.deliver(mail=nowhere, now=newsroom.now + hour * HOUR)
    newsroom.deliver(mail=post_office.smtp(), now=newsroom.now + timedelta(days=3))
    (mail,) = mails(post_office)
    assert mail["Subject"] == "Alerts that waited (5): CSTO"
    assert "These alerts could not be sent before." in text_of(mail)
    assert states(newsroom) == [("sent", 5)]
    assert newsroom.rows("SELECT count(*), count(DISTINCT alert_id) FROM delivery_alerts WHERE left_out IS NULL") == [(5, 5)]
    assert newsroom.rows("SELECT count(*) FROM deliveries") == [(1,)]


@pytest.mark.fault("E90")
def test_what_may_have_been_sent_is_never_merged(newsroom, post_office):
    rule = newsroom.subscription("csto")
    told(newsroom, rule, "one", "two", "three")
    newsroom.rows(
        "UPDATE deliveries SET state = 'unknown', maybe_duplicate = true WHERE delivery_id = (SELECT min(delivery_id) FROM deliveries)"
    )
    newsroom.deliver(mail=post_office.smtp(), now=newsroom.now + 4 * HOUR)
    assert len(post_office.mails) == 3


@pytest.mark.fault("E100", "E99")
def test_e100_subscription_stopped_while_its_alerts_waited(newsroom, post_office):
    rule = daily(newsroom)
    newsroom.deliver(mail=post_office.smtp())
    told(newsroom, rule, "Minsk")
    with newsroom.warehouse.transaction() as transaction:
        choose(transaction, [Preference("desk", "watch", stopped_at=newsroom.now)], newsroom.now, by="one-click")
    newsroom.deliver(mail=post_office.smtp(), now=SEVEN)
    assert (post_office.mails, states(newsroom)) == ([], [("suppressed", 1)])


@pytest.mark.fault("E99", "E100")
def test_e99_a_stop_reaches_what_is_already_queued_and_outlives_the_files(newsroom, post_office):
    rule = newsroom.subscription("csto")
    told(newsroom, rule, "Minsk")
    for _ in range(2):  # a second click changes nothing
        with newsroom.warehouse.transaction() as transaction:
            choose(transaction, [Preference("desk", "watch", stopped_at=newsroom.now)], newsroom.now, by="one-click")
    assert newsroom.rows("SELECT count(*) FROM ops.preferences") == [(1,)]
    newsroom.deliver(mail=post_office.smtp())
    assert newsroom.rows("SELECT state, error FROM deliveries") == [("suppressed", "the subscription was stopped before this was sent")]
    newsroom.put(newsroom.candidate("Osh"))
    assert newsroom.decide(rule) == 0  # the file still says that it is active
    assert newsroom.rows("SELECT active FROM subscriptions") == [(False,)]
    with newsroom.warehouse.transaction() as transaction:
        choose(transaction, [Preference("desk", "watch")], newsroom.now, by="page")
    newsroom.put(newsroom.candidate("Bishkek", story_id="other"))
    assert newsroom.decide(rule, now=newsroom.now + HOUR) == 1


def test_pause_holds_and_its_end_sends_one_mail(newsroom, post_office):
    rule = newsroom.subscription("csto")
    newsroom.deliver(mail=post_office.smtp())
    until = newsroom.now + timedelta(days=2)
    newsroom.decide(rule)
    with newsroom.warehouse.transaction() as transaction:
        choose(transaction, [Preference("desk", "watch", paused_until=until)], newsroom.now, by="page")
    told(newsroom, rule, "Minsk", "Osh")
    newsroom.deliver(mail=post_office.smtp(), now=until - HOUR)
    assert post_office.mails == []
    newsroom.deliver(mail=post_office.smtp(), now=until)
    (mail,) = mails(post_office)
    assert mail["Subject"] == "Alerts that waited (2): CSTO"


def test_pause_after_queueing_holds_too(newsroom, post_office):
    told(newsroom, newsroom.subscription("csto"), "Minsk")
    until = newsroom.now + timedelta(days=2)
    with newsroom.warehouse.transaction() as transaction:
        choose(transaction, [Preference("desk", "watch", paused_until=until)], newsroom.now, by="page")
    (outcome,) = newsroom.deliver(mail=post_office.smtp())
    assert (outcome.state, outcome.words) == ("new", "paused by the subscriber")
    newsroom.deliver(mail=post_office.smtp(), now=until)
    assert len(post_office.mails) == 1


def test_frequency_chosen_by_the_subscriber_wins(newsroom, post_office):
    rule = newsroom.subscription("csto")
    newsroom.decide(rule)
    newsroom.deliver(mail=post_office.smtp())
    with newsroom.warehouse.transaction() as transaction:
        choose(transaction, [Preference("desk", "watch", frequency="daily")], newsroom.now, by="page")
    told(newsroom, rule, "Minsk")
    newsroom.deliver(mail=post_office.smtp())
    assert post_office.mails == []
    newsroom.deliver(mail=post_office.smtp(), now=SEVEN)
    assert len(post_office.mails) == 1


@pytest.mark.fault("E101")
def test_e101_what_comes_in_the_quiet_hours_is_sent_once_at_their_end(newsroom, post_office):
    sleeper = newsroom.subscriber(quiet=(time(11), time(15)))
    rule = newsroom.subscription("csto", subscriber=sleeper)
    told(newsroom, rule, "Minsk")
    newsroom.deliver(mail=post_office.smtp())
    assert post_office.mails == []
    newsroom.deliver(mail=post_office.smtp(), now=newsroom.now + 3 * HOUR)
    (mail,) = mails(post_office)
    assert mail["Subject"] == "CSTO: The CSTO in Minsk (RUSSTRAT, Russia)"  # one alert is an alert


@pytest.mark.fault("E101")
@pytest.mark.parametrize("state", ["new", "unknown"])
def test_e101_what_was_queued_before_the_quiet_hours_is_not_sent_in_them(newsroom, post_office, state):
    sleeper = newsroom.subscriber(quiet=(time(13), time(15)))  # an hour from now
    told(newsroom, newsroom.subscription("csto", subscriber=sleeper), "Minsk")
    newsroom.deliver(mail=Smtp("127.0.0.1", 1, timeout=1, hello="thinkwatch.example"))
    newsroom.rows(f"UPDATE deliveries SET state = '{state}', maybe_duplicate = {state == 'unknown'}")
    (outcome,) = newsroom.deliver(mail=post_office.smtp(), now=newsroom.now + HOUR)
    assert (post_office.mails, outcome.state, outcome.words) == ([], state, "the subscriber's quiet hours")
    newsroom.deliver(mail=post_office.smtp(), now=newsroom.now + 3 * HOUR)
    assert len(post_office.mails) == 1


@pytest.mark.fault("M85")
def test_m85_digest_leaves_out_what_was_corrected_since(newsroom, post_office):
    rule = daily(newsroom)
    newsroom.deliver(mail=post_office.smtp())
    told(newsroom, rule, "Minsk", "Osh")
    newsroom.put(newsroom.candidate("Osh", title="Another alliance", text="It met.", revision_no=2))
    newsroom.decide(rule, now=newsroom.now + HOUR)
    newsroom.deliver(mail=post_office.smtp(), now=SEVEN)
    (mail,) = mails(post_office)
    assert mail["Subject"] == "Daily digest (1): CSTO"
    assert "Osh" not in text_of(mail)
    assert states(newsroom) == [("sent", 1), ("suppressed", 1)]


@pytest.mark.fault("M85")
def test_m85_edited_article_is_told_as_it_is_now(newsroom, post_office):
    rule = newsroom.subscription("csto")
    told(newsroom, rule, "Minsk")
    newsroom.put(newsroom.candidate("Minsk", title="The CSTO in Moscow", text="It met.", revision_no=2))
    newsroom.decide(rule)
    newsroom.deliver(mail=post_office.smtp())
    (mail,) = mails(post_office)
    assert mail["Subject"] == "CSTO: The CSTO in Moscow (RUSSTRAT, Russia)"
    assert states(newsroom) == [("sent", 1), ("suppressed", 1)]


def test_removal_and_withdrawal_of_what_was_sent_are_told_once(newsroom, post_office):
    rule = newsroom.subscription("csto")
    told(newsroom, rule, "Minsk", "Osh")
    newsroom.deliver(mail=post_office.smtp())
    newsroom.put(newsroom.candidate("Osh", title="Another alliance", text="It met.", revision_no=2))
    newsroom.rows("UPDATE articles SET withdrawn_at = now() WHERE article_id = 'Minsk'")
    for _ in range(2):
        newsroom.decide(rule)
        newsroom.withdraw(rule)
        newsroom.deliver(mail=post_office.smtp())
    subjects = sorted(mail["Subject"] for mail in mails(post_office)[2:])
    assert subjects == ["No longer mentions CSTO: The CSTO in Osh (RUSSTRAT, Russia)", "Withdrawn: The CSTO in Minsk (RUSSTRAT, Russia)"]
    assert newsroom.rows("SELECT kind, count(*) FROM alerts GROUP BY ALL ORDER BY ALL") == [
        ("mention", 2),
        ("removal", 1),
        ("withdrawal", 1),
    ]


@pytest.mark.fault("E105")
def test_e105_broken_alert_is_left_out_of_its_digest_and_parked(newsroom, post_office):
    rule = daily(newsroom)
    newsroom.deliver(mail=post_office.smtp())
    told(newsroom, rule, "Minsk", "Osh")
    newsroom.rows("UPDATE mentions SET start_char = start_char + 1 WHERE article_id = 'Osh'")
    newsroom.deliver(mail=post_office.smtp(), now=SEVEN)
    (mail,) = mails(post_office)
    assert mail["Subject"] == "Daily digest (1): CSTO"
    assert states(newsroom) == [("parked", 1), ("sent", 1)]
    ((reason,),) = newsroom.rows("SELECT left_out FROM delivery_alerts WHERE left_out IS NOT NULL")
    assert "does not stand at" in reason


@pytest.mark.fault("E104")
def test_e104_store_put_back_from_yesterday_sends_no_digest_again(newsroom, post_office, tmp_path):
    rule = daily(newsroom)
    newsroom.deliver(mail=post_office.smtp())
    told(newsroom, rule, "Minsk", "Osh")
    backup = shutil.copy(newsroom.warehouse.path, tmp_path / "backup.duckdb")
    newsroom.deliver(mail=post_office.smtp(), now=SEVEN)
    newsroom.put_back(backup)
    told(newsroom, rule, "Bishkek", now=newsroom.now + HOUR)
    newsroom.deliver(mail=post_office.smtp(), now=SEVEN + HOUR)
    first, second = mails(post_office)
    assert "Minsk" in text_of(first)
    assert "Minsk" not in text_of(second)
    assert "Bishkek" in text_of(second)


@pytest.mark.fault("D78")
def test_d78_clock_that_jumped_forward_and_back_sends_each_once(newsroom, post_office):
    rule = daily(newsroom)
    for hours in (0, 48, 1, 19):
        newsroom.deliver(mail=post_office.smtp(), now=newsroom.now + hours * HOUR)
        if hours == 1:
            told(newsroom, rule, "Minsk", now=newsroom.now + hours * HOUR)
    assert len(post_office.mails) == 1


def test_zone_that_is_changed_sends_at_the_new_time():
    berlin, york = (Schedule("daily", zone, time(7)) for zone in ("Europe/Berlin", "America/New_York"))
    for schedule, hour in ((berlin, 5), (york, 11)):
        waiting = [Waiting("a", "desk", (Rhythm(True, None, "mail", "d@e.example", schedule),))]
        found = [
            at
            for at in range(24)
            if plan(waiting, datetime(2021, 9, 20, tzinfo=UTC) + (at - 1) * HOUR, datetime(2021, 9, 20, tzinfo=UTC) + at * HOUR)[0]
        ]
        assert found == [hour]
