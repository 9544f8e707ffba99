"""What every mail has in common: headers, links to stop it, encodings, templates.

Pure: the same letter gives the same bytes. Not here: what a mail says (views.py, digest.py) and sending (outbox.py).
"""

import re
from base64 import encodebytes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from functools import cache
from quopri import encodestring
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import jinja2

from alerts.parcels import Letter
from alerts.passages import clean
from alerts.tokens import Grant, Purpose, Signer


@dataclass(frozen=True)
class MailSettings:
    """Who writes.

    Attributes:
        unsubscribe_mailto: a bare address.
        base_url: where `thinkwatch serve` can be reached (https), if anywhere.
        signer: of the links to it; without keys there are none.
        operator: who is told of what goes wrong; None: nobody is.
    """

    sender: str
    sender_name: str
    domain: str
    unsubscribe_mailto: str
    base_url: str | None = None
    signer: Signer = field(default_factory=lambda: Signer(()))
    operator: str | None = None

    def link(self, purpose: Purpose, grant: Grant) -> str | None:
        """The signed address of a page; None where there is no service or no key."""
        if not (self.base_url and self.signer):
            return None
        return f"{self.base_url.rstrip('/')}/{purpose}/{self.signer.sign(purpose, grant)}"


class _Policy(EmailPolicy):
    """SMTP's policy, but headers that programs read stay as they are: Python would hide long words of theirs in encoded ones."""

    verbatim = frozenset({"message-id", "references", "list-id", "list-unsubscribe", "feedback-id"})

    def fold(self, name: str, value: Any) -> str:
        """A header as text."""
        return self._plain(name, value) if name.lower() in self.verbatim else self._begun(super().fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        """A header as bytes."""
        return self.fold(name, value).encode("ascii")

    def _begun(self, folded: str) -> str:
        # Python leaves the first line empty where all fits on the second; some programs then take the header for empty.
        return re.sub(r"\A(\S+:) ?\r?\n ", r"\1 ", folded)

    def _plain(self, name: str, value: Any) -> str:
        return f"{name}: {str(value).replace(', ', f',{self.linesep} ')}{self.linesep}"


POLICY = _Policy(linesep="\r\n", cte_type="7bit", raise_on_defect=False)


class Image(NamedTuple):
    """A PNG that the page shows as `cid:<name>@…`."""

    name: str
    content: bytes


class Thread(NamedTuple):
    """What a mail belongs to: the words of its List-Id, References and Feedback-ID, the same from mail to mail."""

    list_name: str
    thread_id: str
    feedback: str


def compose(
    letter: Letter,
    settings: MailSettings,
    *,
    recipient: str,
    thread: Thread,
    stop: Mapping[str, str | None],
    subject: str,
    text: str,
    page: str,
    images: Sequence[Image] = (),
) -> EmailMessage:
    """The mail, of parts that say the same."""
    message = EmailMessage(policy=POLICY)
    for name, value in _headers(letter, settings, recipient, thread, stop).items():
        message[name] = value
    message["Subject"] = clean(subject)
    message.set_content(text, cte=_shorter(text))
    # Boundaries of our own, so that each attempt sends the very same bytes; "=_" cannot stand in either encoding.
    message.make_alternative(boundary=f"=_{letter.delivery_id}")
    message.add_alternative(page, subtype="html", cte=_shorter(page))
    if images:
        shown = message.get_payload()[-1]  # type: ignore[union-attr] - of a multipart it is a list
        for image in images:
            shown.add_related(image.content, "image", "png", cid=f"<{content_id(letter, image.name)}>", disposition="inline")  # type: ignore[union-attr] - and its parts are messages
        shown.set_boundary(f"=_{letter.delivery_id}_related")  # type: ignore[union-attr] - likewise
    return message


def content_id(letter: Letter, name: str) -> str:
    """The name under which a page shows an image of its own mail."""
    return f"{name}.{letter.delivery_id}@thinkwatch"


def stopping(settings: MailSettings, grant: Grant) -> dict[str, str | None]:
    """How the reader can stop these mails: by writing, and by a link where there is one."""
    subject = quote(f"unsubscribe {' '.join(grant.subscription_ids)} {grant.subscriber_id}")
    url = settings.link("unsubscribe", grant)
    return {
        "address": settings.unsubscribe_mailto,
        "mailto": f"mailto:{settings.unsubscribe_mailto}?subject={subject}",
        "url": url,
        "host": urlsplit(url).hostname if url else None,
        "preferences": settings.link("preferences", Grant(grant.subscriber_id)),
    }


def template(name: str) -> jinja2.Template:
    """A template of this package; those of pages escape what they are given."""
    return _environment().get_template(name)


def _headers(letter: Letter, settings: MailSettings, recipient: str, thread: Thread, stop: Mapping[str, str | None]) -> dict[str, Any]:
    name = clean(recipient)
    mailed = letter.address and letter.channel != "webhook"  # whose address is one of the web
    to = Address(name, addr_spec=letter.address) if mailed else Address(name, letter.subscriber_id, settings.domain)
    headers = {
        "From": Address(clean(settings.sender_name), addr_spec=settings.sender),
        "To": to,
        "Date": format_datetime(letter.created_at.astimezone(UTC)),
        "Message-ID": letter.message_id,
        "References": f"<thread-{thread.thread_id}@{settings.domain}>",
        "List-Id": f"<{thread.list_name}.{settings.domain}>",
        "List-Unsubscribe": ", ".join(f"<{link}>" for link in (stop.get("url"), stop.get("mailto")) if link),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" if stop.get("url") else "",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Feedback-ID": f"{thread.feedback}:{settings.domain}",
    }
    return {name: value for name, value in headers.items() if value}


def _shorter(text: str) -> str:
    """The shorter transfer encoding: base64 where most is not ASCII, else quoted-printable, which people can read."""
    raw = text.encode()
    return "base64" if len(encodebytes(raw)) < len(encodestring(raw)) else "quoted-printable"


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("alerts"),
        autoescape=jinja2.select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
