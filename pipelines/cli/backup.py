"""`thinkwatch backup`: everything that this installation wrote, into a folder with checksums."""

from pathlib import Path

import click

from pipelines.cli.output import note, write_json
from pipelines.words import counted


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--list", "listing", is_flag=True, help="List the backups in FOLDER instead, newest first.")
@click.option("--keep", type=click.IntRange(1), help="Keep this many backups in FOLDER and delete older ones.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a backup.")
@click.pass_obj
def backup(config: str | None, folder: Path, listing: bool, keep: int | None, as_json: bool) -> None:
    """Back up the store, the raw archive, the journal of sent mail and Dagster's history into a new folder in FOLDER.

    Runs may go on meanwhile. What the last backup in FOLDER already holds is linked to, not copied. The store's copy is
    read whole, so a damaged store is found now.

    Example: thinkwatch backup /media/backups --keep 14
    """
    from pipelines.resources import open_warehouse, wall_clock
    from pipelines.settings import load_settings
    from warehouse.backup import back_up, backups, thin_out

    if listing:
        found = backups(folder)
        if not found:
            note(f"there is no backup in {folder}; to make one: thinkwatch backup {folder}")
        for made in found:
            write_json(made) if as_json else click.echo(
                f"{made.made_at:%Y-%m-%d %H:%M:%S}  {made.files:6} files  {made.bytes:14,} bytes  {made.folder}"
            )
        return
    now = wall_clock()
    made = back_up(open_warehouse(load_settings(config), now), folder, now)
    gone = thin_out(folder, keep) if keep else []
    write_json(made) if as_json else click.echo(made.folder)
    note(f"{counted(made.files, 'file')}, {made.bytes:,} bytes, {made.copied} copied anew{f'; {len(gone)} older deleted' if gone else ''}")
