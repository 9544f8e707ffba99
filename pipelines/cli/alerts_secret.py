"""`thinkwatch alerts secret`: what a webhook's receiver verifies signatures with."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from pipelines.cli.known import refuse_strangers

if TYPE_CHECKING:
    from pipelines.settings import Settings


@click.command()
@click.argument("subscriber")
@click.pass_context
def secret(ctx: click.Context, subscriber: str) -> None:
    """Print the secret with which the webhook of SUBSCRIBER is signed, for the program that receives it.

    It follows from the installation's first key (THINKWATCH_MAIL__TOKEN_KEYS) and the subscriber's id. Verify
    `webhook-signature` as Standard Webhooks says: base64 of HMAC-SHA256 over "webhook-id.webhook-timestamp.body".

    Example: thinkwatch alerts secret desk
    """
    from alerts.webhook import secret as secret_of
    from pipelines.settings import load_settings
    from warehouse.errors import ConfigError

    settings = load_settings(ctx.find_root().obj)
    refuse_strangers("subscriber", [subscriber], list(_subscribers(settings)))
    keys = settings.mail.keys
    if not keys:
        raise ConfigError("there is no key to sign with", hint="set THINKWATCH_MAIL__TOKEN_KEYS, such as to: openssl rand -hex 32")
    click.echo(secret_of(keys[0], subscriber))


def _subscribers(settings: "Settings") -> Iterator[str]:
    """The ids of the subscribers in the operator's files, whatever else is wrong in these."""
    from warehouse.documents import Document

    for place in settings.subscriptions:
        data = Document.read(settings.path(place)).data
        found = data.get("subscribers") if isinstance(data, dict) else None
        yield from (str(one["id"]) for one in (found if isinstance(found, list) else ()) if isinstance(one, dict) and "id" in one)
