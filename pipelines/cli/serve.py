"""`thinkwatch serve`: the subscribers' pages on loopback, to be put behind a proxy that speaks TLS."""

import click

from pipelines.cli.output import note, refuse_taken
from warehouse.errors import ConfigError

LOCK_SECONDS = 25.0


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8025, show_default=True, help="Port on 127.0.0.1; 0: any free one.")
@click.pass_obj
def serve(config: str | None, port: int) -> int:
    """Serve the pages to stop or change alerts, the Atom feeds and /health, on loopback only; Ctrl-C ends it.

    Needs mail.base_url (the address under which a proxy shows these pages) and THINKWATCH_MAIL__TOKEN_KEYS (what signs the
    links: the newest key first, then older ones that are still good, with commas). It may run beside `thinkwatch ui`.

    Example: thinkwatch serve --port 8025
    """
    import socket

    import uvicorn

    from alerts.web import application
    from pipelines.resources import mail_settings, open_warehouse, wall_clock
    from pipelines.settings import load_settings

    settings = load_settings(config)
    refuse_taken(port)
    mail = mail_settings(settings)
    if not mail.signer:
        raise ConfigError("there is no key to sign links with", hint="set THINKWATCH_MAIL__TOKEN_KEYS, such as to: openssl rand -hex 32")
    if not mail.base_url:
        raise ConfigError("mail.base_url is not set", path=settings.file, hint="the https address under which your proxy shows these pages")
    warehouse = open_warehouse(settings, wall_clock())
    # Shorter than a mail program waits for the answer to its one click.
    warehouse.lock_seconds = LOCK_SECONDS
    server = uvicorn.Server(
        uvicorn.Config(
            application(warehouse, mail, wall_clock), log_level="warning", access_log=False, server_header=False, ws="none", lifespan="off"
        )
    )
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        note(f"ready: http://127.0.0.1:{listener.getsockname()[1]}/health    for {mail.base_url}; Ctrl-C ends it")
        server.run(sockets=[listener])
    return 0
