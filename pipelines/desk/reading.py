"""One article as HTML: its text with every mention marked, and two of its revisions side by side.

All text is escaped; nothing is loaded.
"""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import zip_longest
from typing import Any

Row = Mapping[str, Any]
TINTS = ["#fff3a3", "#ffd8c2", "#d6efc7", "#e6d7f2", "#cfe8f7", "#f7d4e2", "#e3e3b5", "#cdeee6"]
SILENT = "#e9e9e9"  # a mention that alerts nobody: datelines and bylines
PARAGRAPH = "\n\n"
_WORD = re.compile(r"\s+|\w+|[^\w\s]")


def article(revision: Row, marks: Sequence[Row]) -> str:
    """The page of an article: title, where and when, legend, and its paragraphs with the mentions of this revision marked."""
    own = [mark for mark in marks if mark["revision_id"] == revision["revision_id"]]
    tints = _tints(own)
    title = _marked(revision["title"], [mark for mark in own if mark["field"] == "title"], tints)
    text = _marked(revision["text"], [mark for mark in own if mark["field"] == "text"], tints)
    paragraphs = "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in text.split(PARAGRAPH))
    return f'<article class="desk-article"><h2>{title}</h2>{_facts(revision)}{_legend(own, tints)}{paragraphs}</article>'


def side_by_side(before: Row, after: Row) -> str:
    """Two revisions paragraph by paragraph: what went is struck out on the left, what came is underlined on the right."""
    rows = "".join(f"<tr><td>{left}</td><td>{right}</td></tr>" for left, right in _paired(_paragraphs(before), _paragraphs(after)))
    heads = "".join(
        f"<th>revision {one['revision_no']} · {escape(one['change_kind'])} · {one['seen_from']:%Y-%m-%d %H:%M} UTC</th>"
        for one in (before, after)
    )
    return f'<table class="desk-revisions"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _paragraphs(revision: Row) -> list[str]:
    return [revision["title"], *revision["text"].split(PARAGRAPH)]


def _paired(before: Sequence[str], after: Sequence[str]) -> Iterable[tuple[str, str]]:
    for change, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if change == "equal":
            yield from ((escape(one), escape(one)) for one in before[i1:i2])
        else:
            yield from (_compared(left, right) for left, right in zip_longest(before[i1:i2], after[j1:j2]))


def _compared(left: str | None, right: str | None) -> tuple[str, str]:
    """Two versions of a paragraph by words; either may be missing."""
    if left is None or right is None:
        return (f"<del>{escape(left)}</del>" if left else "", f"<ins>{escape(right)}</ins>" if right else "")
    words = _WORD.findall(left), _WORD.findall(right)
    went, came = [], []
    for change, i1, i2, j1, j2 in difflib.SequenceMatcher(None, *words, autojunk=False).get_opcodes():
        old, new = escape("".join(words[0][i1:i2])), escape("".join(words[1][j1:j2]))
        went.append(old if change == "equal" else f"<del>{old}</del>" if old else "")
        came.append(new if change == "equal" else f"<ins>{new}</ins>" if new else "")
    return "".join(went), "".join(came)


def _marked(text: str, marks: Sequence[Row], tints: Mapping[str, str]) -> str:
    """The text escaped, each mention in a <mark>; of two that overlap the longer one that begins first is shown."""
    parts, end = [], 0
    for mark in sorted(marks, key=lambda one: (one["start_char"], -one["end_char"])):
        if mark["start_char"] < end:
            continue
        tint = tints[mark["entity"]] if mark["alerting"] else SILENT
        words = escape(text[mark["start_char"] : mark["end_char"]])
        parts += [escape(text[end : mark["start_char"]]), f'<mark style="background:{tint}" title="{escape(mark["label"])}">{words}</mark>']
        end = mark["end_char"]
    return "".join([*parts, escape(text[end:])])


def _tints(marks: Sequence[Row]) -> dict[str, str]:
    entities = dict.fromkeys(mark["entity"] for mark in sorted(marks, key=lambda one: one["entity"]))
    return {entity: TINTS[place % len(TINTS)] for place, entity in enumerate(entities)}


def _legend(marks: Sequence[Row], tints: Mapping[str, str]) -> str:
    labels = {mark["entity"]: mark["label"] for mark in marks}
    counts = {entity: sum(mark["entity"] == entity for mark in marks) for entity in labels}
    chips = (f'<mark style="background:{tints[one]}">{escape(labels[one])} × {counts[one]}</mark>' for one in sorted(labels))
    return f'<p class="desk-legend">{" ".join(chips)}</p>' if labels else '<p class="desk-legend">names nobody who is watched</p>'


def _facts(revision: Row) -> str:
    when = f"{revision['published_at']:%Y-%m-%d %H:%M} UTC" if revision["published_at"] else "no date"
    quality = f" ({escape(revision['published_quality'])})" if revision["published_quality"] else ""
    parts = [escape(revision["source"] or revision["source_id"]), when + quality, *map(escape, revision["authors"] or [])]
    if revision["withdrawn_at"]:
        parts.append(f"<b>withdrawn, seen {revision['withdrawn_at']:%Y-%m-%d}</b>")
    return f'<p class="desk-facts">{" · ".join(parts)}{_link(revision["url"])}</p>'


def _link(url: str | None) -> str:
    if not url or not url.startswith(("http://", "https://")):
        return ""
    return f' · <a href="{escape(url)}" target="_blank" rel="noreferrer noopener">{escape(url)}</a>'
