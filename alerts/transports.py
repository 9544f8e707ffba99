"""How a finished mail leaves the house: SMTP, or files in a folder.

Here: handing one message over and saying what became of it. Not here: when to try again (attempts.py) and in what order (outbox.py).
"""

import contextlib
import os
import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Literal, Protocol

from alerts.parcels import Letter
from alerts.records import slug
from warehouse.errors import ConfigError

Kind = Literal["sent", "never", "temporary", "busy", "unreachable", "uncertain", "refused", "permanent"]
LOOPBACK = ("localhost", "127.0.0.1", "::1")
SERVICE_NOT_AVAILABLE = 421


@dataclass(frozen=True)
class Reply:
    """What became of one attempt, in the other side's words.

    sent         it was accepted; `words` is the receipt
    never        it was surely not handed over (only said when asked about an attempt that was cut short)
    temporary    not now; this mail
    busy         not now; any mail to this address
    unreachable  not now; any mail by this transport
    uncertain    the line broke after the text was handed over: nobody can tell whether it was accepted
    refused      never; the address does not take mail
    permanent    never; this mail
    """

    kind: Kind
    words: str


class Transport(Protocol):
    """A way out. `send` never raises for what the other side does."""

    def send(self, parcel: Letter, message: EmailMessage) -> Reply:
        """Hand the message over."""
        ...

    def recall(self, delivery_id: str, message_id: str) -> Reply:
        """What became of an attempt whose sender died: sent, never or uncertain."""
        ...

    def close(self) -> None:
        """Let go of connections; the next `send` makes them anew."""
        ...


@dataclass
class Smtp:
    """A mail relay.

    Args:
        host: its name; with `security` "tls" or "starttls" its certificate must bear it.
        port: TCP port.
        security: none, starttls or tls; never downgraded.
        username: for AUTH; None: no AUTH.
        password: for AUTH; refused over an unencrypted line unless the relay is on this machine.
        timeout: seconds for each step of the conversation.
        ca_file: certificates to trust instead of the system's.
        hello: the name to greet with; None: this machine's, which may ask the DNS.
        envelope: the address that a delivery (by its id) is sent from, to which it comes back when it fails; None: the mail's From.
    """

    host: str
    port: int = 25
    security: Literal["none", "starttls", "tls"] = "none"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 30
    ca_file: Path | None = None
    hello: str | None = None
    envelope: Callable[[str], str] | None = None
    _session: smtplib.SMTP | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.username and self.security == "none" and self.host not in LOOPBACK:
            raise ConfigError("mail: a password would travel unencrypted", hint='set security = "starttls" or "tls"')

    def send(self, parcel: Letter, message: EmailMessage) -> Reply:
        """One mail, on the open session where there is one."""
        if not parcel.address:
            return Reply("permanent", "the subscriber has no address")
        if self.username and not self.password:  # no attempt that some relay would count as one of a guesser
            return Reply("unreachable", "mail waits: THINKWATCH_MAIL__PASSWORD is not set")
        payload = message.as_bytes()
        sender = self.envelope(parcel.delivery_id) if self.envelope else message["From"].addresses[0].addr_spec
        fresh = self._session is None
        reply = self._converse(sender, parcel.address, payload)
        # A relay that ends a session after some mails says so before it takes the next one: nothing was handed over.
        if not fresh and self._session is None and reply.kind in ("temporary", "busy"):
            reply = self._converse(sender, parcel.address, payload)
        return reply

    def recall(self, delivery_id: str, message_id: str) -> Reply:  # noqa: ARG002 - the protocol's signature
        """SMTP has no memory that we may ask."""
        return Reply("uncertain", "the sender died while this was being sent; the server may have taken it")

    def close(self) -> None:
        """End the session."""
        session, self._session = self._session, None
        if session:
            with contextlib.suppress(OSError):
                session.quit()
            session.close()

    def _converse(self, sender: str, address: str, payload: bytes) -> Reply:
        try:
            session = self._session = self._session or self._open()
        except OSError as fault:  # smtplib's own faults are of this kind too
            return Reply("unreachable", f"{self.host}:{self.port}: {_words(fault)}")
        reply = self._envelope(session, sender, address) or self._text(session, payload)
        if reply.kind != "sent":
            self._recover(reply)
        return reply

    def _open(self) -> smtplib.SMTP:
        if self.security == "tls":
            session: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, self.hello, timeout=self.timeout, context=self._context())
        else:
            session = smtplib.SMTP(self.host, self.port, self.hello, timeout=self.timeout)
        try:
            if self.security == "starttls":
                session.starttls(context=self._context())
            session.ehlo_or_helo_if_needed()
            if self.username:
                session.login(self.username, self.password or "")
        except BaseException:
            session.close()
            raise
        return session

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file else None)

    def _envelope(self, session: smtplib.SMTP, sender: str, address: str) -> Reply | None:
        """MAIL and RCPT; None when both were accepted."""
        try:
            code, words = session.mail(sender)
            if code >= 500:  # noqa: PLR2004 - RFC 5321: 4yz not now, 5yz never
                # The sender is the same in every mail: what is wrong is the set-up, and the mails wait until it is mended.
                return Reply("unreachable", f"{code} {_decoded(words)}")
            if code >= 400:  # noqa: PLR2004
                return _declined(code, words)
            code, words = session.rcpt(address)
        except OSError as fault:  # smtplib's own faults are of this kind too
            return Reply("temporary", _words(fault))
        return None if code < 400 else _declined(code, words, address=True)  # noqa: PLR2004

    def _text(self, session: smtplib.SMTP, payload: bytes) -> Reply:
        try:
            code, words = session.data(payload)
        except smtplib.SMTPDataError as fault:
            return _declined(fault.smtp_code, fault.smtp_error)
        except OSError as fault:  # smtplib's own faults are of this kind too
            return Reply("uncertain", f"the line broke while the text was being handed over: {_words(fault)}")
        return Reply("sent", _decoded(words)) if code < 400 else _declined(code, words)  # noqa: PLR2004

    def _recover(self, reply: Reply) -> None:
        """After a refusal the session goes on with RSET; after anything else, or when that fails, a new one is needed."""
        session, self._session = self._session, None
        if session is None:
            return
        with contextlib.suppress(OSError):
            going_on = reply.kind != "uncertain" and not reply.words.startswith(str(SERVICE_NOT_AVAILABLE))
            if going_on and session.rset()[0] == 250:  # noqa: PLR2004
                self._session = session
                return
        session.close()


