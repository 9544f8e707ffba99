"""Several views of where the article is, one decision, and a record of which view won.

The views: a rule of the site; our own zones; the feed's own text of the entry; the site's learnt template; trafilatura, which
is asked only in doubt because it parses the page again. The feed and trafilatura vote on the frame (`choice.choose`); block by
block, the template takes what recurs (`zones.label`) and the feed gives back what is in its cleaned text, whoever cut it: a
sentence that the institute itself sends out is the article's. Nothing is cut because a feed lacks it: pages are corrected
after their feed was read.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from assets.extraction import choice, opinion
from assets.extraction.blocks import Frame, Page
from assets.extraction.records import Winner
from assets.extraction.site_rules import ruled
from assets.extraction.templates import Rule
from assets.extraction.wording import key
from assets.extraction.zones import Label, Labels, prose

_LEAST = 40  # characters of a block that the feed may give back


@dataclass(frozen=True, slots=True)
class Decision:
    """The frame that is the article, who chose it, places that no rule may cut, whether the feed's text is there, what was said."""

    frame: Frame
    winner: Winner
    spared: frozenset[int]
    echoed: bool
    evidence: tuple[str, ...]


def decide(page: Page, labels: Labels, source: str, feed: opinion.FeedText, recurring: Mapping[int, Rule]) -> Decision | None:
    """Choose the article's frame and what of the rest belongs to it; None when no view finds any prose.

    Args:
        page: the page.
        labels: what our zones and the template cut.
        source: the page's HTML, for trafilatura.
        feed: the feed's text of the entry.
        recurring: what the template covers.
    """
    votes = feed.echoes(page)
    own = choice.choose(page, labels)
    frame, winner = own, "zones"
    if votes and (guided := choice.choose(page, labels, votes)) is not own:
        frame, winner = guided, "feed"
    if opinion.is_doubtful(labels, frame):
        helped = choice.choose(page, labels, votes | opinion.votes(source, page))
        winner = winner if helped is frame else "trafilatura"
        frame = helped
    if frame is None:
        return None
    if frame.rule.startswith("body "):
        winner = "site_rule"
    kept = frozenset(place for box in ruled(page, "keep") for place in range(box.start, box.end))
    confirmed = _confirmed(page, labels, feed)
    back = [place for place in confirmed if labels.found[place] or not frame.start <= place < frame.end]
    said = {"feed": len(votes), "feed gave back": len(back), "template": len(recurring), "site_rule kept": len(kept)}
    lines = tuple(f"{who}: {count} blocks" for who, count in said.items() if count)
    return Decision(frame, winner, kept | confirmed, bool(votes), lines)


def _confirmed(page: Page, labels: Labels, feed: opinion.FeedText) -> frozenset[int]:
    """The places of paragraphs that the feed's text has too, each once and rather where nothing cut it.

    What goes for the name of its box, for a site's rule or for the template is furniture even there: feeds carry it too.
    """
    found: dict[str, int] = {}
    for place, block in enumerate(page.blocks if feed.paragraphs else ()):
        line = key(block.text) if len(block.text) >= _LEAST and prose(block) else ""
        if line not in feed.paragraphs or _is_sure(labels.found[place]):
            continue
        if line not in found or labels.found[found[line]]:
            found[line] = place
    return frozenset(found.values())


def _is_sure(label: Label | None) -> bool:
    return label is not None and (label.kind in {"site_rule", "recurring"} or label.rule.startswith("class: "))
