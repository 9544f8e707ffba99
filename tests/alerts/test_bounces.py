"""Mails that come back: three formats, forged ones, automatic replies and complaints."""

import mailbox
from datetime import UTC, datetime, timedelta
from email import message_from_string, policy
from email.utils import format_datetime

import pytest

from alerts.bounces import Bounce, Ignored, delivery_of, enough, read, record, return_path
from alerts.mailboxes import local_mails
from alerts.tokens import Signer

SIGNER = Signer(["a new key of the tests", "an old key of the tests"])
NOW = datetime(2021, 9, 20, 7, tzinfo=UTC)
DELIVERY = "0123456789abcdef0123"
PATH = return_path(SIGNER, "bounces@thinkwatch.example", DELIVERY)

# As Postfix writes it (RFC 3464).
POSTFIX = """\
From: MAILER-DAEMON@relay.example (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Date: {date}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

This is the mail system at host relay.example.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
Arrival-Date: Mon, 20 Sep 2021 05:00:00 +0000 (UTC)

Final-Recipient: rfc822; anna@institute.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

--B--
"""
# As qmail writes it: words only.
QMAIL = """\
From: MAILER-DAEMON@mx.example
To: {to}
Subject: failure notice
Date: {date}

Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<anna@institute.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <x@y.example>
"""
# As Exim writes it: a header names the failed address.
EXIM = """\
From: Mail Delivery System <Mailer-Daemon@mx.example>
To: {to}
Subject: Mail delivery failed: returning message to sender
X-Failed-Recipients: anna@institute.example
Date: {date}

This message was created automatically by mail delivery software.
A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.
"""
VACATION = """\
From: anna@institute.example
To: {to}
Subject: Out of office
Auto-Submitted: auto-replied (vacation)
Date: {date}

I am away. Undeliverable until Monday.
"""
COMPLAINT = """\
From: feedback@provider.example
To: abuse@thinkwatch.example
Subject: Abuse report
Date: {date}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="B"

--B
Content-Type: message/feedback-report

Feedback-Type: abuse
Version: 1

--B
Content-Type: message/rfc822

Return-Path: <{to}>
From: alerts@thinkwatch.example
Subject: CSTO

text
--B--
"""


def mail(text: str, **given: str):
    values = {
        "to": PATH,
        "date": format_datetime(NOW - timedelta(hours=1)),
        "action": "failed",
        "status": "5.1.1",
        "words": "550 no such user",
    }
    return message_from_string(text.format(**(values | given)), policy=policy.default)


@pytest.mark.fault("E93")
@pytest.mark.parametrize("text", [POSTFIX, QMAIL, EXIM], ids=["postfix", "qmail", "exim"])
def test_e93_three_formats_name_the_right_delivery(text):
    found = read(mail(text), SIGNER, NOW)
    assert isinstance(found, Bounce)
    assert (found.delivery_id, found.kind) == (DELIVERY, "hard")
    assert found.seen_at == NOW - timedelta(hours=1)


@pytest.mark.fault("E93")
@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"status": "5.1.1"}, "hard"),
        ({"status": "5.1.10", "words": "550 null MX"}, "hard"),
        ({"status": "4.4.1", "words": "timed out after five days"}, "soft"),
        ({"status": "5.7.1", "words": "554 looks like spam"}, "soft"),
        ({"status": "5.2.2", "words": "552 mailbox full"}, "soft"),
        ({"status": "4.4.7", "action": "delayed"}, "soft"),
        ({"status": "2.0.0", "action": "delivered"}, None),
    ],
)
def test_e93_hard_is_told_from_soft(given, kind):
    found = read(mail(POSTFIX, **given), SIGNER, NOW)
    assert (found.kind if isinstance(found, Bounce) else None) == kind


@pytest.mark.fault("E93")
@pytest.mark.parametrize("text", [POSTFIX, QMAIL, EXIM, COMPLAINT])
def test_e93_forged_report_is_nobodys(text):
    other = return_path(Signer(["a key of somebody else"]), "bounces@thinkwatch.example", DELIVERY)
    for forged in (other, "bounces@thinkwatch.example", f"bounces+{DELIVERY}@thinkwatch.example", PATH.replace(DELIVERY, "f" * 20)):
        assert isinstance(read(mail(text, to=forged), SIGNER, NOW), Ignored)


