"""`thinkwatch sources merges` and `unmerge`: what was taken for one entry, and how to part it again."""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from pipelines.cli.completing import source_ids as completed_ids
from pipelines.cli.known import refuse_strangers
from pipelines.cli.output import note, write_json, write_lines


@click.command("merges", short_help="List what was taken for one entry.")
@click.argument("source_ids", nargs=-1, metavar="[ID]…", shell_complete=completed_ids)
@click.option("--most", type=click.IntRange(min=1), default=50, show_default=True, help="How many, newest first.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a merge.")
@click.pass_context
def merges(ctx: click.Context, source_ids: tuple[str, ...], most: int, as_json: bool) -> None:
    """List the entries that came back under another guid or address and were taken for the same: what changed, and on what proof.

    Example: thinkwatch sources merges rand
    """
    from pipelines.resources import open_warehouse, wall_clock
    from pipelines.settings import load_settings

    with open_warehouse(load_settings(ctx.find_root().obj), wall_clock()).transaction() as transaction:
        refuse_strangers("source", source_ids, [row["source_id"] for row in transaction.rows("source_ids")])
        rows = transaction.rows("merges_of_sources", source_ids=list(source_ids), most=most)
    if as_json:
        write_lines(rows)
        return
    for row in rows:
        click.echo("\n".join(_lines(row)))
    note("part one again with: thinkwatch sources unmerge MERGE" if rows else "no entry has come back under another guid or address")


@click.command("unmerge", short_help="Part what was taken for one entry.")
@click.argument("merge_id", metavar="MERGE")
@click.option("--dry-run", is_flag=True, help="Say what would be done; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def unmerge(ctx: click.Context, merge_id: str, dry_run: bool, as_json: bool) -> None:
    """Part what MERGE (its id, or how that begins) joined: the later identity becomes an entry of its own and stays one.

    No alert is sent for it: the new entry counts as known from before. Alerts that were sent stay as they are; who was told
    of a text that then returns to what it was may be told that it no longer says so.

    Example: thinkwatch sources unmerge 8c1f0a22 --dry-run
    """
    from assets.merging import undo_merge
    from pipelines.resources import open_warehouse, wall_clock
    from pipelines.settings import load_settings

    now = wall_clock()
    warehouse = open_warehouse(load_settings(ctx.find_root().obj), now)
    with warehouse.transaction() as transaction:
        undone = undo_merge(transaction, merge_id, now, dry_run=dry_run)
    if as_json:
        write_json(
            {
                "merge_id": undone.merge["merge_id"],
                "entry_id": undone.merge["entry_id"],
                "new_entry_id": undone.entry_id,
                "dry_run": dry_run,
            }
        )
        return
    merge = undone.merge
    click.echo(f"parted   {merge['after_url'] or merge['after_guid']}")
    click.echo(f"         is an entry of its own: {undone.entry_id}")
    if undone.restored:
        click.echo(f"restored {merge['before_url'] or merge['before_guid']}")
        click.echo(f"         is entry {merge['entry_id']} again")
    click.echo("alerts   none: the new entry counts as known from before; what was sent stays as it is")
    if dry_run:
        note("nothing was changed (--dry-run)")
        return
    click.echo("next     the next run visits the pages: thinkwatch run --source " + merge["source_id"])


def _lines(row: Mapping[str, Any]) -> Iterator[str]:
    undone = f"  undone {row['undone_at']:%Y-%m-%d %H:%M}" if row["undone_at"] else ""
    yield f"{row['merge_id']}  {row['merged_at']:%Y-%m-%d %H:%M}  {row['source_id']}: {row['rule']} ({row['proof']}){undone}"
    for when in ("before", "after"):
        guid = f"  guid {row[f'{when}_guid']}" if "guid changed" in row["rule"] else ""
        yield f"  {when:6} {row[f'{when}_url'] or '(no address)'}{guid}  «{row[f'{when}_title']}»"
