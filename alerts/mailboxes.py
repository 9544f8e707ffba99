"""Where mails come back to: a maildir, an mbox file, or a folder on an IMAP server.

Here: fetching them, and remembering which were read. Not here: what they mean (bounces.py).
"""

import imaplib
import mailbox
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from alerts.transports import LOOPBACK
from warehouse.errors import ConfigError

TIMEOUT = 60.0  # seconds for each answer of the server
PORTS = {"imaps": 993, "imap": 143}
VARIABLE = "THINKWATCH_MAIL__BOUNCES_PASSWORD"


class Place(NamedTuple):
    """A folder on an IMAP server; `secure`: by TLS from the first byte."""

    host: str
    port: int
    user: str
    folder: str
    secure: bool

    def __str__(self) -> str:
        return f"{self.user} at {self.host}:{self.port}, folder {self.folder}"


def imap_place(address: str) -> Place:
    """The place of an address such as imaps://user@host:993/INBOX. Raises ConfigError when it is none, or would not be private."""
    parts = urlsplit(address)
    if parts.scheme not in PORTS or not parts.hostname or not parts.username:
        raise ConfigError(f"not an address of a mailbox: {address}", hint="such as imaps://bounces@mail.example.org/INBOX")
    if parts.password:
        raise ConfigError("the password stands in the address, where others can read it", hint=f"leave it out, and set {VARIABLE}")
    if parts.scheme == "imap" and parts.hostname not in LOOPBACK:
        raise ConfigError(f"{parts.hostname}: the password would travel unencrypted", hint="write imaps://")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    if not folder.isascii() or any(character in folder for character in '"\\\r\n'):
        raise ConfigError(f"a folder's name in plain ASCII, please: {folder!r}", hint="let the server file bounces into such a folder")
    return Place(parts.hostname, _port(parts, address), unquote(parts.username), folder, parts.scheme == "imaps")


def local_mails(place: Path) -> Iterator[Message]:
    """All mails of a maildir or an mbox file. Raises ConfigError when it is neither."""
    if not place.exists():
        raise ConfigError("no such mailbox", path=place, hint="name a maildir, an mbox file, or imaps://user@host/folder")
    if place.is_dir() and not (place / "cur").is_dir():
        raise ConfigError("not a maildir: it has no folder cur", path=place, hint="name a maildir, or an mbox file")
    box = mailbox.Maildir(place, create=False) if place.is_dir() else mailbox.mbox(place, create=False)
    try:
        yield from box
    finally:
        box.close()


@contextmanager
def unread_mails(place: Place, password: str, *, keep_unread: bool = False) -> Iterator[list[Message]]:
    """The unread mails of an IMAP folder; they are marked as read when the block ends without an error.

    Raises ConfigError when the server cannot be reached, refuses the password, or has no such folder.
    """
    with _asking(place):
        server = _connect(place)
    try:
        with _asking(place):
            server.login(place.user, password)
            _done(server.select(f'"{place.folder}"', readonly=keep_unread))
            uids = _done(server.uid("SEARCH", "UNSEEN"))[0].split()
            mails = [_fetch(server, uid) for uid in uids]
        yield mails
        with _asking(place):
            if uids and not keep_unread:
                _done(server.uid("STORE", b",".join(uids).decode(), "+FLAGS", r"(\Seen)"))
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            server.logout()


@contextmanager
def _asking(place: Place) -> Iterator[None]:
    try:
        yield
    except (imaplib.IMAP4.error, OSError) as fault:
        words = fault.args[0].decode(errors="replace") if fault.args and isinstance(fault.args[0], bytes) else str(fault)
        raise ConfigError(f"{place}: {words}", hint=f"check host, port, user, folder and {VARIABLE}") from fault


def _connect(place: Place) -> imaplib.IMAP4:
    if place.secure:
        return imaplib.IMAP4_SSL(place.host, place.port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT)
    return imaplib.IMAP4(place.host, place.port, timeout=TIMEOUT)


def _fetch(server: imaplib.IMAP4, uid: bytes) -> Message:
    # PEEK: only what was also written down is marked as read.
    (_, content), *_ = _done(server.uid("FETCH", uid.decode(), "(BODY.PEEK[])"))
    return message_from_bytes(content)


def _done(answer: tuple[str, list]) -> list:
    kind, data = answer
    if kind != "OK":
        raise imaplib.IMAP4.error(b" ".join(one for one in data if isinstance(one, bytes)).decode(errors="replace"))
    return data


def _port(parts: SplitResult, address: str) -> int:
    try:
        return parts.port or PORTS[parts.scheme]
    except ValueError:
        raise ConfigError(f"not a port: {address}", hint="such as imaps://bounces@mail.example.org:993/INBOX") from None
