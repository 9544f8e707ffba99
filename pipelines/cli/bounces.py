"""`thinkwatch bounces`: read the mails that came back.

What belongs here: the mailbox, arguments, printing. What does not: what a report means.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.output import note, write_lines
from pipelines.words import counted
from warehouse.errors import ConfigError

if TYPE_CHECKING:
    from email.message import Message

    from pipelines.settings import Settings


@click.command()
@click.argument("place")
@click.option("--dry-run", is_flag=True, help="Only say what each mail means; leave the mails unread.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a report.")
@click.pass_obj
def bounces(config: str | None, place: str, dry_run: bool, as_json: bool) -> None:
    """Read the bounces and complaints in PLACE, and suppress the addresses that have had enough.

    PLACE is a maildir, an mbox file, or a folder on a server, such as imaps://bounces@mail.example.org/INBOX, of which the unread
    mails are read and marked as read; its password is THINKWATCH_MAIL__BOUNCES_PASSWORD.

    One hard bounce or complaint is enough, or many soft ones within two weeks. Reports that do not come to an address that we
    signed (mail.bounces, THINKWATCH_MAIL__TOKEN_KEYS) are ignored, as are automatic replies. Reading it again changes nothing.

    Example: thinkwatch bounces /var/mail/bounces
    """
    from alerts.bounces import Bounce, read, record
    from pipelines.resources import mail_settings, open_warehouse, wall_clock
    from pipelines.settings import load_settings

    settings = load_settings(config)
    signer = mail_settings(settings).signer
    if not signer:
        raise ConfigError("there is no key to check reports with", hint="set THINKWATCH_MAIL__TOKEN_KEYS to the keys that signed them")
    now = wall_clock()
    with _mails(place, settings, keep_unread=dry_run) as mails:
        found = [read(message, signer, now) for message in mails]
        ours = [one for one in found if isinstance(one, Bounce)]
        if dry_run:
            rows = [{"delivery": one.delivery_id, "kind": one.kind, "words": one.words} for one in ours]
        else:
            with open_warehouse(settings, now).transaction() as transaction:
                recorded = record(transaction, ours, now)
            rows = [
                {"delivery": one.delivery_id, "kind": one.kind, "words": one.words, "address": address, "suppressed": barred}
                for one, address, barred in recorded
            ]
    for ignored in found:
        if not isinstance(ignored, Bounce):
            note(f"ignored: {ignored.reason}")
    if as_json:
        write_lines(rows)
        return
    for row in rows:
        click.echo("  ".join(str(value) for value in row.values()))
    note(f"{len(rows)} of {counted(len(found), 'mail')} {'is a report' if len(rows) == 1 else 'are reports'} on ours")


@contextmanager
def _mails(place: str, settings: "Settings", *, keep_unread: bool) -> "Iterator[Iterable[Message]]":
    from alerts.mailboxes import VARIABLE, imap_place, local_mails, unread_mails

    if "://" not in place:
        yield local_mails(Path(place))
        return
    server, password = imap_place(place), settings.mail.bounces_password
    if password is None:
        raise ConfigError(f"there is no password for {server}", hint=f"set {VARIABLE}")
    with unread_mails(server, password.get_secret_value(), keep_unread=keep_unread) as mails:
        yield mails
