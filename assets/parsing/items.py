"""Items of a feed as pieces of text: too many of them cut off, the one that a broken transfer left half dropped, each kept small.

Works on cleaned XML (see `cleaning`), before it is parsed.
"""

import re
from itertools import pairwise

from assets.parsing.cleaning import Cleaned

MOST_ENTRIES = 5_000  # a poll; the cut is reported. A feed shows the newest first
LONGEST_SHORT = 300  # characters of a name or date; feedparser's patterns take time quadratic in them
LONGEST_ATTRIBUTES = 4_000  # characters of one tag
MOST_TERMS = 100  # categories of one entry; feedparser compares each with each

_NAME = r"(?:[\w.-]{1,40}:)?"
BEGIN = re.compile(rf"<{_NAME}(?:item|entry)(?=[\s/>])", re.IGNORECASE)
END = re.compile(rf"</{_NAME}(?:item|entry)\s*>", re.IGNORECASE)
_OPENING = re.compile(rf"<({_NAME})(rss|rdf|feed|channel)(?=[\s>])", re.IGNORECASE)
_CLOSING = re.compile(rf"</{_NAME}(rss|rdf|feed|channel)\s*>", re.IGNORECASE)
_CDATA = re.compile(r"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_SHORT = (
    "author|creator|contributor|managingeditor|webmaster|publisher|keywords"
    "|pubdate|date|published|updated|modified|created|issued|lastbuilddate"
)
_LONG_SHORT = re.compile(rf"(<{_NAME}(?:{_SHORT})(?:\s[^<>]*)?>(?:<!\[CDATA\[)?[^<\]]{{{LONGEST_SHORT}}})[^<\]]+", re.IGNORECASE)
_LONG_TAG = re.compile(rf"<([A-Za-z_][\w.:-]{{0,80}})(\s[^<>]{{{LONGEST_ATTRIBUTES},}})>")
_ATTRIBUTE = re.compile(r"\s([A-Za-z_][\w.:-]{0,80})\s*=\s*(\"[^\"<>]{0,2000}\"|'[^'<>]{0,2000}')")
_TERM = re.compile(rf"<{_NAME}(?:category|subject|tags)(?:\s[^<>]*)?(?:/>|>[^<]*(?:<!\[CDATA\[[^\]]*\]\]>[^<]*)?</[^<>]*>)", re.IGNORECASE)


def count(text: str) -> int:
    """How many items the text opens, those inside CDATA not counted."""
    return len(BEGIN.findall(_CDATA.sub("", text)))


def complete(cleaned: Cleaned) -> None:
    """Close a document whose end is missing; the item that it was cut in is dropped, it comes whole at the next poll.

    Stored without its link or with half of it, it would come back as a second article.
    """
    roots = _OPENING.findall(cleaned.text)
    closed = [name.lower() for name in _CLOSING.findall(cleaned.text)]
    if not roots or roots[0][1].lower() in closed:
        return
    begins = [found.start() for found in BEGIN.finditer(cleaned.text)]
    ends = [found.end() for found in END.finditer(cleaned.text)]
    if begins and begins[-1] > (ends[-1] if ends else 0):
        cleaned.text = cleaned.text[: begins[-1]]
        cleaned.lose("truncated: the document ends inside an entry; that entry was left out")
    elif ends:
        cleaned.text = cleaned.text[: ends[-1]]
        cleaned.lose("truncated: the end of the document is missing")
    _close(cleaned, roots)


def limit(cleaned: Cleaned, most: int = MOST_ENTRIES) -> None:
    """Keep the first `most` items and say so."""
    begins = [found.start() for found in BEGIN.finditer(cleaned.text)]
    if len(begins) <= most:
        return
    roots = _OPENING.findall(cleaned.text)
    cleaned.text = cleaned.text[: begins[most]]
    cleaned.lose(f"cut: the first {most} of {len(begins)} entries were read")
    _close(cleaned, roots)


def tame(text: str) -> str:
    """The text without what only costs time: names of 10,000 letters, tags with 10,000 attributes, items with 10,000 categories."""
    text = _LONG_SHORT.sub(r"\1", text)
    text = _LONG_TAG.sub(_short_tag, text)
    terms = [found.span() for found in _TERM.finditer(text)]
    if len(terms) <= MOST_TERMS:
        return text
    edges = [0, *(found.start() for found in BEGIN.finditer(text)), len(text)]
    return "".join(_fewer_terms(text[start:end]) for start, end in pairwise(edges))


def _short_tag(found: re.Match[str]) -> str:
    attributes = dict(_ATTRIBUTE.findall(found[2])[:MOST_TERMS])
    end = "/" if found[2].endswith("/") else ""
    return f"<{found[1]}" + "".join(f" {name}={value}" for name, value in attributes.items()) + f"{end}>"


def _fewer_terms(piece: str) -> str:
    terms = [found.span() for found in _TERM.finditer(piece)]
    if len(terms) <= MOST_TERMS:
        return piece
    first, last = terms[MOST_TERMS][0], terms[-1][1]
    return piece[:first] + _TERM.sub("", piece[first:last]) + piece[last:]


def _close(cleaned: Cleaned, roots: list[tuple[str, str]]) -> None:
    """Append the closing tags that are missing."""
    closed = [name.lower() for name in _CLOSING.findall(cleaned.text)]
    for prefix, name in reversed(roots[:2]):
        if name.lower() not in closed:
            cleaned.text += f"</{prefix}{name}>"
