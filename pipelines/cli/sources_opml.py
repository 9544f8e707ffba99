"""`thinkwatch sources import` and `export`: lists of feeds, as feed readers exchange them."""

from pathlib import Path

import click

from pipelines.cli.output import note, read_bytes, write_new
from pipelines.words import counted
from warehouse.errors import ConfigError


@click.command("import", short_help="Make sources of the feeds in an OPML file.")
@click.argument("file", metavar="FILE.opml")
@click.option("--disabled", is_flag=True, help="Write the sources switched off, to be looked at one by one.")
@click.option("--dry-run", is_flag=True, help="Say what would be written; write nothing.")
@click.pass_context
def import_(ctx: click.Context, file: str, disabled: bool, dry_run: bool) -> int:
    """Make a source of each site in an OPML file ("-" reads it from stdin), a commented file each, in your folder.

    Feeds of one site become one source; feeds that the registry knows take its definition over. Files are never overwritten.
    Nothing is asked: look afterwards with `thinkwatch sources check`. Exit status 1 when an outline could not be taken.

    Example: thinkwatch sources import subscriptions.opml --dry-run
    """
    from assets.sources.opml import read_opml
    from pipelines.importing import plan_import
    from pipelines.settings import load_settings

    settings = load_settings(ctx.find_root().obj)
    plan = plan_import(settings, read_opml(read_bytes(file), file), file, enabled=not disabled)
    for line in plan.kept:
        note(f"kept     {line}")
    for path, text in plan.files.items():
        if not dry_run:
            write_new(path, text)
        click.echo(f"{'would write' if dry_run else 'wrote   '} {path}")
    for line in plan.refused:
        note(f"refused  {line}")
    note(
        f"{counted(len(plan.files), 'source')}, {counted(len(plan.kept), 'feed')} known before, "
        f"{counted(len(plan.refused), 'outline')} refused"
    )
    return 1 if plan.refused else 0


@click.command("export", short_help="Write the polled feeds as OPML.")
@click.option("-o", "--output", "output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file. Default: stdout.")
@click.option("--all", "everything", is_flag=True, help="Also the sources that are not polled.")
@click.pass_context
def export(ctx: click.Context, output: Path | None, everything: bool) -> None:
    """Write the feeds that are polled as OPML 2.0, for any feed reader, in a folder a country.

    Example: thinkwatch sources export -o thinkwatch.opml
    """
    from assets.sources.opml import write_opml
    from assets.sources.registry import load_sources
    from pipelines.resources import wall_clock
    from pipelines.settings import load_settings

    settings = load_settings(ctx.find_root().obj)
    chosen = [source for source in load_sources(settings.source_places) if everything or source.enabled]
    body = write_opml(chosen, title="Thinkwatch", now=wall_clock())
    if output is None:
        click.echo(body.decode("utf-8"), nl=False)
        return
    try:
        output.write_bytes(body)
    except OSError as fault:
        raise ConfigError(fault.strerror or str(fault), path=output, hint="name a file in a folder that can be written") from fault
    note(f"{counted(sum(len(source.feeds) for source in chosen), 'feed')} of {counted(len(chosen), 'source')} written to {output}")
