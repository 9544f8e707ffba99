"""Mentions of a document: hits in title and text with their zone, their sentence, and how central each entity is.

What belongs here: what a hit means for a reader of the document. What does not: finding it (`matcher`), who is told
(`alerts`).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import log2
from typing import Literal, NamedTuple, Protocol

from assets.matching.matcher import Hit, Matcher
from assets.matching.sentences import sentence_at, sentences
from assets.matching.watchlist import Via

__all__ = ["Mention", "ZoneLike", "find_mentions", "salience", "sentences"]

Field = Literal["title", "text"]
# Where the words stand is no statement of the article: who wrote it and where.
SILENT_ZONES = frozenset({"byline", "dateline"})
LEAD = 300  # characters of the body that a news writer puts the main things into
_BREAK = "\n\n"


class ZoneLike(Protocol):
    """A labelled span of the text, as extraction makes it."""

    @property
    def kind(self) -> str:
        """body, dateline, byline, heading, quote, caption, table or notes."""
        ...

    @property
    def start(self) -> int:
        """First character."""
        ...

    @property
    def end(self) -> int:
        """After the last character."""
        ...


class Mention(NamedTuple):
    """One mention. `field[start:end] == matched`; `sentence` is a span of the same field; `score` is the entity's salience, 0..1."""

    entity: str
    field: Field
    zone: str
    start: int
    end: int
    matched: str
    name: str
    via: Via
    sentence: tuple[int, int]
    alerting: bool
    score: float


def find_mentions(matcher: Matcher, *, title: str, text: str, language: str | None = None, zones: Sequence[ZoneLike] = ()) -> list[Mention]:
    """All mentions in reading order, title first. Text outside every zone is body.

    Title and text are matched as one, so that a name in the title may find its wanted neighbour in the lead.
    """
    zones = sorted(zones, key=lambda zone: zone.start)
    shift = len(title) + len(_BREAK)
    hits = matcher.find(title + _BREAK + text, language=language)
    titled = [hit for hit in hits if hit.end <= len(title)]
    written = [hit._replace(start=hit.start - shift, end=hit.end - shift) for hit in hits if hit.start >= shift]
    spans = sentences(title, language) if titled else []
    found = [_mention(hit, "title", "title", spans) for hit in titled]
    spans = sentences(text, language, around=[hit.start for hit in written]) if written else []
    found += [_mention(hit, "text", _zone(zones, hit.start), spans) for hit in written]
    scores = salience(found, lead_start=_lead_start(zones))
    return [mention._replace(score=scores.get(mention.entity, 0.0)) for mention in found]


def salience(mentions: Iterable[Mention], *, lead_start: int = 0) -> dict[str, float]:
    """How central each entity is: 1 - 2^(-s/3) with s = 3·(in the title) + 2·(in the lead) + log2(1 + mentions).

    About .2 for one passing mention, .5 for one in the lead, .8 for title, lead and a few more. Only alerting mentions count.
    """
    groups: defaultdict[str, list[Mention]] = defaultdict(list)
    for mention in mentions:
        if mention.alerting:
            groups[mention.entity].append(mention)
    return {entity: round(1 - 2 ** (-_weight(group, lead_start) / 3), 4) for entity, group in groups.items()}


def _weight(group: list[Mention], lead_start: int) -> float:
    titled = any(mention.field == "title" for mention in group)
    leading = any(mention.field == "text" and mention.start < lead_start + LEAD for mention in group)
    return 3 * titled + 2 * leading + log2(1 + len(group))


def _lead_start(zones: Sequence[ZoneLike]) -> int:
    """Where the body begins, after dateline and byline."""
    return min((zone.start for zone in zones if zone.kind == "body"), default=0)


def _zone(zones: Sequence[ZoneLike], at: int) -> str:
    """The kind of the zone that holds a place; zones are in order and do not overlap."""
    index = bisect_right(zones, at, key=lambda zone: zone.start) - 1
    return zones[index].kind if index >= 0 and at < zones[index].end else "body"


def _mention(hit: Hit, field: Field, zone: str, spans: list[tuple[int, int]]) -> Mention:
    return Mention(
        hit.entity, field, zone, hit.start, hit.end, hit.matched, hit.name, hit.via,
        sentence_at(spans, hit.start, hit.end), zone not in SILENT_ZONES, 0.0,
    )  # fmt: skip
