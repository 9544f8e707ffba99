"""What a mail shows of one alert, ready for a template: text made safe, cut to size, in the subscriber's language and zone.

Pure. What comes from a page is text here and never markup. Not here: markup (templates/), digests (digest.py).
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from alerts.parcels import Parcel
from alerts.passages import clean, direction, lead, marked, passages, shortened, verify
from alerts.phrases import country_name
from alerts.records import AUTHOR
from alerts.wording import wording

LONGEST_TITLE = 300
LONGEST_SUBJECT_TITLE = 150
LONGEST_LINK = 2000
MOST_NAMES = 12
MOST_SUBJECT_NAMES = 3
MOST_PLACES = 4
MOST_OUTLETS = 8
DATE_LOCALES = {"en": "en_GB", "ru": "ru_RU"}


def view(parcel: Parcel, *, most_passages: int | None = None) -> dict[str, Any]:
    """What a template shows of an alert. Raises ValueError when its proof does not hold."""
    if not parcel.cause and not all(entity.startswith(AUTHOR) for entity in parcel.entities):
        raise ValueError("the mentions that raised the alert are not in the store")
    verify(parcel.title, parcel.text, parcel.mentions)
    say = wording(parcel.language)
    title = [mention for mention in parcel.mentions if mention.field == "title"]
    quoted, left = passages(parcel.text, parcel.mentions, parcel.cause)
    if most_passages is not None:
        left, quoted = left + max(0, len(quoted) - most_passages), quoted[:most_passages]
    names = names_of(parcel)
    date, date_note = _dated(parcel, say)
    return {
        "say": say,
        "language": parcel.language,
        "article_language": parcel.article_language or "und",
        "title_direction": direction(parcel.title),
        "direction": direction(parcel.text),
        "side": {"ltr": "left", "rtl": "right"},
        "subject_names": [name for name, _ in names[:MOST_SUBJECT_NAMES]],
        "subject_more": max(0, len(names) - MOST_SUBJECT_NAMES),
        "subject_title": shortened(clean(parcel.title), LONGEST_SUBJECT_TITLE),
        "title": marked(parcel.title, title)
        if len(parcel.title) <= LONGEST_TITLE
        else marked(shortened(clean(parcel.title), LONGEST_TITLE), ()),
        "names": names[:MOST_NAMES],
        "more_names": max(0, len(names) - MOST_NAMES),
        "source": clean(parcel.source_name),
        "country": country_name(parcel.country, parcel.language),
        "date": date,
        "date_note": date_note,
        "notes": _notes(parcel, say),
        "heading": say["passages"] if quoted else say["lead"],
        "passages": quoted or [passage for passage in [lead(parcel.text)] if passage],
        "more_passages": left,
        "link": _link(parcel.url),
        "asked": [(asked.subscription_id, asked.words) for asked in parcel.asked],
        "proof": _proof(parcel, say),
        "banner": _banner(parcel, say),
        "prefix": _prefix(parcel, say),
    }


def names_of(parcel: Parcel) -> list[tuple[str, int]]:
    """The alert's watched names with how often each stands in the article."""
    counts = Counter(mention.entity for mention in parcel.mentions)
    return [(clean(parcel.label(entity)), counts[entity]) for entity in parcel.entities]


def _notes(parcel: Parcel, say: Mapping[str, str]) -> list[str]:
    notes = []
    if parcel.kind == "mention":
        notes += [say["version"].format(parcel.revision_no)] if parcel.revision_no > 1 else []
        notes += [say["withdrawn"]] if parcel.withdrawn_at else []
        notes += [say["removed_too"].format(_removed(parcel))] if parcel.removed else []
    outlets = list(dict.fromkeys(clean(outlet.source) for outlet in parcel.outlets))
    if outlets:
        more = f" {say['more_names'].format(len(outlets) - MOST_OUTLETS)}" if len(outlets) > MOST_OUTLETS else ""
        notes.append(say["also"].format(", ".join(outlets[:MOST_OUTLETS])) + more)
    return notes


def _banner(parcel: Parcel, say: Mapping[str, str]) -> str:
    """What must be seen before all else: that this is no news of a mention."""
    return "" if parcel.kind == "mention" else say[parcel.kind].format(_removed(parcel))


def _prefix(parcel: Parcel, say: Mapping[str, str]) -> str:
    """How the subject begins."""
    if parcel.kind == "removal":
        return say["removal_subject"].format(_removed(parcel))
    return say["withdrawal_subject"] if parcel.kind == "withdrawal" else ""


def _removed(parcel: Parcel) -> str:
    return ", ".join(clean(parcel.label(entity)) for entity in parcel.removed[:MOST_NAMES])


def _dated(parcel: Parcel, say: Mapping[str, str]) -> tuple[str, str]:
    """The date as a reader of this language and zone writes it, and how good it is."""
    from babel.dates import format_date  # noqa: PLC0415 - costs more than the rest of the room together

    zone = ZoneInfo(parcel.timezone)
    moment = parcel.published_at or parcel.first_seen_at
    if parcel.published_at and parcel.published_quality != "exact":
        # A day has no zone: moved into the reader's it could become the day before.
        day = moment.astimezone(UTC).date()
        return clean(format_date(day, "long", locale=DATE_LOCALES[parcel.language])), say[f"date_{parcel.published_quality or 'guess'}"]
    local = moment.astimezone(zone)
    day = clean(format_date(local.date(), "long", locale=DATE_LOCALES[parcel.language]))
    return f"{day}, {local:%H:%M} ({parcel.timezone})", say["date_exact" if parcel.published_at else "date_none"]


def _link(url: str | None) -> dict[str, str] | None:
    """The article's address and its host; None for anything but an ordinary web address."""
    if not url or len(url) > LONGEST_LINK or clean(url) != url or " " in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return {"url": url, "host": parts.hostname} if parts.scheme in ("http", "https") and parts.hostname else None


def _proof(parcel: Parcel, say: Mapping[str, str]) -> list[str]:
    lines = [
        say["alert_id"].format(parcel.alert_id),
        say["revision"].format(parcel.revision_no, parcel.revision_id),
        say["watchlist"].format(parcel.watchlist_hash[:8]),
    ]
    for entity in parcel.entities[:MOST_NAMES]:
        found = [one for one in parcel.mentions if one.entity == entity and one.mention_id in parcel.cause]
        places = [f"{say['in_title']} " * (one.field == "title") + f"{one.start}–{one.end}" for one in found[:MOST_PLACES]]
        more = [f"+{len(found) - MOST_PLACES}"] if len(found) > MOST_PLACES else []
        lines.append(f"{clean(parcel.label(entity))}: {', '.join(places + more) or say['as_author']}")
    return lines
