"""`thinkwatch sources discover` and `add`: find the feed of a site, and make a source of it."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from pipelines.cli.output import note, write_json, write_new
from warehouse.errors import ConfigError

if TYPE_CHECKING:
    from assets.sources.choosing import Tried
    from assets.sources.exploring import Exploration


@click.command("discover", short_help="Look for the feeds of a site; stores nothing.")
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def discover(ctx: click.Context, url: str, as_json: bool) -> int:
    """Look for the feeds of the site at URL: what its page advertises and links, WordPress's interface, usual paths, sitemaps.

    Shows every address that was tried, what stood there, which one is the main feed and why. Stores nothing. Exit status 1
    when none was found.

    Example: thinkwatch sources discover https://institute.example/
    """
    from pipelines.adding import explore_site
    from pipelines.settings import load_settings

    found = explore_site(load_settings(ctx.find_root().obj, required=False), addresses(url), _told(as_json=as_json))
    if as_json:
        write_json(_plain(found))
    else:
        click.echo("\n".join(_lines(found)))
        if found.chosen:
            note(f"\nMake a source of it: thinkwatch sources add {url}")
    return 0 if found.chosen else 1


@click.command("add", short_help="Make a source of a site, or take one of the registry over.")
@click.argument("what", metavar="URL|ID")
@click.option("--id", "source_id", metavar="ID", help="What to call the source, for ever. Default: after its host.")
@click.option("--dry-run", is_flag=True, help="Show the file that would be written; write nothing.")
@click.pass_context
def add(ctx: click.Context, what: str, source_id: str | None, dry_run: bool) -> int:
    """Find the feed of the site at URL, or ask that of the registry's source ID, and write a commented file into your folder.

    A file that exists is never overwritten. Exit status 1 when no feed works; a source of the registry is then written switched
    off, with the reason.

    Example: thinkwatch sources add https://institute.example/ --id institute --dry-run
    """
    from assets.sources.registry import SOURCE_ID
    from pipelines.adding import add_from_registry, add_site, target
    from pipelines.settings import load_settings

    settings = load_settings(ctx.find_root().obj)
    told = _told(as_json=False)
    if source_id is not None and not re.fullmatch(SOURCE_ID, source_id):
        raise ConfigError(f"{source_id!r} is no id of a source", hint="small Latin letters, digits and hyphens, such as swp-berlin")
    if "." not in what and "/" not in what:
        if source_id:
            raise ConfigError("a source of the registry keeps its id", hint=f"leave --id out: thinkwatch sources add {what}")
        added = add_from_registry(settings, what, told)
    else:
        added = add_site(settings, addresses(what), source_id, told)
    if added.found:
        note("\n".join(_lines(added.found)))
    if not added.text:
        note("no source was written: no feed was found")
        note(f"next: {_advice(added.found)}")
        return 1
    path = target(settings, added.source_id)
    if dry_run:
        note(f"would write {path}:\n")
        click.echo(added.text, nl=False)
    else:
        write_new(path, added.text)
        click.echo(f"wrote {path}")
    for line in added.remarks:
        note(line)
    if not dry_run and "enabled: true" in added.text:
        note(f"next: look it over, then: thinkwatch run --source {added.source_id}")
    return 0 if added.works else 1


def addresses(typed: str) -> list[str]:
    """Complete addresses for what a person types; a bare name stands for https and, where that does not answer, http.

    Raises ConfigError for what is none.
    """
    from assets.parsing.urls import canonical_url

    wholes = [canonical_url(typed)] if "://" in typed else [canonical_url(f"{scheme}://{typed}") for scheme in ("https", "http")]
    found = [whole for whole in wholes if whole]
    if not found:
        raise ConfigError(f"{typed!r} is no http or https address", hint="write it as in a browser: https://institute.example/")
    return found


def _told(*, as_json: bool) -> Any:
    return (lambda _: None) if as_json else lambda url: note(f"asking {url}")


def _lines(found: "Exploration") -> Iterator[str]:
    from assets.sources.choosing import why

    if found.trouble:
        yield f"the page {found.url}: {found.trouble}"
    for what, alike in groupby(found.tried, lambda one: (one is found.chosen, one.probe.state, _findings(one))):
        is_chosen, state, findings = what
        first, *others = [one.probe.url for one in alike]
        yield f"{'*' if is_chosen else ' '} {state:11} {' '.join([first, *(_behind_host(url) for url in others)])}"
        yield f"              {findings}"
    for candidate, reason in found.skipped:
        yield f"  not asked   {candidate.url}"
        yield f"              {reason}"
    yield ""
    if found.chosen:
        yield f"chosen: {found.chosen.probe.url}"
        yield f"        {why(found.chosen, found.tried, found.asked_at)}"
    else:
        yield "no feed of articles was found" + (": the site cannot be reached" if found.trouble and not found.tried else "")


def _advice(found: "Exploration | None") -> str:
    listings = [one.probe.url for one in found.tried if one.probe.kind == "listing"] if found else []
    if listings:
        return f"if {listings[0]} lists its articles, write its file by hand, with `kind: listing` and `selectors`: docs/operators.md"
    return "find its feed or its page of articles in a browser, and: thinkwatch sources add THAT ADDRESS"


def _findings(one: "Tried") -> str:
    return f"{one.candidate.how}: {one.probe.said}{f' – {one.reason}' if one.reason else ''}"


def _behind_host(url: str) -> str:
    return urlsplit(url)._replace(scheme="", netloc="").geturl()


def _plain(found: "Exploration") -> dict[str, Any]:
    from assets.sources.choosing import why

    return {
        "url": found.url,
        "name": found.page.name,
        "language": found.page.language,
        "trouble": found.trouble or None,
        "chosen": found.chosen.probe.url if found.chosen else None,
        "why": why(found.chosen, found.tried, found.asked_at) if found.chosen else None,
        "tried": [
            {"url": one.probe.url, "how": one.candidate.how, "role": one.role, "reason": one.reason}
            | {name: getattr(one.probe, name) for name in ("state", "said", "kind", "title", "language", "entries", "newest")}
            for one in found.tried
        ],
        "skipped": [{"url": candidate.url, "reason": reason} for candidate, reason in found.skipped],
    }
