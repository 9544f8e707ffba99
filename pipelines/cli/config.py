"""`thinkwatch config`: the settings in force."""

import click

from pipelines.cli.output import write_json


@click.command()
@click.pass_obj
def config(config: str | None) -> None:
    """Show the settings in force as JSON, from file, environment and defaults, secrets masked.

    Example: thinkwatch config
    """
    from pipelines.settings import load_settings

    write_json(load_settings(config).model_dump(mode="json"))
