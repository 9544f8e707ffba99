"""Which blocks of a page are furniture, and of what kind: by the boxes that they stand in, and by what their lines say.

Labels only; which part of the page is the article is chosen in `choice`, its end is found in `tail`. Every label carries
the rule that gave it. No rule may take more than 40 % of the page's prose, or the title, or what html, body, main and
article hold.
"""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from assets.extraction import teasers, tools
from assets.extraction.blocks import Block, Frame, Page
from assets.extraction.markup import names, token_kind
from assets.extraction.phrases import gate_words, is_disclaimer, starts_with
from assets.extraction.wording import ends_sentence, is_sentence, key

HALF = 0.5  # share of the prose that stands above rows of cards
SENTENCE = 40  # characters of prose
MOST = 0.4  # share of the prose that one rule may take
MOST_COMMENTS = 0.85  # a discussion, or what stands beside a named body, may well be longer than the article
_SHORT_BODY = 200  # characters
_SPARED = frozenset({"html", "body", "main", "article"})
_TAGS = {
    "nav": "navigation",
    "menu": "navigation",
    "footer": "navigation",
    "header": "navigation",
    "aside": "navigation",
    "form": "form",
    "dialog": "hidden",
    "button": "navigation",
}
_EXCERPT, _CARD = 450, 700  # characters of prose
_MOST_IN_CARD, _MOST_IN_LIST = 12, 6  # blocks
_TITLE, _PLAIN_TITLE = range(15, 201), 25  # characters of a linked title, and from where it needs no mark
_LINKED = 0.8  # of a line: it is nothing but a link
_STUB = 160  # characters of the line that ends a stub
_BUTTON, _LONGEST_LINE = 30, 200  # characters
_ANYWHERE = {"read_also": ("related", "inline read also"), "button": ("button", "button or label")}
_PROSE = 60  # characters from which a line without links is taken for prose
_BOXED = ("related", "newsletter", "comments", "author_box", "share", "donation", "event", "cookie", "tags")
CALLS = frozenset({"share", "newsletter", "donation", "comments", "tags"})  # kinds whose phrases a sentence may begin with
_LINES = ("share", "newsletter", "cookie", "copyright", "donation", "comments", "feed_tail")


@dataclass(frozen=True, slots=True)
class Label:
    """A kind of furniture and the rule that says so."""

    kind: str
    rule: str


_RECURRING = Label("recurring", "recurs on other pages of the site")


def prose(block: Block) -> int:
    """How many characters of running text a block holds: links, labels and short lines count for nothing."""
    length = len(block.text)
    if block.kind == "table":
        return min(length, 2000)
    if length < _PROSE and not (length > 25 and ends_sentence(block.text)):  # noqa: PLR2004 - a short sentence
        return 0
    return int(length * (1 - block.density)) if block.density < 0.6 else 0  # noqa: PLR2004 - more than half is links


class Labels:
    """The labels of a page's blocks, and how much prose there is to lose."""

    def __init__(self, page: Page, title: str | None = None, host: str | None = None) -> None:
        self.page = page
        self.host = host
        self.found: list[Label | None] = [None] * len(page.blocks)
        self.sums = [0]
        for block in page.blocks:
            self.sums.append(self.sums[-1] + prose(block))
        self.bodies = [frame for frame in page.frames if not names("body_tokens").isdisjoint(token.lower() for token in frame.tokens)]
        self.titles = [place for place, block in enumerate(page.blocks) if _is_title(block, title)]

    def weigh(self, frame: Frame) -> int:
        """The prose inside a frame."""
        return self.sums[frame.end] - self.sums[frame.start]

    def prose_of(self, places: Collection[int]) -> int:
        """The prose at these places."""
        return sum(self.sums[place + 1] - self.sums[place] for place in places)

    def own_prose(self, recurring: Collection[int]) -> int:
        """The prose that no other page of the site shows."""
        return self.sums[-1] - self.prose_of(recurring)

    def prose_left(self, frame: Frame) -> int:
        """The prose inside a frame that bears no label."""
        return self.prose_of([place for place in range(frame.start, frame.end) if self.found[place] is None])

    def longest(self, frame: Frame) -> int:
        """The prose of the longest block inside a frame that bears no label."""
        places = (place for place in range(frame.start, frame.end) if self.found[place] is None)
        return max((self.sums[place + 1] - self.sums[place] for place in places), default=0)

    def may_take(self, frame: Frame, kind: str) -> bool:
        """Whether a rule may take the whole frame away."""
        if frame.tag in _SPARED or frame.start >= frame.end:
            return False
        if any(frame.start <= place < frame.end for place in self.titles):
            return False
        most = MOST_COMMENTS if kind == "comments" or self._beside_body(frame) else MOST
        return self.weigh(frame) <= most * self.sums[-1]

    def _beside_body(self, frame: Frame) -> bool:
        """Whether a part of the page that names itself the body stands elsewhere and holds a text, however short."""
        return any((body.end <= frame.start or frame.end <= body.start) and self.weigh(body) >= _SHORT_BODY for body in self.bodies)

    def take(self, start: int, end: int, label: Label) -> None:
        """Label blocks that bear no label yet."""
        for place in range(start, end):
            if self.found[place] is None:
                self.found[place] = label


