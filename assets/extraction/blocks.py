"""A page as two lists: blocks (paragraphs, headings, list items, tables) in reading order, and the frames that they stand in.

Every later decision works on these lists, so a page, the HTML of a feed and plain text are the same thing from here on. A
frame covers a run of blocks: a part of the page is an interval. How a tree becomes lists is in `walk`.
"""

from dataclasses import dataclass, field

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


@dataclass(slots=True)
class Block:
    """A run of text without a break inside: `linked` characters of it are links, `frame` is the innermost box around it.

    `kind` is body, heading, list, quote, caption, table or pre; `level` is 1 to 6 for headings, else 0. `links` are the
    addresses that it leads to, as written, each with the text of its link; `times` are machine-readable, and so are `changes`,
    whose elements speak of a change.
    """

    text: str
    kind: str
    frame: int
    linked: int = 0
    level: int = 0
    bold: bool = False
    bullet: bool = False
    links: tuple[tuple[str, str], ...] = ()
    times: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()

    @property
    def density(self) -> float:
        """The share of the text that is links."""
        return min(1.0, self.linked / max(1, len(self.text.replace(" ", "")))) if self.linked else 0.0


@dataclass(slots=True)
class Frame:
    """A box of the page: the blocks from `start` up to `end`, its tag and names, the frame around it (-1 for none).

    `rule` is the site's rule that speaks of it ("drop .abo"), empty for nearly all.
    """

    tag: str
    tokens: tuple[str, ...]
    parent: int
    depth: int
    start: int
    end: int = -1
    hidden: bool = False
    kind: str = "body"
    rule: str = ""


@dataclass(slots=True)
class Page:
    """A page as blocks in reading order and frames in the order in which they open."""

    blocks: list[Block] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)

    def ancestors(self, block: Block) -> list[Frame]:
        """The frames around a block, innermost first."""
        found, place = [], block.frame
        while place >= 0:
            found.append(self.frames[place])
            place = self.frames[place].parent
        return found
