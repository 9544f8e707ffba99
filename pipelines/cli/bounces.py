"""`thinkwatch bounces`: read the mails that came back.

What belongs here: the mailbox, arguments, printing. What does not: what a report means.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.output import note, write_lines
from warehouse.errors import ConfigError

if TYPE_CHECKING:
    from email.message import Message


@click.command()
@click.argument("place", type=click.Path(path_type=Path, exists=True))
@click.option("--dry-run", is_flag=True, help="Only say what each mail means.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a report.")
@click.pass_obj
def bounces(config: str | None, place: Path, dry_run: bool, as_json: bool) -> None:
    """Read the bounces and complaints in PLACE, a maildir or an mbox file, and suppress the addresses that have had enough.

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
    found = [read(message, signer, now) for message in _mails(place)]
    ours = [one for one in found if isinstance(one, Bounce)]
    for ignored in found:
        if not isinstance(ignored, Bounce):
            note(f"ignored: {ignored.reason}")
    if dry_run:
        rows = [{"delivery": one.delivery_id, "kind": one.kind, "words": one.words} for one in ours]
    else:
        with open_warehouse(settings, now).transaction() as transaction:
            recorded = record(transaction, ours, now)
        rows = [
            {"delivery": one.delivery_id, "kind": one.kind, "words": one.words, "address": address, "suppressed": barred}
            for one, address, barred in recorded
        ]
    if as_json:
        write_lines(rows)
        return
    for row in rows:
        click.echo("  ".join(str(value) for value in row.values()))
    note(f"{len(rows)} of {len(found)} mails are reports on ours")


def _mails(place: Path) -> Iterator["Message"]:
    import mailbox

    if place.is_dir() and not (place / "cur").is_dir():
        raise ConfigError("not a maildir: it has no folder cur", path=place, hint="name a maildir, or an mbox file")
    box = mailbox.Maildir(place, create=False) if place.is_dir() else mailbox.mbox(place, create=False)
    try:
        yield from box
    finally:
        box.close()
