"""What would have kept a false mention out: an exclusion, or a wanted neighbour, proposed from the words around it.

What belongs here: counting words around false mentions against those around right ones. What does not: reading the
history, matching again (`assets.learning`). Nothing is hidden: a proposal bears the counts that it rests on.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from assets.matching.scripts import script_of

NEAR = 200  # characters within which a neighbour is looked for
_MOST_LOST = 1 / 3  # of the mentions that nobody has judged an exclusion may cost so many: they may be as false
_MOST_WORDS = 8  # that a require_near names
_LEAST_KEPT = 0.8  # of the right mentions a require_near must keep so many
_LEAST_RIGHT = 5  # right mentions from which neighbours can be told
_SHORT = 3  # letters of a word that binds two names: of, de, the
_MOST_ADDED = 2  # words after a name that make a longer name of it
_UNSPACED_REACH = 3  # characters around a name that make a longer word of it
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_BINDING = re.compile(r"[^\S\n]+|[^\S\n]*,[^\S\n]+|-")
_SENTENCE_END = re.compile(r"[.!?…:;\n\"“”«»()]")


class Context(NamedTuple):
    """A mention with the text before and after it."""

    before: str
    matched: str
    after: str


class Proposal(NamedTuple):
    """One change of the watch list and what it rests on: how many of the false and of the other mentions it takes away."""

    kind: Literal["exclude", "require_near"]
    words: tuple[str, ...]
    false_gone: int
    false_all: int
    other_gone: int
    other_all: int
    languages: tuple[str, ...] = ()  # of the false mentions; a require_near is for texts in these

    def __str__(self) -> str:
        what = "inside these phrases" if self.kind == "exclude" else f"without one of these words within {NEAR} characters"
        counts = f"{self.false_gone} of {self.false_all} false mentions and {self.other_gone} of {self.other_all} others"
        return f"{self.kind}: {', '.join(self.words)} ({counts} stand {what})"


def propose(
    false: Sequence[Context], others: Sequence[Context], *, right: Sequence[Context] = (), languages: Iterable[str] = ()
) -> list[Proposal]:
    """The changes that take most false mentions away; an exclusion first, for it says more.

    Args:
        false: mentions that a reader called false.
        others: mentions that nobody has judged.
        right: mentions that a reader called right; an exclusion spares them all.
        languages: of the false mentions.
    """
    exclusion = _exclusion(false, others, right)
    # What stands in the same longer name is as false: nothing is to be learnt from its neighbours.
    alike = frozenset(exclusion.words if exclusion else ())
    found = (exclusion, _neighbours(false, [context for context in (*others, *right) if not alike.intersection(_longer_names(context))]))
    return [proposal._replace(languages=tuple(languages)) for proposal in found if proposal]


def snippet(entity: str, proposal: Proposal) -> str:
    """The proposal as a watch list that extends the operator's own."""
    words = json.dumps(proposal.words, ensure_ascii=False)
    spoken = f", for: {json.dumps(proposal.languages)}" if proposal.languages else ""
    value = words if proposal.kind == "exclude" else f"{{any: {words}, within: {NEAR}{spoken}}}"
    return f"entities:\n  - id: {json.dumps(entity, ensure_ascii=False)}\n    {proposal.kind}: {value}\n"


def _exclusion(false: Sequence[Context], others: Sequence[Context], right: Sequence[Context]) -> Proposal | None:
    """The shortest longer names around the false mentions that no right mention and few others are part of."""
    phrases = [frozenset(_longer_names(context)) for context in false]
    barred = frozenset(phrase for context in right for phrase in _longer_names(context))
    unjudged = [frozenset(_longer_names(context)) for context in others]
    lost = Counter(phrase for found in unjudged for phrase in found)
    covered = Counter(phrase for found in phrases for phrase in found - barred if lost[phrase] <= _MOST_LOST * len(others))
    chosen: list[str] = []
    for found in phrases:
        fitting = sorted(found & covered.keys(), key=lambda phrase: (-covered[phrase], lost[phrase], len(phrase), phrase))
        if fitting and not found.intersection(chosen):
            chosen.append(fitting[0])
    if not chosen:
        return None
    gone = [sum(bool(found.intersection(chosen)) for found in each) for each in (phrases, unjudged)]
    return Proposal("exclude", tuple(sorted(chosen)), gone[0], len(false), gone[1], len(others) + len(right))


