"""What the place of a name must look like: capitals, dots, headlines, addresses.

What belongs here: rules that need only the text around one candidate. What does not: finding candidates, exclusions and
neighbours (`matcher`).
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Literal

from assets.matching.forms import CAPITAL, Phrase
from assets.matching.normalise import Folded
from assets.matching.tokens import Word, addresses, word_after, word_before

Refusal = Literal["", "case", "hyphen", "dots", "money", "headline", "address", "inside", "excluded", "near"]
Span = tuple[int, int]

_ADDRESS_LENGTH = 300  # characters around a candidate that are looked at for an address
_HEADLINE = 3  # words on either side that show whether a line is written in capitals
_ARTICLES = frozenset({"the"})  # of the languages in which an acronym may be a pronoun
_WORD_LENGTH = 4  # letters: shorter words in capitals may all be acronyms


def refusal(folded: Folded, phrase: Phrase, spans: list[Span]) -> Refusal:
    """Why a phrase whose words stand at `spans` does not count there, or ""; cheapest rules first."""
    start, end = spans[0][0], spans[-1][1]
    if phrase.literal:
        return "inside" if _cuts_katakana(folded.low, start, end) else ""
    if not _case_holds(phrase, [folded.plain[left:right] for left, right in spans]):
        return "case"
    if phrase.before_hyphen and folded.low[end : end + 1] != "-":
        return "hyphen"
    if phrase.cases[-1] not in {"", CAPITAL} and (reason := _no_acronym(folded, phrase, start, end)):
        return reason
    return "address" if phrase.role == "alias" and _in_address(folded.low, start, end) else ""


def _case_holds(phrase: Phrase, words: list[str]) -> bool:
    """Whether capitals stand where the phrase wants them."""
    capitals = kept = exact = 0
    for rule, word in zip(phrase.cases, words, strict=True):
        if rule == CAPITAL:
            capitals += 1
            kept += word[:1].isupper()
        elif rule:
            if not _as_written(word, rule):
                return False
            exact += 1
    if not phrase.loose:
        return kept == capitals
    # Russian, French and others write the later words of a name small: one sign that it is a name is enough.
    return not capitals or kept > 0 or exact > 0


def _as_written(word: str, rule: str) -> bool:
    """The acronym as the list writes it, a small ending after it, or all of a mixed one in capitals."""
    if word.startswith(rule):
        return len(word) == len(rule) or word[len(rule) :].islower()
    return not rule.isupper() and word.isupper() and word == rule.upper()


def _no_acronym(folded: Folded, phrase: Phrase, start: int, end: int) -> Refusal:
    """Why the letters of an acronym are something else there, or ""."""
    if phrase.dotted and _goes_on(folded, start, end):
        return "dots"
    if _counts_money(folded.low, start, end):
        return "money"
    return "headline" if phrase.wordlike and not _is_joined(folded.low, start, end) and _in_headline(folded, start, end) else ""


def _goes_on(folded: Folded, start: int, end: int) -> bool:
    """Whether dotted letters are part of a longer row of them: U.S in U.S.S.R."""
    before, after = word_before(folded.low, start), word_after(folded.low, end)
    if before and before.gap == "." and before.end - before.start == 1:
        return True
    return bool(after and after.gap == "." and after.end - after.start == 1 and folded.plain[after.start].isupper())


def _counts_money(low: str, start: int, end: int) -> bool:
    """Whether an acronym says in which dollars a sum is given: US$5bn, US $5 bn; but not who is given it: the US $5 bn."""
    behind = low[end : end + 4].removeprefix(".")
    if behind.startswith("$"):
        return True
    before = word_before(low, start)
    return behind[:2] == " $" and behind[2:3].isdigit() and not (before and low[before.start : before.end] in _ARTICLES)


def _is_joined(low: str, start: int, end: int) -> bool:
    """Whether an article or a hyphen shows that letters are a name and no pronoun: THE US, US-CHINA."""
    neighbours = {low[end : end + 1], low[max(0, start - 1) : start]}
    before = word_before(low, start)
    return bool(neighbours & {"-", "/"}) or bool(before and low[before.start : before.end] in _ARTICLES)


def _in_headline(folded: Folded, start: int, end: int) -> bool:
    """Whether the words around are all in capitals too, so that capitals say nothing: DOCTORS WHO REFUSED."""
    spans = [*islice(_line(folded.low, start, word_before), _HEADLINE), *islice(_line(folded.low, end, word_after), _HEADLINE)]
    words = [word for left, right in spans if (word := folded.plain[left:right]).isalpha() and len(word) > 1]
    return any(len(word) >= _WORD_LENGTH for word in words) and all(word.isupper() for word in words)


def _line(low: str, at: int, step: Callable[[str, int], Word | None]) -> Iterator[Span]:
    """Spans of the words before or after a place, until the line ends, or a comma: NATO, WHO is a list and no headline."""
    while (word := step(low, at)) and "\n" not in word.gap and "," not in word.gap:
        yield word.start, word.end
        at = word.start if step is word_before else word.end


def _in_address(low: str, start: int, end: int) -> bool:
    """Whether the place is part of a web or mail address; a name that is the whole address (Gzt.ru) is none."""
    first, last = max(0, start - _ADDRESS_LENGTH), min(len(low), end + _ADDRESS_LENGTH)
    left = max(first - 1, low.rfind(" ", first, start), low.rfind("\n", first, start)) + 1
    right = min(at if at >= 0 else last for at in (low.find(" ", end, last), low.find("\n", end, last)))
    inside = (start - left, end - left)
    return any(begin <= inside[0] and inside[1] <= finish and (begin, finish) != inside for begin, finish in addresses(low[left:right]))


def _cuts_katakana(low: str, start: int, end: int) -> bool:
    """Katakana words are borrowed names with clear ends: アメリカ is not in アメリカン."""
    return any(_is_katakana(low[at : at + 1]) and _is_katakana(low[at - 1 : at]) for at in (start, end) if at)


def _is_katakana(character: str) -> bool:
    return "\u30a1" <= character <= "\u30fc"
