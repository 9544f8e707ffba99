"""One walk over the tree of a page, which becomes lists of blocks and frames.

Nothing is judged here, and nothing is left out but what no reader ever sees.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from lxml import etree, html

from assets.extraction import tables
from assets.extraction.blocks import HEADINGS, Block, Frame, Page
from assets.extraction.elements import BOXES, UNREAD, is_hidden, is_link, kind_of, machine_time, note_mark, tokens_of
from assets.extraction.wording import tidy

MAX_BLOCKS = 50_000
NOTHING: Mapping[html.HtmlElement, str] = MappingProxyType({})
GAP, BREAK = "\x1f", "\x1e"  # between neighbours that only style sets apart; a line break
_BOX_TAGS = re.compile(
    r"</?(?:div|section|article|main|center|blockquote|ul|ol|li|dl|dd|dt|table|tbody|tr|td|th|form|fieldset|details)\b[^<>]*>", re.I
)
_INLINE_TAGS = re.compile(r"</?(?:span|font|b|i|u|em|strong|small|big|tt|s|a|q|abbr|label)\b[^<>]*>", re.I)
_LABELS = frozenset({"a", "button", "span", "time", "abbr"})
_ENDS = re.compile(r"</(?:body|html)\s*>", re.I)
_NEEDLESS_GAP = re.compile(rf"{GAP}(?=\W|$)|(?<=\s){GAP}")
_NEEDED_GAP = re.compile(
    rf"(?<=\w){GAP}+(?=[A-ZÀ-ÖА-ЯЁІЇЄҐ\d@#])|(?<=\d{{4}}){GAP}+(?=[^\W\d_]{{2}})"
)  # a name, a number; what follows a year
_BOLD_SHARE = 0.9
_LINKED_SHARE = 0.35  # a short title and its date
_LONGEST_LINE = 150  # characters without spaces: no title is longer


def parse(text: str) -> html.HtmlElement | None:
    """The tree of a page, however deep it is nested; None when there is nothing to parse.

    A page goes on behind its end, as browsers have it: templates that are put together carelessly close it after their menu.
    """
    text = _ENDS.sub("", text)
    root, too_deep = _parse(text)
    if too_deep:  # libxml2 drops all that is nested deeper, and all that follows, without an exception
        root, _ = _parse(_INLINE_TAGS.sub("", _BOX_TAGS.sub("<hr>", text)))
    return root


def _parse(text: str) -> tuple[html.HtmlElement | None, bool]:
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    data = text.replace("\x00", "").encode("utf-8", "replace")
    try:
        root = html.document_fromstring(data, parser=parser) if data.strip() else None
    except (etree.LxmlError, ValueError):
        return None, False
    return root, any(fault.type_name == "ERR_RESOURCE_LIMIT" for fault in parser.error_log)


def read_blocks(root: html.HtmlElement, marked: Mapping[html.HtmlElement, str] = NOTHING) -> Page:
    """Walk the tree once; elements that are `marked` with a site's rule become boxes, whatever they are."""
    walker = _Walker(marked)
    events = etree.iterwalk(root, events=("start", "end"))
    for event, element in events:
        if event == "end":
            walker.leave(element)
        elif not walker.enter(element):
            events.skip_subtree()
    walker.flush()
    return walker.page


class _Writing:
    """The block that is being read: pieces of text, and how much of it is linked or bold."""

    __slots__ = ("anchors", "bold", "breaks", "changes", "linked", "pieces", "times")

    def __init__(self, anchors: list[list]) -> None:
        self.pieces: list[str] = []
        self.linked = 0
        self.bold = 0
        self.breaks = 0
        self.anchors = anchors  # [address, where its text starts, where it ends]
        self.times: list[str] = []
        self.changes: list[str] = []

    def text(self, start: int = 0, end: int | None = None) -> str:
        """The pieces as lines."""
        raw = "".join(self.pieces[start:end])
        if GAP in raw:
            raw = _NEEDED_GAP.sub(" ", _NEEDLESS_GAP.sub("", raw)).replace(GAP, "")
        if BREAK not in raw:
            return tidy(raw)
        return "\n".join(line for line in map(tidy, raw.split(BREAK)) if line)

    def links(self) -> tuple[tuple[str, str], ...]:
        """The links of the block with their texts."""
        return tuple((address, self.text(start, end).replace("\n", " ")) for address, start, end in self.anchors)

    def still_open(self) -> list[list]:
        """Links that go on in the next block."""
        return [[address, 0, None] for address, _, end in self.anchors if end is None]