def _declined(code: int, words: bytes | str, *, address: bool = False) -> Reply:
    """A 4yz or 5yz reply, classed. A policy refusal (5.7.x, such as «relaying denied») says nothing of the address."""
    said = f"{code} {_decoded(words)}"
    if code < 500:  # noqa: PLR2004
        return Reply("busy" if address and code != SERVICE_NOT_AVAILABLE else "temporary", said)
    policy = re.match(r"5\d\d 5\.7\.", said)
    return Reply("refused" if address and not policy else "permanent", said)


def _decoded(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(text.split())[:300]


def _words(fault: Exception) -> str:
    if isinstance(fault, smtplib.SMTPResponseException):
        return f"{fault.smtp_code} {_decoded(fault.smtp_error)}"
    return str(fault) or type(fault).__name__


@dataclass(frozen=True)
class EmlFolder:
    """A folder that gets one `.eml` file a mail, whole or not at all; the same delivery always has the same name."""

    path: Path

    def send(self, parcel: Letter, message: EmailMessage) -> Reply:
        """Write the file beside its place and rename it."""
        name = f"{parcel.created_at:%Y-%m-%d}-{slug(parcel.subscriber_id)}-{slug(parcel.topic)}-{parcel.delivery_id[:8]}.eml"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            _write_whole(self.path / name, message.as_bytes())
        except OSError as fault:
            return Reply("unreachable", f"{self.path}: {fault.strerror or fault}")
        return Reply("sent", name)

    def recall(self, delivery_id: str, message_id: str) -> Reply:
        """The file is there or it is not."""
        try:
            for file in sorted(self.path.glob(f"*-{delivery_id[:8]}.eml")):
                if message_id.encode() in file.read_bytes():
                    return Reply("sent", file.name)
        except OSError as fault:
            return Reply("uncertain", f"{self.path}: {fault.strerror or fault}")
        return Reply("never", "no file was written")

    def close(self) -> None:
        """Nothing to let go of."""


def _write_whole(path: Path, content: bytes) -> None:
    # One sender at a time (outbox.lock), so the temporary name needs no number; a left-over one is simply overwritten.
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
