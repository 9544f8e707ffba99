"""Sources: one YAML file a think tank, read and checked before anything is fetched.

The files beside this module are the registry that ships with Thinkwatch; an installation chooses from it. A later folder
overrides an earlier one, and every folder the registry: a file with a `name` is a whole definition and replaces the one
of its id, a file without is laid over it, key by key. What is done with the sources is not here.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from assets.extraction.site_rules import SiteRules
from assets.sources.expectations import Expectations
from warehouse.documents import Document
from warehouse.errors import ConfigError
from warehouse.transaction import Row

SOURCE_ID = r"[a-z0-9][a-z0-9-]*"
FeedKind = Literal["rss", "atom", "rdf", "jsonfeed", "sitemap", "wordpress", "listing"]


def _is_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as fault:
        raise ValueError(f"{name!r} is no IANA time zone such as Europe/Moscow") from fault
    return name


def _is_address(url: str) -> str:
    if not url.startswith(("http://", "https://")) or " " in url:
        raise ValueError(f"{url!r} is no http or https address")
    if "@" in urlsplit(url).netloc:
        raise ValueError("an address with a user name or a password in it is never asked")
    return url


def _fits(pattern: str, what: str) -> AfterValidator:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{text!r} is no {what}")
        return text

    return AfterValidator(check)


Address = Annotated[str, AfterValidator(_is_address)]


def _is_selector(text: str) -> str:
    from soupsieve import SelectorSyntaxError, compile  # noqa: A004, PLC0415 - only few sources have selectors

    try:
        compile(text)
    except SelectorSyntaxError as fault:
        raise ValueError(f"{text!r} is no CSS selector: {str(fault).splitlines()[0]}") from fault
    return text


def _is_pattern(text: str) -> str:
    if text.count("{n}") != 1:
        raise ValueError(f"{text!r} must hold {{n}} once, where the number of the page goes")
    return _is_address(text)


Selector = Annotated[str, AfterValidator(_is_selector)]


class SelectorDefinition(BaseModel):
    """Where a listing bears its articles; see `assets.parsing.records.Selectors`."""

    model_config = ConfigDict(extra="forbid")

    item: Selector
    link: Selector | None = None
    title: Selector | None = None
    date: Selector | None = None
    summary: Selector | None = None
    next: Selector | None = None


class FeedDefinition(BaseModel):
    """A feed of a source; `kind` is what we expect, the document decides, except that a web page must be called a listing.

    Attributes:
        url: where it is.
        kind: what it is; None when the document will say.
        selectors: of a listing; without them what repeats on the page is taken for the list.
        pages: address of older pages with {n} for their number (the second is 2), where the document names none.
        backfill: whether to look for what was missed when a poll shows nothing that is known.
        follow_moves: whether a permanent redirect changes the address that is asked; set it to false to go back.
    """

    model_config = ConfigDict(extra="forbid")

    url: Address
    kind: FeedKind | None = None
    selectors: SelectorDefinition | None = None
    pages: Annotated[str, AfterValidator(_is_pattern)] | None = None
    backfill: bool = True
    follow_moves: bool = True

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.selectors and self.kind != "listing":
            raise ValueError("selectors are for a feed of `kind: listing`")
        return self


class Source(BaseModel):
    """One think tank, as its YAML file defines it.

    Attributes:
        id: its name for ever.
        name, name_native: in English, and in its own language where that is another script.
        country: ISO 3166 code; EU for a body of the Union.
        languages: ISO 639 codes, that of the feeds first.
        timezone: for dates that bear no zone.
        confidence: how well the addresses are known; None for a file of the operator's own.
        enabled: whether it is polled.
        disabled_because: why the registry does not enable it, in words.
        legal_note: what the law may have to do with reading it.
        notes: what else is known.
        feeds: may be empty only as long as the source is not enabled.
        rules: what is known of its pages and cannot be learnt, until a day (`assets.extraction.site_rules`).
        expect: what the operator knows that it does; a check warns when it does not.
    """

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, _fits(SOURCE_ID, "id: small Latin letters, digits and hyphens, such as swp-berlin")]
    name: Annotated[str, Field(min_length=1)]
    name_native: str | None = None
    country: Annotated[str, _fits(r"[A-Z]{2}", "ISO 3166 code of a country, such as KZ")] | None = None
    languages: list[Annotated[str, _fits(r"[a-z]{2}", "ISO 639 code of a language, such as ru")]] = []
    home: Address | None = None
    timezone: Annotated[str, AfterValidator(_is_timezone)] | None = None
    confidence: Literal["low", "medium", "high"] | None = None
    enabled: bool = True
    disabled_because: str | None = None
    legal_note: str | None = None
    notes: str | None = None
    feeds: Annotated[list[FeedDefinition], Field(validate_default=True)] = []
    rules: SiteRules | None = None
    expect: Expectations | None = None

    @field_validator("feeds")
    @classmethod
    def _has_something_to_poll(cls, feeds: list[FeedDefinition], info: ValidationInfo) -> list[FeedDefinition]:
        if not feeds and info.data.get("enabled"):
            raise ValueError("an enabled source needs at least one feed (find one with: thinkwatch sources discover URL)")
        urls = [feed.url for feed in feeds]
        if twice := next((url for url in urls if urls.count(url) > 1), None):
            raise ValueError(f"the feed {twice} stands twice")
        return feeds

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone; UTC when none is given."""
        return ZoneInfo(self.timezone or "UTC")


