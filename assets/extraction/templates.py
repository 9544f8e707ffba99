"""The template of a site, learnt from some of its pages: what recurs on them is furniture, whatever it says and is called.

The interface, for whoever keeps templates:

- `read_page(body, content_type)` turns an archived page into what `learn` takes; None where it holds nothing.
- `learn(pages, now)` learns from pages of *different* articles of one site; `MOST_TAUGHT` of the latest are enough. One page
  teaches nothing, two teach something, with five nearly all is learnt.
- `Template.rules` is plain data: a tuple of `Rule`s, strings and numbers only. `to_rows(template)` and `from_rows(rows)` are
  for a table with a row a rule; `rules_from_rows(rows)` gives the rules alone.
- `extract(..., rules=template.rules)` uses them; what they cut says `recurring`, with the rule.
- `Template.is_current(now)` is False when it was made by another version of this module or is older than `LASTS`: learn
  anew, and keep the old rows as they are: a revision can be made again only by the rules that it was made with.

Pure: pages and `now` in, rules out. What is never taken, however often it recurs (titles, datelines, bylines, signatures, legal
labels, an article's own headings), is decided in `recurring`.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from assets.extraction.blocks import HEADINGS, Page
from assets.extraction.decode import decode
from assets.extraction.recurring import Spot, own, said, spot_of, width
from assets.extraction.walk import parse, read_blocks

VERSION = "template/4"
LEAST_PAGES = 2  # fewer tell nothing
MOST_TAUGHT = 12  # more pages add little
LASTS = timedelta(days=30)  # sites change their templates
SHARE = 0.6  # of the lines at a place that must recur for the place to be furniture
OFTEN = 0.3  # of the pages that must show a line at a place where articles have their paragraphs
EVERYWHERE = 0.6  # of the pages that must show a short line for it to be furniture at whatever place
_FEW = 3  # copies of one page; as many tell of a page behind many links, fewer of one article at two addresses
_ALIKE = 0.8  # share of the lines that copies have in common
_EXCERPT = 450  # characters; where an article's own paragraphs stand, longer ones occur
_OWN = 0.4  # of what a page says that no other says: where so much of it stands is no furniture
_HOLDERS = 0.3  # of the pages on which that is so
_SHORT = 80  # letters of a line that is furniture at whatever place
_LEAST_SAID = 3  # words of such a line
_BETWEEN = " > "  # boxes of a place

Kind = Literal["line", "place", "text"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that recurs.

    Attributes:
        kind: "line": this text at this place; "place": whatever stands there; "text": this text wherever it stands.
        place: tags and names of the boxes around it, innermost first, joined by " > "; empty for "text".
        text: the line, folded, digits as 0; empty for "place".
        seen: on how many of the pages.
    """

    kind: Kind
    place: str
    text: str
    seen: int


@dataclass(frozen=True, slots=True)
class Template:
    """What was learnt of a site.

    Attributes:
        rules: what recurs, in a fixed order.
        pages: how many pages it was learnt from, copies left out.
        learnt_at: aware UTC time.
        version: of the learning; rules of another version are learnt anew.
    """

    rules: tuple[Rule, ...] = ()
    pages: int = 0
    learnt_at: datetime | None = None
    version: str = VERSION

    @property
    def expires_at(self) -> datetime | None:
        """When it is to be learnt anew."""
        return self.learnt_at + LASTS if self.learnt_at else None

    def is_current(self, now: datetime) -> bool:
        """Whether it may still be used."""
        return self.version == VERSION and self.expires_at is not None and now < self.expires_at


def read_page(body: bytes, content_type: str | None = None) -> Page | None:
    """A page as `learn` takes it; None where there is nothing to parse."""
    root = parse(decode(body, content_type).text)
    return read_blocks(root) if root is not None else None


def learn(pages: Sequence[Page], now: datetime) -> Template:
    """Learn the template of a site.

    Args:
        pages: pages of different articles of the site, in any order; copies of one page are counted once, unless there are
            so many that the page itself is furniture (an error page behind many links).
        now: aware UTC time.

    Returns:
        The template; without rules where there are too few pages.
    """
    shown = _without_copies([_lines(page) for page in pages])
    if len(shown) < LEAST_PAGES:
        return Template((), len(shown), now)
    counts = Counter(line for lines in shown for line in lines)
    texts = _texts(pages, counts)
    places = _places(counts, texts)
    lines = {
        line for line, count in counts.items() if line[0] not in places and count >= (max(2, OFTEN * len(shown)) if line[0] in texts else 2)
    }
    anywhere = _anywhere(shown)
    rules = [
        *(Rule("place", _BETWEEN.join(spot), "", seen) for spot, seen in places.items()),
        *(Rule("line", _BETWEEN.join(spot), text, counts[spot, text]) for spot, text in lines if text not in anywhere),
        *(Rule("text", "", text, seen) for text, seen in anywhere.items()),
    ]
    return Template(tuple(sorted(rules, key=lambda rule: (rule.kind, rule.place, rule.text))), len(shown), now)


