"""What any reader finds in a document before links are made absolute and dates are read: the common form of all formats.

Readers fill these with clean text (see `fieldtext`); `feed` turns them into records.
"""

from dataclasses import dataclass, field

from assets.parsing.records import Enclosure, Kind


@dataclass(slots=True)
class RawEntry:
    """One entry as read. `links` and `published` are candidates, best first; links are as written or already absolute."""

    guid: str = ""
    links: list[str] = field(default_factory=list)
    title: str = ""
    published: list[str] = field(default_factory=list)
    updated: str = ""
    authors: tuple[str, ...] = ()
    summary: str = ""
    content: str = ""
    categories: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    language: str = ""

    @property
    def says_something(self) -> bool:
        """Whether there is anything that could be an article."""
        return bool(self.title or self.summary or self.content or any(self.links))


@dataclass(slots=True)
class RawFeed:
    """A feed as read. `home` is the address of the site, for links that are relative to nothing else."""

    kind: Kind | None
    title: str = ""
    language: str = ""
    home: str = ""
    next_url: str | None = None
    ttl_minutes: int | None = None
    entries: list[RawEntry] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    damaged: bool = False
    is_index: bool = False

    @property
    def telling(self) -> int:
        """How many entries say something."""
        return sum(entry.says_something for entry in self.entries)
