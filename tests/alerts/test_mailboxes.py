"""Bounces in a folder of a real IMAP server."""

import mailbox

import pytest

from alerts.mailboxes import Place, imap_place, unread_mails
from bench.imap import PASSWORD, USER, missing, running
from warehouse.errors import ConfigError


@pytest.fixture(scope="module")
def server():
    if missing():
        pytest.skip(str(missing()))
    with running() as started:
        yield started


@pytest.fixture
def place(server):
    return Place("127.0.0.1", server.port, USER, "INBOX", secure=False)


def put(server, *subjects):
    for subject in subjects:
        server.put(f"Subject: {subject}\r\n\r\ntext\r\n".encode())


def subjects(place, *, keep_unread=False):
    with unread_mails(place, PASSWORD, keep_unread=keep_unread) as mails:
        return sorted(mail["Subject"] for mail in mails)


@pytest.mark.fault("E93")
def test_e93_unread_mails_are_read_once_and_stay_unread_when_something_fails(server, place):
    assert subjects(place) == []
    put(server, "one", "two")
    assert subjects(place, keep_unread=True) == ["one", "two"]
    with pytest.raises(ZeroDivisionError), unread_mails(place, PASSWORD) as mails:
        assert len(mails) / 0  # the store was busy, say
    assert subjects(place) == ["one", "two"]
    put(server, "three")
    assert subjects(place) == ["three"]
    assert len(mailbox.Maildir(server.maildir)) == 3  # nothing is deleted


@pytest.mark.parametrize(
    ("change", "password", "words"),
    [
        ({}, "wrong", "Authentication failed"),
        ({"folder": "Nowhere"}, PASSWORD, "Mailbox doesn't exist: Nowhere"),
        ({"port": 1}, PASSWORD, "Connection refused"),
        ({"secure": True}, PASSWORD, "SSL|EOF|record"),
    ],
)
def test_what_is_wrong_is_said(place, change, password, words):
    with pytest.raises(ConfigError, match=words), unread_mails(place._replace(**change), password):
        pass


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("imaps://bounces%40x.example@mail.example/", Place("mail.example", 993, "bounces@x.example", "INBOX", secure=True)),
        ("imaps://b@mail.example:1993/Bounces/2021", Place("mail.example", 1993, "b", "Bounces/2021", secure=True)),
        ("imap://b@localhost", Place("localhost", 143, "b", "INBOX", secure=False)),
    ],
)
def test_address_of_a_mailbox(address, expected):
    assert imap_place(address) == expected


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://b@mail.example/", "not an address of a mailbox"),
        ("imaps://mail.example/", "not an address of a mailbox"),
        ("imaps://b:secret@mail.example/", "where others can read it"),
        ("imap://b@mail.example/", "unencrypted"),
        ("imaps://b@mail.example:port/", "not a port"),
        ("imaps://b@mail.example/%22x", "plain ASCII"),
    ],
)
def test_bad_address_is_refused_without_its_password(address, words):
    with pytest.raises(ConfigError, match=words) as refused:
        imap_place(address)
    assert "secret" not in f"{refused.value}{refused.value.hint}"
