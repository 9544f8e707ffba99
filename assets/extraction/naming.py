"""Names out of a line: what a byline is made of, where a name ends, and what only stands where a name would.

Where such lines stand, and which of them to believe, is decided in `people`. The words are in `bylines.toml`.
"""

import html
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from assets.extraction.dating import without_dates
from assets.extraction.wording import tidy

LONGEST_LINE = 200  # characters of a byline
_LONGEST_NAME, _LONGEST_PERSON = 60, 50
_MOST_WORDS = 6  # of a name; more are a sentence
_PERSON_WORDS = range(2, 6)
_UPPER = "A-ZÀ-ÖØ-ÞĆČĐĞİŁŃŚŞŠŹŻŽА-ЯЁІЇЄҐӘҒҚҢӨҰҮҺЎҲҶӮ"
_EDGES = " ,:;|-–—·•⋅*\"'"
_SMALL = frozenset({"de", "van", "von", "der", "la", "al", "bin", "da", "di", "del", "le", "el", "dos", "den"})
_ADDRESS = re.compile(r"\s*<?\S+@\S+\.\S+>?")
_NAMED_ADDRESS = re.compile(r"\S+@\S+\s*\(([^)]+)\)")
_NO_NAME = re.compile(r"[\d\W_]*|[\w.-]*\{.*|page\..*|.*https?:.*", re.S)
_CHINESE = re.compile(r"[\u4e00-\u9fff·]{2,4}(?:\s[\u4e00-\u9fff·]{2,4})+")  # names that a space parts
_CREDENTIAL = re.compile(
    r"(?:jr|sr|[A-Z]?[a-z]?\.?[A-Z][A-Za-z.]{0,4}\.?[A-Z]?\.?|ph\.?\s?d\.?|m\.?\s?d\.?|ii+|iv|esq\.?)(?:[\s,]+[A-Z][A-Za-z.]{1,5})*"
)


@dataclass(frozen=True, slots=True)
class Words:
    """What bylines are made of, as patterns: what stands before names (`by`), between them, behind them, and around them."""

    by: re.Pattern[str]
    split: re.Pattern[str]
    others: re.Pattern[str]
    end: re.Pattern[str]
    role: re.Pattern[str]
    stated: re.Pattern[str]
    link: re.Pattern[str]
    author: re.Pattern[str]
    about: re.Pattern[str]
    nobody: frozenset[str]


@cache
def words() -> Words:
    """The words of `bylines.toml`, compiled once."""
    lists: dict[str, list[str]] = tomllib.loads((files("assets.extraction") / "bylines.toml").read_text("utf-8"))
    any_of = {name: "|".join(re.escape(word) for word in sorted(found, key=len, reverse=True)) for name, found in lists.items()}
    not_people = "".join(rf"(?<!{re.escape(word)} )" for word in lists["things"])
    by = (
        rf"(?i:(?:(?:{any_of['verbs']})\s+)?{not_people}by)\b[:\s]+",
        rf"(?i:{any_of['labels']})\s*[:：／/｜]\s*",
        rf"(?<![\w)]\s)(?i:{any_of['particles']})\s+(?=[{_UPPER}])",  # "Der Hafen von Aktau" is no byline
        rf"(?<![\w)]\s)(?:{any_of['caseless']})\s*[:：]?\s+",
    )
    end = (
        *(r"[|•·⋅@/\[<]", r"\((?![^)]*\)$)", r"\s[–—-]\s", r"\b\d", r"\s[^\s:：]{2,12}[:：]", r"\b(?:in|for|at|on)\b(?=\s|$)"),
        rf"\b(?i:{any_of['ends']})\b",
    )
    return Words(
        by=re.compile(rf"(?:^|(?<=[\s|•·—–,.]))(?:{'|'.join(by)})"),
        split=re.compile(rf"\s*(?:{any_of['signs']}|\s[•·–—&]\s|(?<=\s)(?:{any_of['words']})(?=\s))\s*", re.I),
        others=re.compile(rf"[\s.,;|·•⋅(]*\b(?:(?:medically|fact|technically|legally)[\s-]+)?(?:{any_of['others']})\b.*$", re.I | re.S),
        end=re.compile(rf"\s*(?:{'|'.join(end)}).*$", re.S),
        role=re.compile(rf"\b(?:{any_of['roles']})", re.I),
        stated=re.compile(any_of["stated"], re.I),
        link=re.compile(rf"/(?:{any_of['folders']})/|[?&]author(?:_id|name)?=|/@\w", re.I),
        author=re.compile(rf"(?:^|[^a-z])(?:{any_of['classes']})(?:[^a-z]|$)|Author|Byline", re.I),
        about=re.compile(any_of["about"], re.I),
        nobody=frozenset(lists["nobody"]),
    )


def names(raw: str) -> list[str]:
    """The names in one byline or statement, without what is said of them; "Maria & Katerina" sign together."""
    line = tidy(html.unescape(raw))
    if not line or len(line) > LONGEST_LINE or line.startswith(("http:", "https:", "www.", "@")):
        return []
    line = without_dates(_ADDRESS.sub("", _NAMED_ADDRESS.sub(r"\1", line)))
    by = words().by.match(line)
    line = words().end.sub("", line[by.end() :] if by else line.strip(" |"))
    parts = [tidy(part).strip(_EDGES) for part in words().split.split(line)]
    listed = any(sign in line for sign in ",;|、，；")
    if len(parts) > 1 and not listed and all(len(part.split()) == 1 for part in parts):
        return [tidy(line)] if _is_name(tidy(line)) else []
    return _with_credentials([name for part in parts for name in (part.split() if _CHINESE.fullmatch(part) else [part])])


def _with_credentials(parts: list[str]) -> list[str]:
    kept: list[str] = []
    for name in parts:
        if kept and _CREDENTIAL.fullmatch(name) and (name.isupper() or not is_person(name)):
            kept[-1] = f"{kept[-1]}, {name}"
        elif _is_name(name):
            kept.append(name)
    return kept


def _is_name(name: str) -> bool:
    fits = 1 < len(name) <= _LONGEST_NAME and len(name.split()) <= _MOST_WORDS
    return fits and name.casefold() not in words().nobody and not _NO_NAME.fullmatch(name)


def is_person(name: str) -> bool:
    """Whether a name looks like a person's: some words, each with a capital, and no sentence."""
    parts = name.replace(",", "").split()
    return (
        len(parts) in _PERSON_WORDS
        and len(name) <= _LONGEST_PERSON
        and all(part in _SMALL or (part[0].isupper() and (part[-1].isalpha() or part[-1] == ".")) for part in parts)
    )


def is_role(name: str) -> bool:
    """Whether words say what somebody is, not who."""
    return bool(words().role.search(name))


def persons_first(found: list[str]) -> list[str]:
    """Without the roles that stand behind the names in a byline."""
    return [name for name in found if is_person(name) and not is_role(name)] or found
