"""`thinkwatch archive`: whether the raw documents can all be read, and how to keep fewer of them."""

from typing import TYPE_CHECKING

import click

from pipelines.cli.output import dumps, note
from pipelines.words import counted

if TYPE_CHECKING:
    from pipelines.settings import Settings
    from warehouse.archive import Archive
    from warehouse.database import Warehouse
    from warehouse.recovery import Found


@click.group()
def archive() -> None:
    """Check the archive of raw documents, or make it smaller.

    Example: thinkwatch archive check
    """


@archive.command()
@click.pass_obj
def check(config: str | None) -> int:
    """Read every document of the archive and follow every reference to one; exit status 1 when something is wrong.

    Example: thinkwatch archive check
    """
    from warehouse.compaction import faults

    _, raw, store = _opened(config)
    found = list(faults(raw, store))
    for fault in found:
        click.echo(fault)
    note(f"{counted(len(raw.files()), 'file')}, {counted(len(found), 'fault')}" + (": restore the files from a backup" if found else ""))
    return 1 if found else 0


@archive.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be dropped.")
@click.option("--yes", is_flag=True, help="Also delete the old files at once; only while no run is under way.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a rewritten file.")
@click.pass_obj
def compact(config: str | None, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Drop what `archive.keep_days` and `archive.max_gigabytes` do not keep, by writing its files anew without it.

    What the newest revision of an article stands on, and what is still to be read, always stays. Old files are deleted
    with --yes only; until then they lie there unused, as runs that began before may still look into them.

    Example: thinkwatch archive compact --dry-run
    """
    from pipelines.resources import wall_clock
    from warehouse.compaction import Retention, remove, superseded
    from warehouse.compaction import compact as rewrite

    settings, raw, store = _opened(config)
    wish = settings.archive
    retention = Retention(wish.keep_days, int(wish.max_gigabytes * 1024**3) if wish.max_gigabytes else None)
    for done in rewrite(raw, store, retention, wall_clock(), dry_run=dry_run):
        freed = done.bytes_before - done.bytes_after
        click.echo(dumps(done) if as_json else f"{done.file}: {counted(done.dropped, 'document')} dropped, {freed:,} bytes fewer")
    if retention == Retention():
        note("nothing is dropped: set archive.keep_days or archive.max_gigabytes in thinkwatch.toml")
    if dry_run:
        return
    old = superseded(raw, store)
    size = sum((raw.directory / file).stat().st_size for file in old)
    if yes:
        remove(raw, old)
    if old:
        note(
            f"{counted(len(old), 'old file')} with {size:,} bytes "
            + ("deleted" if yes else "can go: run it with --yes while no run is under way")
        )


@archive.command("take-up")
@click.option("--dry-run", is_flag=True, help="Only say how much there is.")
@click.pass_obj
def take_up(config: str | None, dry_run: bool) -> None:
    """Queue what the archive holds and the store does not know, for the next run to read as though it had just been fetched.

    A restore does so by itself; this is for a store that has lost commits in another way. Only while no run is under way.

    Example: thinkwatch archive take-up --dry-run
    """
    from pipelines.reach import clock
    from warehouse.recovery import queue_unknown

    settings, raw, store = _opened(config)
    say_found(queue_unknown(raw, store, clock(settings), dry_run=dry_run), dry_run=dry_run)


def say_found(found: "Found", *, dry_run: bool = False) -> None:
    """Tell how much of the archive is new to the store, and what of it cannot be read."""
    for words in found.damage:
        note(words)
    if found.answers:
        doing = "would be read" if dry_run else "will be read"
        new = counted(found.answers, "archived document is", "archived documents are")
        note(f"{new} new to the store and {doing} by the next run: thinkwatch run")
    else:
        note("the archive holds nothing that the store does not know")


def _opened(config: str | None) -> "tuple[Settings, Archive, Warehouse]":
    from pipelines.resources import open_warehouse, wall_clock
    from pipelines.settings import load_settings
    from warehouse.archive import Archive

    settings = load_settings(config)
    return settings, Archive(settings.data_folder / "archive"), open_warehouse(settings, wall_clock())
