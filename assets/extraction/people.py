"""Who wrote an article: the byline, the links to authors' pages, what the page states, what the feed says.

What the page shows beside its title goes before what it states to machines, which is often only the name of an account.
How names are read out of a line is in `naming`.
"""

import re
from collections.abc import Iterable, Iterator

from assets.extraction.blocks import Block, Page
from assets.extraction.dating import without_dates
from assets.extraction.markup import fields
from assets.extraction.naming import LONGEST_LINE, is_person, is_role, names, persons_first, words
from assets.extraction.records import Hints
from assets.extraction.signatures import signer
from assets.extraction.structured import Statements, texts
from assets.extraction.wording import is_sentence, key, tidy

_MOST = 20  # authors
_BEFORE = 80  # characters of dates and sections that may stand before the "By"
_LABEL = 100  # characters of a line in a box that calls itself author
_ALONE = 25  # characters of a name that stands alone
_NICKNAME = 3  # words
_INTRODUCTION = 80  # characters behind a name that say what somebody is
_BARS, _EDGES = re.compile(r"\s*[|·•⋅]\s*"), " |·•⋅,-–—"
_LINK_SHARE = 0.4  # of a line that must be the author's link


def find_authors(stated: Statements, page: Page, near: Iterable[int], behind: Iterable[int], hints: Hints) -> tuple[str, ...]:
    """The authors of an article.

    Args:
        stated: what the page says to machines.
        page: its blocks.
        near: the places around the title; bylines and author links there go first.
        behind: the places right behind the text, where some sites sign.
        hints: the feed's authors come last.

    Returns:
        Names in order: stated ones that stand beside the title; those of a byline there; stated persons; names in boxes
        and behind links that speak of an author; whatever is stated; what stands behind the text; the feed's; who signs with a role.
    """
    lines, ends = _short(page, near), _short(page, behind)
    claims = [claim for claim in _stated(stated) if claim]
    shown = f" {' '.join(key(block.text) for block in lines)} "
    return _unique(
        next((claim for claim in claims if all(f" {key(name)} " in shown for name in claim)), None)
        or _first(_bylined(page, lines, place) for place in range(len(lines)))
        or next((claim for claim in claims if all(map(is_person, claim))), None)
        or _first(_labelled(page, block) for block in lines)
        or next(iter(claims), None)
        or _first(_bylined(page, ends, place) for place in range(len(ends)))
        or _first(_labelled(page, block) for block in ends)
        or _bare(page, lines)
        or hints.authors
        or _signed(ends)
    )


def ruled(lines: Iterable[str]) -> tuple[str, ...]:
    """The names in lines of which a site's rule says that they are the authors'."""
    return _unique(name for line in lines for name in names(line))


def _short(page: Page, places: Iterable[int]) -> list[Block]:
    blocks = (page.blocks[place] for place in places)
    return [block for block in blocks if len(block.text) <= LONGEST_LINE and block.kind not in {"table", "quote"}]


def _first(found: Iterable[list[str]]) -> list[str]:
    return next((some for some in found if some), [])


def _bylined(page: Page, lines: list[Block], place: int) -> list[str]:
    """Names behind a "By": those of the author links, else those that are written; a bare "By" speaks of the next line."""
    block = lines[place]
    if block.level == 1:
        return []
    text = without_dates(tidy(block.text))
    found = words().by.search(text + " ")
    if not found or found.start() > _BEFORE or any(_is_other_title(*link) for link in block.links):
        return []
    rest = words().others.sub("", text[found.end() :]).strip(" |")
    if not rest:
        return _alone(lines[place + 1]) if place + 1 < len(lines) else []
    leads = not text[: found.start()].strip(_EDGES)  # "Iran by rail 2 September 2021" has a means of travel behind it
    nickname = len(rest.split()) <= _NICKNAME and ((text != block.text and leads) or _is_labelled(page, block))
    if not (rest[0].isalnum() and not rest[0].islower()) and not nickname:  # scripts without capitals have neither
        return []
    return [name for name in _linked(block) if name in rest] or persons_first(names(rest))


