"""Watch lists made from other people's tables: entities in the making, and the commented YAML that an operator checks.

What belongs here: sorting names from acronyms, leaving out what no list may hold, writing. What does not: the formats they
come from (`csv_lists`, `wikidata`), what is wrong with a whole list (`checking`).
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from assets.matching.checking import check
from assets.matching.scripts import base_language
from assets.matching.watchlist import Via, parse_watchlist, spoken

Kind = Literal["organisation", "region", "person", "topic"]
_KEYS: dict[Via, str] = {"name": "names", "acronym": "acronyms", "demonym": "demonyms"}
_BRACKETS = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")
_ACRONYM = 8  # letters: what is longer and in capitals is a name that somebody shouts


@dataclass
class Draft:
    """One entity in the making; `remarks` become comments above it."""

    id: str
    kind: Kind = "organisation"
    qid: str | None = None
    territory: str | None = None
    parents: list[str] = field(default_factory=list)
    labels: dict[str, dict[Via, list[str]]] = field(default_factory=lambda: defaultdict(dict))
    remarks: list[str] = field(default_factory=list)

    def add(self, text: str, language: str, via: Via | None = None) -> None:
        """Add a name; without `via` one in capitals is an acronym. What no list may hold becomes a remark."""
        code = base_language(language)
        name = _BRACKETS.sub("", " ".join(unicodedata.normalize("NFC", text).split()))
        if not code or not name:
            return
        try:
            name = spoken(name)
        except ValueError as fault:
            self.remarks.append(f"left out {code} {name!r}: {fault}")
            return
        kept = self.labels[code].setdefault(via or _via(name), [])
        if name not in kept:
            kept.append(name)


def slug(text: str) -> str:
    """An id made of a name: "Shanghai Cooperation Organisation" is shanghai-cooperation-organisation; "" when nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def write(drafts: Sequence[Draft], origin: str) -> tuple[str, list[str]]:
    """The YAML of a watch list that can be read as it stands, and what a person should decide about it, a line each.

    Raises ConfigError when nothing is left to watch.
    """
    body = "version: 1\nentities:\n" + "\n".join(_entity(draft) for draft in drafts if draft.labels or draft.territory)
    head = [f"# Imported from {origin}. Read it before you use it; the keys are explained in the list that `thinkwatch init` writes."]
    findings = [str(finding) for finding in check(parse_watchlist(body, "line"))]
    lines = len(head) + (len(findings) + 1 if findings else 0)
    told = [re.sub(r"^line:(\d+)", lambda match: f"line {int(match[1]) + lines}", finding) for finding in findings]
    decide = ["# To decide (then: thinkwatch watch check THIS FILE):", *(f"#   {finding}" for finding in told)] if told else []
    return "\n".join([*head, *decide, body]), told


def _via(name: str) -> Via:
    letters = sum(character.isalpha() for character in name)
    return "acronym" if name.isupper() and letters <= _ACRONYM else "name"


def _entity(draft: Draft) -> str:
    lines = [*(f"  # {remark}" for remark in draft.remarks), f"  - id: {_flow(draft.id)}", f"    kind: {draft.kind}"]
    lines += [f"    qid: {draft.qid}"] if draft.qid else []
    lines += [f"    from: cldr:{draft.territory}"] if draft.territory else []
    lines += [f"    parents: {_flow(draft.parents)}"] if draft.parents else []
    lines += ["    labels:"] if draft.labels else []
    for language, names in sorted(draft.labels.items()):
        shown = ", ".join(f"{_KEYS[via]}: {_flow(names[via])}" for via in _KEYS if names.get(via))
        lines.append(f"      {_flow(language)}: {{{shown}}}")
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    """A value as one line of YAML, quoted where YAML would read it otherwise ("no", "U.S.: …")."""
    shown = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**9)
    return shown.removesuffix("\n").removesuffix("\n...")
