"""`thinkwatch watch`: check a watch list, list what it matches, try it on a text.

What belongs here: arguments and printing. What does not: matching.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.output import note, write_json
from pipelines.cli.watch_import import import_
from pipelines.cli.watch_new_names import new_names
from pipelines.words import counted

if TYPE_CHECKING:
    from assets.matching.compiling import Compiled
    from assets.matching.watchlist import Watchlist

_lists = click.option(
    "--watchlist",
    "files",
    multiple=True,
    metavar="FILE",
    help="Files or pack:NAME.  [default: the configured ones, else pack:day-one]",
)
_SHOWN = 3  # names of an entity in a list
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group("watch")
def watch() -> None:
    """Check, list and try the forms of a watch list.

    Example: thinkwatch watch test tajikistan "Учения в Таджикистане"
    """


watch.add_command(import_)
watch.add_command(new_names)


@watch.command("check")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--strict", is_flag=True, help="Warnings fail, too.")
@_json
@click.pass_context
def check(ctx: click.Context, files: tuple[str, ...], strict: bool, as_json: bool) -> int:
    """Validate watch lists and name the line of each fault.

    FILE... are merged in this order; pack:NAME is a shipped one; without any, those that are configured (else pack:day-one).
    Exit status 2 when one is faulty or would let ordinary words raise alerts.

    Example: thinkwatch watch check watchlists/day-one.yaml
    """
    from assets.matching.checking import check as find

    watchlist, compiled = _load(ctx, files)
    findings = find(watchlist)
    errors = sum(finding.level == "error" for finding in findings)
    summary = {"entities": len(compiled.entities), "forms": compiled.forms, "languages": list(compiled.languages), "hash": compiled.hash}
    if as_json:
        write_json({**summary, "findings": [finding._asdict() for finding in findings]})
    else:
        for finding in findings:
            note(f"{finding}\n  hint: {finding.hint}")
        entities = counted(len(compiled.entities), "entity", "entities")
        click.echo(f"{entities}, {counted(compiled.forms, 'form')} in {', '.join(compiled.languages)}; hash {compiled.hash}")
    return 2 if errors or (strict and findings) else 0


@watch.command("list")
@click.argument("word", required=False)
@_lists
@_json
@click.pass_context
def list_(ctx: click.Context, word: str | None, files: tuple[str, ...], as_json: bool) -> int:
    """List what is watched: id, kind, names.

    With WORD only entities in whose id or names it stands, in whatever language.

    Example: thinkwatch watch list таджик
    """
    from assets.matching.compiling import BASE_LANGUAGES, aliases_of
    from assets.matching.watchlist import load_watchlist

    paths, _ = _places(ctx, files)
    rows = [
        {"id": entity.id, "kind": entity.kind, "names": list(dict.fromkeys(alias.text for alias in aliases_of(entity, BASE_LANGUAGES)))}
        for entity in load_watchlist(paths).entities
    ]
    found = [row for row in rows if not word or any(word.casefold() in text.casefold() for text in (row["id"], *row["names"]))]
    if as_json:
        write_json(found)
        return 0
    for row in found:
        left = len(row["names"]) - _SHOWN
        names = ", ".join(row["names"][:_SHOWN]) + (f" and {left} more" if left > 0 else "")
        click.echo(f"{row['id']:28} {row['kind']:12} {names}".rstrip())
    if not found:
        note(f"nothing of {word!r} is watched\n  hint: to watch it, add it to a list of your own, or take in a pack: docs/watchlists.md")
    return 0


@watch.command("forms")
@click.argument("entity")
@_lists
@click.option("--lang", metavar="CODE", help="Only the forms of one language, such as ru.")
@_json
@click.pass_context
def forms(ctx: click.Context, entity: str, files: tuple[str, ...], lang: str | None, as_json: bool) -> int:
    """Print every form that will match ENTITY, and what is excluded.

    ENTITY is an id of the watch list. Of names of several words each word's forms stand in brackets.

    Example: thinkwatch watch forms tajikistan --lang ru
    """
    watchlist, compiled = _load(ctx, files)
    _known(watchlist, entity)
    rows = [_row(phrase, shown) for phrase, shown in compiled.forms_of(entity) if lang in {None, phrase.language}]
    if as_json:
        write_json({"entity": entity, "hash": compiled.hash, "forms": rows})
        return 0
    for row in rows:
        click.echo(f"{row['role']:8} {row['via']:8} {row['language'] or 'any':4} {row['name']}: {', '.join(row['forms'])}")
    return 0


@watch.command("test")
@click.argument("entity")
@click.argument("text")
@_lists
@click.option("--lang", metavar="CODE", help="The language of TEXT.  [default: unknown, all forms are tried]")
@_json
@click.pass_context
def test(ctx: click.Context, entity: str, text: str, files: tuple[str, ...], lang: str | None, as_json: bool) -> int:
    """Show what of ENTITY matches in TEXT and why.

    ENTITY is an id of the watch list; TEXT is tried as it stands.

    Example: thinkwatch watch test georgia "A plant in Atlanta, Georgia" --lang en
    """
    from assets.matching.explaining import trace, why
    from assets.matching.matcher import Matcher

    watchlist, compiled = _load(ctx, files)
    _known(watchlist, entity)
    if as_json:
        places = trace(Matcher(compiled), entity, text, language=lang)
        write_json({"entity": entity, "mentioned": any(place.counts for place in places), "places": [place._asdict() for place in places]})
        return 0
    for line in why(compiled, entity, text, language=lang):
        click.echo(line)
    return 0


def _load(ctx: click.Context, files: tuple[str, ...]) -> "tuple[Watchlist, Compiled]":
    from assets.matching.compiling import compile_watchlist
    from assets.matching.watchlist import load_watchlist

    paths, cache = _places(ctx, files)
    watchlist = load_watchlist(paths)
    return watchlist, compile_watchlist(watchlist, cache_dir=cache)


def _places(ctx: click.Context, files: tuple[str, ...]) -> tuple[list[Path], Path | None]:
    """The watch lists to read, and where compiled ones are kept: only an installation has such a place."""
    from assets.matching.packs import DAY_ONE, locate

    if files:
        return [locate(name) for name in files], None
    from pipelines.settings import find_file, load_settings

    given = ctx.find_root().obj
    if find_file(given) is None:
        return [DAY_ONE], None
    settings = load_settings(given)
    return list(settings.watchlist_files), settings.data_folder / "cache"


def _known(watchlist: "Watchlist", entity: str) -> None:
    from assets.matching.watchlist import unknown_entity

    if entity not in {each.id for each in watchlist.entities}:
        raise unknown_entity(watchlist, entity)


def _row(phrase: Any, shown: list[str]) -> dict[str, Any]:
    return {"role": phrase.role, "via": phrase.via, "language": phrase.language, "name": phrase.name, "forms": shown}
