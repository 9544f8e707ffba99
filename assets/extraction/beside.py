"""What is no text of the article and is kept all the same: links, files, tags, who signs, what is said of the authors, other languages."""

from dataclasses import replace

from assets.extraction import metadata, signatures, zones
from assets.extraction.records import Extract
from assets.extraction.sorting import Sorted
from assets.extraction.structured import Statements
from assets.extraction.wording import is_sentence

_LONGEST_BOX = 2000  # characters of what is said of the authors
_WHOLE = 600  # characters of a text that is long enough to be believed


def kept(known: Extract, stated: Statements, url: str | None, found: Sorted) -> Extract:
    """An article, with what is kept beside its text."""
    links, attachments = metadata.links(found.kept, url)
    place, desk = signatures.dateline_parts(known.dateline) if known.dateline else (None, None)
    signed = [known.text[zone.start : zone.end] for zone in known.zones[len(known.zones) // 2 :] if zone.kind == "byline"]
    told = [known.text[zone.start : zone.end] for zone in known.zones if zone.kind == "byline" and is_sentence(known.text[: zone.end])]
    gone = {kind: [block for block, label in found.cuts if label.kind == kind] for kind in ("tags", "disclaimer", "author_box")}
    return replace(
        known,
        links=links,
        attachments=attachments,
        tags=metadata.tags(stated, gone["tags"]),
        disclaimer=next((block.text for block in gone["disclaimer"]), None),
        about_authors="\n".join([*told, *(block.text for block in gone["author_box"])])[:_LONGEST_BOX] or None,
        signature="\n".join(line for line in signed if not is_sentence(line)) or None,
        dateline_place=place,
        dateline_desk=desk,
        translations=metadata.translations(stated, url, (url, known.canonical)),
    )


def score(text: str, found: Sorted) -> float:
    """How sure the choice is: short texts, and texts beside which much prose was left out, are doubtful."""
    lost = sum(zones.prose(block) for block, label in found.cuts if label.kind == "outside")
    return round(min(1.0, len(text) / _WHOLE) * len(text) / max(1, len(text) + lost), 2)
