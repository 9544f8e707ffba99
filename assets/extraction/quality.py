"""How well a page was read, and whether a source's pages are suddenly read otherwise. Pure.

The score is made of what breaks when a site changes its pages: the length of the text, the links in it, the date, the title
and the extractor's own doubt. The test looks for the latest point at which a source's scores jumped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p, sqrt
from statistics import median

from assets.extraction.records import Extract
from assets.extraction.wording import words
from warehouse.transaction import Row

_USUAL = 3000  # characters of an article that is long enough for the full mark
_FEWEST_NEW, _MOST_NEW, _FEWEST_OLD = 6, 30, 20  # scores on either side of a jump
_SURE = 3.0  # standard deviations by which the ranks on both sides must differ
_SHIFT = 0.12  # of the scores' medians: less is not worth anybody's time
_APART = 0.9  # share of pairs (one from each side) in which the same side is better


def measure(extracted: Extract) -> Row:
    """The columns of `extractions` that tell how well a page was read; the score is 0 where there is no article."""
    text, removed = extracted.text, sum(len(cut.text) for cut in extracted.cut)
    density = min(1.0, 100 * len(extracted.links) / max(1, words(text)) / 10)
    dated = extracted.published_quality in {"exact", "day"}
    length = min(1.0, log1p(len(text)) / log1p(_USUAL))
    score = 0.45 * length + 0.15 * (1 - density) + 0.2 * dated + 0.1 * bool(extracted.title) + 0.1 * extracted.score
    return {
        "verdict": extracted.status,
        "score": round(score, 4) if extracted.status == "ok" else 0.0,
        "characters": len(text),
        "link_density": round(density, 4),
        "cut_share": round(removed / (removed + len(text)), 4) if removed + len(text) else 0.0,
        "zones": sorted({zone.kind for zone in extracted.zones}),
        "dated": dated,
        "titled": bool(extracted.title),
    }


@dataclass(frozen=True, slots=True)
class Jump:
    """The scores from `place` on differ from those before; medians of both sides."""

    place: int
    before: float
    after: float


def find_jump(scores: Sequence[float]) -> Jump | None:
    """The clearest jump near the end of a source's scores, oldest first; None when they go on as they were.

    For each number of latest scores from 6 to 30 they are held against all before (at least 20) by the rank-sum test with
    its correction for ties. A jump is told when the ranks differ by 3 standard deviations, nine pairs in ten agree on the
    side, and the medians differ by .12: single bad pages, slow drifts and noise tell nothing.
    """
    best, clearest = None, _SURE
    for new in range(_FEWEST_NEW, min(_MOST_NEW, len(scores) - _FEWEST_OLD) + 1):
        old, latest = scores[:-new], scores[-new:]
        before, after = median(old), median(latest)
        apart, deviations = _rank_sum(old, latest)
        if abs(after - before) >= _SHIFT and max(apart, 1 - apart) >= _APART and abs(deviations) >= clearest:
            best, clearest = Jump(len(old), before, after), abs(deviations)
    return best


def _rank_sum(old: Sequence[float], new: Sequence[float]) -> tuple[float, float]:
    """The share of pairs that the new side wins (ties are halves), and by how many standard deviations that is not by chance."""
    wins = sum((late > early) + 0.5 * (late == early) for late in new for early in old)
    pairs, count = len(old) * len(new), len(old) + len(new)
    both = [*old, *new]
    ties = sum(both.count(value) ** 3 - both.count(value) for value in set(both))
    variance = pairs / 12 * (count + 1 - ties / (count * (count - 1)))
    return wins / pairs, (wins - pairs / 2) / sqrt(variance) if variance > 0 else 0.0
