"""Where an article ends, and what stands in it that is not its own: the anchored cut on the last list of blocks.

It works on pages, on the HTML of feeds and on plain text, where no box tells furniture from prose. An anchor is a heading
like "Related Posts", a run of share lines, or furniture that was cut already; what follows must look like teasers or
furniture itself, else only the anchor goes.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from assets.extraction.blocks import Block
from assets.extraction.phrases import is_disclaimer, starts_with
from assets.extraction.teasers import announces, is_card, is_title, read_run
from assets.extraction.tools import is_hashtags
from assets.extraction.wording import ends_sentence, is_sentence
from assets.extraction.zones import CALLS

NO_GAPS: Mapping[int, str] = MappingProxyType({})
HALF = 0.5  # share of the text that must stand before a cut that no link confirms
MOST = 0.4  # share of the text that a cut inside it may take
MOST_LINKED = 0.85  # the same for a tail of teasers with links
_HEADING = 60  # characters
_SHORT = 250
_CALL = 150  # characters of the second line of a call
_CALLS = frozenset({"newsletter", "donation", "comments"})
_FURNITURE = ("share", "newsletter", "comments", "donation", "cookie", "tags", "feed_tail", "copyright")


@dataclass(frozen=True, slots=True)
class Foreign:
    """Blocks from `start` up to `end` that are not the article's: their kind and the rule."""

    start: int
    end: int
    kind: str
    rule: str


def find_foreign(blocks: list[Block], gaps: Mapping[int, str] = NO_GAPS, announced: Collection[int] = ()) -> list[Foreign]:
    """Teasers and furniture among the blocks of an article.

    Args:
        blocks: what is left of the page.
        gaps: places before which furniture was cut already, with its kind: it may have been a heading of what stands there.
        announced: places before which a heading of teasers was cut.

    Returns:
        What is to be cut, in order and without overlaps.
    """
    found: list[Foreign] = []
    total = sum(len(block.text) for block in blocks)
    place = before = 0
    while place < len(blocks):
        foreign = _announced(blocks, place) if place in announced else _at(blocks, place, before >= HALF * total, gaps)
        if foreign and (place in announced or _may_cut(blocks, foreign, total)):
            found.append(foreign)
        step = found[-1].end if found and found[-1].start == place else place + 1
        before += sum(len(block.text) for block in blocks[place:step])
        place = step
    return found or _trailing_links(blocks, gaps) or _trailing_heading(blocks)


def _announced(blocks: list[Block], place: int) -> Foreign | None:
    """Linked titles with excerpts to the very end, below a heading that went already: beside a short note they outweigh it."""
    run = read_run(blocks, place)
    return Foreign(place, run.end, "related", "cards below their heading") if run.items > 1 and run.end == len(blocks) and place else None


def _may_cut(blocks: list[Block], foreign: Foreign, total: int) -> bool:
    """A tail of teasers may be longer than the rest of a short article, and more so where it is all links and excerpts."""
    part = blocks[foreign.start : foreign.end]
    most = MOST
    if foreign.end == len(blocks) and foreign.kind == "related":
        most = MOST_LINKED if any(is_card(block) or is_title(block) for block in part) else 1 - MOST
    return sum(len(block.text) for block in part) <= most * total


def _at(blocks: list[Block], place: int, late: bool, gaps: Mapping[int, str]) -> Foreign | None:
    line, gap = blocks[place].text, place in gaps
    if _is_heading(blocks[place]) and announces(line):
        emptied = Foreign(place, place + 1, "related", f"heading: {line}") if place + 1 in gaps else None
        return _teasers(blocks, place, place + 1, late, f"heading: {line}") or emptied
    shares = _run_of_shares(blocks, place)
    if shares - place > 1 or (shares > place and late and not is_sentence(line)):
        return _teasers(blocks, place, shares, late, f"share line: {line}", sure=True) or Foreign(
            place, shares, "share", f"share line: {line}"
        )
    if gap and late:
        run = read_run(blocks, place)
        if (run.items > 1 or (run.excerpts and gaps[place] == "recurring")) and run.end == len(blocks):
            return Foreign(place, run.end, "related", "cards below furniture")
    if gap and late and _is_rest(blocks, place, gaps):
        return Foreign(place, place + 1, gaps[place], f"line below furniture: {line[:60]}")
    return _furniture(blocks, place, _SHORT if gap else 80) if late else None


