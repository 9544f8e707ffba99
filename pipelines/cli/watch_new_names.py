"""`thinkwatch watch new-names`: what is named often and that no watch list knows."""

import click

from pipelines.cli.output import note, write_lines


@click.command("new-names")
@click.option(
    "--weeks", type=click.IntRange(1, 52), default=1, show_default=True, help="The newest weeks, counted from the newest article."
)
@click.option("--least", type=click.IntRange(min=1), default=2, show_default=True, help="Articles that must name it.")
@click.option("--most", type=click.IntRange(min=1), default=40, show_default=True, help="Names, the newest week and the most novel first.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a name.")
@click.pass_context
def new_names(ctx: click.Context, weeks: int, least: int, most: int, as_json: bool) -> None:
    """List frequent names and acronyms that no watch list knows, by the source's country and week.

    Novelty is log2 of articles now against a usual week of the eight before: 0 is as ever, 3 eight times as often.
    Names are told by their capitals: texts in Latin and Cyrillic script are read, Chinese and Arabic ones are not.

    Example: thinkwatch watch new-names --weeks 4
    """
    from assets.newnames import new_names as report
    from pipelines.settings import load_settings
    from warehouse.database import Transaction
    from warehouse.publish import AnalystsCopy

    with AnalystsCopy(load_settings(ctx.find_root().obj).published).connect() as connection:
        found = report(Transaction(connection), weeks=weeks, least=least)[:most]
    if as_json:
        write_lines(one._asdict() for one in found)
        return
    for one in found:
        click.echo(f"{one.week}  {one.region:13} {one.novelty:6.2f}  {one.articles:4} articles  {one.before:4} before  {one.name}")
    if not found:
        note("no name that is not watched stands in so many articles\n  hint: ask for more weeks, or for fewer articles with --least 1")
