"""`thinkwatch sources`: which sources there are and how they do. A subcommand with much to say lives in `sources_<name>.py`.

What belongs here: arguments and printing. What does not: looking for feeds, deciding what they are, writing definitions.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.completing import source_ids as completed_ids
from pipelines.cli.known import code_of
from pipelines.cli.output import note, write_json, write_lines
from pipelines.cli.sources_check import check
from pipelines.cli.sources_discover import add, discover
from pipelines.cli.sources_merges import merges, unmerge
from pipelines.cli.sources_opml import export, import_
from pipelines.words import counted

if TYPE_CHECKING:
    from assets.sources.registry import Defined, Source
    from pipelines.settings import Settings

WELL = {"working", "new"}


@click.group("sources")
def sources() -> None:
    """List, check, find, add, import and export sources; see and undo what was taken for one entry.

    Example: thinkwatch sources add https://institute.example/
    """


for command in (check, discover, add, import_, export, merges, unmerge):
    sources.add_command(command)


@sources.command("list", short_help="List the sources and how they do.")
@click.option("--all", "everything", is_flag=True, help="Also the sources of the registry that do not take part.")
@click.option("--enabled", is_flag=True, help="Only those that are polled.")
@click.option("--country", metavar="CODE", callback=code_of("country"), help="Only those of this country (ISO 3166), such as RU.")
@click.option(
    "--language", metavar="CODE", callback=code_of("language"), help="Only those that publish in this language (ISO 639), such as ru."
)
@click.option("--ill", is_flag=True, help="Only those with a feed or pages that cannot be had.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a source.")
@click.pass_context
def list_(ctx: click.Context, everything: bool, as_json: bool, **chosen: Any) -> None:
    """List the sources of this installation: id, whether it is polled, state, country, languages, name.

    With --all also those of the registry that do not take part: "seen well" (its feed was reported working), "unproved" or
    "legal note".

    Example: thinkwatch sources list --ill
    """
    rows = [row for row in _rows(ctx.find_root().obj, everything=everything) if _fits(row, **chosen)]
    if as_json:
        write_lines(rows)
        return
    width = max((len(row["id"]) for row in rows), default=0)
    for row in rows:
        mark = "on " if row["enabled"] else "off" if row["takes_part"] else "-  "
        languages = ",".join(row["languages"])
        click.echo(f"{row['id']:{width}}  {mark}  {row['state']:11} {row['country'] or '--'}  {languages:8.8} {row['name']}")
    note(_summary(rows) if rows else "no source fits; the registry has more: thinkwatch sources list --all")


@sources.command("show", short_help="Show one source in full.")
@click.argument("source_id", metavar="ID", shell_complete=completed_ids)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def show(ctx: click.Context, source_id: str, as_json: bool) -> None:
    """Show one source: its definition and file, the health of its feeds and pages, what was merged and what was learnt.

    Example: thinkwatch sources show rand
    """
    from pipelines.sources_report import describe, report

    settings, defined, takes_part = _find(ctx.find_root().obj, source_id)
    known = report(settings, defined, takes_part=takes_part)
    if as_json:
        write_json(known)
    else:
        click.echo("\n".join(describe(known)))


def _find(config: str | None, source_id: str) -> "tuple[Settings, Defined, bool]":
    from assets.sources.registry import load_definitions, registry_ids, registry_source, unknown_source
    from pipelines.settings import load_settings

    settings = load_settings(config, required=False)
    own = {one.source.id: one for one in load_definitions(settings.source_places)} if settings.file else {}
    found = own.get(source_id) or registry_source(source_id)
    if found is None:
        raise unknown_source(source_id, [*own, *registry_ids()])
    return settings, found, source_id in own


def _rows(config: str | None, *, everything: bool) -> list[dict[str, Any]]:
    from assets.sources.registry import load_definitions, registry_folder
    from pipelines.settings import load_settings
    from pipelines.sources_report import health

    settings = load_settings(config, required=not everything)
    own = {one.source.id: one for one in load_definitions(settings.source_places)} if settings.file else {}
    registry = load_definitions([registry_folder()]) if everything else []
    polled = health(settings) if settings.file else {}
    definitions = {one.source.id: one for one in registry} | own
    return [_row(definitions[key], polled.get(key, []), takes_part=key in own) for key in sorted(definitions)]


def _row(defined: "Defined", feeds: Iterable[Mapping[str, Any]], *, takes_part: bool) -> dict[str, Any]:
    source = defined.source
    states = [feed["state"] for feed in feeds]
    ill = [state for state in states if state not in WELL] + [
        feed["pages_state"] for feed in feeds if feed["pages_state"] in {"failing", "blocked"}
    ]
    shown = ill[0] if ill else states[0] if states else "new"
    polled = takes_part and source.enabled
    return {
        "id": source.id,
        "name": source.name,
        "enabled": polled,
        "takes_part": takes_part,
        "state": shown if polled else "-" if takes_part else _offer(source),
        "ill": polled and bool(ill),
        "country": source.country,
        "languages": source.languages,
        "home": source.home,
        "feeds": [feed.url for feed in source.feeds],
        "disabled_because": source.disabled_because,
        "legal_note": source.legal_note,
        "file": str(defined.path),
    }


def _offer(source: "Source") -> str:
    """What the registry thinks of a source that does not take part."""
    return "legal note" if source.legal_note else "seen well" if source.enabled else "unproved"


def _fits(row: Mapping[str, Any], *, enabled: bool, country: str | None, language: str | None, ill: bool) -> bool:
    return (
        (row["enabled"] or not enabled)
        and (not country or row["country"] == country.upper())
        and (not language or language.lower() in row["languages"])
        and (row["ill"] or not ill)
    )


def _summary(rows: Iterable[Mapping[str, Any]]) -> str:
    listed = list(rows)
    counts = [len(listed), sum(row["enabled"] for row in listed), sum(row["ill"] for row in listed)]
    return f"{counted(counts[0], 'source')}, {counts[1]} polled, {counts[2]} ill" + (
        "" if all(row["takes_part"] for row in listed) else "; take one of the registry over with: thinkwatch sources add ID"
    )
