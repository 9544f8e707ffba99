"""A digest as a mail: its articles grouped by story or by region, small enough that no program clips it.

Pure: the same digest gives the same mail. Not here: when it is due (schedule.py) and what is in it (assembly.py).
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

from alerts.chart import columns, size
from alerts.mailing import Image, MailSettings, Thread, compose, content_id, stopping, template
from alerts.parcels import Digest, Parcel, Weekly
from alerts.passages import clean
from alerts.tokens import Grant
from alerts.views import DATE_LOCALES, view
from alerts.wording import wording
from warehouse.ids import hashed

LARGEST_MAIL = 80_000  # bytes on the wire, all parts; Gmail clips a page at 102 KB, and the way to unsubscribe stands at the end
FULL_SHARE = 0.75  # of the mail, for what is shown in full when not all can be; lines are short
MOST_PASSAGES = 2
MOST_NAMES = 3
MOST_COUNTED = 8
MOST_CHARTS = 5
MOST_ASKED = 12


def render_digest(digest: Digest, settings: MailSettings) -> EmailMessage:
    """The mail of a digest. Raises ValueError when the proof of an alert does not hold."""
    first = digest.items[0]
    say = wording(first.language)
    asked = {one.subscription_id: one.words for item in digest.items for one in item.asked}
    stop = stopping(settings, Grant(digest.subscriber_id, tuple(sorted(asked))))
    charts = digest.weekly[:MOST_CHARTS]
    shown = _frame(digest, say) | {"stop": stop, "asked": list(asked.items())[:MOST_ASKED], "more_asked": max(0, len(asked) - MOST_ASKED)}
    shown["charts"] = [_chart(digest, number, one, say) for number, one in enumerate(charts)]
    images = [Image(f"chart{number}", columns(one.counts, one.usual)) for number, one in enumerate(charts)]
    name = f"{digest.frequency}.{digest.subscriber_id}"
    thread = Thread(f"{name}.digests", hashed(digest.subscriber_id, digest.frequency, "digest"), f"{name}:digest")

    def written(articles: Mapping[str, Any]) -> EmailMessage:
        return compose(
            digest,
            settings,
            recipient=first.subscriber_name,
            thread=thread,
            stop=stop,
            subject=template("digest.subject.j2").render(shown),
            text=template("digest.txt.j2").render({**shown, **articles}),
            page=template("digest.html.j2").render({**shown, **articles}),
            images=images,
        )

    return _fitted(grouped(digest.items, say["other"]), written)


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


def _fitted(groups: Sequence[tuple[str, list[Parcel]]], written: Callable[[Mapping[str, Any]], EmailMessage]) -> EmailMessage:
    """The mail with as many articles as it has room for, the others by a line each, and the number of those beyond."""
    views = [(heading, view(item, most_passages=MOST_PASSAGES)) for heading, items in groups for item in items]

    def fits(full: int, brief: int, share: float = 1) -> bool:
        return len(written(_filled(views, full, brief)).as_bytes()) <= LARGEST_MAIL * share

    if fits(len(views), 0):
        return written(_filled(views, len(views), 0))
    full = _most(len(views), lambda number: fits(number, 0, FULL_SHARE))
    brief = _most(len(views) - full, lambda number: fits(full, number))
    return written(_filled(views, full, brief))


def _most(limit: int, fits: Callable[[int], bool]) -> int:
    """The largest number up to `limit` that fits, or 0."""
    return bisect_left(range(1, limit + 1), True, key=lambda number: not fits(number))


def _filled(views: Sequence[tuple[str, dict[str, Any]]], full: int, brief: int) -> dict[str, Any]:
    """So many articles in full, so many of the rest by a line each, and the number of those beyond."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for heading, one in views[:full]:
        groups.setdefault(heading, []).append(one)
    rest = [one for _, one in views[full:]]
    return {"groups": list(groups.items()), "brief": rest[:brief], "more": max(0, len(rest) - brief)}
