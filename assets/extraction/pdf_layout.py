"""What the lines of a PDF are: paragraphs, headings, lists, tables, captions, notes; and what the printer added to each page.

Pure: sheets in, parts in reading order out. Where lines stand is found in `pdf_columns`.
"""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import pairwise
from statistics import median

from assets.extraction.pdf_columns import Leaf, leaves
from assets.extraction.pdf_reading import Run, Sheet
from assets.extraction.wording import CJK, ends_sentence

_EDGE_LINES, _EDGE = 3, 0.16  # lines from the top and from the bottom, and the share of the page, where running heads stand
_SMALL, _LARGE, _TITLE = 0.93, 1.12, 1.3  # times the size of the body: notes, headings, titles
_NEW_PARAGRAPH = 1.45  # times the usual distance of lines
_LONGEST_HEADING, _LONGEST_BOLD, _LONGEST_CAPTION = 200, 120, 500  # characters
_SAME_SIZE = 0.08
_NOTE = re.compile(r"^\s*(?:\[?\d{1,3}\]?[.)]?(?=\s|[^\W\d])|[*†‡§¹²³⁴-⁹])")
_BULLET = re.compile(r"^[•●▪■◦○‣▶►➢✓\uf0b7\uf0a7·]\s*|^[–—-]\s+")
_NUMBERED = re.compile(r"^(?:\(?\d{1,2}[.)]|\(?[a-zа-я]\))\s+\S")
_LEADERS = re.compile(r"(?:\.\s?){4,}\s*\d{1,3}$|…{2,}\s*\d{1,3}$")
_OPEN_END = re.compile(r"[\w,;–—-]$")


@dataclass(slots=True)
class Part:
    """A paragraph or another block: its kind (body, heading, title, list, table, caption, notes), or the furniture that it is."""

    kind: str
    lines: list[Run]
    text: str = ""
    furniture: str = ""
    page: int = 0
    size: float = 0.0


@dataclass(slots=True)
class _Paper:
    """What the whole document has in common."""

    body: float
    leading: float
    words: Counter[str] = field(default_factory=Counter)


@cache
def words_of(name: str) -> re.Pattern[str]:
    """The patterns of a table of `pdf.toml` as one."""
    found = tomllib.loads((files("assets.extraction") / "pdf.toml").read_text("utf-8"))[name]
    return re.compile("|".join([found] if isinstance(found, str) else found), re.I)


def lay_out(sheets: Sequence[Sheet]) -> list[Part]:
    """All parts of a document in reading order; notes of all pages stand at the end, furniture where it was."""
    furniture = _furniture(sheets)
    pages = leaves([[run for run in sheet.runs if id(run) not in furniture] for sheet in sheets])
    paper = _measure(pages)
    parts: list[Part] = []
    notes: list[Part] = []
    for page, (sheet, columns) in enumerate(zip(sheets, pages, strict=True)):
        parts += [Part("", [run], run.text.strip(), furniture[id(run)], page) for run in sheet.runs if id(run) in furniture]
        for column in columns:
            above, below = _split_notes(column, paper, sheet.height)
            for part in _paragraphs(above, paper, page):
                _add(parts, part, paper)
            notes += _notes(below, paper, page)
    return [*_with_titles(parts, paper), *notes]


