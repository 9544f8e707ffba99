"""`thinkwatch alerts secret`: what a webhook's receiver verifies signatures with."""

import click


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

    keys = load_settings(ctx.find_root().obj).mail.keys
    if not keys:
        raise ConfigError("there is no key to sign with", hint="set THINKWATCH_MAIL__TOKEN_KEYS, such as to: openssl rand -hex 32")
    click.echo(secret_of(keys[0], subscriber))
