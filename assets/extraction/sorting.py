"""From labelled blocks to what stays and what goes: the frame of the article, its opening lines, its tail, its zones.

Pure list work; the labels come from `zones`, the frame from `choice`, the rules of the tail from `tail`.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from assets.extraction import introductions, signatures, titles, zones
from assets.extraction.assembly import Kept
from assets.extraction.blocks import Block, Page
from assets.extraction.dating import without_dates
from assets.extraction.naming import is_person, names
from assets.extraction.phrases import is_disclaimer, starts_with
from assets.extraction.records import Cut
from assets.extraction.tail import find_foreign
from assets.extraction.teasers import announces
from assets.extraction.wording import ends_sentence, is_sentence, key
from assets.parsing.datewords import fold, is_weekday

_BESIDE = frozenset({"share", "related", "newsletter", "comments", "tags", "donation", "recurring"})  # furniture that teasers stand below
_NAMES = 0.7  # of a line that bears nothing else but commas
_TOLD = 3  # words behind a day and a colon
_LABEL = 20  # characters that may stand beside a date: a place, a weekday, a section
_LONGEST_NOTE = 60  # characters of such a line that bears no date, or ends like a sentence
_NOTES_HEADING = 40  # characters
_LONGEST_LINE = 160  # characters of a byline or a date above the text


@dataclass(slots=True)
class Sorted:
    """What stays, in order; what goes, each with its label; and the kinds of furniture that went before places."""

    kept: list[Block] = field(default_factory=list)
    cuts: list[tuple[Block, zones.Label]] = field(default_factory=list)
    gaps: dict[int, str] = field(default_factory=dict)
    announced: set[int] = field(default_factory=set)
    spared: frozenset[int] = frozenset()  # ids of blocks that no rule of the tail may take


def sort(
    page: Page,
    labels: Sequence[zones.Label | None],
    title: str | None,
    start: int,
    end: int,
    lead: Collection[int] = (),
    spared: Collection[int] = (),
) -> Sorted:
    """Sort the blocks of a page whose article stands between two places, and at the places of its `lead`; `spared` ones always stay."""
    found = Sorted(spared=frozenset(id(page.blocks[place]) for place in spared))
    begun, gap = False, ""
    plain = all(block.kind != "heading" for block in page.blocks)  # no heading is marked as one, so no deck is either
    head = _above_title(page, title, start, end)
    for place, (block, marked) in enumerate(zip(page.blocks, labels, strict=True)):
        inside = start <= place < end or place in lead or place in spared
        label = marked or (None if inside else zones.Label("outside", "outside the article"))
        if label is None and not begun and place not in spared:
            label = zones.Label("meta", "line above the title") if place in head else _opening_label(block, title)
        if label is None and not begun and plain and _is_credit(block, found.cuts):
            label = zones.Label("meta", "line below the title")
        if label is not None:
            found.cuts.append((block, label))
            # A heading of teasers announces them also where it went because the site repeats it.
            kind = "related" if label.kind == "recurring" and announces(block.text) else label.kind
            if inside and kind == "related" and announces(block.text):
                found.announced.add(len(found.kept))
            gap = kind if inside and kind in _BESIDE else gap
            continue
        if gap:
            found.gaps[len(found.kept)] = gap
        found.kept.append(block)
        begun, gap = begun or zones.prose(block) > 0, ""
    return _without_foreign(found)


def without_strays(page: Page, found: Sorted, alone: Sorted, recurring: Collection[int]) -> Sorted:
    """Cut the teasers that stayed because those beside them recur.

    A teaser that no other page shows is told by its neighbours. Where those went as recurring, what was found without the
    template (`alone`) still counts, for blocks in one run with them.
    """
    kept = {id(block) for block in found.kept}
    teasers = {id(block): label for block, label in alone.cuts if label.kind == "related" and id(block) in kept}
    strays: dict[int, zones.Label] = {}
    for places in (range(len(page.blocks)), range(len(page.blocks) - 1, -1, -1)):
        beside = False
        for place in places:
            block = page.blocks[place]
            if beside and id(block) in teasers:
                strays[id(block)] = teasers[id(block)]
            beside = place in recurring or id(block) in strays or (beside and id(block) not in kept)
    if not strays:
        return found
    stay = [place for place, block in enumerate(found.kept) if id(block) not in strays]
    cuts = [*found.cuts, *((block, strays[id(block)]) for block in found.kept if id(block) in strays)]
    return Sorted([found.kept[place] for place in stay], cuts, {new: found.gaps[old] for new, old in enumerate(stay) if old in found.gaps})


def _above_title(page: Page, title: str | None, start: int, end: int) -> range:
    """The places of short lines between the beginning of the frame and the title in it: whose section, who, when; never a dateline."""
    at = next((place for place in range(start, end) if titles.is_title(page.blocks[place], title)), start)
    lines = page.blocks[start:at]
    short = all(block.kind in {"body", "list"} and len(block.text) <= _LONGEST_LINE and not zones.prose(block) for block in lines)
    return range(start, at) if short and not any(map(signatures.is_dateline, lines)) else range(0)


def _opening_label(block: Block, title: str | None) -> zones.Label | None:
    """What stands above the first paragraph: the title again, byline, date, sections."""
    if titles.is_title(block, title):
        return zones.Label("title", "repeats the title")
    if is_disclaimer(block.text):
        return zones.Label("disclaimer", "line above the text")
    if len(block.text) > _LONGEST_LINE or signatures.is_dateline(block):
        return None
    if starts_with("tags", block.text, longest=_LONGEST_LINE) and not is_sentence(block.text):
        return zones.Label("tags", "line above the text")
    undated = without_dates(block.text).strip(" |,.")
    dated = undated != block.text.strip(" |,.")
    who = dated and not _says_what_happened(block) and (len(undated) <= _LABEL or _begins_with_date(block) or _is_persons(undated))
    if who or block.density > 0.8 or _says_who_or_when(block, dated):  # noqa: PLR2004 - nothing but a link
        return zones.Label("meta", "line above the text")
    return None


def _says_what_happened(block: Block) -> bool:
    """Whether a line is a day and, behind a colon, what happened then: "19 September 2023: the port opens"."""
    before, _, said = without_dates(block.text).partition("|")
    found = re.findall(r"[^\W\d_]+", said)
    return not before.strip() and said.lstrip().startswith(":") and len(found) >= _TOLD and any(word == word.lower() for word in found)


def _begins_with_date(block: Block) -> bool:
    """Whether a line that is no sentence begins with a date or its weekday: what follows is source, author, number of readers."""
    before, bar, _ = without_dates(block.text).partition("|")
    return bool(bar) and not is_sentence(block.text) and all(is_weekday(fold(word)) for word in re.findall(r"\w+", before))


def _is_persons(line: str) -> bool:
    """Whether a line names persons and nothing else."""
    found = names(line)
    return bool(found) and all(map(is_person, found)) and sum(map(len, found)) > _NAMES * len(line)


def _says_who_or_when(block: Block, dated: bool) -> bool:
    """Whether a line is a byline or tells of its date: it begins so, names somebody or bears a date, and is no sentence."""
    if is_sentence(block.text) and not (dated and len(block.text) <= _LONGEST_NOTE):
        return False
    if starts_with("dated", block.text, longest=_LONGEST_LINE):
        return dated or len(block.text) <= _LONGEST_NOTE
    return starts_with("byline", block.text, longest=_LONGEST_LINE) and bool(names(block.text))


def _is_credit(block: Block, cuts: Sequence[tuple[Block, zones.Label]]) -> bool:
    """Whether a line right below the title says who speaks; it is no sentence."""
    below = bool(cuts) and cuts[-1][1].kind == "title"
    return below and len(block.text) <= _LONGEST_LINE and not ends_sentence(block.text) and not signatures.is_dateline(block)


def _without_foreign(found: Sorted) -> Sorted:
    """Cut until nothing foreign is left: what was in the middle may uncover a tail."""
    gone = _foreign(found)
    while gone:
        left = [place for place in range(len(found.kept)) if place not in gone]
        found = Sorted(
            [found.kept[place] for place in left],
            [*found.cuts, *((found.kept[place], gone[place]) for place in sorted(gone))],
            {new: kind for new, old in enumerate(left) if (kind := found.gaps.get(old) or (gone[old - 1].kind if old - 1 in gone else ""))},
            {new for new, old in enumerate(left) if old in found.announced},
            found.spared,
        )
        gone = _foreign(found)
    return found


def _foreign(found: Sorted) -> dict[int, zones.Label]:
    """The places of what is not the article's, each with its label."""
    parts = find_foreign(found.kept, found.gaps, found.announced)
    places = ((place, part) for part in parts for place in range(part.start, part.end))
    return {place: zones.Label(part.kind, part.rule) for place, part in places if id(found.kept[place]) not in found.spared}


