"""The text of an article and its zones, put together so that `text[start:end]` is each block exactly."""

from collections.abc import Iterable
from dataclasses import dataclass

from assets.extraction.records import Zone
from assets.extraction.wording import clean

GAP = "\n\n"


@dataclass(frozen=True, slots=True)
class Kept:
    """A block that stays, with its zone kind."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Assembled:
    """Text and zones."""

    text: str
    zones: tuple[Zone, ...]


def assemble(blocks: Iterable[Kept]) -> Assembled:
    """Join blocks by one blank line."""
    parts: list[str] = []
    zones: list[Zone] = []
    length = 0
    for block in blocks:
        text = clean(block.text).strip()
        if not text:
            continue
        start = length + (len(GAP) if parts else 0)
        zones.append(Zone(block.kind, start, start + len(text)))  # type: ignore[arg-type]
        parts.append(text)
        length = start + len(text)
    return Assembled(GAP.join(parts), tuple(zones))
