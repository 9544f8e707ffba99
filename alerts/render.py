"""A delivery as a mail: text and HTML of equal content, in the subscriber's language.

Pure: the same letter gives the same mail. Not here: what all mails have in common (mailing.py), digests (digest.py), sending
(outbox.py).
"""

from email.message import EmailMessage

from alerts.digest import render_digest
from alerts.mailing import MailSettings, Thread, compose, stopping, template
from alerts.notices import SUBJECTS
from alerts.parcels import Digest, Letter, Notice, Parcel
from alerts.tokens import Grant
from alerts.views import view
from warehouse.ids import hashed

__all__ = ["MailSettings", "render"]


def render(letter: Letter, settings: MailSettings) -> EmailMessage:
    """The mail of a letter. Raises ValueError when the proof of an alert does not hold, so that it is parked and not sent."""
    if isinstance(letter, Digest):
        return render_digest(letter, settings)
    if isinstance(letter, Notice):
        return _render_notice(letter, settings)
    return _render_alert(letter, settings)


def _render_alert(parcel: Parcel, settings: MailSettings) -> EmailMessage:
    stop = stopping(settings, Grant(parcel.subscriber_id, tuple(asked.subscription_id for asked in parcel.asked)))
    shown = view(parcel) | {"stop": stop}
    return compose(
        parcel,
        settings,
        recipient=parcel.subscriber_name,
        thread=Thread(
            f"{parcel.subscription_id}.alerts",
            hashed(parcel.subscriber_id, parcel.subscription_id),
            f"{parcel.subscription_id}:immediate:alert",
        ),
        stop=stop,
        subject=template("alert.subject.j2").render(shown),
        text=template("alert.txt.j2").render(shown),
        page=template("alert.html.j2").render(shown),
    )


def _render_notice(notice: Notice, settings: MailSettings) -> EmailMessage:
    subject = SUBJECTS[notice.kind].format(notice.subject)
    shown = {"notice": notice, "language": "en", "subject_title": subject}
    return compose(
        notice,
        settings,
        recipient="Operator",
        thread=Thread("operator", hashed("operator", notice.kind, notice.subject), f"operator:immediate:{notice.kind}"),
        stop={},
        subject=f"[{settings.sender_name}] {subject}",
        text=template("notice.txt.j2").render(shown),
        page=template("notice.html.j2").render(shown),
    )
