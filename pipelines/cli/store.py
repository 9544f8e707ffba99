"""`thinkwatch store`: where the private store lies, and the way from one file into a lake that several machines share."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.output import note
from pipelines.words import counted

if TYPE_CHECKING:
    from warehouse.lake import Lake


@click.group()
def store() -> None:
    """Take a store in a file over into a lake, or tidy a lake. See docs/scaling.md.

    Example: thinkwatch store tidy
    """


@store.command("take-over")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_context
def take_over(ctx: click.Context, file: Path) -> None:
    """Put every row of FILE, such as data/warehouse.duckdb or that of a backup, into the lake of the settings, which must be empty.

    All rows or none. Mail is held afterwards, as after a restore: let it go with `thinkwatch restore --release-mail`.

    Example: thinkwatch store take-over data/warehouse.duckdb
    """
    from pipelines.resources import wall_clock
    from warehouse.backup import HOLD

    lake = _lake(ctx)
    now = wall_clock()
    rows = lake.take_over(file, {HOLD: f"taken over from {file} on {now:%Y-%m-%d %H:%M} UTC"})
    note(
        f"{counted(sum(rows.values()), 'row')} of {counted(len(rows), 'table')}, {counted(rows['main.articles'], 'article')}; mail is held"
    )


@store.command()
@click.pass_context
def tidy(ctx: click.Context) -> None:
    """Merge the lake's small files and delete those that only snapshots older than a week show. Once a night is enough.

    Example: thinkwatch store tidy
    """
    _lake(ctx).tidy()
    note("tidied")


def _lake(ctx: click.Context) -> "Lake":
    from pipelines.resources import wall_clock
    from pipelines.settings import load_settings
    from pipelines.store import open_warehouse
    from warehouse.errors import ConfigError
    from warehouse.lake import Lake

    settings = load_settings(ctx.find_root().obj)
    opened = open_warehouse(settings, wall_clock()) if settings.store.kind == "ducklake" else None
    if not isinstance(opened, Lake):
        raise ConfigError("the store is a file", path=settings.file, hint='for a lake set [store] kind = "ducklake"; see docs/scaling.md')
    return opened
