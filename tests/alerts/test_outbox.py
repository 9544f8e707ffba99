"""The outbox on a real store and a real SMTP server: what the relay does to single mails, addresses and days."""

from datetime import timedelta
from email import message_from_bytes

import pytest

from alerts.transports import EmlFolder, Smtp
from warehouse.database import Warehouse
from warehouse.errors import StoreBusyError

MINUTE = timedelta(minutes=1)


def queue_for(newsroom, *names: str, article: str = "a1", **changes) -> None:
    newsroom.put(newsroom.candidate(article, **changes))
    assert newsroom.decide(*[newsroom.subscription("csto", id=f"w-{name}", subscriber=name) for name in names]) == len(names)


def states(newsroom) -> dict[str, str]:
    return dict(newsroom.rows("SELECT subscriber_id, state FROM deliveries"))


def addresses(office) -> list[str]:
    return [address for address, _ in office.mails]


def test_alert_is_sent_once_and_can_be_traced_to_its_mentions(newsroom, post_office):
    queue_for(newsroom, "anna")
    assert [outcome.state for outcome in newsroom.deliver(mail=post_office.smtp())] == ["sent"]
    assert newsroom.deliver(mail=post_office.smtp()) == []
    assert addresses(post_office) == ["anna@institute.example"]
    row = "SELECT d.state, d.attempts, d.sent_at, d.receipt, a.state FROM deliveries AS d JOIN alerts AS a USING (alert_id)"
    assert newsroom.rows(row) == [("sent", 1, newsroom.now, "2.0.0 Ok: queued as Q1", "sent")]
    proof = (
        "SELECT substring(r.text, m.start_char + 1, m.end_char - m.start_char) = m.matched FROM alert_mentions "
        "JOIN mentions AS m USING (mention_id) JOIN revisions AS r ON r.revision_id = m.revision_id"
    )
    assert newsroom.rows(proof) == [(True,), (True,)]
    said = newsroom.rows("SELECT message_id FROM deliveries")[0][0]
    assert message_from_bytes(post_office.mails[0][1])["Message-ID"] == said


def test_deciding_again_queues_nothing_new(newsroom, post_office):
    queue_for(newsroom, "anna")
    newsroom.rows("UPDATE ops.matched SET decided_at = NULL")
    assert newsroom.decide(newsroom.subscription("csto", id="w-anna", subscriber="anna")) == 0
    assert newsroom.rows("SELECT count(*), min(verdict) FROM ops.verdicts") == [(1, "already told")]
    assert newsroom.rows("SELECT decision FROM ops.matched") == [("1 already told",)]
    newsroom.deliver(mail=post_office.smtp())
    assert len(post_office.mails) == 1


@pytest.mark.fault("E88")
def test_e88_temporary_refusals_back_off_and_are_delivered(newsroom, post_office):
    answers = ["421 4.3.2 closing", "451 4.7.1 greylisted"]
    refused = {f"{step.lower()}{answer[:3]}": (step, answer) for step in ("RCPT", "DOT") for answer in answers}
    queue_for(newsroom, *refused, "zoe")
    post_office.refuse |= {(step, f"{name}@institute.example"): answer for name, (step, answer) in refused.items()}

    newsroom.deliver(mail=post_office.smtp())
    assert states(newsroom) == dict.fromkeys(refused, "new") | {"zoe": "sent"}
    waiting = newsroom.rows("SELECT subscriber_id, attempts, next_attempt_at, error FROM deliveries WHERE state = 'new'")
    assert sorted(waiting) == sorted((name, 1, newsroom.now + MINUTE, answer) for name, (_, answer) in refused.items())
    assert newsroom.deliver(mail=post_office.smtp(), now=newsroom.now + 0.9 * MINUTE) == []

    post_office.refuse.clear()
    newsroom.deliver(mail=post_office.smtp(), now=newsroom.now + MINUTE)
    assert set(states(newsroom).values()) == {"sent"}
    assert sorted(addresses(post_office)) == sorted(f"{name}@institute.example" for name in [*refused, "zoe"])


@pytest.mark.fault("E88")
def test_e88_greylisted_address_gets_its_mails_in_order(newsroom, post_office):
    queue_for(newsroom, "anna", article="first", title="First: the CSTO", first_seen_at=newsroom.now - MINUTE)
    queue_for(newsroom, "anna", article="second", title="Second: the CSTO")
    post_office.refuse["RCPT", "anna@institute.example"] = "451 4.7.1 greylisted"
    assert len(newsroom.deliver(mail=post_office.smtp())) == 1  # the second is not even tried
    post_office.refuse.clear()
    newsroom.deliver(mail=post_office.smtp(), now=newsroom.now + MINUTE)
    subjects = [message_from_bytes(content)["Subject"] for _, content in post_office.mails]
    assert subjects == ["CSTO: First: the CSTO (RUSSTRAT, Russia)", "CSTO: Second: the CSTO (RUSSTRAT, Russia)"]


