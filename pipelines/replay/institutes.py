"""The institutes of the replay: who they are, where their pages and feed lie, and with what they surround an article.

One folder each, `institutes/<id>/site.toml`. A new institute is such a folder, some articles, and a template folder if its content system
is new. Phrases that institutes of one language share stand in `boiler.<language>.toml`; `[boiler.<block>]` in a site.toml overrides them,
`[boiler.<block>-<language>]` for one language.
"""

import tomllib
from datetime import date
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from pipelines.replay.articles import Article

ROOT = Path(__file__).parent
SEED_SLUG = "csto-summit"

Validators = Literal["none", "etag", "weak", "last-modified", "both"]
Happening = Literal[
    "status",
    "redirect",
    "instead",
    "truncated",
    "entity-bomb",
    "mislabelled",
    "mistyped",
    "broken-gzip",
    "huge",
    "short",
    "drip",
    "slow",
    "empty",
    "one-guid",
    "new-guids",
    "skewed",
    "unchanged",
]
FeedKind = Literal["rss", "atom", "rdf", "jsonfeed", "sitemap", "listing"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Feed(_Model):
    """One of an institute's feeds, in the widest sense: sitemaps and listing pages are polled like feeds.

    Attributes:
        path: where it lies, with its query.
        kind: what it is.
        template: the file that it is made with, in the templates of the institute.
        content_type: what the server says that it is.
        window: how many of the newest articles it lists, or a page of it does.
        died: the day from which on nothing was added to it, where it is a dead one.
        paging: the parameter of the query that asks for an older page; nothing when there are none.
        languages: only articles in these; all where none is said.
        validators: what the server sends for conditional requests.
        polled: whether the source's definition names it. One that it does not name can still be found.
        extra: what its definition holds besides address and kind.
    """

    path: str
    kind: FeedKind = "rss"
    template: str = "feed.xml"
    content_type: str
    window: int = 10
    died: date | None = None
    paging: str = ""
    languages: tuple[str, ...] = ()
    validators: Validators = "none"
    polled: bool = True
    extra: dict[str, Any] = {}


class Teaser(_Model):
    """A card for an older article that the replay does not hold: only there to mention what the article beside it does not.

    Attributes:
        names: the watched entities that its words mention.
        day: when it is said to have been published; some day of that summer where nothing is said.
    """

    language: str = "en"
    title: str
    excerpt: str = ""
    badge: str = ""
    names: frozenset[str]
    day: date | None = None


class Change(_Model):
    """What an institute changes about its site at a tick: the host that it lives on, or the generation of its markup."""

    tick: int
    domain: str | None = None
    markup: str | None = None


class Mishap(_Model):
    """Something that goes wrong at some ticks, see `mishaps`.

    Attributes:
        ticks: when.
        path: the path, with its query, whose answers it befalls; `page:<slug>` for an article's page.
        does: what happens.
        status, to, retry, seconds, page: of what happens, where it needs them.
    """

    ticks: frozenset[int]
    path: str
    does: Happening
    status: int = 503
    to: str = ""
    retry: str = ""
    seconds: float = 0.0
    page: str = ""


class Institute(_Model):
    """One simulated institute.

    Attributes:
        domain: its host, where that is not `<id>.example`; `aliases` are further hosts that show the same.
        markup: the generation of its templates, for those that know more than one.
        changes: what changes during the fortnight, see `at`.
        mishaps: what goes wrong during the fortnight.
        others: its feeds besides the main one.
        links: by slug, addresses that feed and listing give for an article instead of its own.
        cms: the template folder.
        charset: of pages and feed, by language; `feed` for the feed. `*` stands for all others.
        content_type: what the server says of pages.
        permalink: a page's path; `{slug}`, `{language}`, `{year}`, `{month}` and `{id}` are filled in.
        uploads: where its pictures lie.
        style: where its style sheet lies.
        validators: what the server sends with pages for conditional requests.
        date_format: how a page tells its day, as a Unicode date pattern.
        date_quality: what can be known of a publication from page and feed together: the moment, or only the day.
        blocks: the furniture of its article pages, in the words of the phrase files.
        cards: how many teasers stand below an article.
        popular: how many titles stand in the list of what is read most.
        rotates: whether the cards change from tick to tick. A site of static files has none that do.
    """

    id: str
    name: str
    tagline: str
    country: str
    languages: tuple[str, ...]
    timezone: str
    domain: str = ""
    aliases: tuple[str, ...] = ()
    cms: str
    markup: str = ""
    charset: dict[str, str] = {"*": "utf-8"}
    content_type: str = "text/html; charset=UTF-8"
    permalink: str
    uploads: str
    style: str
    feed: Feed
    others: tuple[Feed, ...] = ()
    links: dict[str, str] = {}
    changes: tuple[Change, ...] = ()
    mishaps: tuple[Mishap, ...] = ()
    validators: Validators = "none"
    robots: str
    date_format: str
    date_quality: Literal["exact", "day"] = "exact"
    blocks: tuple[str, ...]
    cards: int = 3
    popular: int = 0
    rotates: bool = True
    boiler: dict[str, dict[str, Any]] = {}
    teasers: tuple[Teaser, ...]

    @property
    def host(self) -> str:
        """Its host name."""
        return self.domain or f"{self.id}.example"

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host name that is ever its own, the present one first."""
        later = [change.domain for change in self.changes if change.domain]
        return tuple(dict.fromkeys([self.host, f"{self.id}.example", *later, *self.aliases]))

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """All its feeds, the main one first."""
        return (self.feed, *self.others)

    @property
    def home(self) -> str:
        """The address of its first page."""
        return f"http://{self.host}/"

    @property
    def source(self) -> dict[str, Any]:
        """Its definition in the shape of a source file."""
        feeds = [{"url": self.absolute(feed.path), "kind": feed.kind} | feed.extra for feed in self.feeds if feed.polled]
        languages = list(self.languages)
        plain = {"id": self.id, "name": self.name, "country": self.country, "languages": languages, "home": self.home}
        return plain | {"feeds": feeds, "timezone": self.timezone}

    def at(self, tick: int) -> "Institute":
        """The institute as it is at a tick."""
        changed: dict[str, Any] = {}
        for change in self.changes:
            if change.tick <= tick:
                changed |= change.model_dump(exclude={"tick"}, exclude_none=True)
        return self.model_copy(update=changed) if changed else self

    def absolute(self, path: str) -> str:
        """A path of this institute as an address; an address stays as it is."""
        return path if path.startswith("http") else self.home.rstrip("/") + path

    def link_of(self, article: Article) -> str:
        """The address that feed and listing give for an article."""
        return self.absolute(self.links.get(article.slug) or self.path_of(article))

    def path_of(self, article: Article) -> str:
        """Where an article's page lies. Edits never move it."""
        day = article.published
        return self.permalink.format(
            slug=article.slug, language=article.language, year=day.year, month=f"{day.month:02}", id=number_of(article.slug)
        )

    def charset_of(self, language: str) -> str:
        """The encoding of pages in a language; of the feed for "feed"."""
        return self.charset.get(language) or self.charset["*"]

    def phrases(self, language: str) -> dict[str, dict[str, Any]]:
        """The words of every block that this institute shows: those of the language, its own over them."""
        common = load_phrases(language)
        return {name: common.get(name, {}) | self.boiler.get(name, {}) | self.boiler.get(f"{name}-{language}", {}) for name in self.blocks}


def number_of(slug: str) -> int:
    """The number that a content system would have given to an article; the same on every machine."""
    return 10_000 + int.from_bytes(blake2b(slug.encode(), digest_size=4).digest()) % 90_000


@cache
def load_institutes() -> dict[str, Institute]:
    """Every institute by its id."""
    files = sorted((ROOT / "institutes").glob("*/site.toml"))
    found = [Institute.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))) for path in files]
    return {institute.id: institute for institute in found}


@cache
def load_phrases(language: str) -> dict[str, dict[str, Any]]:
    """The boilerplate of a language, block by block."""
    return tomllib.loads((ROOT / f"boiler.{language}.toml").read_text(encoding="utf-8"))
