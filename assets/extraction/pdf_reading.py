"""What stands where on the pages of a PDF: PDFium's characters as runs with their boxes, sizes and weight.

Bytes in, plain records out; nothing is left open. What the runs mean is decided in `pdf_layout`. PDFium is a C++ library that
must not be used by two threads and may crash over a hostile file: the flow calls this in a worker process (`workers`).
"""

import ctypes
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

MOST_PAGES = 400
MOST_CHARACTERS = 3_000_000
_GAP = 1.0  # ems of nothing after which another run begins: columns, cells
_SAME_LINE = 0.5  # of the lower run's height that must overlap
_RAISED = 0.85  # of the size of the text that a note's mark has at most
_UNIT = re.compile(r"(?:^|[\d\s])(?:[kcm]?m|[км]?м|CO)$")  # what a small digit behind belongs to: km², CO₂
_BOLD = 600
_FEW = 40  # characters; a page with fewer is looked at for pictures
_HYPHENS = ("\x02", "\ufffe", "\u00ad", "\u2010", "-")
_LIGATURES = str.maketrans({chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)} | {"\u00a0": " "})


@dataclass(slots=True)
class Run:
    """Characters of one line without a gap; points from the left and from the top of the page."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    bold: bool = False
    cells: tuple[str, ...] = ()  # where a line is a row: the texts of its cells

    @property
    def height(self) -> float:
        """From the top to the bottom of its font's box."""
        return self.bottom - self.top

    @property
    def hyphenated(self) -> bool:
        """Whether its last word may go on in the next line."""
        return len(self.text) > 1 and self.text.endswith(_HYPHENS) and self.text[-2].isalpha()


@dataclass(slots=True)
class Sheet:
    """One page: its size in points, its runs in the order of the file, and the share of it that pictures cover."""

    width: float
    height: float
    runs: list[Run] = field(default_factory=list)
    pictured: float = 0.0


@dataclass(frozen=True, slots=True)
class Document:
    """The sheets that were read, of how many, and what the file says of itself ("Title", "Author", "CreationDate", …)."""

    sheets: list[Sheet]
    pages: int
    stated: dict[str, str]


class UnreadableError(Exception):
    """The file cannot be read; the message is the reason in a word: encrypted_pdf, broken_pdf."""


def read(body: bytes) -> Document:
    """Read a PDF, at most `MOST_PAGES` pages and `MOST_CHARACTERS` characters of it. Raises UnreadableError."""
    import pypdfium2  # noqa: PLC0415 - loads a library of 7 MB that few pages need

    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as fault:
        locked = getattr(fault, "err_code", None) == pypdfium2.raw.FPDF_ERR_PASSWORD or "password" in str(fault).lower()
        raise UnreadableError("encrypted_pdf" if locked else "broken_pdf") from fault
    try:
        return _read(document)
    finally:
        document.close()


def _read(document: Any) -> Document:
    sheets, characters = [], 0
    for place in range(min(len(document), MOST_PAGES)):
        sheets.append(_sheet(document, place))
        characters += sum(len(run.text) for run in sheets[-1].runs)
        if characters > MOST_CHARACTERS:
            break
    if not sheets:
        raise UnreadableError("broken_pdf")
    return Document(sheets, len(document), document.get_metadata_dict(skip_empty=True))


def _sheet(document: Any, place: int) -> Sheet:
    """One page; one that is damaged counts as empty."""
    import pypdfium2  # noqa: PLC0415

    try:
        page = document[place]
    except pypdfium2.PdfiumError:
        return Sheet(612, 792)
    width, height = page.get_size()
    text = page.get_textpage()
    sheet = Sheet(width, height)
    sheet.runs = [run for run in _runs(text.raw, text.count_chars(), _Turned(page)) if run.text.strip()]
    if sum(len(run.text) for run in sheet.runs) < _FEW:
        sheet.pictured = _pictured(page, pypdfium2.raw.FPDF_PAGEOBJ_IMAGE)
    text.close()
    page.close()
    return sheet


def _pictured(page: Any, kind: int) -> float:
    boxes = (found.get_bounds() for found in page.get_objects(filter=[kind], max_depth=3))
    area = sum(abs((right - left) * (top - bottom)) for left, bottom, right, top in boxes)
    width, height = page.get_size()
    return min(1.0, area / max(1.0, width * height))


