"""`thinkwatch restore`: put a backup in the place of what is there, and let mail go again when somebody has looked."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.output import note
from pipelines.words import counted

if TYPE_CHECKING:
    from pipelines.settings import Settings


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True), required=False)
@click.option("--dry-run", is_flag=True, help="Compare every file of the backup with its checksum, and change nothing.")
@click.option("--yes", is_flag=True, help="Replace a store that is there; it is kept beside the restored one.")
@click.option("--release-mail", is_flag=True, help="Let the mail go that is held since a restore.")
@click.pass_obj
def restore(config: str | None, folder: Path | None, dry_run: bool, yes: bool, release_mail: bool) -> None:
    """Restore the backup in FOLDER (one that `thinkwatch backup` made), or release the mail that a restore held.

    What the archive holds that is newer than the backup is read by the next run, as though it had just been fetched.

    After a restore no mail leaves: what was sent between the backup and now would be sent twice. Look at what waits, then
    use --release-mail; what the journal of sent mail knows is not sent again.

    Example: thinkwatch restore /media/backups/thinkwatch-20211003T180000Z --yes
    """
    from pipelines.settings import load_settings
    from warehouse.errors import ConfigError

    settings = load_settings(config)
    if release_mail:
        _release(settings)
    elif folder is None:
        raise ConfigError("which backup?", hint="name its folder; list them with: thinkwatch backup FOLDER --list")
    elif dry_run:
        from warehouse.backup import verify

        manifest = verify(folder)
        agree = counted(len(manifest["files"]), "file agrees with its checksum", "files agree with their checksums")
        note(f"{agree}; {counted(manifest['rows'].get('main.articles', 0), 'article')}")
    else:
        _restore(settings, folder, yes=yes)


def _restore(settings: "Settings", folder: Path, *, yes: bool) -> None:
    from pipelines.cli.archive import say_found
    from pipelines.reach import clock
    from pipelines.resources import open_warehouse, wall_clock
    from warehouse.archive import Archive
    from warehouse.backup import STORE, restore
    from warehouse.database import Warehouse
    from warehouse.errors import ConfigError
    from warehouse.publish import AnalystsCopy, publish
    from warehouse.recovery import queue_unknown
    from warehouse.search.finding import refresh
    from warehouse.search.index import SearchIndex

    if settings.store.kind != "file":
        hint = f"take {folder / STORE} over into an empty lake: thinkwatch store take-over; the rest is in docs/scaling.md"
        raise ConfigError("a lake is not restored in place", path=settings.file, hint=hint)
    path, now = settings.data_folder / STORE, wall_clock()
    if path.exists() and not yes:
        raise ConfigError(f"{path} is there", hint="add --yes to replace it; it is kept beside the restored one")
    store = Warehouse(path, memory_limit=settings.memory_limit, threads=settings.threads, lock_seconds=5)
    done = restore(folder, store, now)
    found = queue_unknown(Archive(settings.data_folder / "archive"), open_warehouse(settings, now), clock(settings))
    publish(open_warehouse(settings, now), settings.published, now, keep=settings.copies)
    index = SearchIndex(settings.search_folder)
    index.drop()
    refresh(AnalystsCopy(settings.published), index)
    note(f"restored the backup of {done.backup.made_at:%Y-%m-%d %H:%M} UTC: {counted(done.rows.get('main.articles', 0), 'article')}")
    if done.earlier:
        note(f"the store that was there is now {done.earlier}")
    say_found(found)
    note("no mail leaves until you say so: thinkwatch restore --release-mail")


def _release(settings: "Settings") -> None:
    from pipelines.resources import open_warehouse, wall_clock
    from warehouse.backup import HOLD

    with open_warehouse(settings, wall_clock()).transaction() as transaction:
        held = transaction.value("read_state", name=HOLD)
        waiting = transaction.value("count_waiting_deliveries")
        transaction.run("forget_state", name=HOLD)
    note(f"mail was held ({held}); {counted(waiting, 'delivery goes', 'deliveries go')} with the next run" if held else "no mail was held")