class _Walker:
    """The state of the walk: open elements with their frames, and the block that is being read."""

    def __init__(self, marked: Mapping[html.HtmlElement, str]) -> None:
        self.page = Page()
        self.marked = marked
        self.open: list[int] = []  # frames
        self.elements: list[html.HtmlElement] = []  # theirs
        self.bullets: set[int] = set()  # frames of list items whose first block is still to come
        self.links = 0
        self.bold = 0
        self.writing = _Writing([])

    def enter(self, element: html.HtmlElement) -> bool:
        """Open an element; False when what is inside is not for readers, or is read as a whole."""
        tag = element.tag
        if tag in UNREAD or not isinstance(tag, str) or len(self.page.blocks) > MAX_BLOCKS:
            return False
        if tag in BOXES or "-" in tag or (self.marked and element in self.marked):
            if tag == "table" and tables.is_data(element):
                self._table(element)
                return False
            self.flush()
            attributes = dict(element.items())
            self._open(element, tag, attributes)
            self._time(tag, attributes)
        elif not self._enter_inline(element, tag):
            return False
        self._say(element.text)
        return True

    def _enter_inline(self, element: html.HtmlElement, tag: str) -> bool:
        if tag in _LABELS:
            return self._enter_label(element, tag, dict(element.items()))
        if tag == "br":
            self._break()
        elif tag == "hr":
            self.flush()
        elif is_hidden(dict(element.items())):
            return False
        elif tag in {"b", "strong"}:
            self.bold += 1
        elif tag in {"sup", "sub"}:
            mark = note_mark(element)
            if mark:
                self.writing.pieces.append(mark)
            return mark is None
        return True

    def _enter_label(self, element: html.HtmlElement, tag: str, attributes: dict[str, str]) -> bool:
        """Links, buttons and labels: they stand apart from their neighbours even where no space does."""
        if is_hidden(attributes) and tag != "a":
            return False
        self._space()
        if tag in {"a", "button"}:
            self._open(element, tag, attributes)
            self.links += is_link(element, attributes)
            if attributes.get("href"):
                self.writing.anchors.append([attributes["href"], len(self.writing.pieces), None])
        else:
            self._time(tag, attributes)
        return True

    def _time(self, tag: str, attributes: dict[str, str]) -> None:
        stated = machine_time(tag, attributes) if attributes else None
        if stated:
            raw, changed = stated
            (self.writing.changes if changed else self.writing.times).append(raw)

    def leave(self, element: html.HtmlElement) -> None:
        """Close an element and read what follows it."""
        if self.elements and self.elements[-1] is element:
            self._close(element)
        elif element.tag in {"b", "strong"}:
            self.bold = max(0, self.bold - 1)
        if element.tail:
            self._say(element.tail)

    def _open(self, element: html.HtmlElement, tag: str, attributes: dict[str, str]) -> None:
        frames = self.page.frames
        parent = self.open[-1] if self.open else -1
        tokens = tokens_of(attributes) if attributes else ()
        above = frames[parent] if parent >= 0 else None
        kind = kind_of(tag, tokens, above.kind if above else "body")
        depth = above.depth + 1 if above else 0
        if tag == "li":
            self.bullets.add(len(frames))
        self.open.append(len(frames))
        self.elements.append(element)
        rule = self.marked.get(element, "") if self.marked else ""
        frames.append(Frame(tag, tokens, parent, depth, len(self.page.blocks), hidden=is_hidden(attributes), kind=kind, rule=rule))

    def _close(self, element: html.HtmlElement) -> None:
        linking = element.tag in {"a", "button"}
        if not linking:
            self.flush()
        self.elements.pop()
        self.page.frames[self.open.pop()].end = len(self.page.blocks)
        if linking:
            self.links -= is_link(element, dict(element.items()))
            for anchor in self.writing.anchors:
                anchor[2] = len(self.writing.pieces) if anchor[2] is None else anchor[2]
            self._space()

    def _say(self, text: str | None) -> None:
        if not text:
            return
        writing = self.writing
        if self.links or self.bold or writing.breaks:
            solid = len("".join(text.split()))
            writing.breaks = 0 if solid else writing.breaks
            writing.linked += solid if self.links else 0
            writing.bold += solid if self.bold else 0
        writing.pieces.append(text)

    def _space(self) -> None:
        pieces = self.writing.pieces
        if pieces and pieces[-1][-1:].isalnum():
            pieces.append(GAP)

    def _break(self) -> None:
        self.writing.breaks += 1
        if self.writing.breaks > 1 or self._stands_alone():
            self.flush()
        else:
            self.writing.pieces.append(BREAK)

    def _stands_alone(self) -> bool:
        """Whether the line so far is a bold heading or a linked title: pages without paragraphs set it apart by a single break."""
        solid = len("".join("".join(self.writing.pieces).split()))
        return 0 < solid <= _LONGEST_LINE and (self.writing.bold >= _BOLD_SHARE * solid or self.writing.linked >= _LINKED_SHARE * solid)

    def _table(self, element: html.HtmlElement) -> None:
        self.flush()
        self._open(element, "table", dict(element.items()))
        self.page.blocks += [Block(text, kind, self.open[-1], linked) for kind, text, linked in tables.read(element)]
        self.elements.pop()
        self.page.frames[self.open.pop()].end = len(self.page.blocks)

    def flush(self) -> None:
        """Close the block that is being read."""
        writing = self.writing
        if not (writing.pieces or writing.anchors or writing.times or writing.changes):
            return
        text = writing.text() if writing.pieces else ""
        if text:
            self.page.blocks.append(self._block(text))
        self.writing = _Writing(writing.still_open())
        if not text:
            self.writing.times, self.writing.changes = writing.times, writing.changes

    def _block(self, text: str) -> Block:
        writing = self.writing
        place = self.open[-1] if self.open else -1
        kind = self.page.frames[place].kind if place >= 0 else "body"
        return Block(
            text,
            kind,
            place,
            writing.linked,
            level=self._level() if kind == "heading" else 0,
            bold=writing.bold > 0 and writing.bold >= _BOLD_SHARE * len("".join(text.split())),
            bullet=self._takes_bullet(),
            links=writing.links() if writing.anchors else (),
            times=tuple(writing.times),
            changes=tuple(writing.changes),
        )

    def _level(self) -> int:
        tags = (self.page.frames[place].tag for place in reversed(self.open))
        return next((int(tag[1]) for tag in tags if tag in HEADINGS), 0)

    def _takes_bullet(self) -> bool:
        """Whether this is the first block of a list item."""
        if not self.bullets:
            return False
        item = next((place for place in reversed(self.open) if self.page.frames[place].tag == "li"), -1)
        first = item in self.bullets
        self.bullets.discard(item)
        return first