def label(page: Page, title: str | None = None, host: str | None = None, recurring: Collection[int] = ()) -> Labels:
    """Label every block that is not part of an article's text, whichever part of the page the article is.

    Args:
        page: the page's blocks and frames.
        title: its title, which no rule may take.
        host: its host, which tells cards that lead to other articles from lists of things elsewhere.
        recurring: places of blocks that other pages of the site show too.
    """
    labels = Labels(page, title, host)
    for frame in page.frames:
        if frame.rule.startswith("drop "):
            labels.take(frame.start, frame.end, Label("site_rule", frame.rule))
        found = _frame_label(frame)
        if found and (labels.found[frame.start] if frame.start < frame.end else True) is None and labels.may_take(frame, found.kind):
            labels.take(frame.start, frame.end, found)
    _label_boxes(labels)
    _label_cards(labels)
    _label_lines(labels)
    for place in recurring:  # last: the other rules tell more, and some of them cut a whole box for its first line
        labels.take(place, place + 1, _RECURRING)
    for frame in page.frames:
        if frame.rule.startswith("keep "):
            labels.found[frame.start : frame.end] = [None] * (frame.end - frame.start)
    return labels


def _is_title(block: Block, title: str | None) -> bool:
    if block.level == 1:
        return True
    return bool(title) and 0 < block.level <= 2 and key(block.text) == key(title)  # noqa: PLR2004 - h1 or h2


def _frame_label(frame: Frame) -> Label | None:
    if frame.hidden:
        return Label("hidden", "hidden")
    for token in frame.tokens:
        found = token_kind(token)
        if found and not (found[0] == "meta" and frame.tag in {"header"}):
            return Label(found[0], f"{'class' if found[1] else 'class words'}: {token}")
    kind = _TAGS.get(frame.tag)
    if frame.tag == "aside" and not names("quote_tokens").isdisjoint(token.lower() for token in frame.tokens):
        return None
    return Label(kind, f"tag: {frame.tag}") if kind else None


def _label_boxes(labels: Labels) -> None:
    """A box that opens with a heading of the taxonomy is what its heading says."""
    for place, block in enumerate(labels.page.blocks):
        if labels.found[place] is not None or len(block.text) > 80:  # noqa: PLR2004 - no heading is longer
            continue
        kind = "related" if teasers.announces(block.text) else next((kind for kind in _BOXED if starts_with(kind, block.text)), None)
        if kind is None or kind == "tags":
            continue
        frame = _box_around(labels, place, kind)
        if frame is not None:
            labels.take(frame.start, frame.end, Label(kind, f"box headed: {block.text}"))


def _box_around(labels: Labels, place: int, kind: str) -> Frame | None:
    """The largest box that begins with this block, holds more than it, and may go."""
    best = None
    for frame in labels.page.ancestors(labels.page.blocks[place]):
        if frame.start != place:
            break
        if frame.end - frame.start > 1 and labels.may_take(frame, kind):
            if kind == "related" and not is_teasers(labels.page.blocks[frame.start + 1 : frame.end]):
                continue
            best = frame
    return best


def _label_cards(labels: Labels) -> None:
    """Boxes of one make, side by side, each with a linked title and at most an excerpt: they lead elsewhere."""
    page = labels.page
    rows: dict[tuple[int, str, tuple[str, ...]], list[Frame]] = {}
    for frame in page.frames:
        if frame.start < frame.end and frame.tag not in {"p", "tr", "td", "span"} and labels.found[frame.start] is None:
            rows.setdefault((frame.parent, frame.tag, _make(frame)), []).append(frame)
    for row in rows.values():
        cards = [frame for frame in row if _is_card(labels, frame)]
        if len(cards) > 1 and sum(map(labels.weigh, cards)) <= MOST * labels.sums[-1]:
            for frame in cards:
                labels.take(frame.start, frame.end, Label("related", "row of cards"))


