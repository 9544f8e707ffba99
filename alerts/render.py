"""A delivery as a mail: text and HTML of equal content, in the subscriber's language.

Pure: the same parcel gives the same mail. What comes from a page is text here and never markup. Not here: sending (outbox.py).
"""

from base64 import encodebytes
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from functools import cache
from quopri import encodestring
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

import jinja2

from alerts.parcels import Parcel
from alerts.passages import clean, direction, lead, marked, passages, shortened, verify
from alerts.phrases import PHRASES, country_name
from alerts.select import stable_id

LONGEST_TITLE = 300
LONGEST_SUBJECT_TITLE = 150
LONGEST_LINK = 2000
MOST_NAMES = 12
MOST_SUBJECT_NAMES = 3
MOST_PLACES = 4
DATE_LOCALES = {"en": "en_GB", "ru": "ru_RU"}


@dataclass(frozen=True)
class MailSettings:
    """Who writes. `unsubscribe_mailto` is a bare address; `base_url` (https) is where a subscription can be stopped, if anywhere."""

    sender: str
    sender_name: str
    domain: str
    unsubscribe_mailto: str
    base_url: str | None = None


class _Policy(EmailPolicy):
    """SMTP's policy, but headers that programs read stay as they are: Python would hide long words of theirs in encoded ones."""

    verbatim = frozenset({"message-id", "references", "list-id", "list-unsubscribe", "feedback-id"})

    def fold(self, name: str, value: Any) -> str:
        """A header as text."""
        return self._plain(name, value) if name.lower() in self.verbatim else super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """A header as bytes."""
        return self._plain(name, value).encode("ascii") if name.lower() in self.verbatim else super().fold_binary(name, value)

    def _plain(self, name: str, value: Any) -> str:
        return f"{name}: {str(value).replace(', ', f',{self.linesep} ')}{self.linesep}"


POLICY = _Policy(linesep="\r\n", cte_type="7bit", raise_on_defect=False)


def render(parcel: Parcel, settings: MailSettings) -> EmailMessage:
    """The mail of a parcel. Raises ValueError when its proof does not hold, so that it is parked and not sent."""
    if not parcel.cause:
        raise ValueError("the mentions that raised the alert are not in the store")
    verify(parcel.title, parcel.text, parcel.mentions)
    view = _view(parcel, settings)
    message = EmailMessage(policy=POLICY)
    for name, value in _headers(parcel, settings).items():
        message[name] = value
    message["Subject"] = clean(_template("alert.subject.j2").render(view))
    text, page = _template("alert.txt.j2").render(view), _template("alert.html.j2").render(view)
    message.set_content(text, cte=_shorter(text))
    # A boundary of our own, so that each attempt sends the very same bytes; "=_" cannot stand in either encoding.
    message.make_alternative(boundary=f"=_{parcel.delivery_id}")
    message.add_alternative(page, subtype="html", cte=_shorter(page))
    return message


def _headers(parcel: Parcel, settings: MailSettings) -> dict[str, Any]:
    name = clean(parcel.subscriber_name)
    to = Address(name, addr_spec=parcel.address) if parcel.address else Address(name, parcel.subscriber_id, settings.domain)
    stop = _unsubscribe(parcel, settings)
    return {
        "From": Address(clean(settings.sender_name), addr_spec=settings.sender),
        "To": to,
        "Date": format_datetime(parcel.created_at.astimezone(UTC)),
        "Message-ID": parcel.message_id,
        "References": f"<thread-{stable_id(parcel.subscriber_id, parcel.subscription_id)}@{settings.domain}>",
        "List-Id": f"<{parcel.subscription_id}.alerts.{settings.domain}>",
        "List-Unsubscribe": ", ".join(f"<{link}>" for link in (stop["url"], stop["mailto"]) if link),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Feedback-ID": f"{parcel.subscription_id}:immediate:alert:{settings.domain}",
    }


def _unsubscribe(parcel: Parcel, settings: MailSettings) -> dict[str, str | None]:
    subject = quote(f"unsubscribe {parcel.subscription_id} {parcel.subscriber_id}")
    url = f"{settings.base_url.rstrip('/')}/unsubscribe/{parcel.delivery_id}" if settings.base_url else None
    return {
        "address": settings.unsubscribe_mailto,
        "mailto": f"mailto:{settings.unsubscribe_mailto}?subject={subject}",
        "url": url,
        "host": urlsplit(url).hostname if url else None,
    }


