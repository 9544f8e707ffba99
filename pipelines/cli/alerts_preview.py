"""`thinkwatch alerts preview` and `alerts test`: see a mail before a subscriber does.

What belongs here: arguments, the file, printing. What does not: deciding and rendering.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.output import note, write_json
from warehouse.errors import ConfigError

if TYPE_CHECKING:
    from email.message import EmailMessage

_subscription = click.option("--subscription", metavar="ID", help="Whose mail.  [default: the first that has something to tell]")
_digest = click.option("--digest", type=click.Choice(["hourly", "daily", "weekly"]), help="As such a digest, not as a single alert.")


@click.command("preview")
@_subscription
@_digest
@click.option("--to", "target", type=click.Path(path_type=Path, dir_okay=False), default="preview.html", show_default=True, help="File.")
@click.option("--open/--no-open", "show", default=True, show_default=True, help="Open it in the browser.")
@click.pass_context
def preview(ctx: click.Context, subscription: str | None, digest: str | None, target: Path, show: bool) -> None:
    """Write the mail that the newest stored articles would give as an HTML file, and open it; nothing is sent or stored.

    Example: thinkwatch alerts preview --subscription csto --digest weekly
    """
    import webbrowser

    message = _mail(ctx, subscription, digest, None)
    target.write_text(standalone(message), encoding="utf-8")
    note(f"subject: {message['Subject']}")
    click.echo(str(target))
    if show:
        webbrowser.open(target.resolve().as_uri())


@click.command("test")
@click.argument("address")
@_subscription
@_digest
@click.option("--dry-run", is_flag=True, help="Only say what would be sent.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def test(ctx: click.Context, address: str, subscription: str | None, digest: str | None, dry_run: bool, as_json: bool) -> int:
    """Send one mail of the newest stored articles to ADDRESS by the relay of the settings, and say what the relay answered.

    It bears the subject of a real one with «[test]» before it; nothing is stored. Exit status 1 when the relay did not take it.

    Example: thinkwatch alerts test me@example.org --digest daily
    """
    from alerts.subscribers import ADDRESS
    from pipelines.rehearsing import letter
    from pipelines.resources import mail_transport, wall_clock
    from pipelines.settings import load_settings

    if not ADDRESS.fullmatch(address):
        raise ConfigError(f"not a mail address: {address}", hint="such as me@example.org")
    settings = load_settings(ctx.find_root().obj)
    message = _mail(ctx, subscription, digest, address)
    subject = f"[test] {message['Subject']}"
    del message["Subject"]
    message["Subject"] = subject
    if dry_run:
        note(f"would send to {address}: {subject}")
        return 0
    way = mail_transport(settings)
    try:
        reply = way.send(letter(settings, subscription, digest, wall_clock(), address=address), message)
    finally:
        way.close()
    if as_json:
        write_json({"address": address, "subject": subject, "reply": reply.kind, "words": reply.words})
    else:
        click.echo(f"{reply.kind}: {reply.words}")
    return 0 if reply.kind == "sent" else 1


def _mail(ctx: click.Context, subscription: str | None, digest: str | None, address: str | None) -> "EmailMessage":
    from alerts.render import render
    from pipelines.rehearsing import letter
    from pipelines.resources import mail_settings, wall_clock
    from pipelines.settings import load_settings

    settings = load_settings(ctx.find_root().obj)
    return render(letter(settings, subscription, digest, wall_clock(), address=address), mail_settings(settings))


def standalone(message: "EmailMessage") -> str:
    """The page of the mail with its pictures inside, as a browser can show it."""
    from base64 import b64encode

    body = message.get_body(("html",))
    page = body.get_content() if body else ""
    for part in message.walk():
        if name := part["Content-ID"]:
            picture = b64encode(part.get_payload(decode=True) or b"").decode()  # type: ignore[arg-type] - decoded it is bytes
            page = page.replace(f"cid:{name.strip('<>')}", f"data:image/png;base64,{picture}")
    return page