def _is_rest(blocks: list[Block], place: int, gaps: Mapping[int, str]) -> bool:
    """Whether a short line is what a call to subscribe or to give goes on with: furniture stands above it and below it."""
    below = place + 1
    ends = below == len(blocks) or below in gaps or announces(blocks[below].text) or _run_of_shares(blocks, below) > below
    return gaps[place] in _CALLS and ends and len(blocks[place].text) <= _CALL and blocks[place].kind == "body"


def _is_heading(block: Block) -> bool:
    return len(block.text) <= _HEADING and not block.text.endswith((".", "!", "。")) and block.kind not in {"table", "caption"}


def _run_of_shares(blocks: list[Block], place: int) -> int:
    while place < len(blocks) and len(blocks[place].text) <= _HEADING and starts_with("share", blocks[place].text):
        place += 1
    return place


def _teasers(blocks: list[Block], start: int, place: int, late: bool, rule: str, *, sure: bool = False) -> Foreign | None:
    """The anchor with the teasers below it: linked ones anywhere, unlinked ones only as the end of the text."""
    run = read_run(blocks, place)
    if run.items and (late or run.items > 1 or run.end < len(blocks)):
        return Foreign(start, run.end, "related", rule)
    if not late:
        return None
    if place == len(blocks):
        return Foreign(start, place, "share" if sure else "related", rule)
    plain = read_run(blocks, place, linked=False)
    confirmed = sure or plain.broken or not plain.excerpts
    if plain.items and plain.end == len(blocks) and confirmed:
        return Foreign(start, plain.end, "related", rule)
    return None


def _furniture(blocks: list[Block], place: int, longest: int) -> Foreign | None:
    """A line of furniture late in the text, with the lines below it that are of the same sort or too short to be the article's."""
    text = blocks[place].text
    kind = next(
        (kind for kind in _FURNITURE if starts_with(kind, text, longest=_SHORT if kind in {"copyright", "cookie"} else longest)),
        "disclaimer" if is_disclaimer(text) else "tags" if is_hashtags(text) else None,
    )
    if kind is None or (kind in CALLS and is_sentence(blocks[place].text) and longest < _SHORT):
        return None  # nothing beside it says that it is more than a sentence
    end = place + 1
    while end < len(blocks) and (
        is_disclaimer(blocks[end].text) or any(starts_with(other, blocks[end].text, longest=_SHORT) for other in _FURNITURE)
    ):
        end += 1
    last = len(blocks) - end <= 2 and all(len(block.text) <= _SHORT and block.kind in {"body", "heading", "list"} for block in blocks[end:])  # noqa: PLR2004 - a line and a button
    if kind in {"newsletter", "comments", "donation"} and last and _is_heading(blocks[place]):
        end = len(blocks)
    return Foreign(place, end, kind, f"line: {blocks[place].text[:60]}")


def _trailing_heading(blocks: list[Block]) -> list[Foreign]:
    """A last heading below which everything went."""
    start = len(blocks)
    while start > 1 and blocks[start - 1].kind == "heading":
        start -= 1
    return [Foreign(start, len(blocks), "navigation", "heading with nothing below it")] if start < len(blocks) else []


def _trailing_links(blocks: list[Block], gaps: Mapping[int, str]) -> list[Foreign]:
    """A last section of nothing but links, with its heading, which may be cut already; lists of sources are spared."""
    start = len(blocks)
    while start > 0 and blocks[start - 1].density > 0.8 and not ends_sentence(blocks[start - 1].text) and len(blocks[start - 1].text) > 1:  # noqa: PLR2004 - nothing but a link
        start -= 1
    if start in {0, len(blocks)}:
        return []
    if gaps.get(start) == "tags":
        return [Foreign(start, len(blocks), "tags", "links below a heading of tags")]
    above = blocks[start - 1]
    headed = above.kind == "heading" or (len(above.text) <= _HEADING and (above.bold or above.text.endswith(":")))
    if headed and not starts_with("notes", above.text):
        return [Foreign(start - 1, len(blocks), "related", "last section is links")]
    if not headed and all(block.kind != "list" for block in blocks[start:]):
        return [Foreign(start, len(blocks), "related", "last lines are links")]
    return []
