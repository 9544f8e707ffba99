"""What teasers look like: titles that lead to other articles, each with at most an excerpt, under a heading or without one.

A run of them is read item by item, so that it ends where the article goes on: a paragraph is an excerpt only where the
items before it had one, or where it breaks off in mid-sentence.
"""

import re
from dataclasses import dataclass, field

from assets.extraction.blocks import Block
from assets.extraction.phrases import starts_with
from assets.extraction.wording import ends_sentence

_TITLE = range(8, 221)  # characters
_LABEL, _HEAD, _EXCERPT = 40, 150, 450
_LINKED = 0.8
_YEAR = re.compile(r"\b(19|20)\d\d\b")


@dataclass(slots=True)
class Run:
    """A run of teasers: where it ends, how many items it has, and what their excerpts look like."""

    end: int
    items: int = 0
    excerpts: int = 0
    broken: int = 0
    _last: list[bool] = field(default_factory=list)


def announces(line: str) -> bool:
    """Whether a line is a heading of teasers: "Related Posts", «Читайте также», 相关阅读."""
    return starts_with("related", line) or starts_with("read_also", line)


def is_title(block: Block) -> bool:
    """Whether a block is nothing but a link, long enough to be a title; a date may stand beside it."""
    return (block.density > _LINKED or _is_dated(block)) and len(block.text) in _TITLE


def _is_dated(block: Block) -> bool:
    rest = block.text
    for _, text in block.links:
        rest = rest.replace(text, "", 1)
    rest = rest.strip()
    return len(block.text) - len(rest) in _TITLE and len(rest) <= _LABEL and _YEAR.search(rest) is not None


def is_card(block: Block) -> bool:
    """Whether a block is a linked title with its excerpt in one, as where cards are cells of a table."""
    first, _, rest = block.text.partition("\n")
    title = block.links[0][1] if block.links and rest else ""
    return len(title) in _TITLE and first.startswith(title) and 2 * len(title) > len(first) and len(rest) <= _EXCERPT


def is_label(block: Block) -> bool:
    """A date, a badge, a "more": what may stand in a card beside title and excerpt."""
    return len(block.text) <= _LABEL and not (ends_sentence(block.text) and block.text.endswith((".", "!", "?", "。")))


def read_run(blocks: list[Block], start: int, *, linked: bool = True) -> Run:
    """Read teasers from `start` on; without `linked`, short lines count as titles too."""
    run, place = Run(start), start
    while place < len(blocks):
        block = blocks[place]
        if is_title(block) or is_card(block) or (not linked and _is_head(block)):
            _take_title(run, place, card=is_card(block))
        elif announces(block.text) and len(block.text) <= _LABEL * 2:
            run.end = place + 1
        elif not is_label(block) and not _take_excerpt(run, blocks, place, linked=linked):
            break
        place += 1
    if place == len(blocks) and run.items:
        run.end = place
    return run


def _is_head(block: Block) -> bool:
    return block.kind == "heading" or (len(block.text) <= _HEAD and not ends_sentence(block.text))


def _take_title(run: Run, place: int, *, card: bool) -> None:
    run.items += 1
    run._last = [*run._last[-1:], card]
    run.excerpts += card
    run.end = place + 1


def _take_excerpt(run: Run, blocks: list[Block], place: int, *, linked: bool) -> bool:
    """Whether this paragraph belongs to the item before it; then it is taken."""
    block = blocks[place]
    if not run.items or run._last[-1] or len(block.text) > _EXCERPT or block.kind in {"table", "quote", "caption"}:
        return False
    breaks_off = not ends_sentence(block.text) or block.text.endswith(("…", "..."))
    if len(run._last) > 1 and not run._last[0] and not breaks_off:
        return False  # the items before had no excerpt
    if len(run._last) == 1 and not breaks_off and not _item_follows(blocks, place + 1, linked=linked):
        return False
    run._last[-1] = True
    run.excerpts += 1
    run.broken += breaks_off
    run.end = place + 1
    return True


def _item_follows(blocks: list[Block], place: int, *, linked: bool) -> bool:
    while place < len(blocks) and is_label(blocks[place]) and not is_title(blocks[place]):
        place += 1
    return place < len(blocks) and (is_title(blocks[place]) or is_card(blocks[place]) or (not linked and _is_head(blocks[place])))


def leads_elsewhere(block: Block) -> bool:
    """Whether a line is a label of teasers and a link, in the midst of a text: "Read also: A trap on the Bosporus"."""
    if not block.links or len(block.text) > 200 or block.density < 0.25:  # noqa: PLR2004 - label and link, no sentence with a link
        return False
    label = block.text
    for _, text in block.links:
        label = label.replace(text, " ", 1) if text else label
    label = label.strip()
    if len(label) < 3:  # noqa: PLR2004 - the label is inside the link
        return starts_with("read_also", block.text, longest=200) and block.density > _LINKED
    return announces(label) and len(label) <= _LABEL
