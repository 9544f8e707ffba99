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


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Feed(_Model):
    """An institute's feed.

    Attributes:
        path: where it lies, with its query.
        content_type: what the server says that it is.
        window: how many of the newest articles it lists.
        validators: what the server sends for conditional requests.
    """

    path: str
    content_type: str
    window: int = 10
    validators: Validators = "none"


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


class Institute(_Model):
    """One simulated institute.

    Attributes:
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
    cms: str
    charset: dict[str, str] = {"*": "utf-8"}
    content_type: str = "text/html; charset=UTF-8"
    permalink: str
    uploads: str
    style: str
    feed: Feed
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
        return f"{self.id}.example"

    @property
    def home(self) -> str:
        """The address of its first page."""
        return f"http://{self.host}/"

    @property
    def source(self) -> dict[str, Any]:
        """Its definition in the shape of a source file."""
        feeds = [{"url": self.absolute(self.feed.path), "kind": "rss"}]
        languages = list(self.languages)
        plain = {"id": self.id, "name": self.name, "country": self.country, "languages": languages, "home": self.home}
        return plain | {"feeds": feeds, "timezone": self.timezone}

    def absolute(self, path: str) -> str:
        """A path of this institute as an address."""
        return self.home.rstrip("/") + path

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
