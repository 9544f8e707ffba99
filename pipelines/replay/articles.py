"""The articles of the replay: one file each, `articles/<slug>.<language>.md`, front matter in YAML and a body in the markup of `blocks`.

Their texts are our own: short explainers on facts that nobody disputes. The one exception is the user's own document, see `seed`.
An article knows when it is published and how it is edited later; where and how it is shown is not known here.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict

from pipelines.replay.blocks import Block, read_blocks
from pipelines.replay.clock import tick_of
from warehouse.documents import Document
from warehouse.errors import ConfigError

FOLDER = Path(__file__).parent / "articles"
REPORT = "\n=== report ===\n"  # parts a report from its abstract in an article file


class Edit(BaseModel):
    """A change that the institute makes at a tick, without a word to the reader.

    Attributes:
        tick: from when on it is shown.
        title: the new title, if that changes.
        replace: pieces of the source and what stands in their place.
        expect: the watched entities of the edited article, if they change.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    tick: int
    title: str | None = None
    replace: dict[str, str] = {}
    expect: frozenset[str] | None = None


class FrontMatter(BaseModel):
    """What stands above the body of an article file.

    Attributes:
        institute: id of the institute that shows it.
        dateline: the first paragraph ("MOSCOW, 19 Sep 2021, …"), or nothing.
        published: with its offset; the tick of publication follows from it.
        undated: neither the page nor the feed tells a date.
        expect: watched entities that title or text mention, footnotes too: these must raise alerts.
        quiet: watched entities that only a dateline mentions: these must not.
        inside: watched entities that the report beside the page mentions: these must not either, but analysts find them.
        copies: slug of another institute's article that this one shows again, with a line of its own above it.
        edits: later changes, in the order of their ticks.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    institute: str
    title: str
    byline: str
    dateline: str = ""
    published: AwareDatetime
    undated: bool = False
    tags: tuple[str, ...] = ()
    summary: str = ""
    expect: frozenset[str] = frozenset()
    quiet: frozenset[str] = frozenset()
    inside: frozenset[str] = frozenset()
    copies: str | None = None
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True)
class Article:
    """One article in one language, as it reads after the edits that were asked for (see `at`).

    Attributes:
        source: its body in the markup of `blocks`; of a report, the abstract.
        report: the report itself, which is shown as a PDF beside the page; nothing where there is none.
    """

    slug: str
    language: str
    front: FrontMatter
    title: str
    source: str
    expect: frozenset[str]
    revision: int = 0
    report: str = ""

    @property
    def published(self) -> datetime:
        """When it was published, with the institute's offset."""
        return self.front.published

    @property
    def tick(self) -> int:
        """The first tick at which it is shown."""
        return tick_of(self.published)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Its blocks, the dateline first where it has one."""
        head = (Block("dateline", (self.front.dateline,)),) if self.front.dateline else ()
        return head + read_blocks(self.source)

    @property
    def mentioned(self) -> frozenset[str]:
        """Every watched entity that it mentions anywhere."""
        return self.expect | self.front.quiet

    def at(self, tick: int) -> "Article":
        """The article as it reads at a tick."""
        article = self
        for number, edit in enumerate(self.front.edits, 1):
            if edit.tick <= tick:
                article = _edited(article, edit, number)
        return article


@cache
def load_articles() -> tuple[Article, ...]:
    """Every article, oldest first, unedited. Raises ConfigError that names file and line of a fault."""
    articles = [read_article(path) for path in sorted(FOLDER.glob("*.md"))]
    return tuple(sorted(articles, key=lambda article: (article.published, article.slug)))


def read_article(path: Path) -> Article:
    """Read one article file. Raises ConfigError."""
    _, head, text = path.read_text(encoding="utf-8").split("---\n", 2)
    body, _, report = text.partition(REPORT)
    front = Document(f"\n{head}", path).validate(FrontMatter)
    slug, language = path.stem.rsplit(".", 1)
    article = Article(slug, language, front, front.title, body, front.expect, report=report)
    for edit in front.edits:
        _refuse_idle(edit, body, path)
    return article


def _refuse_idle(edit: Edit, body: str, path: Path) -> None:
    for old in edit.replace:
        if old not in body:
            raise ConfigError(f"the edit of tick {edit.tick} replaces {old!r}, which is not there", path=path, hint="copy it from the body")


def _edited(article: Article, edit: Edit, number: int) -> Article:
    source = article.source
    for old, new in edit.replace.items():
        source = source.replace(old, new)
    expect = article.expect if edit.expect is None else edit.expect
    return replace(article, title=edit.title or article.title, source=source, expect=expect, revision=number)
