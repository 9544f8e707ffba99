"""In which order the runs of a PDF's page are read: columns found by the gutters between them, rows put together from cells.

Pure geometry: runs in, leaves (columns of lines) out. What the lines are is decided in `pdf_layout`.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

from assets.extraction.pdf_reading import Run
from assets.extraction.wording import CJK

_LEAST_LINES, _FEWEST_LINES = 4, 2  # of a column; of one with long lines
_LEAST_CHARACTERS, _LEAST_SIGNS = 14, 7  # a column's lines are longer than a table's cells; in Latin and in Chinese script
_MOST_CROSSING = 0.6  # of all runs that may reach over a gutter: titles, figures, abstracts
_SIDE_BY_SIDE = 0.3  # of the lower column's height
_DEEPEST = 4
_NEAR = 6  # points by which the gutters of a document's pages differ
_FEW_LINES = 16
_SAME_ROW = 0.5
_CELL_GAP = 1.4  # ems between cells
_DROP_CAP = 1.8  # times as high as its neighbour

Leaf = list[Run]


def leaves(pages: Sequence[Sequence[Run]]) -> list[list[Leaf]]:
    """The columns of each page in reading order, as lines from top to bottom."""
    whole = [_without_drop_caps(runs) for runs in pages]
    gutters = Counter(round(gutter / _NEAR) * _NEAR for runs in whole if (gutter := _gutter(runs)))
    usual = gutters.most_common(1)[0][0] if gutters else None
    return [[_lines(part) for part in _parts(runs, _DEEPEST, usual) if part] for runs in whole]


def _parts(runs: list[Run], depth: int, usual: float | None = None) -> Iterator[list[Run]]:
    """Split at the best gutter; what reaches over it stands before the columns below it and behind those above.

    A page with too few lines to show a gutter has the `usual` one, if no more than half of its lines reach over that.
    """
    gutter = _gutter(runs) if depth else None
    if gutter is None and usual and 2 * sum(run.x0 < usual < run.x1 for run in runs) < len(runs) <= _FEW_LINES:
        gutter = usual
    if gutter is None:
        yield runs
        return
    across = sorted((run for run in runs if run.x0 < gutter < run.x1), key=_middle)
    waiting: list[Run] = []
    for place, sides in enumerate(_bands(runs, across, gutter)):
        if waiting and any(sides):
            yield waiting
            waiting = []
        for side in sides:
            yield from _parts(side, depth - 1) if side else ()
        waiting += across[place : place + 1]
    yield waiting


def _bands(runs: Sequence[Run], across: Sequence[Run], gutter: float) -> list[tuple[list[Run], list[Run]]]:
    """What stands left and right of the gutter above the first run that reaches over it, between each two, and below the last."""
    heights = [_middle(run) for run in across]
    bands: list[tuple[list[Run], list[Run]]] = [([], []) for _ in range(len(across) + 1)]
    for run in runs:
        if not run.x0 < gutter < run.x1:
            bands[bisect_left(heights, _middle(run))][run.x0 >= gutter].append(run)
    return bands


def _middle(run: Run) -> float:
    return (run.top + run.bottom) / 2


def _gutter(runs: Sequence[Run]) -> float | None:
    """The x between two columns of lines that stand side by side; None when the page has one column."""
    best, least = None, float("inf")
    edges = sorted({run.x0 for run in runs})
    for edge in edges[1:]:
        x = edge - 1
        left = [run for run in runs if run.x1 <= x]
        right = [run for run in runs if run.x0 > x]
        crossing = len(runs) - len(left) - len(right)
        if crossing < least and crossing <= _MOST_CROSSING * len(runs) and _are_columns(left, right):
            best, least = x, crossing
    return best


def _are_columns(left: Sequence[Run], right: Sequence[Run]) -> bool:
    if min(len(left), len(right)) < (_FEWEST_LINES if _is_prose(left, 2) and _is_prose(right, 2) else _LEAST_LINES):
        return False
    lows = max(min(run.top for run in left), min(run.top for run in right))
    highs = min(max(run.bottom for run in left), max(run.bottom for run in right))
    heights = [max(run.bottom for run in side) - min(run.top for run in side) for side in (left, right)]
    return highs - lows >= _SIDE_BY_SIDE * min(heights) and _is_prose(left) and _is_prose(right)


def _is_prose(side: Sequence[Run], times: int = 1) -> bool:
    """Whether most of the text stands in lines so long as no table has them in its cells."""
    least = times * (_LEAST_SIGNS if any(CJK.search(run.text) for run in side) else _LEAST_CHARACTERS)
    return 2 * sum(len(run.text) for run in side if len(run.text) >= least) >= sum(len(run.text) for run in side)


def _without_drop_caps(runs: Sequence[Run]) -> list[Run]:
    """A letter over several lines is put before the word that it begins."""
    left = list(runs)
    for cap in [run for run in runs if len(run.text.strip()) == 1 and run.text.strip().isalpha()]:
        beside = [
            run for run in left if run is not cap and run.size * _DROP_CAP <= cap.size and cap.top - cap.height / 2 <= run.top <= cap.bottom
        ]
        beside = [run for run in beside if -cap.size / 2 <= run.x0 - cap.x1 <= cap.size]
        if beside:
            first = min(beside, key=lambda run: run.top)
            first.text, first.x0 = cap.text.strip() + first.text, cap.x0
            left.remove(cap)
    return left


def _lines(runs: Sequence[Run]) -> Leaf:
    """Runs that stand side by side as one line; where a wide gap parts them they are the cells of a row."""
    rows: list[list[Run]] = []
    for run in sorted(runs, key=_middle):
        row = rows[-1] if rows else None
        if row and min(run.bottom, row[0].bottom) - max(run.top, row[0].top) > _SAME_ROW * min(run.height, row[0].height):
            row.append(run)
        else:
            rows.append([run])
    return [_line(sorted(row, key=lambda run: run.x0)) for row in rows]


def _line(row: list[Run]) -> Run:
    cells, last = [row[0].text.strip()], row[0]
    for run in row[1:]:
        em = max(run.size, last.size)
        if run.x0 - last.x1 > _CELL_GAP * em:
            cells.append(run.text.strip())
        else:
            glued = run.x0 - last.x1 < 0.1 * em and not last.text.endswith(" ")
            cells[-1] += ("" if glued else " ") + run.text.strip()
        last = run
    main = max(row, key=lambda run: len(run.text))
    bold = all(run.bold for run in row)
    return Run(" ".join(cells), row[0].x0, last.x1, main.top, main.bottom, main.size, bold, tuple(cells) if len(cells) > 1 else ())