@dataclass(frozen=True)
class Defined:
    """A source, the file that has the last word on it, and whether that file is laid over another definition."""

    source: Source
    path: Path
    overlay: bool = False


def registry_folder() -> Path:
    """Where the files of the registry lie."""
    return Path(str(files("assets.sources")))


def registry_ids() -> list[str]:
    """The ids of the registry, in order; a file is named by its id."""
    return sorted(path.stem for path in registry_folder().glob("*.yaml"))


def registry_source(source_id: str) -> Defined | None:
    """A source of the registry; None when it has none of that id."""
    path = registry_folder() / f"{source_id}.yaml"
    return Defined(Document.read(path).validate(Source), path) if source_id in registry_ids() else None


def registry_places(chosen: bool | Sequence[str]) -> tuple[Path, ...]:
    """The files that the setting `registry` chooses: all, none or the named ones. Raises ConfigError for an unknown id."""
    if isinstance(chosen, bool):
        return (registry_folder(),) if chosen else ()
    known = registry_ids()
    for source_id in chosen:
        if source_id not in known:
            raise unknown_source(source_id, known)
    return tuple(registry_folder() / f"{source_id}.yaml" for source_id in chosen)


def unknown_source(source_id: str, known: Iterable[str]) -> ConfigError:
    """The error for an id that no source bears, with the nearest one that is borne."""
    if source_id in registry_ids():
        message = f"the source {source_id} does not take part: it is only in the registry"
        return ConfigError(message, hint=f"take it over with: thinkwatch sources add {source_id}")
    close = get_close_matches(source_id, list(known), n=1)
    hint = f"did you mean {close[0]}?" if close else "list them with: thinkwatch sources list --all"
    return ConfigError(f"there is no source {source_id!r}", hint=hint)


def load_sources(places: Sequence[Path]) -> list[Source]:
    """All sources of these files and folders, by id; a later place overrides an earlier one.

    Raises ConfigError for a missing place, a fault in a file (with its line) or an id that stands twice in one folder.
    """
    return [defined.source for defined in load_definitions(places)]


def load_definitions(places: Sequence[Path]) -> list[Defined]:
    """As `load_sources`, with the file of each."""
    found: dict[str, Defined] = {}
    for place in places:
        found |= _load_place(place, found)
    return [found[key] for key in sorted(found)]


def feed_id(source_id: str, url: str) -> str:
    """Stable id of a feed: 20 hexadecimal characters."""
    return blake2b(f"{source_id} {url}".encode(), digest_size=10).hexdigest()


def source_row(source: Source, now: object) -> Row:
    """The row of table `sources`."""
    return {
        "source_id": source.id,
        "name": source.name,
        "country": source.country,
        "languages": source.languages,
        "home": source.home,
        "timezone": source.timezone,
        "legal_note": source.legal_note,
        "enabled": source.enabled,
        "added_at": now,
        "definition": source.model_dump(mode="json", by_alias=True, exclude_none=True),
    }


def feed_rows(sources: Iterable[Source]) -> list[Row]:
    """The rows of table `feeds` as far as the files define them; `kind` is what is expected before the first good poll."""
    return [
        {
            "feed_id": feed_id(source.id, feed.url),
            "source_id": source.id,
            "url": feed.url,
            "kind": feed.kind,
            "enabled": source.enabled,
            "definition": feed.model_dump(exclude_defaults=True),
        }
        for source in sources
        for feed in source.feeds
    ]


def _load_place(place: Path, before: Mapping[str, Defined]) -> dict[str, Defined]:
    if not place.exists():
        raise ConfigError("no such file or folder of sources", path=place, hint="mend `sources` in thinkwatch.toml")
    found: dict[str, Defined] = {}
    for path in sorted(place.rglob("*.yaml")) if place.is_dir() else [place]:
        document = Document.read(path)
        defined = _define(document, path, before)
        source_id = defined.source.id
        if source_id in found:
            raise document.fault(
                f"the source {source_id} is already defined in {found[source_id].path}", ["id"], hint="rename or remove one"
            )
        found[source_id] = defined
    return found


def _define(document: Document, path: Path, before: Mapping[str, Defined]) -> Defined:
    """The source of one file; one without a `name` is laid over the definition of its id."""
    given: Any = document.data
    if not isinstance(given, dict) or "name" in given or not isinstance(given.get("id"), str):
        return Defined(document.validate(Source), path)
    below = before.get(given["id"]) or registry_source(given["id"])
    if below is None:
        if given.keys() - Source.model_fields:
            document.validate(Source)  # a misspelt `name` is to be called so
        hint = "give it a `name`, or correct the id to one of: thinkwatch sources list --all"
        message = f"no source {given['id']!r} is there to lay this over, and for one of its own it lacks a `name`"
        raise document.fault(message, ["id"], hint=hint)
    base = below.source.model_dump(mode="json", by_alias=True, exclude_none=True)
    if given.get("enabled"):
        base.pop("disabled_because", None)  # the operator has decided otherwise
    return Defined(document.validate(Source, over=base), path, overlay=True)