def _view(parcel: Parcel, settings: MailSettings) -> dict[str, Any]:
    say = PHRASES[parcel.language]
    title = [mention for mention in parcel.mentions if mention.field == "title"]
    quoted, left = passages(parcel.text, parcel.mentions, parcel.cause)
    names = _names(parcel)
    date, date_note = _dated(parcel, say)
    return {
        "say": say,
        "language": parcel.language,
        "article_language": parcel.article_language or "und",
        "title_direction": direction(parcel.title),
        "direction": direction(parcel.text),
        "side": {"ltr": "left", "rtl": "right"},
        "subject_names": [name for name, _ in names[:MOST_SUBJECT_NAMES]],
        "subject_more": max(0, len(names) - MOST_SUBJECT_NAMES),
        "subject_title": shortened(clean(parcel.title), LONGEST_SUBJECT_TITLE),
        "title": marked(parcel.title, title)
        if len(parcel.title) <= LONGEST_TITLE
        else marked(shortened(clean(parcel.title), LONGEST_TITLE), ()),
        "names": names[:MOST_NAMES],
        "more_names": max(0, len(names) - MOST_NAMES),
        "source": clean(parcel.source_name),
        "country": country_name(parcel.country, parcel.language),
        "date": date,
        "date_note": date_note,
        "notes": _notes(parcel, say),
        "heading": say["passages"] if quoted else say["lead"],
        "passages": quoted or [passage for passage in [lead(parcel.text)] if passage],
        "more_passages": left,
        "link": _link(parcel.url),
        "asked": [(asked.subscription_id, asked.words) for asked in parcel.asked],
        "proof": _proof(parcel, say),
        "stop": _unsubscribe(parcel, settings),
        "sender_name": clean(settings.sender_name),
    }


def _names(parcel: Parcel) -> list[tuple[str, int]]:
    counts = Counter(mention.entity for mention in parcel.mentions)
    return [(clean(parcel.label(entity)), counts[entity]) for entity in parcel.entities]


def _notes(parcel: Parcel, say: Mapping[str, str]) -> list[str]:
    notes = [say["version"].format(parcel.revision_no)] if parcel.revision_no > 1 else []
    return [*notes, say["withdrawn"]] if parcel.withdrawn_at else notes


def _dated(parcel: Parcel, say: Mapping[str, str]) -> tuple[str, str]:
    """The date as a reader of this language and zone writes it, and how good it is."""
    from babel.dates import format_date  # noqa: PLC0415 - costs more than the rest of the room together

    zone = ZoneInfo(parcel.timezone)
    moment = parcel.published_at or parcel.first_seen_at
    if parcel.published_at and parcel.published_quality != "exact":
        # A day has no zone: moved into the reader's it could become the day before.
        day = moment.astimezone(UTC).date()
        return clean(format_date(day, "long", locale=DATE_LOCALES[parcel.language])), say[f"date_{parcel.published_quality or 'guess'}"]
    local = moment.astimezone(zone)
    day = clean(format_date(local.date(), "long", locale=DATE_LOCALES[parcel.language]))
    return f"{day}, {local:%H:%M} ({parcel.timezone})", say["date_exact" if parcel.published_at else "date_none"]


def _link(url: str | None) -> dict[str, str] | None:
    """The article's address and its host; None for anything but an ordinary web address."""
    if not url or len(url) > LONGEST_LINK or clean(url) != url or " " in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return {"url": url, "host": parts.hostname} if parts.scheme in ("http", "https") and parts.hostname else None


def _proof(parcel: Parcel, say: Mapping[str, str]) -> list[str]:
    lines = [
        say["alert_id"].format(parcel.alert_id),
        say["revision"].format(parcel.revision_no, parcel.revision_id),
        say["watchlist"].format(parcel.watchlist_hash[:8]),
    ]
    for entity in parcel.entities[:MOST_NAMES]:
        found = [one for one in parcel.mentions if one.entity == entity and one.mention_id in parcel.cause]
        places = [f"{say['in_title']} " * (one.field == "title") + f"{one.start}–{one.end}" for one in found[:MOST_PLACES]]
        more = [f"+{len(found) - MOST_PLACES}"] if len(found) > MOST_PLACES else []
        lines.append(f"{clean(parcel.label(entity))}: {', '.join(places + more)}")
    return lines


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


def _template(name: str) -> jinja2.Template:
    return _environment().get_template(name)