def _is_other_title(href: str, link: str) -> bool:
    """Whether a link that leads to no author's page has a "by" behind other words: it is the title of another article."""
    found = words().by.search(link + " ")
    return bool(found and link[: found.start()].strip(_EDGES) and not words().link.search(href))


def _alone(block: Block) -> list[str]:
    if block.level == 1:
        return []
    return [name for name in names(block.text) if is_person(name) or len(block.text) < _ALONE]


def _labelled(page: Page, block: Block) -> list[str]:
    """Names in a box that calls itself author, or behind a link to an author's page."""
    if len(block.text) > _LABEL or block.level == 1:
        return []
    labelled, linked = _is_labelled(page, block), _linked(block)
    opens = bool(linked) and block.text.startswith(linked[0]) and not is_sentence(block.text)
    if linked and (labelled or opens or sum(map(len, linked)) > _LINK_SHARE * len(without_dates(block.text))):
        return linked
    return [name for name in persons_first(names(block.text)) if is_person(name) or name == tidy(block.text)] if labelled else []


def _linked(block: Block) -> list[str]:
    return [name for href, text in block.links if words().link.search(href) for name in names(text)]


def _is_labelled(page: Page, block: Block) -> bool:
    tokens = [token for frame in page.ancestors(block)[:3] for token in frame.tokens]
    return any(words().author.search(token) and ("name" in token.lower() or not words().about.search(token)) for token in tokens)


def _bare(page: Page, lines: list[Block]) -> list[str]:
    """A line right below the title that is a person's name and nothing else; several beside a date, or introduced elsewhere."""
    heads = [place for place, block in enumerate(lines) if block.level == 1]
    below = [block for block in (lines[heads[-1] + 1 : heads[-1] + 5] if heads else []) if block.kind in {"body", "list"}]
    for block in below:
        dated = tidy(without_dates(block.text)) != tidy(block.text)
        parts = [found for part in _parts(block.text) if (found := (names(part) if dated and not block.linked else [part]))]
        persons = [
            found for found in parts if all(is_person(name) and not is_role(name) and len(name.split()) <= _NICKNAME for name in found)
        ]
        if len(persons) == 1:
            return persons[0]
        several = names(block.text)
        if len(several) > 1 and all(map(is_person, several)) and all(_is_introduced(page, name) for name in several):
            return several
    return []


def _is_introduced(page: Page, name: str) -> bool:
    """Whether a paragraph begins with a name and says what that person is: "Anna Berg is a senior fellow at …"."""
    told = (block.text[len(name) : len(name) + _INTRODUCTION] for block in page.blocks if block.text.startswith(name + " "))
    return any(map(is_role, told))


def _signed(ends: list[Block]) -> list[str]:
    """Persons that sign below the text and say what they are."""
    signers = ((signer(block), block.text) for block in ends)
    return [name for name, line in signers if name and is_person(name) and not is_role(name) and is_role(line.partition(name)[2])]


def _parts(line: str) -> list[str]:
    """A line without its dates; where it bears one, the parts that bars and bullets set apart: "12 March 2024 · 4 min · Dana Yesimova"."""
    undated = tidy(without_dates(line))
    return [part.strip(_EDGES) for part in (_BARS.split(undated) if undated != tidy(line) else [undated])]


def _stated(statements: Statements) -> Iterator[list[str]]:
    """Authors as the page states them to machines: JSON-LD, then each of the meta names."""
    for thing in statements.things:
        yield [name for text in texts(thing.get("author") or thing.get("creator")) for name in names(text)]
    labels, values = statements.all("twitter:label1", "twitter:label2"), statements.all("twitter:data1", "twitter:data2")
    yield [name for label, value in zip(labels, values, strict=False) if words().stated.match(label) for name in names(value)]
    for field in fields("authors"):
        yield [name for text in statements.all(field) for name in names(text)]


def _unique(found: Iterable[str]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for name in found:
        if key(name):
            kept.setdefault(key(name), name)
    return tuple(kept.values())[:_MOST]