@pytest.mark.fault("E89")
def test_e89_permanent_refusals_are_not_repeated_and_say_why(newsroom, post_office):
    refused = {
        "unknown": ("RCPT", "550 5.1.1 no such user", "suppressed"),
        "plain": ("RCPT", "553 mailbox name not allowed", "suppressed"),
        "policy": ("RCPT", "550 5.7.1 relaying denied", "parked"),
        "big": ("DOT", "552 5.3.4 too big", "parked"),
        "spam": ("DOT", "554 5.7.1 looks like spam", "parked"),
    }
    queue_for(newsroom, *refused, "zoe")
    post_office.refuse |= {(step, f"{name}@institute.example"): answer for name, (step, answer, _) in refused.items()}
    newsroom.deliver(mail=post_office.smtp())
    expected = {name: (state, answer) for name, (_, answer, state) in refused.items()}
    found = newsroom.rows("SELECT d.subscriber_id, d.state, a.state, error FROM deliveries AS d JOIN alerts AS a USING (alert_id)")
    assert {name: (state, error) for name, state, _, error in found} == expected | {"zoe": ("sent", None)}
    assert all(state == told for _, state, told, _ in found)

    # A refused address stays barred until somebody lifts that; a refused mail bars only itself.
    post_office.refuse.clear()
    queue_for(newsroom, *refused, article="a2", title="Another on the CSTO", text="Nothing else.")
    newsroom.deliver(mail=post_office.smtp())
    assert sorted(addresses(post_office)) == [f"{name}@institute.example" for name in ("big", "policy", "spam", "zoe")]
    assert newsroom.rows("SELECT error FROM deliveries WHERE subscriber_id = 'plain' AND attempts = 1 ORDER BY error")[1:] == [
        ("mail to this address is suppressed: 553 mailbox name not allowed",)
    ]


@pytest.mark.fault("E90")
def test_e90_relay_down_for_four_days_then_all_is_delivered(newsroom, post_office):
    queue_for(newsroom, "anna", "boris", "clara")
    nowhere = Smtp("127.0.0.1", 1, timeout=1, hello="thinkwatch.example")
    for hour in (0, 1, 96):
        assert len(newsroom.deliver(mail=nowhere, now=newsroom.now + timedelta(hours=hour))) == 1  # one knock a round
    assert set(states(newsroom).values()) == {"new"}
    assert newsroom.rows("SELECT count(*) FROM deliveries WHERE error LIKE '%127.0.0.1:1%refused%'") != [(0,)]
    newsroom.deliver(mail=post_office.smtp(), now=newsroom.now + timedelta(hours=100))
    assert set(states(newsroom).values()) == {"sent"}
    assert len(post_office.mails) == 3


def test_mail_that_is_put_off_for_three_days_is_parked_and_shown(newsroom, post_office):
    queue_for(newsroom, "anna")
    post_office.refuse["DOT", "anna@institute.example"] = "450 4.2.1 try later"
    newsroom.rows("UPDATE deliveries SET attempts = 70")
    newsroom.deliver(mail=post_office.smtp(), now=newsroom.now + timedelta(hours=71))
    assert states(newsroom) == {"anna": "new"}
    newsroom.deliver(mail=post_office.smtp(), now=newsroom.now + timedelta(hours=72))
    assert newsroom.rows("SELECT state, error FROM deliveries") == [("parked", "given up after 72 attempts: 450 4.2.1 try later")]


@pytest.mark.fault("E91")
def test_e91_relay_that_ends_each_session_after_two_mails(newsroom, post_office):
    post_office.most_per_session = 2
    queue_for(newsroom, *[f"reader{number}" for number in range(5)])
    newsroom.deliver(mail=post_office.smtp())
    assert set(states(newsroom).values()) == {"sent"}
    assert len(post_office.mails) == 5
    assert post_office.sessions == 3


@pytest.mark.fault("E91")
def test_e91_line_that_breaks_after_the_text_is_an_unknown_outcome(newsroom, post_office):
    queue_for(newsroom, "anna", "boris")
    post_office.refuse["DOT", "anna@institute.example"] = "drop"
    newsroom.deliver(mail=post_office.smtp())
    assert states(newsroom) == {"anna": "unknown", "boris": "sent"}
    post_office.refuse.clear()
    outcome, *_ = newsroom.deliver(mail=post_office.smtp(), now=newsroom.now + MINUTE)
    assert (outcome.state, outcome.maybe_duplicate) == ("sent", True)
    copies = [content for address, content in post_office.mails if address.startswith("anna")]
    assert len(copies) == 2
    assert len(set(copies)) == 1


@pytest.mark.fault("E92")
def test_e92_one_recipient_of_six_fails(newsroom, post_office):
    names = [f"reader{number}" for number in range(6)]
    queue_for(newsroom, *names)
    post_office.refuse["RCPT", "reader3@institute.example"] = "550 5.1.1 gone"
    newsroom.deliver(mail=post_office.smtp())
    assert sorted(addresses(post_office)) == sorted(f"{name}@institute.example" for name in names if name != "reader3")