def to_rows(template: Template) -> list[dict[str, Any]]:
    """A row a rule, for a table or for JSON."""
    head = {"version": template.version, "pages": template.pages, "learnt_at": template.learnt_at, "expires_at": template.expires_at}
    return [{**head, "kind": rule.kind, "place": rule.place, "text": rule.text, "seen": rule.seen} for rule in template.rules]


def from_rows(rows: Iterable[Mapping[str, Any]]) -> Template:
    """The template that rows were made of; an empty one of none."""
    kept = list(rows)
    if not kept:
        return Template()
    return Template(rules_from_rows(kept), kept[0]["pages"], kept[0]["learnt_at"], kept[0]["version"])


def rules_from_rows(rows: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """The rules of rows as `to_rows` makes them."""
    return tuple(Rule(row["kind"], row["place"], row["text"], row["seen"]) for row in rows)


def covers(rules: Collection[Rule], page: Page) -> dict[int, Rule]:
    """The places of the blocks of a page that recur, each with its rule; an article's own lines are left out."""
    if not rules:
        return {}
    known = {(rule.place, rule.text): rule for rule in rules}
    found: dict[int, Rule] = {}
    for place, block in enumerate(page.blocks):
        spot, text = _BETWEEN.join(spot_of(page, block)), said(block)
        rule = known.get((spot, "")) or known.get((spot, text)) or known.get(("", text)) if text else None
        if rule:
            found[place] = rule
    kept = own(page, found)
    return {place: rule for place, rule in found.items() if place not in kept}


def _lines(page: Page) -> set[tuple[Spot, str]]:
    return {(spot_of(page, block), text) for block in page.blocks if (text := said(block))}


def _without_copies(shown: list[set[tuple[Spot, str]]]) -> list[set[tuple[Spot, str]]]:
    """Each page once; a page that is behind many links stays as often as it came, for then it is the site that speaks."""
    groups: list[list[set[tuple[Spot, str]]]] = []
    for lines in shown:
        alike = next((group for group in groups if len(lines & group[0]) >= _ALIKE * len(lines | group[0])), None)
        if lines and alike is not None:
            alike.append(lines)
        elif lines:
            groups.append([lines])
    return [lines for group in groups for lines in (group if len(group) >= _FEW else group[:1])]


def _texts(pages: Sequence[Page], counts: Mapping[tuple[Spot, str], int]) -> set[Spot]:
    """The places at which articles have their own paragraphs: long ones, or most of what a page says that no other says."""
    found: set[Spot] = set()
    holders: Counter[Spot] = Counter()
    for page in pages:
        sizes: Counter[Spot] = Counter()
        for block in page.blocks:
            spot = spot_of(page, block)
            if counts.get((spot, said(block)), 0) < 2:  # noqa: PLR2004 - on one page only
                sizes[spot] += len(block.text)
                found |= {spot} if len(block.text) > _EXCERPT else set()
        holders.update(spot for spot, size in sizes.items() if size >= _OWN * sizes.total())
    return found | {spot for spot, count in holders.items() if count >= _HOLDERS * len(pages)}


def _places(counts: Mapping[tuple[Spot, str], int], texts: set[Spot]) -> dict[Spot, int]:
    """The places at which most of what is shown recurs, each with the number of pages of its commonest line; never a heading's."""
    total, again, most = defaultdict[Spot, int](int), defaultdict[Spot, int](int), defaultdict[Spot, int](int)
    for (spot, _), count in counts.items():
        total[spot] += count
        again[spot] += count if count > 1 else 0
        most[spot] = max(most[spot], count)
    return {
        spot: most[spot] for spot, lines in total.items() if again[spot] >= SHARE * lines and spot not in texts and not _is_heading(spot)
    }


def _anywhere(shown: list[set[tuple[Spot, str]]]) -> dict[str, int]:
    """Short lines that most pages show, at different places."""
    places: dict[str, set[Spot]] = defaultdict(set)
    seen: Counter[str] = Counter()
    for lines in shown:
        for spot, text in lines:
            places[text].add(spot)
        seen.update({text for _, text in lines})
    often = max(_FEW, EVERYWHERE * len(shown))
    return {
        text: count
        for text, count in seen.items()
        if count >= often and len(places[text]) > 1 and width(text) <= _SHORT and len(text.split()) >= _LEAST_SAID
    }


def _is_heading(spot: Spot) -> bool:
    """Whether headings stand there: articles of one site may all have the same ones."""
    return any(box.partition(".")[0] in HEADINGS for box in spot[:2])
