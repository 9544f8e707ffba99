"""What class names say: whole tokens, or tokens that are made of known words only. The tables are in `markup.toml`.

Only reading of names; whether a part may be removed for its name is decided in `zones`.
"""

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files

KINDS = (
    "cookie",
    "share",
    "related",
    "paywall",
    "newsletter",
    "comments",
    "author_box",
    "tags",
    "donation",
    "event",
    "language",
    "disclaimer",
    "media",
    "meta",
    "navigation",
)
_CONTENTS = "toc"
_LENGTHS = range(3, 61)  # characters of a name that says something
_PREFIX, _MOST_WORDS = 3, 6
_STATES = frozenset(
    {"has", "with", "without", "no", "non", "not", "is", "if", "hide", "show", "enable", "disable"}
)  # they tell of the page, not of the part
_SPLIT = re.compile(r"[^a-zA-Z0-9]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")


@cache
def _tables() -> dict:
    return tomllib.loads((files("assets.extraction") / "markup.toml").read_text("utf-8"))


@cache
def names(table: str) -> frozenset[str]:
    """One of the flat tables ("body_tokens", "caption_tokens", "notes_tokens", …)."""
    return frozenset(_tables()[table])


@cache
def fields(kind: str) -> tuple[str, ...]:
    """Names of meta elements of one kind ("authors", "published", …), the most trusted first."""
    return tuple(_tables()["fields"][kind])


@cache
def _known() -> dict[str, str]:
    return {token: kind for kind in reversed(KINDS) for token in _tables()[kind]["tokens"]}


@cache
def _vocabulary() -> tuple[tuple[str, frozenset[str], frozenset[str]], ...]:
    neutral = frozenset(_tables()["neutral"])
    return tuple((kind, frozenset(_tables()[kind]["needs"]), frozenset(_tables()[kind]["words"]) | neutral) for kind in KINDS)


@lru_cache(maxsize=65536)
def token_kind(token: str) -> tuple[str, bool] | None:
    """The kind of furniture that a class token or id names, and whether by a known name (True) or by its words (False)."""
    kind = _known().get(token.lower())
    if kind:
        return kind, True
    if "=" in token or len(token) not in _LENGTHS:
        return None
    kind = _worded(token)
    return (kind, False) if kind else None


def _worded(token: str) -> str | None:
    parts = [part.lower() for part in _SPLIT.split(token) if part]
    if len(parts) > 1 and parts[0] == _CONTENTS and parts[1].isdigit():
        return None  # what a table of contents leads to
    parts = [part for part in parts if not part.isdigit()]
    if parts and parts[0] in _STATES:
        return None
    if len(parts) > 1 and len(parts[0]) <= _PREFIX:
        parts = parts[1:]  # the theme's or the plug-in's prefix
    if not parts or len(parts) > _MOST_WORDS:
        return None
    for kind, needs, vocabulary in _vocabulary():
        if needs.intersection(parts) and vocabulary.issuperset(parts):
            return kind
    return None
