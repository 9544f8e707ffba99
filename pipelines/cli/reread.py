"""`thinkwatch reread`: the archive read anew, as we read today; what differs; and taking it over."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from pipelines.cli.output import note, write_json
from pipelines.words import counted

if TYPE_CHECKING:
    from assets.adoption import Adopted, Difference
    from assets.flow import Flow
    from assets.rereading import Scope

_DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])
_WORDS = {
    "found": "entries that nobody had seen",
    "entry": "entries as their feed tells them",
    "article": "texts where there was none",
    "text": "texts",
    "title": "titles",
    "date": "dates",
    "details": "authors, zones and other details",
    "mentions": "articles whose mentions differ",
    "report": "reports beside pages",
    "report mentions": "reports whose mentions differ",
    "alerts": "articles that would alert others",
    "lost": "texts that would be lost; they stay as they are",
}


@click.command()
@click.option("--source", "sources", multiple=True, metavar="ID", help="Only this source; may be repeated.")
@click.option("--since", type=_DAY, metavar="DATE", help="Only what was first seen from then on (UTC).")
@click.option("--until", type=_DAY, metavar="DATE", help="Only what was first seen before then (UTC).")
@click.option("--article", "articles", multiple=True, metavar="ID", help="Only this article; may be repeated.")
@click.option(
    "--first",
    type=click.Choice(["entries", "texts", "mentions"]),
    default="entries",
    show_default=True,
    help="Where to begin: with the documents of feeds, with pages and the reports beside them, or with stored texts.",
)
@click.option("--dry-run", is_flag=True, help="Say what would change, and take nothing over.")
@click.option("--yes", is_flag=True, help="Take it over without asking.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
def reread(
    config: str | None,
    sources: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    articles: tuple[str, ...],
    first: str,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Read the raw archive anew with the Thinkwatch of today: parse, extract, match. No network, no mail.

    It is read into a working copy of the store; then you see what would change, and it is taken over in one transaction. A
    text that we now read better becomes a revision `re-extracted`, never an edit. A stopped one goes on where it was; after
    --dry-run, the same with --yes takes over what was shown.

    Example: thinkwatch reread --source russtrat --since 2021-09-01 --dry-run
    """
    from assets.adoption import adopt, difference
    from assets.mentions import shown_progress
    from assets.rereading import only_one
    from assets.rereading import reread as read_anew
    from pipelines.resources import open_flow
    from pipelines.settings import load_settings

    settings = load_settings(config)
    with open_flow(settings) as flow, only_one(flow):
        scope = _scope(flow, sources, since, until, articles, first)
        with shown_progress("reading") as progress:
            begun = read_anew(flow, scope, progress=progress)
        told = difference(flow, begun)
        if not as_json:
            _print(told)
        adopted = adopt(flow, begun, scope, told) if not dry_run and (yes or (told.counts and _asked(as_json))) else None
        if adopted:
            _publish(flow)
    if as_json:
        write_json(told.plain() | {"adopted": vars(adopted) if adopted else None})
    elif adopted:
        _say(adopted)
    return 1 if told.counts["lost"] else 0


def _scope(
    flow: "Flow", sources: tuple[str, ...], since: datetime | None, until: datetime | None, articles: tuple[str, ...], first: str
) -> "Scope":
    """What was asked for; raises ConfigError for a source or an article that is not there."""
    from assets.rereading import Scope
    from warehouse.errors import ConfigError

    with flow.warehouse.transaction() as transaction:
        known = {row["source_id"] for row in transaction.rows("source_ids")}
        if strangers := sorted(set(sources) - known):
            raise ConfigError(f"there is no source {strangers[0]!r}", hint="list them with: thinkwatch sources list")
        ids = []
        for wanted in articles:
            found = [row["entry_id"] for row in transaction.rows("entries_to_keep", wanted=wanted)]
            if len(found) != 1:
                raise ConfigError(f"{wanted!r} names {'no' if not found else 'more than one'} article", hint="give its id or its address")
            ids += found
    zoned = [moment.replace(tzinfo=UTC) if moment else None for moment in (since, until)]
    return Scope(tuple(sorted(set(sources))), zoned[0], zoned[1], tuple(sorted(set(ids))), first)  # type: ignore[arg-type] - checked by click


def _asked(as_json: bool) -> bool:
    import sys

    if as_json or not sys.stdin.isatty():
        note("nothing was taken over: add --yes, or look only with --dry-run")
        return False
    return click.confirm("Take this over?", err=True)


def _print(told: "Difference") -> None:
    for what, words in _WORDS.items():
        if told.counts[what]:
            click.echo(f"{told.counts[what]:7} {words}")
    for sample in told.samples:
        click.echo(f"\n{sample['source_id']}  {sample['what']}  {sample['title'] or sample['url']}  ({sample['entry_id']})")
        for sign, words in (("-", sample["before"]), ("+", sample["after"])):
            if words:
                click.echo(f"  {sign} {' '.join(words.split())[:300]}")
    if not told.counts:
        note("the store says what the archive says; nothing would change")
    note(
        f"{counted(told.entries, 'entry', 'entries')} read anew"
        + (f"; {counted(told.on_their_way, 'is', 'are')} still on the way through the flow" if told.on_their_way else "")
    )


def _say(adopted: "Adopted") -> None:
    note(f"{counted(adopted.taken, 'entry or article', 'entries and articles')} taken over; nobody is mailed")
    if adopted.left_aside:
        left = counted(adopted.left_aside, "has changed meanwhile and stays as it is", "have changed meanwhile and stay as they are")
        note(f"{left}: run it again")


def _publish(flow: "Flow") -> None:
    """Let analysts see it at once."""
    from warehouse.publish import AnalystsCopy, publish
    from warehouse.search.finding import refresh
    from warehouse.search.index import SearchIndex

    publish(flow.warehouse, flow.copy, flow.now(), keep=flow.copies)
    refresh(AnalystsCopy(flow.copy), SearchIndex(flow.search))