@pytest.mark.fault("E100")
def test_e100_subscription_stopped_between_match_and_send(newsroom, post_office):
    queue_for(newsroom, "anna", "boris")
    with newsroom.warehouse.transaction() as transaction:
        from alerts.enrolment import enrol

        enrol(transaction, [newsroom.subscription("csto", id="w-boris", subscriber="boris")], newsroom.now)
    newsroom.deliver(mail=post_office.smtp())
    assert states(newsroom) == {"anna": "suppressed", "boris": "sent"}
    assert newsroom.rows("SELECT error FROM deliveries WHERE subscriber_id = 'anna'") == [
        ("the subscription was stopped before this was sent",)
    ]


@pytest.mark.fault("E105")
def test_e105_alert_that_cannot_be_rendered_is_parked_and_the_others_go_on(newsroom, post_office):
    queue_for(newsroom, "anna", article="good")
    newsroom.put(newsroom.candidate("bad", title="The CSTO again"))
    newsroom.rows("UPDATE mentions SET start_char = start_char + 1 WHERE article_id = 'bad'")
    newsroom.decide(newsroom.subscription("csto", id="w-anna", subscriber="anna"))
    outcomes = newsroom.deliver(mail=post_office.smtp())
    assert sorted(outcome.state for outcome in outcomes) == ["parked", "sent"]
    (error,) = newsroom.rows("SELECT error FROM deliveries WHERE state = 'parked'")[0]
    assert "cannot be rendered" in error
    assert "does not stand at" in error


def test_deliveries_whose_story_is_gone_are_parked(newsroom, post_office):
    for article in ("a1", "a2", "a3"):
        queue_for(newsroom, "anna", article=article, title=f"The CSTO in {article}")
    newsroom.rows("DELETE FROM alerts WHERE article_id = 'a1'")
    newsroom.rows("DELETE FROM revisions WHERE article_id = 'a2'")
    newsroom.rows("DELETE FROM articles WHERE article_id = 'a3'")
    outcomes = newsroom.deliver(mail=post_office.smtp())
    assert [(outcome.state, outcome.words) for outcome in outcomes] == [
        ("parked", f"cannot be put together: its {what} is not in the store") for what in ("alert", "revision", "article")
    ]
    assert post_office.mails == []


@pytest.mark.fault("M85")
def test_m85_article_corrected_before_sending_is_withdrawn_and_shown(newsroom, post_office):
    queue_for(newsroom, "anna", article="a1")
    corrected = newsroom.candidate("a1", title="Summit", text="It was another alliance.", revision_no=2)
    newsroom.put(corrected)
    (outcome,) = newsroom.deliver(mail=post_office.smtp())
    assert outcome.state == "suppressed"
    assert "was corrected" in outcome.words
    assert post_office.mails == []


def test_article_corrected_in_other_words_is_still_sent(newsroom, post_office):
    queue_for(newsroom, "anna", article="a1")
    newsroom.put(newsroom.candidate("a1", text="The CSTO met. This was put right.", revision_no=2))
    assert [outcome.state for outcome in newsroom.deliver(mail=post_office.smtp())] == ["sent"]


def test_channel_without_transport_waits(newsroom, tmp_path):
    queue_for(newsroom, "anna")
    assert newsroom.deliver(eml=EmlFolder(tmp_path / "mail")) == []
    assert states(newsroom) == {"anna": "new"}


def test_folder_that_cannot_be_written_makes_its_mails_wait(newsroom, tmp_path):
    (tmp_path / "mail").write_text("a file where the folder should be")
    newsroom.put(newsroom.candidate())
    readers = [newsroom.subscriber(name, channel="eml") for name in ("anna", "boris")]
    newsroom.decide(*[newsroom.subscription("csto", id=reader.id, subscriber=reader) for reader in readers])
    (outcome,) = newsroom.deliver(eml=EmlFolder(tmp_path / "mail"))
    assert (outcome.state, "mail" in outcome.words) == ("new", True)


def test_second_sender_waits_and_then_says_who_is_at_work(newsroom, post_office):
    from alerts.outbox import only_sender

    impatient = Warehouse(newsroom.warehouse.path, lock_seconds=0)
    with only_sender(newsroom.warehouse), pytest.raises(StoreBusyError), only_sender(impatient):
        pass


def test_limit_leaves_the_rest_for_the_next_call(newsroom, post_office):
    from functools import partial

    from alerts.outbox import deliver
    from alerts.render import render

    queue_for(newsroom, "anna", "boris", "clara")
    transports = {"mail": post_office.smtp()}
    assert len(deliver(newsroom.warehouse, transports, partial(render, settings=newsroom.settings), newsroom.now, limit=2)) == 2
    assert sorted(states(newsroom).values()) == ["new", "sent", "sent"]
