"""From the outlines of an OPML file to the files of sources: what is new, what is known, what cannot be taken.

Reads the installation's definitions; asks nothing of the web and writes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assets.parsing.listings import Outline
from assets.parsing.urls import canonical_url, url_key
from assets.sources.opml import LISTS
from assets.sources.registry import Source, load_sources, registry_folder
from assets.sources.writing import free_id, overlay_text, proposed_id, source_text
from pipelines.adding import installed, target
from pipelines.settings import Settings


@dataclass
class Plan:
    """Files to write by path, and lines on the feeds that are known and the outlines that cannot be taken."""

    files: dict[Path, str] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def plan_import(settings: Settings, outlines: Sequence[Outline], name: str, *, enabled: bool) -> Plan:
    """Decide what an OPML file becomes. Raises ConfigError for a file that is in the way."""
    own = installed(settings)
    known = _by_feed(one.source for one in own.values())
    shipped = _by_feed(load_sources([registry_folder()]))
    taken = {*own, *(source.id for source in shipped.values())}
    plan, sites = Plan(), dict[str, list[Outline]]()
    for outline in outlines:
        url = canonical_url(outline.feed_url)
        if url is None:
            plan.refused.append(f"{name}:{outline.line}: {outline.feed_url!r} is no http or https address")
        elif url_key(url) in known:
            plan.kept.append(
                f"{url} is polled as {known[url_key(url)].id}"
                if known[url_key(url)].enabled
                else f"{url} is known as {known[url_key(url)].id}, switched off"
            )
        elif url_key(url) in shipped:
            source = shipped[url_key(url)]
            known |= {url_key(feed.url): source for feed in source.feeds}
            plan.files[target(settings, source.id)] = _taken_over(source, outline, name, enabled=enabled)
        else:
            sites.setdefault(canonical_url(outline.site_url) or url, []).append(outline)
            known[url_key(url)] = Source(id="this-file", name=name, enabled=False)
    for site, listed in sites.items():
        source_id = free_id(proposed_id(site), taken)
        taken.add(source_id)
        plan.files[target(settings, source_id)] = _text(source_id, site, listed, name, enabled=enabled)
    return plan


def _by_feed(sources: Iterable[Source]) -> dict[str, Source]:
    return {url_key(feed.url): source for source in sources for feed in source.feeds}


def _taken_over(source: Source, outline: Outline, name: str, *, enabled: bool) -> str:
    story = [_origin(outline, name)]
    if source.legal_note:
        story += [f"Legal note: {source.legal_note}", "Set `enabled: true` once you have done so."]
    return overlay_text(source, enabled=enabled and not source.legal_note, story=story)


def _text(source_id: str, site: str, listed: Sequence[Outline], name: str, *, enabled: bool) -> str:
    return source_text(
        source_id=source_id,
        name=next((outline.title for outline in listed if outline.title), source_id),
        languages=list(dict.fromkeys(outline.language.lower().partition("-")[0] for outline in listed if outline.language)),
        home=site,
        feeds=[_feed(outline) for outline in listed],
        story=[_origin(outline, name) for outline in listed],
        enabled=enabled,
    )


def _feed(outline: Outline) -> dict[str, str | None]:
    url = {"url": canonical_url(outline.feed_url)}
    return url | ({"kind": outline.kind} if outline.kind in LISTS else {})


def _origin(outline: Outline, name: str) -> str:
    folders = f", in {' / '.join(outline.folders)}" if outline.folders else ""
    return f"From {Path(name).name}, line {outline.line}{folders}: {outline.title or outline.feed_url}"
