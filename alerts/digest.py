"""A digest as a mail: its articles grouped by story or by region, small enough that no program clips it.

Pure: the same digest gives the same mail. Not here: when it is due (schedule.py) and what is in it (assembly.py).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from alerts.chart import columns, size
from alerts.mailing import Image, MailSettings, Thread, compose, content_id, stopping, template
from alerts.parcels import Digest, Parcel, Weekly
from alerts.passages import clean
from alerts.tokens import Grant
from alerts.views import DATE_LOCALES, view
from alerts.wording import wording
from warehouse.ids import hashed

LARGEST_PAGE = 80_000  # bytes; Gmail clips at 102 KB, and the way to unsubscribe stands at the end
MOST_PASSAGES = 2
MOST_NAMES = 3
MOST_COUNTED = 8
MOST_CHARTS = 5
MOST_ASKED = 12


class _Room(NamedTuple):
    """How many articles are shown in full, and how many of the rest by a line."""

    full: int
    brief: int


def render_digest(digest: Digest, settings: MailSettings) -> EmailMessage:
    """The mail of a digest. Raises ValueError when the proof of an alert does not hold."""
    first = digest.items[0]
    say = wording(first.language)
    asked = {one.subscription_id: one.words for item in digest.items for one in item.asked}
    stop = stopping(settings, Grant(digest.subscriber_id, tuple(sorted(asked))))
    charts = digest.weekly[:MOST_CHARTS]
    shown = _frame(digest, say) | {"stop": stop, "asked": list(asked.items())[:MOST_ASKED], "more_asked": max(0, len(asked) - MOST_ASKED)}
    shown["charts"] = [_chart(digest, number, one, say) for number, one in enumerate(charts)]
    shown |= _fitted(digest, shown)
    name = f"{digest.frequency}.{digest.subscriber_id}"
    return compose(
        digest,
        settings,
        recipient=first.subscriber_name,
        thread=Thread(f"{name}.digests", hashed(digest.subscriber_id, digest.frequency, "digest"), f"{name}:digest"),
        stop=stop,
        subject=template("digest.subject.j2").render(shown),
        text=template("digest.txt.j2").render(shown),
        page=template("digest.html.j2").render(shown),
        images=[Image(f"chart{number}", columns(one.counts, one.usual)) for number, one in enumerate(charts)],
    )


def grouped(items: Sequence[Parcel], other: str) -> list[tuple[str, list[Parcel]]]:
    """The articles under headings, as their subscriber wants: by region, or by story in one group without a heading."""
    if items[0].group_by != "region":
        return [("", list(items))]
    groups: dict[str, list[Parcel]] = {}
    for item in items:
        region = next((entity for entity in item.entities if entity in item.regions), None)
        groups.setdefault(clean(item.label(region)) if region else other, []).append(item)
    # The fullest first; what names no region last.
    return sorted(groups.items(), key=lambda group: (group[0] == other, -len(group[1]), group[0]))


def _frame(digest: Digest, say: Mapping[str, str]) -> dict[str, Any]:
    first = digest.items[0]
    counts = Counter(clean(item.label(entity)) for item in digest.items for entity in item.entities)
    names = [name for name, _ in counts.most_common()]
    others = [say["more"].format(len(names) - MOST_COUNTED)] if len(names) > MOST_COUNTED else []
    return {
        "say": say,
        "language": first.language,
        "side": {"ltr": "left", "rtl": "right"},
        "kind": say[f"digest_{digest.frequency}"],
        "subject_title": say[f"digest_{digest.frequency}"],
        "subject_names": names[:MOST_NAMES],
        "subject_more": max(0, len(names) - MOST_NAMES),
        "date": _day(digest.queued_at, first),
        "count": len(digest.items),
        "named": ", ".join([f"{name} {count}" for name, count in counts.most_common(MOST_COUNTED)] + others),
        "delayed": _delay(digest, say),
    }


def _delay(digest: Digest, say: Mapping[str, str]) -> str:
    if not digest.delayed:
        return ""
    return say["delayed_since"].format(_day(digest.due_at, digest.items[0])) if digest.due_at else say["delayed"]


def _day(moment: datetime, reader: Parcel) -> str:
    from babel.dates import format_date  # noqa: PLC0415 - costs more than the rest of the room together

    local = moment.astimezone(ZoneInfo(reader.timezone))
    return f"{clean(format_date(local.date(), 'long', locale=DATE_LOCALES[reader.language]))}, {local:%H:%M} ({reader.timezone})"


def _chart(digest: Digest, number: int, one: Weekly, say: Mapping[str, str]) -> dict[str, Any]:
    width, height = size(one.counts)
    label = clean(one.label)
    if one.usual is None:
        words = say["chart_new"].format(one.counts[-1])
    else:
        words = say["chart_usual"].format(one.counts[-1], _decimal(one.usual, digest.items[0].language))
    return {
        "label": label,
        "words": words,
        "alt": say["chart_alt"].format(label, ", ".join(map(str, one.counts))),
        "cid": content_id(digest, f"chart{number}"),
        "width": width,
        "height": height,
    }


def _decimal(number: float, language: str) -> str:
    from babel.numbers import format_decimal  # noqa: PLC0415 - as above

    return clean(format_decimal(round(number, 1), format="0.#", locale=DATE_LOCALES[language]))


def _fitted(digest: Digest, frame: Mapping[str, Any]) -> dict[str, Any]:
    """As many articles as the page has room for, the others by a line each, and the number of those beyond."""
    groups = grouped(digest.items, frame["say"]["other"])
    views = [(heading, view(item, most_passages=MOST_PASSAGES)) for heading, items in groups for item in items]
    room = _Room(len(views), 0)
    while True:
        shown = _filled(views, room)
        size_now = len(template("digest.html.j2").render({**frame, **shown}).encode())
        if size_now <= LARGEST_PAGE or room == _Room(0, 0):
            return shown
        room = _less(room, len(views), LARGEST_PAGE / size_now)


def _less(room: _Room, total: int, share: float) -> _Room:
    """A smaller room: fewer in full, then fewer lines."""
    if room.full == total:
        # Three quarters of the page for what is shown in full; lines are short.
        return _Room(min(total - 1, int(total * share * 0.75)), total)
    if room.brief > 0:
        return _Room(room.full, int(min(room.brief, total - room.full) * share * 0.8))
    return _Room(int(room.full * share * 0.9), 0)


def _filled(views: Sequence[tuple[str, dict[str, Any]]], room: _Room) -> dict[str, Any]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for heading, one in views[: room.full]:
        groups.setdefault(heading, []).append(one)
    rest = [one for _, one in views[room.full :]]
    return {"groups": list(groups.items()), "brief": rest[: room.brief], "more": max(0, len(rest) - room.brief)}
