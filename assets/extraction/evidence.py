"""What each datum of an article stands on, told in one line a datum: "title: heading, og:title, title element".

Nothing is decided here: `titles`, `people`, `times`, `metadata` and `language` have done so. A line names every place that
says the same.
"""

from collections.abc import Iterable, Iterator

from assets.extraction import language
from assets.extraction.blocks import Page
from assets.extraction.markup import fields
from assets.extraction.records import Hints
from assets.extraction.structured import Statements, texts
from assets.extraction.wording import key

_LONGEST_LINE = 200  # characters


def lines(**places: Iterable[str]) -> tuple[str, ...]:
    """A line for each datum that is known, with the places that say so; without any it is told that nothing else does."""
    told = {datum: list(dict.fromkeys(said)) for datum, said in places.items()}
    return tuple(f"{datum}: {', '.join(said)}" for datum, said in told.items() if said)


def of_title(title: str | None, stated: Statements, page: Page, hints: Hints) -> Iterator[str]:
    """Where the title stands, alone or before the name of the site."""
    wanted = key(title)
    if not wanted:
        return
    if any(block.level and key(block.text) == wanted for block in page.blocks):
        yield "heading"
    claims = [("JSON-LD", text) for thing in stated.things for text in texts(thing.get("headline"))]
    claims += [(name, value) for name in fields("titles") for value in stated.all(name)]
    yield from (name for name, value in [*claims, ("title element", stated.title)] if key(value).startswith(wanted))
    if hints.title and key(hints.title) == wanted:
        yield "feed"


def of_authors(
    authors: Iterable[str], stated: Statements, page: Page, near: Iterable[int], behind: Iterable[int], hints: Hints
) -> Iterator[str]:
    """Where the first of the authors is named."""
    first = next(map(key, authors), "")
    if not first:
        return
    claims = [("JSON-LD", text) for thing in stated.things for text in texts(thing.get("author") or thing.get("creator"))]
    claims += [(name, value) for name in fields("authors") for value in stated.all(name)]
    yield from (name for name, value in claims if first in key(value))
    for where, places in (("shown beside the title", near), ("shown behind the text", behind)):
        if any(first in key(page.blocks[place].text[:_LONGEST_LINE]) for place in places):
            yield where
    if any(first in key(name) for name in hints.authors):
        yield "feed"


def of_language(code: str | None, stated: Statements, hints: Hints) -> Iterator[str]:
    """The text itself, and who declares the same."""
    if code:
        yield "text"
        yield from (who for who, tag in (("source", hints.language), ("html lang", stated.language)) if language.normalise(tag) == code)


def of_site(site: str | None, stated: Statements) -> Iterator[str]:
    """Who names the site; a host's name stands for itself."""
    if site:
        named = [name for name in fields("sites") if site in stated.all(name)]
        publisher = any(site in texts(thing.get("publisher")) for thing in stated.things) or site in stated.sites
        yield from (*named, *(["JSON-LD"] if publisher else []))
        if not named and not publisher:
            yield "address"