class _Turned:
    """From PDFium's coordinates (upwards, before the page is turned) to the reader's (downwards, as shown)."""

    def __init__(self, page: Any) -> None:
        self.left, self.bottom, self.right, self.top = page.get_mediabox()
        self.quarter = page.get_rotation() % 360

    def box(self, left: float, right: float, bottom: float, top: float) -> tuple[float, float, float, float]:
        """x0, x1, top and bottom as the reader sees them."""
        if self.quarter == 90:  # noqa: PLR2004 - degrees
            return bottom - self.bottom, top - self.bottom, left - self.left, right - self.left
        if self.quarter == 180:  # noqa: PLR2004
            return self.right - right, self.right - left, bottom - self.bottom, top - self.bottom
        if self.quarter == 270:  # noqa: PLR2004
            return self.top - top, self.top - bottom, self.right - right, self.right - left
        return left - self.left, right - self.left, self.top - top, self.top - bottom


def _runs(text: Any, count: int, turned: _Turned) -> Iterator[Run]:
    """The runs of a page; what stands upright only: marginal notes of repositories are printed sideways."""
    run: Run | None = None
    for glyph in _glyphs(text, count, turned):
        if run is not None and glyph is not None and _goes_on(run, glyph):
            _append(run, glyph)
            continue
        if run is not None:
            yield run
        # PDFium's own spaces have boxes without a height: no run begins with one.
        run = None if glyph is None or glyph.text.isspace() else glyph
    if run is not None:
        yield run


def _glyphs(text: Any, count: int, turned: _Turned) -> Iterator[Run | None]:
    """Each character as a run of its own; None where the line breaks."""
    from pypdfium2 import raw  # noqa: PLC0415

    box, pen, last = raw.FS_RECTF(), _Pen(text, turned.quarter), (0.0, 0.0)
    for place in range(count):
        code = raw.FPDFText_GetUnicode(text, place)
        if code in {0, 0xA, 0xD}:
            if code:
                yield None
            continue
        raw.FPDFText_GetLooseCharBox(text, place, ctypes.byref(box))
        x0, x1, top, bottom = turned.box(box.left, box.right, box.bottom, box.top)
        if (top, bottom) != last:
            last = (top, bottom)
            pen.move(place)
        if pen.upright:
            yield Run(chr(code), x0, x1, top, bottom, pen.size, pen.bold)


class _Pen:
    """The font at a character, asked only where the line or the size changes: most of the time goes into such questions."""

    def __init__(self, text: Any, quarter: int) -> None:
        self.text, self.quarter = text, quarter
        self.size, self.bold, self.upright = 0.0, False, True

    def move(self, place: int) -> None:
        from pypdfium2 import raw  # noqa: PLC0415

        matrix, name = raw.FS_MATRIX(), ctypes.create_string_buffer(100)
        raw.FPDFText_GetMatrix(self.text, place, ctypes.byref(matrix))
        raw.FPDFText_GetFontInfo(self.text, place, name, 100, ctypes.byref(ctypes.c_int()))
        scale = (matrix.c**2 + matrix.d**2) ** 0.5 or 1.0
        self.size = round(raw.FPDFText_GetFontSize(self.text, place) * scale, 1)
        weight = raw.FPDFText_GetFontWeight(self.text, place)
        self.bold = weight >= _BOLD or any(word in name.value.lower() for word in (b"bold", b"black", b"heavy", b"semibd"))
        across = abs(matrix.a) >= abs(matrix.b)
        self.upright = across if self.quarter in {0, 180} else not across


def _goes_on(run: Run, glyph: Run) -> bool:
    overlap = min(run.bottom, glyph.bottom) - max(run.top, glyph.top)
    if overlap < _SAME_LINE * min(run.height, glyph.height):
        return False
    em = max(run.size, glyph.size, 1.0)
    return -em < glyph.x0 - run.x1 <= _GAP * em


def _append(run: Run, glyph: Run) -> None:
    """Add a character; a raised number behind a word is the mark of a note, a larger one before it begins the line."""
    character = glyph.text.translate(_LIGATURES)
    if character.isspace():
        run.text += " " if not run.text.endswith(" ") else ""
        return
    raised = glyph.size <= _RAISED * run.size and character.isdigit() and glyph.bottom < run.bottom - 0.1 * run.height
    raised = raised and not _UNIT.search(run.text)
    if raised and run.text[-1:] == "]" and run.x1 >= glyph.x0 - 0.5:
        run.text = f"{run.text[:-1]}{character}]"
    else:
        run.text += f"[{character}]" if raised else character
    run.x1 = max(run.x1, glyph.x1)
    if glyph.size > run.size and len(run.text) <= 4:  # noqa: PLR2004 - it began with the mark of a note
        run.size, run.top, run.bottom, run.bold = glyph.size, glyph.top, glyph.bottom, glyph.bold
