"""What a subscription would have sent is what the engine sends."""

from datetime import timedelta

from alerts.parcels import Digest
from alerts.rehearsal import BEGINNING, digest_of, parcel_of, past_candidates, rehearse
from alerts.render import render


def test_rehearsal_finds_what_was_sent_and_what_was_old(newsroom, post_office):
    for day in range(3):
        seen = newsroom.now + timedelta(days=day)
        newsroom.put(newsroom.candidate(f"d{day}", first_seen_at=seen, baseline=day == 0))
    newsroom.put(
        newsroom.candidate("copy", story_id="s-d1", first_seen_at=newsroom.now + timedelta(days=4)),
        newsroom.candidate("x", title="Nothing", text="Nothing."),
    )
    csto, nato, other = (
        newsroom.subscription("csto"),
        newsroom.subscription("nato", id="nato"),
        newsroom.subscription("csto", id="never", min_mentions=9),
    )
    assert newsroom.decide(csto) == 2
    with newsroom.warehouse.transaction() as transaction:
        rehearsal = rehearse(past_candidates(transaction, BEGINNING), csto, [csto, nato, other])
    assert rehearsal.articles == 5
    assert [alert.candidate.article_id for alert in rehearsal.alerts] == ["d0", "d1", "d2"]
    assert rehearsal.by_day() == {"2021-09-19": 1, "2021-09-20": 1, "2021-09-21": 1}
    assert rehearsal.shared == {"nato": 3}
    stored = {row[0] for row in newsroom.rows("SELECT article_id FROM alerts")}
    assert stored == {"d1", "d2"}
    with newsroom.warehouse.transaction() as transaction:
        late = rehearse(past_candidates(transaction, newsroom.now + timedelta(days=2)), csto)
    assert [alert.candidate.article_id for alert in late.alerts] == ["d2", "copy"]


def test_rehearsed_alert_is_the_mail_that_would_be_sent(newsroom, post_office):
    newsroom.put(newsroom.candidate())
    rule = newsroom.subscription("csto", "central-asia")
    with newsroom.warehouse.transaction() as transaction:
        (alert,) = rehearse(past_candidates(transaction, BEGINNING), rule).alerts
    parcel = parcel_of(alert, newsroom.now, address="me@desk.example")
    newsroom.decide(rule)
    newsroom.deliver(mail=post_office.smtp())
    from email import message_from_bytes, policy

    sent = message_from_bytes(post_office.mails[0][1], policy=policy.default)
    shown = message_from_bytes(render(parcel, newsroom.settings).as_bytes(), policy=policy.default)
    assert shown["To"] == "Desk <me@desk.example>"
    assert shown["Subject"] == sent["Subject"]
    assert shown.get_body(("plain",)).get_content() == sent.get_body(("plain",)).get_content()
    assert isinstance(digest_of([parcel], "daily", newsroom.now), Digest)
    assert render(digest_of([parcel], "daily", newsroom.now), newsroom.settings)["Subject"] == "Daily digest (1): CSTO, Tajikistan"
