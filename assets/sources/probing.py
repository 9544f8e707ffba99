"""What stands at an address: a feed with so many entries, a page, a refusal. Judges one answer, in the words of source health.

Pure. Asking is the business of `exploring`, choosing among several of `choosing`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assets.fetching.polling import ADVICE, Poll, PollState, State, after_poll, poll_of
from assets.fetching.records import Fetched
from assets.parsing.feed import parse_feed
from assets.parsing.fieldtext import plain_text
from assets.parsing.records import ParsedEntry, ParsedFeed, Selectors

FULL_TEXT = 600  # characters of an entry's text from which it is more than a teaser
MEDIA = re.compile(r"(?:audio|video)/", re.IGNORECASE)


@dataclass(frozen=True)
class Probe:
    """What stood at one address.

    Attributes:
        url: as asked; `final_url` is where redirects led, `asked_at` when.
        state: working, empty and stale are feeds; not_a_feed, blocked, failing and gone are not (see polling.ADVICE).
        said: what was found, in one line.
        to_do: what a person can do about it; empty when nothing.
        kind: of feed; None for none.
        title, language: as the feed gives them, the language as its two or three letters.
        entries: how many; `full` and `media` are the shares of them with more than a teaser, and with sound or film.
        newest: date of the newest entry.
        page: link of the newest entry, else of the first.
        about: titles of the feed and its first entries, to tell what they are of.
    """

    url: str
    final_url: str
    asked_at: datetime
    state: State
    said: str
    to_do: str = ""
    kind: str | None = None
    title: str = ""
    language: str | None = None
    entries: int = 0
    full: float = 0.0
    media: float = 0.0
    newest: datetime | None = None
    page: str | None = None
    permanent_url: str | None = None
    about: tuple[str, ...] = field(default=(), repr=False)

    @property
    def is_feed(self) -> bool:
        """Whether it can be polled."""
        return self.state in {"working", "empty", "stale"}


def judge(
    fetched: Fetched,
    now: datetime,
    *,
    language: str | None = None,
    timezone: str | None = None,
    listing: bool = False,
    selectors: Selectors | None = None,
) -> Probe:
    """What an answer to a request for a feed is; with `listing` also a plain sitemap will do, with `selectors` a web page."""
    parsed = None
    if fetched.fault is None:
        parsed = parse_feed(
            fetched.body,
            url=fetched.final_url,
            content_type=fetched.header("content-type"),
            language=language,
            timezone=timezone,
            listing=listing,
            selectors=selectors,
            now=now,
        )
    dates = [entry.published for entry in parsed.entries if entry.published] if parsed else []
    poll = poll_of(
        fetched, now, verdict=parsed.verdict if parsed else None, entries=len(parsed.entries) if parsed else None, published=dates
    )
    state = _state(poll, now)
    known = {
        "url": fetched.request.url,
        "final_url": fetched.final_url,
        "asked_at": now,
        "state": state,
        "permanent_url": fetched.permanent_url,
    }
    if parsed is None or parsed.verdict == "reject":
        hint = fetched.fault.hint if fetched.fault else ""
        return Probe(**known, said=_refusal(fetched, parsed), to_do=hint or ADVICE[state])
    return Probe(**known, **_facts(parsed, dates, now), to_do="" if state == "working" else ADVICE[state])


def _state(poll: Poll, now: datetime) -> State:
    return after_poll(PollState(), poll, now).state


def _refusal(fetched: Fetched, parsed: ParsedFeed | None) -> str:
    if fetched.fault:
        return fetched.fault.message
    return parsed.problems[0].removeprefix("not_a_feed: ") if parsed and parsed.problems else "no feed"


def _facts(parsed: ParsedFeed, dates: Sequence[datetime], now: datetime) -> dict[str, Any]:
    entries = parsed.entries
    full = sum(_length(entry) >= FULL_TEXT for entry in entries) / (len(entries) or 1)
    media = sum(any(MEDIA.match(enclosure.type) for enclosure in entry.enclosures) for entry in entries) / (len(entries) or 1)
    newest = max(dates, default=None)
    first = max(entries, key=lambda entry: entry.published.timestamp() if entry.published else 0.0, default=None)
    parts = [f"{parsed.kind}, {len(entries)} {'entry' if len(entries) == 1 else 'entries'}"]
    parts += [_age(newest, now)] if newest else []
    parts += ["full texts" if full > 1 / 2 else "teasers"] if entries else []
    parts += [f"language {parsed.language}"] if parsed.language else []
    parts += [f"damaged: {parsed.problems[0]}"] if parsed.verdict == "ok_degraded" and parsed.problems else []
    return {
        "said": ", ".join(parts),
        "kind": parsed.kind,
        "title": parsed.title,
        "language": (parsed.language or "").lower().replace("_", "-").partition("-")[0] or None,
        "entries": len(entries),
        "full": full,
        "media": media,
        "newest": newest,
        "page": first.url if first else None,
        "about": (parsed.title, *(entry.title for entry in entries[:5])),
    }


def _length(entry: ParsedEntry) -> int:
    return max(len(plain_text(entry.content)), len(plain_text(entry.summary)))


def _age(newest: datetime, now: datetime) -> str:
    days = (now - newest).days
    return f"newest {newest:%Y-%m-%d}" if days > 1 else "newest of today" if days < 1 else "newest of yesterday"
