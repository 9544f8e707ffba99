"""`thinkwatch alerts release` and `alerts suppress`: what the operator does with what was held back.

What belongs here: arguments and printing. What does not: the outbox's own rules.
"""

import click

from pipelines.cli.output import note, write_json
from warehouse.errors import ConfigError


@click.command("release")
@click.option("--source", metavar="ID", help="Let the alerts of a source go that the flood breaker holds.")
@click.option("--delivery", metavar="ID", help="Try a parked delivery again.")
@click.option("--address", metavar="ADDRESS", help="Write to a suppressed address again.")
@click.option("--dry-run", is_flag=True, help="Only say what would be let go.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def release(ctx: click.Context, source: str | None, delivery: str | None, address: str | None, dry_run: bool, as_json: bool) -> None:
    """Let go what is held: a source's flood, a parked delivery, a suppressed address; without an option say what is held.

    The next run sends it: what was a flood goes as one mail a subscriber.

    Example: thinkwatch alerts release --source russtrat
    """
    from alerts.holding import release_address, release_delivery, release_source, what_is_held
    from pipelines.resources import open_warehouse, wall_clock
    from pipelines.settings import load_settings

    now = wall_clock()
    warehouse = open_warehouse(load_settings(ctx.find_root().obj), now)
    done: dict[str, object] = {}
    with warehouse.transaction() as transaction:
        held = what_is_held(transaction)
        if not (source or delivery or address):
            _print(held, as_json)
            return
        if source:
            _known(source, [row["source_id"] for row in held.sources], "no held source")
            done["source"], done["alerts"] = source, 0 if dry_run else release_source(transaction, source, now)
            if dry_run:
                done["alerts"] = sum(row["alerts"] for row in held.sources if row["source_id"] == source)
        if delivery:
            _known(delivery, [row["delivery_id"] for row in held.parked], "no parked delivery")
            done["delivery"] = delivery
            if not dry_run:
                release_delivery(transaction, delivery)
        if address:
            _known(address, [row["address"] for row in held.suppressed], "no suppressed address")
            done["address"] = address
            if not dry_run:
                release_address(transaction, address)
    if as_json:
        write_json(done | {"dry_run": dry_run})
    else:
        click.echo(f"{'would be ' if dry_run else ''}released: {', '.join(f'{key} {value}' for key, value in done.items())}")


@click.command("suppress")
@click.option("--alert", metavar="ID", help="Do not send this alert.")
@click.option("--address", metavar="ADDRESS", help="Send nothing to this address any more.")
@click.option("--because", metavar="TEXT", default="by the operator", show_default=True, help="Kept with it.")
@click.option("--yes", is_flag=True, help="Do it; without it only say what would be done.")
@click.pass_context
def suppress(ctx: click.Context, alert: str | None, address: str | None, because: str, yes: bool) -> int:
    """Keep an alert that was not sent yet from being sent, or an address from getting any mail.

    Exit status 1 when the alert was sent already (or may have been).

    Example: thinkwatch alerts suppress --alert 0f3a… --because "wrong country" --yes
    """
    from alerts.holding import suppress_address
    from alerts.queueing import supersede
    from alerts.subscribers import ADDRESS
    from pipelines.resources import open_warehouse, wall_clock
    from pipelines.settings import load_settings

    if not (alert or address):
        raise ConfigError("nothing to suppress", hint="name it: --alert ID or --address ADDRESS")
    if address and not ADDRESS.fullmatch(address):
        raise ConfigError(f"not a mail address: {address}", hint="such as me@example.org")
    now = wall_clock()
    with open_warehouse(load_settings(ctx.find_root().obj), now).transaction() as transaction:
        state = transaction.value("alert_state", alert_id=alert) if alert else None
        if alert and state is None:
            raise ConfigError(f"no such alert: {alert}", hint="list them with: thinkwatch alerts list")
        if not yes:
            note(f"would suppress {f'alert {alert} ({state})' if alert else address}; say --yes to do it")
            return 0
        if alert:
            supersede(transaction, alert, because)
            state = transaction.value("alert_state", alert_id=alert)
        if address:
            suppress_address(transaction, address, because, now)
    if alert and state != "suppressed":
        note(f"alert {alert} is {state}: it cannot be taken back")
        return 1
    click.echo(f"suppressed: {alert or address}")
    return 0


def _known(name: str, known: list[str], what: str) -> None:
    if name not in known:
        raise ConfigError(f"{what}: {name}", hint=f"held now: {', '.join(known) or 'none'}")


def _print(held: "object", as_json: bool) -> None:
    from dataclasses import asdict

    rows = asdict(held)  # type: ignore[call-overload] - a dataclass of another room, not imported for its name alone
    if as_json:
        write_json(rows)
        return
    for kind, found in rows.items():
        for row in found:
            click.echo(f"{kind:10} " + "  ".join(str(value) for value in row.values()))
    if not any(rows.values()):
        note("nothing is held")
