"""Making a source of what was found: the text of its file, where it goes, and what the operator must know.

Asks the web through the installation's own gate and reads its files; writing the file is the command's part.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from assets.fetching.client import Fetcher
from assets.parsing.urls import url_key
from assets.sources.checking import probe_feed
from assets.sources.choosing import Tried, why
from assets.sources.exploring import Exploration, best_others, explore
from assets.sources.probing import Probe
from assets.sources.registry import Defined, Source, load_definitions, registry_ids, registry_source, unknown_source
from assets.sources.writing import free_id, overlay_text, proposed_id, source_text
from pipelines.reach import clock, with_fetcher
from pipelines.settings import Settings
from warehouse.errors import ConfigError

Told = Callable[[str], None]


@dataclass(frozen=True)
class Added:
    """A source to be written: `text` is empty when nothing was found, `works` says whether a feed of it answered."""

    source_id: str
    text: str
    works: bool
    found: Exploration | None = None
    remarks: tuple[str, ...] = ()


def explore_site(settings: Settings, urls: Sequence[str], told: Told) -> Exploration:
    """Look for the feeds of a site at the first of these addresses that answers."""

    async def look(fetcher: Fetcher) -> Exploration:
        for url in urls[:-1]:
            found = await explore(url, fetcher, clock(settings), told)
            if found.tried or not found.trouble:
                return found
        return await explore(urls[-1], fetcher, clock(settings), told)

    return with_fetcher(settings, look)


def installed(settings: Settings) -> dict[str, Defined]:
    """The sources of this installation by id."""
    return {one.source.id: one for one in load_definitions(settings.source_places)}


def target(settings: Settings, source_id: str) -> Path:
    """The file that a new source gets: in the first folder of the setting `sources`. Raises ConfigError when it is taken."""
    places = [settings.path(place) for place in settings.sources]
    folder = next((place for place in places if place.is_dir() or place.suffix not in {".yaml", ".yml"}), None)
    if folder is None:
        raise ConfigError("`sources` names no folder to write into", path=settings.file, hint='add one: sources = ["sources"]')
    path = folder / f"{source_id}.yaml"
    if path.exists():
        raise ConfigError(
            "the file is there already, and is never overwritten", path=path, hint="edit it, or choose another name with --id"
        )
    return path


def add_site(settings: Settings, urls: Sequence[str], source_id: str | None, told: Told) -> Added:
    """Find a site's feed and write a whole definition of it. Raises ConfigError for an id or a feed that is there already."""
    own = installed(settings)
    if source_id in own:
        raise ConfigError(f"there is a source {source_id} already", path=own[source_id].path, hint="choose another name with --id")
    found = explore_site(settings, urls, told)
    if found.chosen is None:
        return Added(source_id or "", "", works=False, found=found)
    chosen = found.chosen.probe
    _refuse_known(chosen, own.values())
    name = source_id or free_id(proposed_id(found.page.url), {*own, *registry_ids()})
    text = source_text(
        source_id=name,
        name=found.page.name or chosen.title or name,
        languages=[code for code in (chosen.language or found.page.language,) if code],
        home=urljoin(chosen.url, "/") if _same(found.page.url, chosen.final_url) else found.page.url,
        feeds=[_feed(chosen)],
        story=_story(found),
    )
    return Added(name, text, works=True, found=found, remarks=(*_neighbour_remark(chosen, own.values()), *_shipped_remark(chosen)))


def add_from_registry(settings: Settings, source_id: str, told: Told) -> Added:
    """Take over a source of the registry, after asking its feeds. Raises ConfigError for an unknown id or one that takes part already."""
    own, shipped = installed(settings), registry_source(source_id)
    if source_id in own:
        source = own[source_id]
        state = "is polled already" if source.source.enabled else "is here already, switched off"
        raise ConfigError(f"the source {source_id} {state}", path=source.path, hint="set `enabled: true` in its file to have it polled")
    if shipped is None:
        raise unknown_source(source_id, registry_ids())
    return _taken_over(settings, shipped.source, told)


