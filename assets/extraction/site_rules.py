"""Rules for one site, as data in its source's YAML, for what cannot be learnt; each set has a day on which it ends.

    rules:
      until: 2027-03-31              # from then on they are not used, and whoever wrote them looks again
      why: the related box has no name of its own
      drop: [".abo", "div.text > table"]
      keep: [".pull-quote"]
      body: "#content"
      date: "span.when"
      author: ".who a"

A selector is CSS of the plainest sort: tags, `.class`, `#id`, `[attribute]`, `[attribute=value]`, joined by a space (inside)
or `>` (right inside). `body` says where the article is, `drop` what goes, `keep` what stays although it looks like furniture;
`date` and `author` go before all other evidence. Here selectors are checked and found in a page; `zones`, `choice` and
`extract` obey them.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Annotated

from lxml import html
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from assets.extraction.blocks import Frame, Page

ACTIONS = ("body", "drop", "keep", "date", "author")
_WHOLE = frozenset({"html", "body", "main", "article", "*"})
_NAME = r"-?[A-Za-z_][\w-]*"
_PART = re.compile(rf"\.(?P<token>{_NAME})|\#(?P<id>{_NAME})|\[(?P<name>[\w-]+)(?:=[\"']?(?P<value>[^\"'\]]*)[\"']?)?\]")
_COMPOUND = re.compile(rf"(?P<tag>{_NAME}|\*)?(?P<parts>(?:{_PART.pattern.replace('?P<', '?P<_')})*)$")
_JOINTS = re.compile(r"\s*(>)\s*|\s+(?![^\[]*\])")


def xpath(selector: str) -> str:
    """A selector as XPath. Raises ValueError, with what to write instead, for what is not understood."""
    found, joint = ".", "//"
    for step in (part for part in _JOINTS.split(selector.strip()) if part):
        if step == ">":
            joint = "/"
            continue
        found += joint + _step(step, selector)
        joint = "//"
    if joint == "/" or found == ".":
        raise ValueError(f"the selector {selector!r} is not finished")
    return found


def _step(step: str, selector: str) -> str:
    compound = _COMPOUND.match(step)
    if compound is None:
        raise ValueError(
            f"the selector {selector!r} is not understood at {step!r}: tags, .class, #id and [attribute=value] are; several go in a list"
        )
    tests = [
        f"contains(concat(' ', normalize-space(@class), ' '), ' {part['token']} ')" if part["token"]
        else f"@id='{part['id']}'" if part["id"]
        else f"@{part['name']}" if part["value"] is None
        else f"@{part['name']}='{part['value']}'"
        for part in _PART.finditer(compound["parts"])
    ]  # fmt: skip
    return (compound["tag"] or "*").lower() + "".join(f"[{test}]" for test in tests)


def _is_selector(selector: str) -> str:
    xpath(selector)
    return selector


def _spares_the_whole(selector: str) -> str:
    if selector.strip().lower() in _WHOLE:
        raise ValueError(f"{selector!r} would take the whole page away")
    return selector


Selector = Annotated[str, AfterValidator(_is_selector)]


class SiteRules(BaseModel):
    """The rules of one source; see the head of this module."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    until: date
    why: str | None = None
    body: Selector | None = None
    drop: list[Annotated[Selector, AfterValidator(_spares_the_whole)]] = Field(default=[])
    keep: list[Selector] = Field(default=[])
    date_: Selector | None = Field(default=None, alias="date")
    author: Selector | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "SiteRules":
        if not any(True for _ in self.selectors()):
            raise ValueError(f"rules without a selector do nothing: give one of {', '.join(ACTIONS)}")
        return self

    def is_live(self, now: datetime) -> bool:
        """Whether they are still used; the day of `until` is the last."""
        return now.astimezone(UTC).date() <= self.until

    def selectors(self) -> Iterator[tuple[str, str]]:
        """Each action with one selector."""
        yield from (("body", self.body),) if self.body else ()
        yield from (("drop", selector) for selector in self.drop)
        yield from (("keep", selector) for selector in self.keep)
        yield from (("date", self.date_),) if self.date_ else ()
        yield from (("author", self.author),) if self.author else ()


def find(rules: SiteRules | None, root: html.HtmlElement, now: datetime) -> dict[html.HtmlElement, str]:
    """The elements that live rules speak of, each with its rule ("drop .abo"); of several rules for one element the first counts."""
    if rules is None or not rules.is_live(now):
        return {}
    found: dict[html.HtmlElement, str] = {}
    for action, selector in rules.selectors():
        for element in root.xpath(xpath(selector)):
            found.setdefault(element, f"{action} {selector}")
    return found


def unmatched(rules: SiteRules | None, page: Page, now: datetime) -> tuple[str, ...]:
    """Rules that a page should match and does not, as warnings: the site has changed."""
    wanted = (
        [(action, selector) for action, selector in rules.selectors() if action in {"body", "date"}] if rules and rules.is_live(now) else []
    )
    found = {frame.rule for frame in page.frames}
    return tuple(f"rule_unmatched: {action} {selector}" for action, selector in wanted if f"{action} {selector}" not in found)


def ruled(page: Page, action: str) -> list[Frame]:
    """The frames of which a rule says this, in reading order."""
    return [frame for frame in page.frames if frame.rule.startswith(action + " ")]


def said(page: Page, action: str) -> list[str]:
    """The lines of the frames of which a rule says this; machine-readable times go first."""
    blocks = [block for frame in ruled(page, action) for block in page.blocks[frame.start : frame.end]]
    return [text for block in blocks for text in (*block.times, *block.changes, block.text)]
