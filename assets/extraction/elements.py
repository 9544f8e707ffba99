"""Single elements of a page: which kind of box they are, what they call themselves, whether a reader sees them.

Only questions about one element and its attributes; the walk over all of them is in `walk`.
"""

import re

from lxml import html

from assets.extraction.blocks import HEADINGS
from assets.extraction.markup import names
from assets.extraction.wording import tidy

BOXES = frozenset(
    [
        *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir", "div", "dl", "dt"),
        *("fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "html", "legend", "li", "main", "menu", "nav", "ol"),
        *("p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", *HEADINGS),
    ]
)
UNREAD = frozenset(
    [
        *("script", "style", "template", "noscript", "svg", "iframe", "object", "embed", "audio", "video", "canvas", "map", "select"),
        *("option", "textarea", "input", "head", "title", "meta", "link", "progress", "meter", "datalist", "applet", "noframes", "rp"),
    ]
)
_KINDS = {
    **dict.fromkeys(HEADINGS, "heading"),
    **dict.fromkeys(("li", "dt", "dd"), "list"),
    **dict.fromkeys(("figcaption", "caption"), "caption"),
    **dict.fromkeys(("td", "th", "article", "section"), "body"),
    "blockquote": "quote",
    "pre": "pre",
}
_HOOKS = ("data-hook", "data-testid")  # they name parts where class names are hashes
_MAY_BE_CAPTION = frozenset({"p", "div", "dd"})
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_NOTE = re.compile(r"#.*(?:fn|note|ref|cite|sdendnote|sdfootnote|_edn)|^#\d+$", re.I)
_ISO_DAY = re.compile(r"\s*(?:19|20)\d\d-?[01]\d-?[0-3]\d(?!\d)")
_CHANGED = re.compile(r"(?:^|[^a-z])(?:updated|modified|changed)(?:[^a-z]|$)|(?:date|dct?|dcterms:)[_-]?modified", re.I)
_LONGEST_MARK = len("[123]")
_MOST_TOKENS = 24


def tokens_of(attributes: dict[str, str]) -> tuple[str, ...]:
    """Class names, id and the hooks of scripts as written; role, item property and widget type as `name=value`."""
    found = attributes.get("class", "").split()[:_MOST_TOKENS]
    if "id" in attributes:
        found.append(attributes["id"].strip())
    found += [attributes[name].strip() for name in _HOOKS if name in attributes]
    for name in ("role", "itemprop"):
        if name in attributes:
            found.append(f"{name}={attributes[name].strip().lower()}")
    if "data-widget_type" in attributes:
        found.append("widget=" + attributes["data-widget_type"].partition(".")[0])
    return tuple(found)


def machine_time(tag: str, attributes: dict[str, str]) -> tuple[str, bool] | None:
    """The time that an element states to machines (time, microdata, RDFa, hAtom), and whether it is that of a change."""
    raw = attributes.get("datetime") if tag == "time" else attributes.get("title") if tag == "abbr" else attributes.get("content")
    if not raw or (tag != "time" and not _ISO_DAY.match(raw)):
        return None
    return raw, bool(_CHANGED.search(" ".join(attributes.get(name, "") for name in ("class", "itemprop", "property"))))


def kind_of(tag: str, tokens: tuple[str, ...], above: str) -> str:
    """The kind of the blocks in a box, which is that of the box around it where it has none of its own."""
    if tokens and tag in _MAY_BE_CAPTION and not names("caption_tokens").isdisjoint(tokens):
        return "caption"
    return _KINDS.get(tag, above)


def is_hidden(attributes: dict[str, str]) -> bool:
    """Whether no reader sees an element, as far as it says so itself."""
    if not attributes:
        return False
    style = attributes.get("style")
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or bool(style and _HIDING.search(style))
        or ("class" in attributes and not names("hidden_tokens").isdisjoint(attributes["class"].lower().split()))
    )


def is_link(element: html.HtmlElement, attributes: dict[str, str]) -> bool:
    """Whether what is inside can be clicked; an anchor that only marks a place, or a button that was never closed, cannot."""
    if element.tag == "button":
        return next(element.iterdescendants("p", "article", "main", "section", "h1"), None) is None
    return bool(attributes.get("href")) or not ("name" in attributes or "id" in attributes)


def note_mark(element: html.HtmlElement) -> str | None:
    """A raised number that leads to a note, in brackets: it must not grow together with the word before it."""
    mark = tidy("".join(element.itertext())).strip("[]()")
    if not 0 < len(mark) <= _LONGEST_MARK or not any(_NOTE.search(link.get("href") or "") for link in element.iter("a")):
        return None
    return f"[{mark}]"