def _taken_over(settings: Settings, source: Source, told: Told) -> Added:
    if source.legal_note:
        story = [f"Legal note: {source.legal_note}", "Set `enabled: true` once you have done so."]
        text = overlay_text(source, enabled=False, story=story)
        return Added(source.id, text, works=True, remarks=(f"it is switched off: {source.legal_note}",))
    probes = _probes(settings, source, told)
    working = [probe for probe in probes if probe.state == "working"]
    if working:
        return Added(source.id, overlay_text(source, enabled=True, story=[_seen(working[0])]), works=True, remarks=(_seen(working[0]),))
    if source.enabled and all(probe.state == "failing" for probe in probes):
        # Others have seen it working: what fails now may be a passing trouble, or our own network's.
        text = overlay_text(source, enabled=True, story=[_seen(probes[0])])
        return Added(
            source.id, text, works=False, remarks=(_seen(probes[0]), "it will be polled all the same: its feed was reported working")
        )
    found = explore_site(settings, [source.home], told) if source.home else None
    if found and found.chosen:
        chosen = found.chosen.probe
        text = overlay_text(source, enabled=True, feeds=[_feed(chosen)], story=[*map(_seen, probes), *_story(found)])
        return Added(source.id, text, works=True, found=found)
    story = [*map(_seen, probes), "Nothing that works was found; set the feed's address and `enabled: true` when you know better."]
    return Added(
        source.id,
        overlay_text(source, enabled=False, story=story),
        works=False,
        found=found,
        remarks=("it is switched off: no feed works",),
    )


def _probes(settings: Settings, source: Source, told: Told) -> list[Probe]:
    async def probe_all(fetcher: Fetcher) -> list[Probe]:
        probes = []
        for feed in source.feeds:
            told(feed.url)
            probes.append(await probe_feed(source, feed, fetcher, clock(settings)))
        return probes

    return with_fetcher(settings, probe_all)


def _refuse_known(chosen: Probe, own: Any) -> None:
    for one in own:
        if any(_same(feed.url, url) for feed in one.source.feeds for url in (chosen.url, chosen.final_url)):
            hint = "nothing is to be added" if one.source.enabled else "set `enabled: true` in its file to have it polled"
            raise ConfigError(f"the feed {chosen.url} is that of the source {one.source.id}", path=one.path, hint=hint)


def _neighbour_remark(chosen: Probe, own: Iterable[Defined]) -> tuple[str, ...]:
    host = urlsplit(chosen.final_url).hostname
    neighbours = [one for one in own if any(urlsplit(feed.url).hostname == host for feed in one.source.feeds)]
    return tuple(
        f"the source {one.source.id} has a feed of {host} too ({one.path}): what stands in both becomes two articles;"
        " if the feeds are one institute's, name this one in that file instead"
        for one in neighbours
    )


def _shipped_remark(chosen: Probe) -> tuple[str, ...]:
    for source_id in registry_ids():
        shipped = registry_source(source_id)
        if shipped and any(_same(feed.url, chosen.url) for feed in shipped.source.feeds):
            return (f"the registry knows this feed as {source_id}: thinkwatch sources show {source_id}",)
    return ()


def _story(found: Exploration) -> Sequence[str]:
    assert found.chosen is not None  # noqa: S101 - the callers have looked
    lines = [f"Found on {found.asked_at:%Y-%m-%d} at {found.url}: {why(found.chosen, found.tried, found.asked_at)}."]
    return [*lines, *(f"Also there: {_told_of(other)}" for other in best_others(found)[:5])]


def _told_of(other: Tried) -> str:
    return f"{other.probe.url} ({other.reason or other.role})"


def _seen(probe: Probe) -> str:
    return f"{probe.url} was {probe.state} on {probe.asked_at:%Y-%m-%d}: {probe.said}"


def _feed(probe: Probe) -> dict[str, str | None]:
    return {"url": probe.permanent_url or probe.url, "kind": probe.kind, "said": probe.said}


def _same(one: str, other: str) -> bool:
    return url_key(one) == url_key(other)