def _furniture(sheets: Sequence[Sheet]) -> dict[int, str]:
    """Running heads, feet and page numbers: by id of the run, what each is."""
    found: dict[int, str] = {}
    edges = [(place, run) for place, sheet in enumerate(sheets) for run in _edges(sheet)]
    shown: dict[str, set[int]] = defaultdict(set)
    sizes: dict[str, list[float]] = defaultdict(list)
    for place, run in edges:
        shown[_key(run.text)].add(place)
        sizes[_key(run.text)].append(run.size)
    least = 2 if len(sheets) <= 4 else max(3, len(sheets) // 6)  # noqa: PLR2004 - a short paper
    for _, run in edges:
        name = _key(run.text)
        if words_of("page_numbers").search(run.text.strip()):
            found[id(run)] = "page_number"
        elif name and len(shown[name]) >= least and run.size < _LARGE * median(sizes[name]):  # the title may be the running head too
            found[id(run)] = "page_header"
    return found


def _edges(sheet: Sheet) -> list[Run]:
    ordered = sorted(sheet.runs, key=lambda run: run.top)
    top = [run for run in ordered[: 2 * _EDGE_LINES] if run.bottom < _EDGE * sheet.height]
    return top + [run for run in ordered[-2 * _EDGE_LINES :] if run.top > (1 - _EDGE) * sheet.height]


def _key(text: str) -> str:
    return " ".join(re.sub(r"[\W\d_]+", " ", text.casefold()).split())


def _measure(pages: Iterable[Sequence[Leaf]]) -> _Paper:
    """The size that most characters have, the usual distance of such lines, and how often each word occurs."""
    sizes: Counter[float] = Counter()
    steps: list[float] = []
    words: Counter[str] = Counter()
    for leaf in (leaf for page in pages for leaf in page):
        for line in leaf:
            sizes[round(line.size * 2) / 2] += len(line.text)
            words.update(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", line.text.casefold()))
        steps += [(low.top - high.top) / low.size for high, low in pairwise(leaf) if 0 < low.top - high.top < 3 * low.size]
    body = sizes.most_common(1)[0][0] if sizes else 10.0
    return _Paper(body or 10.0, sorted(steps)[len(steps) // 4] if steps else 1.2, words)


def _split_notes(column: Leaf, paper: _Paper, height: float) -> tuple[Leaf, Leaf]:
    """The notes are the small lines at the foot, from the first that bears a mark."""
    start = len(column)
    while start and column[start - 1].size <= _SMALL * paper.body and not column[start - 1].cells:
        start -= 1
    marked = [place for place in range(start, len(column)) if _NOTE.match(column[place].text)]
    if not marked or column[marked[0]].top < height / 4:
        return column, []
    while start < marked[0] and words_of("captions").search(column[start].text):
        start += 1
    first = start if start == marked[0] or marked[0] - start <= 3 else marked[0]  # noqa: PLR2004 - lines of the last page's note
    return column[:first], column[first:]


def _notes(lines: Leaf, paper: _Paper, page: int) -> list[Part]:
    found: list[Part] = []
    for line in lines:
        if not found or _NOTE.match(line.text):
            found.append(Part("notes", [], page=page))
        found[-1].lines.append(line)
    for part in found:
        part.text = join(part.lines, paper.words)
    return found


def _paragraphs(lines: Leaf, paper: _Paper, page: int) -> list[Part]:
    found: list[Part] = []
    left = min((line.x0 for line in lines), default=0.0)
    right = max((line.x1 for line in lines), default=0.0)
    for line in lines:
        if found and not _begins(found[-1].lines, line, (left, right), paper):
            found[-1].lines.append(line)
        else:
            found.append(Part("", [line], page=page))
    for part in found:
        part.size = part.lines[0].size
        part.kind = _kind(part, paper)
        leading = sum(bool(_LEADERS.search(line.text)) for line in part.lines)
        part.furniture = "contents" if leading * 2 > len(part.lines) or words_of("contents").search(part.lines[0].text.strip()) else ""
        part.text = _text(part, paper)
    return found


def _begins(lines: Sequence[Run], line: Run, edges: tuple[float, float], paper: _Paper) -> bool:
    """Whether a line begins another part than the lines above it."""
    last = lines[-1]
    if abs(line.size - last.size) > _SAME_SIZE * max(line.size, last.size) or bool(line.cells) != bool(last.cells):
        return True
    if line.top - last.top > _NEW_PARAGRAPH * paper.leading * line.size or line.bold != last.bold:
        return True
    if line.cells:
        return False
    if _BULLET.match(line.text) or words_of("captions").search(line.text) or words_of("origins").search(line.text):
        return True
    ended = ends_sentence(last.text)
    if _NUMBERED.match(line.text) and ended:
        return True
    indent = line.x0 - min(last.x0, lines[0].x0) if len(lines) > 1 else line.x0 - edges[0]
    indented = indent > 0.8 * line.size and line.x0 > last.x0 + 0.5 * line.size
    first_word = line.size * (1.0 if CJK.match(line.text) else 0.5 * (len(line.text.split(" ")[0]) + 1))
    return ended and (indented or last.x1 + first_word < edges[1] - 0.5 * line.size)


def _kind(part: Part, paper: _Paper) -> str:
    lines = part.lines
    text = " ".join(line.text for line in lines)
    if all(line.cells for line in lines):
        return "table" if len(lines) > 1 else "body"
    if (words_of("captions").search(text) or words_of("origins").search(text)) and len(text) <= _LONGEST_CAPTION:
        return "caption"
    if _BULLET.match(text):
        return "list"
    large = part.size >= _LARGE * paper.body and len(text) <= _LONGEST_HEADING
    bold = all(line.bold for line in lines) and part.size >= _SMALL * paper.body and len(text) <= _LONGEST_BOLD
    if (large or (bold and not text.rstrip().endswith((".", ",", ";")))) and any(map(str.isalpha, text)):
        return "heading"
    return "body"


def _text(part: Part, paper: _Paper) -> str:
    if part.kind == "table":
        return "\n".join(" | ".join(line.cells) for line in part.lines)
    text = join(part.lines, paper.words)
    return _BULLET.sub("", text, count=1) if part.kind == "list" else text


def _add(parts: list[Part], part: Part, paper: _Paper) -> None:
    """Append a part, or let it go on with the paragraph that a column or a page interrupted."""
    before = next((one for one in reversed(parts) if not one.furniture and one.kind not in {"table", "caption"}), None)
    if before and part.kind == "body" and before.kind in {"body", "list"} and not part.furniture and _continues(before, part):
        before.lines = [*before.lines, *part.lines]
        before.text = _text(before, paper)
    else:
        parts.append(part)


def _continues(before: Part, part: Part) -> bool:
    last, text = before.lines[-1], part.text
    apart = before.page == part.page and part.lines[0].top > last.top + 2 * last.size
    if apart or abs(last.size - part.size) > _SAME_SIZE * part.size:
        return False
    if last.hyphenated or text[:1].islower():
        return not ends_sentence(last.text) or last.text.endswith((",", ";", ":"))
    return bool(_OPEN_END.search(last.text.rstrip())) and len(before.lines) > 1


def _with_titles(parts: list[Part], paper: _Paper) -> list[Part]:
    """The largest heading of the first pages is the title; several parts of its size that follow one another are one."""
    heads = [part for part in parts if part.kind == "heading" and part.page <= 1]
    largest = max((part.size for part in heads), default=0.0)
    if largest < _TITLE * paper.body:
        return parts
    found: list[Part] = []
    for part in parts:
        if part.kind == "heading" and part.page <= 1 and part.size >= largest * (1 - _SAME_SIZE):
            last = found[-1] if found else None
            if last and last.kind == "title" and last.page == part.page:
                last.lines, last.text = [*last.lines, *part.lines], f"{last.text} {part.text}"
                continue
            part.kind = "title" if not any(one.kind == "title" for one in found) else "heading"
        found.append(part)
    return found


def join(lines: Sequence[Run], words: Counter[str]) -> str:
    """Lines as one text: words that were broken at line ends are whole again."""
    text = ""
    for line in lines:
        piece = line.text.strip()
        if not text:
            text = piece
        elif text.endswith(("\x02", "\ufffe", "\u00ad", "\u2010", "-")) and text[-2:-1].isalpha() and piece[:1].isalpha():
            text = text[:-1] + _hyphen(text, piece, words) + piece
        else:
            glued = (CJK.match(text[-1:]) and CJK.match(piece[:1])) or re.search(r"[，。、；：）】》]$", text)
            text += ("" if glued else " ") + piece
    return re.sub(r"[\x02\ufffe]", "-", text)


def _hyphen(text: str, piece: str, words: Counter[str]) -> str:
    """A hyphen where the document writes the word with one elsewhere, or a name goes on; else nothing."""
    first = re.search(r"([^\W\d_]+(?:-[^\W\d_]+)*).$", text.casefold())
    second = re.match(r"[^\W\d_]+", piece.casefold())
    if not first or not second:
        return ""
    if piece[0].isupper() and not text[-2:-1].isupper():
        return "-"
    whole, parted = first[1] + second[0], f"{first[1]}-{second[0]}"
    return "-" if words[parted] > words[whole] else ""