def _longer_names(context: Context) -> Iterator[str]:
    """Names that the mention is a part of: Georgia Tech, State of Georgia, Atlanta, Georgia; 印度尼西亚."""
    if script_of(context.matched) == "unspaced":
        for size in range(1, _UNSPACED_REACH + 1):
            if script_of(context.after[:size]) == "unspaced":
                yield context.matched + context.after[:size]
            if script_of(context.before[-size:]) == "unspaced":
                yield context.before[-size:] + context.matched
        return
    left, right = _bound_left(context.before), _bound_right(context.after)
    if re.match(r"\s*,", context.after) or re.search(r",\s*[^\W\d_]+(?:['’-][^\W\d_]+)*,\s*$", context.before):
        left = [words for words in left if "," not in words]  # one of a list of names
    yield from (context.matched + words for words in right)
    yield from (words + context.matched for words in left)


def _bound_right(after: str) -> list[str]:
    """What follows and begins with a capital: Tech, Tech Institute."""
    found: list[str] = []
    at = 0
    while (
        len(found) < _MOST_ADDED and (gap := _BINDING.match(after, at)) and (word := _WORD.match(after, gap.end())) and word[0][0].isupper()
    ):
        if "," in gap[0]:  # after a comma begins another name: Georgia, Armenia
            break
        found.append(re.sub(r"\s+", " ", after[: word.end()]))
        at = word.end()
    return found


def _bound_left(before: str) -> list[str]:
    """What goes before and begins with a capital that no sentence gave it: Atlanta, | State of."""
    words = list(_WORD.finditer(before))
    for count in (1, 2):
        if len(words) < count:
            return []
        head = words[-count]
        tail = before[head.start() :]
        opens = not before[: head.start()].strip() or _SENTENCE_END.match(before[: head.start()].rstrip()[-1])
        if _SENTENCE_END.search(tail) or not re.search(r"[\s-]$", tail):
            return []
        if head[0][0].isupper() and not opens:
            return [re.sub(r"\s+", " ", tail)]
        if len(head[0]) > _SHORT or head[0][0].isupper():
            return []
    return []


def _neighbours(false: Sequence[Context], right: Sequence[Context]) -> Proposal | None:
    """Names that often stand near right mentions and never near a false one, as few as keep most of the right ones."""
    if len(right) < _LEAST_RIGHT:
        return None
    barred = frozenset().union(*map(_names_near, false))
    near = [_names_near(context) - barred for context in right]
    chosen: list[str] = []
    open_ = list(near)
    while open_ and len(chosen) < _MOST_WORDS:
        counts = Counter(word for found in open_ for word in found)
        best = min(counts, key=lambda word: (-counts[word], word), default="")
        if not best or counts[best] < 2:  # noqa: PLR2004 - once is chance
            break
        chosen.append(best)
        open_ = [found for found in open_ if best not in found]
    if len(right) - len(open_) < _LEAST_KEPT * len(right):
        return None
    return Proposal("require_near", tuple(chosen), len(false), len(false), len(open_), len(right))


def _names_near(context: Context) -> frozenset[str]:
    """Capitalised words within reach that no sentence begins with, without the mention itself."""
    found = {*_capitalised(context.before[-NEAR:]), *_capitalised(context.after[:NEAR])}
    return frozenset(found) - set(_WORD.findall(context.matched))


def _capitalised(text: str) -> Iterable[str]:
    for word in _WORD.finditer(text):
        start = text[: word.start()].rstrip()
        if word[0][0].isupper() and len(word[0]) > _SHORT and start and not _SENTENCE_END.match(start[-1]):
            yield word[0]
