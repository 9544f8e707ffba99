"""The registry: one YAML file a think tank, read and checked before anything is fetched.

Folders are layered: a file in a later folder replaces the one of the same id in an earlier folder.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from warehouse.database import Row
from warehouse.documents import Document
from warehouse.errors import ConfigError

FeedKind = Literal["rss", "atom", "rdf", "jsonfeed", "sitemap"]


def _is_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as fault:
        raise ValueError(f"{name!r} is no IANA time zone such as Europe/Moscow") from fault
    return name


def _is_address(url: str) -> str:
    if not url.startswith(("http://", "https://")) or " " in url:
        raise ValueError(f"{url!r} is no http or https address")
    return url


Address = Annotated[str, AfterValidator(_is_address)]


class FeedDefinition(BaseModel):
    """A feed of a source; `kind` is what we expect, the document decides."""

    model_config = ConfigDict(extra="forbid")

    url: Address
    kind: FeedKind | None = None


class Source(BaseModel):
    """One think tank, as its YAML file defines it."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    name: str
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    languages: list[Annotated[str, Field(pattern=r"^[a-z]{2}$")]] = []
    home: Address | None = None
    timezone: Annotated[str, AfterValidator(_is_timezone)] | None = None
    enabled: bool = True
    legal_note: str | None = None
    notes: str | None = None
    feeds: Annotated[list[FeedDefinition], Field(min_length=1)]

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone; UTC when none is given."""
        return ZoneInfo(self.timezone or "UTC")


def load_sources(places: Sequence[Path]) -> list[Source]:
    """All sources of these files and folders, by id; a later place overrides an earlier one.

    Raises ConfigError for a missing place, a fault in a file (with its line) or an id that stands twice in one folder.
    """
    found: dict[str, Source] = {}
    for place in places:
        found |= _load_place(place)
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
        "definition": source.model_dump(exclude_none=True),
    }


def feed_rows(sources: Iterable[Source]) -> list[Row]:
    """The rows of table `feeds` as far as the files define them; `kind` is what is expected before the first good poll."""
    return [
        {"feed_id": feed_id(source.id, feed.url), "source_id": source.id, "url": feed.url, "kind": feed.kind, "enabled": source.enabled}
        for source in sources
        for feed in source.feeds
    ]


def _load_place(place: Path) -> dict[str, Source]:
    if not place.exists():
        raise ConfigError("no such file or folder of sources", path=place, hint="mend `sources` in thinkwatch.toml")
    found: dict[str, tuple[Source, Path]] = {}
    for path in sorted(place.rglob("*.yaml")) if place.is_dir() else [place]:
        document = Document.read(path)
        source = document.validate(Source)
        if source.id in found:
            raise document.fault(f"the source {source.id} is already defined in {found[source.id][1]}", ["id"], hint="rename or remove one")
        found[source.id] = (source, path)
    return {key: source for key, (source, _) in found.items()}
