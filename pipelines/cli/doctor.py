"""`thinkwatch doctor`: check everything, say how to mend it."""

import click

from pipelines.cli.output import dumps


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a check.")
@click.pass_obj
def doctor(config: str | None, as_json: bool) -> int:
    """Check Python, settings, files, folders, store, relay and disk; exit status 1 when something needs mending.

    Example: thinkwatch doctor
    """
    from pipelines.checkup import check_up

    findings = list(check_up(config))
    for finding in findings:
        if as_json:
            click.echo(dumps(finding))
        else:
            click.echo(f"{click.style(finding.state, fg=_COLOURS[finding.state]):12} {finding.subject}: {finding.message}")
            if finding.hint:
                click.echo(f"             hint: {finding.hint}")
    return 1 if any(finding.state == "bad" for finding in findings) else 0


_COLOURS = {"good": "green", "odd": "yellow", "bad": "red"}