@pytest.mark.fault("E94")
def test_e94_out_of_office_is_ignored_and_a_complaint_is_not():
    assert read(mail(VACATION), SIGNER, NOW) == Ignored("an automatic reply, such as an out-of-office note")
    assert isinstance(read(mail("To: {to}\nSubject: Hello\nDate: {date}\n\nThanks!\n"), SIGNER, NOW), Ignored)
    found = read(mail(COMPLAINT), SIGNER, NOW)
    assert isinstance(found, Bounce)
    assert (found.delivery_id, found.kind) == (DELIVERY, "complaint")


def test_address_survives_servers_that_change_its_case_and_a_rotated_key():
    old = return_path(Signer(["an old key of the tests"]), "bounces@thinkwatch.example", DELIVERY)
    assert delivery_of(SIGNER, ["Anna <anna@x.example>", old.upper()]) == DELIVERY
    assert len(PATH.rpartition("@")[0]) <= 64


def test_date_that_lies_is_not_believed():
    for date in ("Mon, 01 Jan 1990 00:00:00 +0000", "Tue, 01 Jan 2999 00:00:00 +0000", "yesterday"):
        assert read(mail(POSTFIX, date=date), SIGNER, NOW).seen_at == NOW


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([], False),
        ([("soft", 0.5)] * 4, False),
        ([("soft", 0.5)] * 5, True),
        ([("hard", 1.0)], True),
        ([("complaint", 1.0)], True),
    ],
)
def test_when_it_is_enough(scores, expected):
    assert enough(scores) is expected


@pytest.fixture
def delivered(newsroom, post_office):
    """The id of a mail that was sent."""
    newsroom.put(newsroom.candidate())
    newsroom.decide(newsroom.subscription("csto"))
    newsroom.deliver(mail=post_office.smtp())
    return newsroom.rows("SELECT delivery_id FROM deliveries")[0][0]


@pytest.mark.fault("E93")
def test_e93_hard_bounce_suppresses_the_address_for_what_comes_after(newsroom, delivered, post_office):
    bounce = Bounce(delivered, "hard", "550 no such user", newsroom.now)
    for _ in range(2):
        with newsroom.warehouse.transaction() as transaction:
            found = record(transaction, [bounce, Bounce("f" * 20, "hard", "unknown to us", newsroom.now)], newsroom.now)
        assert found == [(bounce, "desk@institute.example", True)]
    assert newsroom.rows("SELECT address, reason FROM ops.suppressions") == [("desk@institute.example", "hard bounce: 550 no such user")]
    newsroom.put(newsroom.candidate("a2", title="The CSTO", text="It met."))
    newsroom.decide(newsroom.subscription("csto"))
    newsroom.deliver(mail=post_office.smtp())
    assert len(post_office.mails) == 1


@pytest.mark.fault("E93")
def test_e93_soft_bounces_are_scored_once_a_day(newsroom, delivered):
    def after(days: float) -> bool:
        with newsroom.warehouse.transaction() as transaction:
            seen = newsroom.now + timedelta(days=days)
            ((_, _, barred),) = record(transaction, [Bounce(delivered, "soft", "452 full", seen)], seen)
        return barred

    assert [after(hours / 24) for hours in (0, 1, 2, 3, 4, 5, 6)] == [False] * 7
    assert [after(day) for day in (1, 2, 3, 4)] == [False, False, False, True]


@pytest.mark.parametrize("kind", ["maildir", "mbox"])
def test_command_reads_a_mailbox(newsroom, delivered, tmp_path, monkeypatch, kind):
    path = return_path(SIGNER, "bounces@thinkwatch.example", delivered)
    place = tmp_path / "box"
    box = mailbox.Maildir(place) if kind == "maildir" else mailbox.mbox(place)
    for text in (POSTFIX, VACATION):
        box.add(mail(text, to=path).as_bytes())
    box.flush()
    box.close()
    found = [read(message, SIGNER, NOW) for message in local_mails(place)]
    assert [type(one) for one in sorted(found, key=lambda one: type(one).__name__)] == [Bounce, Ignored]


def test_mail_is_sent_from_the_signed_address(newsroom, post_office):
    from dataclasses import replace as changed

    seen = []
    post_office.handle_MAIL_original = post_office.handle_MAIL

    async def note(server, session, envelope, address, options):
        seen.append(address)
        return await post_office.handle_MAIL_original(server, session, envelope, address, options)

    post_office.handle_MAIL = note
    newsroom.put(newsroom.candidate())
    newsroom.decide(newsroom.subscription("csto"))
    smtp = changed(post_office.smtp(), envelope=lambda delivery_id: return_path(SIGNER, "bounces@thinkwatch.example", delivery_id))
    newsroom.deliver(mail=smtp)
    assert delivery_of(SIGNER, seen) == newsroom.rows("SELECT delivery_id FROM deliveries")[0][0]