def zoned(page: Page, kept: list[Block], authors: tuple[str, ...], site: str | None) -> list[Kept]:
    """The blocks that stay, with their zone kinds and bullets."""
    kinds = _with_notes([zones.zone_of(page, block) for block in kept], kept)
    body = [place for place, kind in enumerate(kinds) if kind not in {"notes", "caption"}]
    for place in signatures.signatures([kept[at] for at in body], authors, site):
        kinds[body[place]] = "byline"
    for place in introductions.introductions([kept[at] for at in body], authors):
        if kinds[body[place]] == "body":
            kinds[body[place]] = "byline"
    named = {key(author) for author in authors} | {key(" ".join(authors))} - {""}
    for place in body[:3]:
        if kinds[place] == "body" and signatures.is_dateline(kept[place]):
            kinds[place] = "dateline"
        elif kinds[place] == "body" and key(kept[place].text) in named:
            kinds[place] = "byline"
    return [Kept(kind, ("- " if block.bullet else "") + block.text) for kind, block in zip(kinds, kept, strict=True)]


def _with_notes(kinds: list[str], kept: list[Block]) -> list[str]:
    """What stands below a heading of notes or sources, late in the text, is notes up to the next heading."""
    inside = False
    for place, block in enumerate(kept):
        if kinds[place] == "heading" or (len(block.text) <= _NOTES_HEADING and starts_with("notes", block.text)):
            inside = place >= len(kept) // 2 and len(block.text) <= _NOTES_HEADING and starts_with("notes", block.text)
        elif inside and kinds[place] == "body":
            kinds[place] = "notes"
    return kinds


def merged(cuts: Iterable[tuple[Block, zones.Label]]) -> tuple[Cut, ...]:
    """Cuts as they are reported: neighbours that went by the same rule as one."""
    found: list[Cut] = []
    for block, label in cuts:
        if found and (found[-1].kind, found[-1].rule) == (label.kind, label.rule):
            found[-1] = replace(found[-1], text=f"{found[-1].text}\n{block.text}")
        else:
            found.append(Cut(label.kind, label.rule, block.text))
    return tuple(found)
