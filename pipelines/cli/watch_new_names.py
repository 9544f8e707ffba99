"""`thinkwatch watch new-names`: what is named often and that no watch list knows."""

from typing import TYPE_CHECKING

import click

from pipelines.cli.output import note, write_lines
from pipelines.words import counted

if TYPE_CHECKING:
    from datetime import date

    from assets.matching.newnames import NewName
    from pipelines.settings import Settings


@click.command("new-names")
@click.option(
    "--weeks", type=click.IntRange(1, 52), default=1, show_default=True, help="The newest weeks, counted from the newest article."
)
@click.option("--least", type=click.IntRange(min=1), default=2, show_default=True, help="Articles that must name it.")
@click.option("--most", type=click.IntRange(min=1), default=40, show_default=True, help="Names, the newest week and the most novel first.")
@click.option(
    "--by", type=click.Choice(["country", "region", "all"]), default="country", show_default=True, help="Where: of the source, by UN M49."
)
@click.option("--store", is_flag=True, help="Keep the whole report in table new_names, in place of these weeks' former one.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a name.")
@click.pass_context
def new_names(ctx: click.Context, weeks: int, least: int, most: int, by: str, store: bool, as_json: bool) -> None:
    """List frequent names and acronyms that no watch list knows, by week and by the source's country or region.

    Novelty is log2 of articles now against a usual week of the eight before: 0 is as ever, 3 eight times as often.
    Names are told by their capitals, in any script that has them. Where it has none, what stands in quotes and Latin names
    and acronyms are counted, and in Arabic, Persian, Urdu, Hebrew, Chinese and Japanese what stands beside a word such as
    "organisation" or "president": good guesses, not more.
    What --store keeps is in the analysts' copy after the next run.

    Example: thinkwatch watch new-names --weeks 4
    """
    from assets.newnames import new_names as report
    from assets.newnames import weeks_of_report
    from pipelines.settings import load_settings
    from warehouse.publish import AnalystsCopy
    from warehouse.transaction import Transaction

    settings = load_settings(ctx.find_root().obj)
    with AnalystsCopy(settings.published).connect() as connection:
        whole = report(Transaction(connection), weeks=weeks, least=least)
        asked = weeks_of_report(Transaction(connection), weeks)
    if store:
        _store(settings, whole, asked)
    found = [one for one in whole if by in {one.level, "all"}][:most]
    if as_json:
        write_lines(one._asdict() for one in found)
        return
    for one in found:
        articles = "article " if one.articles == 1 else "articles"
        click.echo(f"{one.week}  {one.region:18} {one.novelty:6.2f}  {one.articles:4} {articles}  {one.before:4} before  {one.name}")
    if not found:
        note("no name that is not watched stands in so many articles\n  hint: ask for more weeks, or for fewer articles with --least 1")


def _store(settings: "Settings", found: "list[NewName]", weeks: "list[date]") -> None:
    from assets.newnames import store_new_names
    from pipelines.resources import open_warehouse, wall_clock

    now = wall_clock()
    with open_warehouse(settings, now).transaction() as transaction:
        stored = store_new_names(transaction, found, weeks, now)
    note(f"{counted(stored, 'name is', 'names are')} stored in new_names")
