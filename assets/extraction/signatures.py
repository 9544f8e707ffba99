"""Datelines and signatures: who speaks, from where and when. They stay in the text, in zones of their own.

A dateline that goes on into the first paragraph is metadata only: the paragraph is body.
"""

import re
import tomllib
from functools import cache
from importlib.resources import files

from assets.extraction.blocks import Block
from assets.extraction.wording import ends_sentence, key

_BIG = "A-ZÀ-ÖØ-ÞĀ-ŽА-ЯЁІЇЄҐӘҒҚҢӨҰҮҺЎҲҶӮ"
_CAPS = rf"[{_BIG}]{{2,}}[{_BIG}.'’-]*"
_PLACE = rf"(?:{_CAPS}(?:[ /-]{_CAPS}){{0,3}}|[{_BIG}][\w.'’-]+(?:[ /-][{_BIG}][\w.'’-]+){{0,2}})"
_DAYS = (
    r"\d{1,2}\.?(?:st|nd|rd|th)?\s+(?:de\s+)?[^\W\d]{3,12}\.?,?(?:\s+(?:de\s+)?\d{4})?(?:\s*г\.?(?:ода)?)?",
    r"[^\W\d]{3,12}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?(?:\s+\d{4})?",
    r"\d{1,2}[./]\d{1,2}[./]\d{2,4}",
)
_DAY = f"(?:{'|'.join(_DAYS)})"
_SPEAKERS = (
    rf"\s*,\s*{_DAY}(?:\s*[,./—–-]\s*[^.!?。]{{2,80}}?)?",  # MOSCOW, 19 Sep 2021, Institute
    r"\s*\([A-Z][\w\s./-]{1,30}\)",  # BERLIN (Reuters)
    rf"\s*[,.]\s*{_DAY}\s*/[^/]{{2,40}}/",  # МОСКВА, 19 сентября /ТАСС/
)
_DATELINES = (
    rf"(?P<line>{_PLACE}(?:,\s*[A-Z]\.?[A-Za-z.]{{1,12}})?(?:{'|'.join(_SPEAKERS)})\s*[.—–:-])(?=\s|$)",
    r"(?P<cjk>[\u4e00-\u9fff]{2,6}[，,]?\s?\d{1,2}月\d{1,2}日(?:电|電|讯|訊)?(?:[（(][^）)]{2,30}[）)])?)",
)
_DATELINE = re.compile("|".join(_DATELINES))
_AGENCY = re.compile(r"([\u4e00-\u9fff]{2,4}?[社网網])?([\u4e00-\u9fff]{2,6}?)[，,]?\s?\d{1,2}月\d{1,2}日")
_NAMED = re.compile(r"\(([^)]{2,40})\)|（([^）]{2,40})）|/([^/]{2,40})/")
_CAPITALS = re.compile(rf"(?P<line>[{_BIG}]{{3,}}[{_BIG} .'’-]*\s*(?:,\s*{_DAY}\s*)?[—–])(?=\s)")
_LONGEST_LINE, _LONGEST_SIGNATURE, _LONGEST_DESK = 140, 170, 120  # characters
_LAST = 3  # blocks in which a signature may stand
_NAME = rf"(?:[{_BIG}][\w.'’-]+|[{_BIG}]\.)(?:\s+(?:[{_BIG}][\w.'’-]+|[{_BIG}]\.|de|van|von|der|al|bin|ibn|el|la|da|di)){{1,4}}"
_SIGNED = re.compile(
    rf"(?:(?i:by|author|автор|von|par|por|autor|autora|auteur|autore|yazar)\s*:?\s+)?(?P<name>{_NAME})(?:\s*[–—|/]\s*|\s+-\s+|,\s+)\S.{{2,}}$"
)


def find_dateline(text: str) -> str | None:
    """The dateline that a paragraph begins with: place and date, place and agency, or a place in capitals before a dash."""
    found = _DATELINE.match(text[:300]) or _CAPITALS.match(text[:300])
    line = next((part.strip() for part in found.groupdict().values() if part), "") if found else ""
    return line if len(line) <= _LONGEST_LINE and any(char.isupper() or "\u4e00" <= char <= "\u9fff" for char in line) else None


def dateline_parts(line: str) -> tuple[str | None, str | None]:
    """The place that a dateline names, and the desk or institution that speaks: "MOSCOW, 19 Sep 2021, RUSSTRAT Institute."."""
    news, named = _AGENCY.match(line), None
    begun = re.match(_PLACE, line)
    place = news[2] if news else begun[0] if begun else None
    rest = line[news.end() if news else len(place or "") :]
    if found := _NAMED.search(rest):
        named = next(part for part in found.groups() if part)
    left = re.sub(_DAY, "", rest).strip(" ,.:—–-/日电電讯訊")
    return place, named or (news[1] if news else None) or (left if len(left) > 1 and not left.isdigit() else None)


def is_dateline(block: Block) -> bool:
    """Whether the whole block is a dateline and nothing else."""
    line = find_dateline(block.text)
    return line is not None and len(line) >= len(block.text.rstrip()) - 1


def signatures(blocks: list[Block], authors: tuple[str, ...], site: str | None) -> list[int]:
    """The places of the signature lines among the last blocks of the body."""
    found: list[int] = []
    for place in range(len(blocks) - 1, max(-1, len(blocks) - 1 - _LAST), -1):
        block = blocks[place]
        if not _may_sign(block) or not (_is_signed(block.text, authors) or _is_desk(block.text, site)):
            break
        found.append(place)
    return sorted(found)


def _may_sign(block: Block) -> bool:
    """Whether a block is a short line that is no sentence and no list item."""
    fits = block.kind in {"body", "list"} and not block.bullet and len(block.text) <= _LONGEST_SIGNATURE
    return fits and not block.text.rstrip().endswith((".", "!", "?", "…", ":"))


def may_be_signature(block: Block) -> bool:
    """Whether a line is a name with a role, or a desk, as at the end of an article."""
    return _may_sign(block) and (_is_signed(block.text, ()) or _is_desk(block.text, None))


def signer(block: Block) -> str | None:
    """The name in a line that is a name with what follows it: "Elena Panina – Director of the Institute"."""
    found = _SIGNED.match(block.text) if _may_sign(block) and not ends_sentence(block.text) else None
    return found["name"] if found else None


def _is_signed(text: str, authors: tuple[str, ...]) -> bool:
    if any(key(author) and key(text).startswith(key(author)) for author in authors):
        return True
    return bool(_SIGNED.match(text)) and not ends_sentence(text)


def _is_desk(text: str, site: str | None) -> bool:
    """The institute that signs: a name in capitals, no sentence."""
    if site and key(text) and (key(text) in key(site) or key(site) in key(text)):
        return True
    capitals = sum(word[0].isupper() for word in text.split() if word[0].isalpha())
    return bool(_desk().search(text)) and capitals * 2 > len(text.split()) and len(text) <= _LONGEST_DESK


@cache
def _desk() -> re.Pattern[str]:
    lists = tomllib.loads((files("assets.extraction") / "bylines.toml").read_text("utf-8"))
    return re.compile(rf"\b(?:{'|'.join(lists['desks'])})\b|{'|'.join(lists['desks_cjk'])}", re.I)