def _make(frame: Frame) -> tuple[str, ...]:
    """What two cards of a row have in common: their names without those that count or date them."""
    return tuple(token for token in frame.tokens if not any(char.isdigit() for char in token))[:3]


def _is_card(labels: Labels, frame: Frame) -> bool:
    """Whether a box late on the page is small and holds the title of another article of the site."""
    blocks = labels.page.blocks[frame.start : frame.end]
    most = _MOST_IN_LIST if frame.tag in {"a", "ul", "ol"} else _MOST_IN_CARD
    if not 1 < len(blocks) <= most or labels.sums[frame.start] < HALF * labels.sums[-1]:
        return False
    titles = [block for block in blocks if _is_linked_title(block)]
    if not titles or any(_leads_off(block, labels.host) for block in titles):
        return False
    return all(prose(block) <= _EXCERPT for block in blocks) and sum(map(prose, blocks)) <= _CARD


def _is_linked_title(block: Block) -> bool:
    marked = block.kind == "heading" or block.bold or len(block.text) > _PLAIN_TITLE
    return marked and block.density > _LINKED and len(block.text) in _TITLE


def _leads_off(block: Block, host: str | None) -> bool:
    """Whether a link leaves the site, as products and sources do and teasers do not."""
    target = next((urlsplit(href).netloc.removeprefix("www.") for href, _ in block.links if href.startswith(("http", "//"))), "")
    return bool(host and target and not (host.endswith(target) or target.endswith(host)))


def is_teasers(blocks: list[Block]) -> bool:
    """Whether the rest of a box looks like cards that lead elsewhere: linked titles, each with at most a short excerpt."""
    linked = sum(teasers.is_title(block) or teasers.is_card(block) for block in blocks)
    long = sum(prose(block) > _EXCERPT for block in blocks)
    rest = sum(block.density <= _LINKED for block in blocks)
    return linked > 0 and long == 0 and rest <= 3 * linked


def _label_lines(labels: Labels) -> None:
    """Single lines, where they stand late on the page or beside others of their sort."""
    blocks = labels.page.blocks
    kinds = [_line_kind(block) for block in blocks]
    for place, kind in enumerate(kinds):
        if kind is None or labels.found[place] is not None:
            continue
        if kind in _ANYWHERE:
            labels.found[place] = Label(*_ANYWHERE[kind])
            continue
        late = labels.sums[place] >= 0.65 * labels.sums[-1]
        beside = any(0 <= other < len(blocks) and (kinds[other] or labels.found[other]) for other in (place - 1, place + 1))
        if beside or (late and not (kind in CALLS and is_sentence(blocks[place].text))):
            labels.found[place] = Label(kind, "line")


def _line_kind(block: Block) -> str | None:
    if block.kind in {"table", "caption"}:
        return None
    if is_disclaimer(block.text):
        return "disclaimer"
    return _short_line_kind(block) if len(block.text) <= _LONGEST_LINE else None


def _short_line_kind(block: Block) -> str | None:
    if teasers.leads_elsewhere(block):
        return "read_also"
    if _is_button(block) or tools.is_tool(block):
        return "button"
    if len(block.text) <= _STUB and gate_words("paywall").stand_in(block.text.casefold()):
        return "paywall"
    for kind in _LINES:
        if starts_with(kind, block.text, longest=_LONGEST_LINE if kind in {"copyright", "cookie", "feed_tail"} else 80):
            return kind
    return None


def _is_button(block: Block) -> bool:
    """Whether a line is a button or a label of the page: "Log in", "Advertisement", "Book a demo"."""
    return block.kind == "body" and starts_with("button", block.text, longest=_BUTTON)


def zone_of(page: Page, block: Block) -> str:
    """The zone kind of a block that stays in the text."""
    if block.kind in {"heading", "quote", "caption", "table"}:
        return block.kind
    for frame in page.ancestors(block):
        if not names("notes_tokens").isdisjoint(token.lower() for token in frame.tokens):
            return "notes"
    return "body"
