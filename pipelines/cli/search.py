"""`thinkwatch search`: find articles by their words."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from pipelines.cli.completing import source_ids
from pipelines.cli.known import code_of, refuse_strangers
from pipelines.cli.output import note, write_lines
from pipelines.words import counted

if TYPE_CHECKING:
    from rich.text import Text

    from warehouse.search.finding import Hit

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("question", required=False)
@click.option(
    "--source", "sources", multiple=True, metavar="ID", shell_complete=source_ids, help="Only articles of this source; may be repeated."
)
@click.option(
    "--country",
    "countries",
    multiple=True,
    metavar="XX",
    callback=code_of("country"),
    help="Only sources of this country (ISO 3166, RU); may be repeated.",
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="xx",
    callback=code_of("language"),
    help="Only texts in this language (ISO 639, ru); may be repeated.",
)
@click.option("--since", type=DAY, help="Only articles dated on this day (UTC) or later.")
@click.option("--until", type=DAY, help="Only articles dated before this day (UTC).")
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="Articles to show.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object an article.")
@click.option("--rebuild", is_flag=True, help="Build the index anew from the analysts' copy first.")
@click.pass_obj
def search(
    config: str | None,
    question: str | None,
    sources: tuple[str, ...],
    countries: tuple[str, ...],
    languages: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    limit: int,
    as_json: bool,
    rebuild: bool,
) -> None:
    """Find articles, and PDF reports beside them, by their words, best first, in the analysts' copy.

    QUESTION: words that must all be there, in any of their forms (en, ru, uk, de, fr, es, it, pt, pl, ar; Chinese by
    characters); "a phrase" in quotation marks; prefix* (by stems); -word for what must not be there.

    Example: thinkwatch search 'учения "Центральная Азия" -НАТО' --since 2021-09-01
    """
    from pipelines.settings import load_settings
    from warehouse.errors import ConfigError
    from warehouse.publish import AnalystsCopy
    from warehouse.search.asking import Limits
    from warehouse.search.finding import find, refresh
    from warehouse.search.index import SearchIndex

    settings = load_settings(config)
    copy, index = AnalystsCopy(settings.published, settings.reading), SearchIndex(settings.search_folder)
    if rebuild:
        index.drop()
        note(f"{counted(refresh(copy, index), 'article or report', 'articles and reports')} indexed in {settings.search_folder}")
    if not question:
        if rebuild:
            return
        raise ConfigError("no question was given", hint='ask for words or a "phrase"; see: thinkwatch search --help')
    refuse_strangers("source", sources, [row["source_id"] for row in copy.rows("SELECT source_id FROM sources")] if sources else ())
    limits = Limits(sources, tuple(map(str.upper, countries)), tuple(map(str.lower, languages)), _utc(since), _utc(until))
    answer = find(copy, index, question, limits, datetime.now(UTC), limit=limit)
    if as_json:
        write_lines(answer.hits)
    else:
        _print(answer.hits)
    found = counted(answer.total, "article or report", "articles and reports")
    note(f"{len(answer.hits)} of {found}{f' ({answer.note})' if answer.note else ''}")


def _utc(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=UTC) if day else None


def _print(hits: Sequence["Hit"]) -> None:
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 110, highlight=False)
    for hit in hits:
        console.print(_entry(hit), soft_wrap=not sys.stdout.isatty())


def _entry(hit: "Hit") -> "Text":
    from rich.text import Text

    passage = Text(f"  {hit.snippet.text}\n")
    for start, end in hit.snippet.marks:
        passage.stylize("bold yellow", start + 2, end + 2)
    gone = f"  withdrawn {hit.withdrawn_at:%Y-%m-%d}" if hit.withdrawn_at else ""
    place = Text(f"{hit.dated:%Y-%m-%d}  {hit.source_id}  {hit.language or ''}  {hit.article_id}{gone}\n", style="dim")
    address = f"{hit.report}  (a report beside {hit.url})" if hit.report else hit.url
    link = Text(f"  {address}\n" if address else "", style="dim")
    return Text.assemble(Text(f"{hit.title}\n", style="bold"), Text("  "), place, passage, link)
