"""Which of the feeds that were found is a site's main one, and why the others are not.

Pure. A comments feed and a podcast are never the main feed; a feed of one category, author or language only when the site
has no other; full texts win over teasers, and what the site advertises first over what it mentions later.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, unquote, urlsplit

from assets.sources.discovery import Candidate, SitePage, words
from assets.sources.probing import Probe

GIVEN = "the given address"
OLD = timedelta(days=365)
# Role → place in the choice; those at the end are never chosen.
ROLES = {
    "main": 0,
    "posts": 1,
    "another language": 2,
    "a part of the site": 3,
    "listing": 4,
    "sitemap": 5,
    "empty": 6,
    "comments": 8,
    "podcast": 8,
    "no feed": 9,
}
NEVER = 8
FEWEST_LISTED = 5  # articles on a page; fewer are a menu or a front page's highlights


@dataclass(frozen=True)
class Tried:
    """One address that was tried: how it was found, what stood there, and what it is to the site."""

    candidate: Candidate
    probe: Probe
    role: str
    reason: str = ""

    @property
    def usable(self) -> bool:
        """Whether it could be polled for articles."""
        return ROLES[self.role] < NEVER


def tried(candidate: Candidate, probe: Probe, page: SitePage) -> Tried:
    """What a probed address is to the site that `page` speaks for."""
    role, reason = _role(candidate, probe, page)
    return Tried(candidate, probe, role, reason)


def is_off_topic(candidate: Candidate) -> bool:
    """Whether its address or title alone tell a comments feed or a podcast, which need not be asked."""
    return _names_comments(candidate) or _names_media(candidate)


def choose(found: Sequence[Tried], now: datetime) -> Tried | None:
    """The main feed; None when nothing that was found can serve as one."""
    usable = [one for one in found if one.usable]
    return min(usable, key=lambda one: _rank(one, found.index(one), now), default=None)


def why(chosen: Tried, found: Sequence[Tried], now: datetime) -> str:
    """One sentence: what speaks for the chosen feed, and against the next best."""
    probe = chosen.probe
    parts = [_merit(chosen), chosen.candidate.how] if chosen.candidate.how != GIVEN else ["it is the feed that was given"]
    if probe.entries:
        parts.append("full texts" if probe.full > 1 / 2 else "teasers; the texts come from the pages")
    others = [one for one in found if one is not chosen and one.usable and one.role == chosen.role]
    if others:
        parts.append(f"it comes before {others[0].probe.url}" + _difference(chosen, others[0], now))
    return "; ".join(parts)


def _merit(chosen: Tried) -> str:
    if chosen.role == "main":
        return "it is the site's main feed"
    if chosen.role == "posts":
        return "there is no better feed, and WordPress lists its posts"
    return f"there is nothing better, though it is {chosen.reason or chosen.role}"


def _rank(one: Tried, place: int, now: datetime) -> tuple[float, ...]:
    probe = one.probe
    is_old = probe.newest is not None and now - probe.newest > OLD
    # What the site advertises first is nearly always its main feed: a fuller text outweighs that, more entries do not.
    return (ROLES[one.role], is_old, probe.full <= 1 / 2, place)


def _difference(chosen: Tried, other: Tried, now: datetime) -> str:
    differing = zip(_rank(chosen, 0, now)[1:3], _rank(other, 0, now)[1:3], (" (which is old)", " (which has only teasers)"), strict=True)
    return next((word for ours, theirs, word in differing if ours < theirs), " (found later)")


def _role(candidate: Candidate, probe: Probe, page: SitePage) -> tuple[str, str]:
    return next(_findings(candidate, probe, page))


def _findings(candidate: Candidate, probe: Probe, page: SitePage) -> Iterator[tuple[str, str]]:
    """What speaks against a feed as the main one, the gravest first; at last that nothing does."""
    if not probe.is_feed:
        yield "no feed", ""
    if _names_comments(candidate) or _holds_comments(probe):
        yield "comments", "a feed of comments"
    if probe.media > 1 / 2:
        yield "podcast", f"a podcast: {probe.media:.0%} of its entries bear sound or film"
    if _names_media(candidate) or _speaks_of_media(probe.title):
        yield "podcast", "a podcast by its name"
    if not probe.entries:
        yield "empty", "a feed without entries"
    if probe.kind == "listing":
        yield ("listing", "a page that lists articles") if probe.entries >= FEWEST_LISTED else ("no feed", "too few links to be a list")
    if probe.kind == "sitemap":
        yield "sitemap", "a list of addresses rather than a feed"
    if part := _part(probe.final_url, page.url) or _part(probe.url, page.url):
        yield "a part of the site", f"only a part of the site: {part}"
    if page.language and probe.language and page.language != probe.language:
        yield "another language", f"in another language ({probe.language}; the page is in {page.language})"
    yield ("posts", "posts of WordPress's REST interface") if probe.kind == "wordpress" else ("main", "")


def _names_comments(candidate: Candidate) -> bool:
    return _fits("comments_address", candidate.url) or _fits("comments_title", candidate.title)


def _holds_comments(probe: Probe) -> bool:
    title, *entries = probe.about or ("",)
    return _fits("comments_title", title) or (bool(entries) and all(_fits("comments_entry", entry) for entry in entries))


def _names_media(candidate: Candidate) -> bool:
    parts = urlsplit(candidate.url)
    return _speaks_of_media(f"{unquote(parts.path)} {unquote(parts.query)} {candidate.title}")


def _speaks_of_media(text: str) -> bool:
    return bool(set(re.findall(r"[^\W\d_]+", text.casefold())) & set(words()["media"]))


def _fits(group: str, text: str) -> bool:
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in words()[group])


def _part(url: str, page_url: str) -> str:
    """The step or parameter by which a feed's address chooses a part of the site that the page itself does not choose."""
    feed, page = urlsplit(url), urlsplit(page_url)
    steps = [step.lower() for step in feed.path.split("/")]
    own = {step.lower() for step in page.path.split("/")}
    for place, step in enumerate(steps[:-1]):
        if step in words()["parts"] and step not in own and steps[place + 1] not in {"feed", "rss", ""}:
            return f"{step}/{steps[place + 1]}"
    asked = {name for name, _ in parse_qsl(page.query)}
    return next(
        (f"{name}={value}" for name, value in parse_qsl(feed.query) if name in words()["part_parameters"] and name not in asked), ""
    )
