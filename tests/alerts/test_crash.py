"""Senders that are killed, two at a time, or woken up on yesterday's store: nothing is lost, nothing is sent twice unseen."""

import shutil
import signal
import subprocess
import sys
from email import message_from_bytes
from pathlib import Path

import pytest

from alerts.transports import EmlFolder

SENDER = Path(__file__).with_name("sender.py")


def start(newsroom, office, *step: str) -> subprocess.Popen:
    command = [sys.executable, SENDER, newsroom.warehouse.path, str(office.smtp().port), *step]
    return subprocess.Popen(command, cwd=SENDER.parents[2])


def queue_mails(newsroom, names=("anna", "boris", "clara")) -> None:
    newsroom.put(newsroom.candidate())
    subscriptions = [newsroom.subscription("csto", id=f"watch-{name}", subscriber=name) for name in names]
    assert newsroom.decide(*subscriptions) == len(names)


@pytest.mark.fault("E87")
@pytest.mark.parametrize(
    ("step", "mails", "marked"), [("connect", 3, True), ("rcpt", 3, True), ("dot", 4, True), ("250", 4, True), ("mark", 3, False)]
)
def test_e87_killed_sender_loses_nothing_and_a_duplicate_bears_the_same_message_id(newsroom, post_office, step, mails, marked):
    queue_mails(newsroom)
    assert start(newsroom, post_office, step).wait(30) == -signal.SIGKILL
    assert newsroom.rows("SELECT count(*) FROM deliveries WHERE state = 'sending'") == [(1,)]

    outcomes = newsroom.deliver(mail=post_office.smtp())

    assert newsroom.rows("SELECT DISTINCT state FROM deliveries") == [("sent",)]
    assert len(post_office.mails) == mails
    assert {address for address, _ in post_office.mails} == {f"{name}@institute.example" for name in ("anna", "boris", "clara")}
    assert len({message_from_bytes(content)["Message-ID"] for _, content in post_office.mails}) == 3
    assert len({content for _, content in post_office.mails}) == 3
    # What nobody can tell is said at once and stays marked.
    assert newsroom.rows("SELECT count(*) FROM deliveries WHERE maybe_duplicate") == [(int(marked),)]
    assert (outcomes[0].state == "unknown") is marked


@pytest.mark.fault("E102")
def test_e102_two_senders_send_each_mail_once(newsroom, post_office):
    queue_mails(newsroom, names=[f"reader{number}" for number in range(5)])
    senders = [start(newsroom, post_office), start(newsroom, post_office)]
    assert [sender.wait(30) for sender in senders] == [0, 0]
    assert sorted(address for address, _ in post_office.mails) == [f"reader{number}@institute.example" for number in range(5)]


@pytest.mark.fault("E104")
def test_e104_store_put_back_from_yesterday_sends_nothing_again(newsroom, post_office, tmp_path):
    queue_mails(newsroom)
    backup = shutil.copy(newsroom.warehouse.path, tmp_path / "backup.duckdb")
    assert len(newsroom.deliver(mail=post_office.smtp())) == 3

    newsroom.put_back(backup)
    outcomes = newsroom.deliver(mail=post_office.smtp())

    assert len(post_office.mails) == 3
    assert [(outcome.state, outcome.maybe_duplicate) for outcome in outcomes] == [("sent", False)] * 3
    assert {outcome.words.split(":")[0] for outcome in outcomes} == {"not sent again"}
    assert newsroom.rows("SELECT count(*) FROM deliveries WHERE receipt LIKE '%queued as%'") == [(3,)]


def test_article_decided_again_on_yesterdays_store_is_not_mailed_again(newsroom, post_office, tmp_path):
    backup = shutil.copy(newsroom.warehouse.path, tmp_path / "backup.duckdb")
    queue_mails(newsroom)
    newsroom.deliver(mail=post_office.smtp())
    newsroom.put_back(backup)
    queue_mails(newsroom)
    newsroom.deliver(mail=post_office.smtp())
    assert len(post_office.mails) == 3


def test_mail_that_kills_its_sender_again_and_again_does_not_block_the_others(newsroom, post_office):
    queue_mails(newsroom)
    newsroom.rows("UPDATE deliveries SET state = 'sending', attempts = 2 WHERE subscriber_id = 'anna'")
    newsroom.deliver(mail=post_office.smtp())
    assert newsroom.rows("SELECT subscriber_id, state FROM deliveries ORDER BY ALL") == [
        ("anna", "unknown"),
        ("boris", "sent"),
        ("clara", "sent"),
    ]


def test_folder_tells_whether_a_dead_senders_file_was_written(newsroom, tmp_path):
    newsroom.put(newsroom.candidate())
    reader = newsroom.subscriber("anna", channel="eml")
    newsroom.decide(newsroom.subscription("csto", subscriber=reader))
    folder = EmlFolder(tmp_path / "mail")
    newsroom.deliver(eml=folder)
    journal = newsroom.warehouse.path.with_name("outbox.journal")

    def die_before_mark() -> list[str]:
        journal.unlink(missing_ok=True)
        newsroom.rows("UPDATE deliveries SET state = 'sending'")
        return [outcome.state for outcome in newsroom.deliver(eml=folder)]

    assert die_before_mark() == ["sent"]
    for file in folder.path.iterdir():
        file.unlink()
    assert die_before_mark() == ["new", "sent"]
    assert len(list(folder.path.iterdir())) == 1
    assert newsroom.rows("SELECT maybe_duplicate FROM deliveries") == [(False,)]
