"""`thinkwatch doctor`: check everything, say how to mend it."""

import click

from pipelines.cli.output import dumps, note
from pipelines.words import counted


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a check.")
@click.pass_obj
def doctor(config: str | None, as_json: bool) -> int:
    """Check the whole installation and say how to mend what is wrong; exit status 1 when something must be mended.

    Python, lock file, settings, sources, watch lists, subscriptions, folders, disk, store, analysts' copy, schedule, clock,
    names of hosts, mail relay (as far as its log-in) and secrets. Nothing is changed and no mail is sent.

    Example: thinkwatch doctor
    """
    from pipelines.checkup import check_up

    findings = list(check_up(config))
    for finding in findings:
        if as_json:
            click.echo(dumps(finding))
        else:
            click.echo(f"{click.style(f'{finding.state:4}', fg=_COLOURS[finding.state])}  {finding.subject:11} {finding.message}")
            if finding.hint:
                click.echo(f"{'':18}hint: {finding.hint}")
    counts = {state: sum(finding.state == state for finding in findings) for state in _COLOURS}
    note(f"{counted(len(findings), 'check')}: {counts['bad']} to mend, {counts['odd']} odd")
    return 1 if any(finding.state == "bad" for finding in findings) else 0


_COLOURS = {"good": "green", "odd": "yellow", "bad": "red"}
