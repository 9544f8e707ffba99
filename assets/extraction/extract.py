"""The decision: from the bytes of a page (or the HTML of a feed entry) to an article, or to the reason why there is none.

The steps have a module each: decode, gate, blocks, zones, choice, sorting, metadata. Nothing here reads a clock, a file or
the network, and nothing raises, whatever the bytes are.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from assets.extraction import (
    attached,
    beside,
    choice,
    consent,
    dating,
    evidence,
    gate,
    language,
    metadata,
    opinion,
    pdf,
    people,
    places,
    plain,
    signatures,
    sorting,
    structured,
    times,
    titles,
    zones,
)
from assets.extraction.assembly import assemble
from assets.extraction.blocks import Block, Page
from assets.extraction.decision import Decision, decide
from assets.extraction.decode import decode
from assets.extraction.records import Extract, Hints
from assets.extraction.site_rules import SiteRules, find, said, unmatched
from assets.extraction.templates import Rule, covers
from assets.extraction.walk import parse, read_blocks
from assets.extraction.wording import tidy, words

EXTRACTOR = "zones/6"
_NO_HINTS = Hints()
_ALL = 0.9  # of a page's prose: when other pages show it too, it is the site that speaks
_LEAST_OWN = 100  # characters of prose that no other page shows: a note of one paragraph between much furniture
_ENOUGH_WORDS = 40  # of a feed's text


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a site: what was learnt of it, and what its source's file says."""

    rules: Collection[Rule] = ()
    site_rules: SiteRules | None = None


@dataclass(slots=True)
class _Reading:
    """One page on its way: what was read and what is known so far."""

    page: Page
    stated: structured.Statements
    hints: Hints
    now: datetime
    url: str | None = None
    source: str = ""
    site: str | None = None
    title: str | None = None
    unmatched: tuple[str, ...] = ()  # rules of the site
    decision: Decision | None = None
    strange: bool = False  # shares no phrase with the feed's text of the entry


def extract(
    body: bytes,
    *,
    url: str | None = None,
    content_type: str | None = None,
    hints: Hints = _NO_HINTS,
    rules: Collection[Rule] = (),
    site_rules: SiteRules | None = None,
    now: datetime,
) -> Extract:
    """Turn a page into its clean article.

    Args:
        body: the bytes as served.
        url: the address that they were served from.
        content_type: the Content-Type header, if there was one.
        hints: what the feed entry and the source's settings say.
        rules: what recurs on other pages of the same site: `Template.rules` of `templates.learn`.
        site_rules: what the source's file says of the site's pages (`site_rules.SiteRules`).
        now: aware UTC time; dates more than 48 hours after it are not believed.

    Returns:
        The article, or an Extract whose status and reason say why there is none. Never raises.
    """
    verdict = gate.judge_bytes(body, content_type)
    if verdict:
        return Extract(verdict.status, verdict.reason)
    try:
        if pdf.is_pdf(body):
            return _from_pdf(body, url, hints, now)
        text = decode(body, content_type).text
        if (content_type or "").lower().startswith("text/plain") or not plain.looks_like_html(text):
            return _from_plain(text, hints, now)
        return _from_html(text, url, hints, Known(rules, site_rules), now)
    except Exception as fault:
        return Extract("error", f"{type(fault).__name__}: {fault}"[:200])


def extract_feed_content(content: str, *, hints: Hints = _NO_HINTS, now: datetime) -> Extract:
    """Clean the content of a feed entry, HTML or plain text: the same zones and the same tail cut, no choice of a main part.

    Args:
        content: the entry's content or summary.
        hints: what else the entry says; its title is left out where the content repeats it.
        now: aware UTC time.

    Returns:
        As `extract` does. Never raises.
    """
    try:
        if not plain.looks_like_html(content):
            return _from_plain(content, hints, now)
        root = parse(content)
        if root is None:
            return Extract("no_article", "empty")
        reading = _Reading(read_blocks(root), structured.Statements(), hints, now, title=hints.title)
        labels = zones.label(reading.page, hints.title)
        return _finish(reading, sorting.sort(reading.page, labels.found, hints.title, 0, len(reading.page.blocks)), range(8))
    except Exception as fault:
        return Extract("error", f"{type(fault).__name__}: {fault}"[:200])


def _from_plain(text: str, hints: Hints, now: datetime) -> Extract:
    title, blocks = plain.read(text, hints.title)
    reading = _Reading(Page(blocks), structured.Statements(), hints, now, title=title)
    return _finish(reading, sorting.sort(reading.page, [None] * len(blocks), title, 0, len(blocks)), range(3))


def _from_pdf(body: bytes, url: str | None, hints: Hints, now: datetime) -> Extract:
    report = pdf.read_report(body, hints)
    if isinstance(report, str):
        return Extract("no_article", report)
    reading = _Reading(report.page, report.stated, hints, now, url, title=report.title)
    found = sorting.sort(report.page, report.labels, report.title, 0, len(report.page.blocks))
    return pdf.dated(_finish(reading, found, report.head), report)


def _from_html(text: str, url: str | None, hints: Hints, known: Known, now: datetime) -> Extract:
    root = parse(text)
    if root is None:
        return Extract("no_article", "empty")
    stated = structured.read(root)
    structured.about(stated, url)
    page = read_blocks(root, find(known.site_rules, root, now))
    reading = _Reading(page, stated, hints, now, url, text, metadata.find_site(stated, url))
    reading.unmatched = unmatched(known.site_rules, page, now)
    reading.title = titles.find_title(stated, reading.page, reading.site, hints.title, url)
    return _article(reading, covers(known.rules, page))


def _judge(reading: _Reading, labels: zones.Labels) -> gate.Verdict | None:
    blocks = [(block, labels.found[place]) for place, block in enumerate(reading.page.blocks) if not _is_hidden(reading.page, block)]
    long = [(block, label) for block, label in blocks if zones.prose(block) >= zones.SENTENCE]
    named = [reading.stated.title, *(block.text for block, _ in blocks if block.level == 1)]
    headings = " ".join(block.text for block, _ in blocks if block.level == 2)  # noqa: PLR2004 - h2
    shown = " ".join([reading.stated.title, *(block.text for block, _ in blocks)])
    texts, prose = [block.text for block, label in long if label is None], sum(words(block.text) for block, _ in long)
    verdict = gate.judge_page(reading.source, named, headings, shown, prose, texts, _vouched(reading, named))
    if verdict or sum(map(words, texts)) > consent.LONGEST:
        return verdict
    own = consent.together(reading.page, [block for block, label in blocks if label is None])
    return gate.judge_wall(reading.source, [block.text for block, _ in blocks], own)


def _vouched(reading: _Reading, named: list[str]) -> gate.Voucher:
    """Who says that the page is an article."""
    if reading.hints.title and titles.are_alike([*named, reading.stated.title], reading.hints.title):
        return "feed"
    stated = reading.stated
    said = structured.speaks_of_article(stated) or stated.first("og:type") == "article" or stated.first("article:published_time")
    return "head" if said else ""


def _is_hidden(page: Page, block: Block) -> bool:
    return block.frame >= 0 and page.frames[block.frame].hidden


def _is_frame(page: Page, prose: list[Block]) -> bool:
    """Whether all that is left is some words at the foot of the page or in its menus."""
    little = 0 < sum(words(block.text) for block in prose) <= gate.SHORT
    return little and all(any(frame.tag in {"footer", "nav"} for frame in page.ancestors(block)) for block in prose)


def _article(reading: _Reading, recurring: Mapping[int, Rule]) -> Extract:
    page = reading.page
    labels = zones.label(page, reading.title, _host(reading), recurring)
    verdict = _judge(reading, labels)
    if verdict:
        return Extract(verdict.status, verdict.reason, title=reading.title, site=reading.site)
    if labels.own_prose(recurring) <= min(_LEAST_OWN, (1 - _ALL) * labels.sums[-1]) and labels.sums[-1]:
        return Extract("no_article", "template", title=reading.title, site=reading.site)
    feed = opinion.of_feed(reading.hints.content, reading.hints.title)
    reading.decision = decision = decide(page, labels, reading.source, feed, recurring)
    if decision is None:
        return Extract("no_article", "empty", title=reading.title, site=reading.site)
    frame, marks = decision.frame, [None if place in decision.spared else mark for place, mark in enumerate(labels.found)]
    lead = choice.lead(page, labels, frame)
    found = sorting.sort(page, marks, reading.title, frame.start, frame.end, lead, decision.spared)
    if recurring:
        own = zones.label(page, reading.title, _host(reading)).found
        found = sorting.without_strays(page, found, sorting.sort(page, own, reading.title, frame.start, frame.end, lead), recurring)
    if decision.winner != "site_rule" and _is_frame(page, [block for block in found.kept if zones.prose(block)]):
        return Extract("no_article", "empty", title=reading.title, site=reading.site, cut=sorting.merged(found.cuts))
    reading.strange = not decision.echoed and _is_long(reading.hints.content)
    return _finish(reading, found, places.head_region(page, labels.found, reading.title, frame.start))


def _finish(reading: _Reading, found: sorting.Sorted, near: Iterable[int]) -> Extract:
    """Put the article together from what stays, with what is known about it."""
    page, stated, hints = reading.page, reading.stated, reading.hints
    near, behind = places.above(page, found, near), places.behind(page, found)
    authors = people.ruled(said(page, "author")) or people.find_authors(stated, page, near, behind, hints)
    article = assemble(sorting.zoned(page, found.kept, authors, reading.site))
    if not gate.passes(article.text):
        return Extract("no_article", "empty", title=reading.title, site=reading.site, cut=sorting.merged(found.cuts))
    dateline = next((line for line in (signatures.find_dateline(block.text) for block in found.kept[:3]) if line), None)
    dates = dating.Reading(reading.now, _locale(reading), hints.timezone)
    where = times.Places(near, behind, places.not_foreign(page, found))
    when = times.find_times(stated, page, where, times.Known(dates, hints, dateline, reading.url, said(page, "date")))
    code = language.identify(article.text, hints.language, stated.language)
    known = Extract(
        "ok",
        title=reading.title,
        authors=authors,
        published=when.published.value if when.published else None,
        published_quality=when.published.quality if when.published else None,
        modified=when.modified.value if when.modified else None,
        language=code,
        site=reading.site,
        description=metadata.description(stated),
        text=article.text,
        zones=article.zones,
        cut=sorting.merged(found.cuts),
        truncated=gate.is_truncated(" ".join(page.blocks[place].text for place in behind), reading.source),
        warnings=_warnings(reading, dates),
        score=beside.score(article.text, found),
        winner=reading.decision.winner if reading.decision else None,
        dateline=dateline,
        canonical=_canonical(reading),
    )
    told = evidence.lines(
        title=evidence.of_title(reading.title, stated, page, hints),
        authors=evidence.of_authors(authors, stated, page, near, behind, hints),
        published=when.evidence,
        language=evidence.of_language(code, stated, hints),
        site=evidence.of_site(reading.site, stated),
    )
    won = (f"body: {reading.decision.winner}", *reading.decision.evidence) if reading.decision else ()
    made = beside.kept(known, stated, reading.url, found)
    documents = attached.documents(stated, page, [*((block, None) for block in found.kept), *found.cuts], reading.url)
    files = tuple(dict.fromkeys((*documents, *made.attachments)))
    return replace(made, documents=documents, attachments=files, evidence=(*won, *told))


def _locale(reading: _Reading) -> str | None:
    """The language, with its region where one is known: 05/06 is read by it."""
    code = language.normalise(reading.hints.language or reading.stated.language)
    tags = (reading.hints.language, reading.stated.language, reading.stated.first("og:locale"))
    region = reading.hints.country or next(
        (found[1] for found in (re.search(r"[-_]([A-Za-z]{2})\b", tag or "") for tag in tags) if found), None
    )
    return f"{code}-{region.upper()}" if code and region else code


def _canonical(reading: _Reading) -> str | None:
    raw = reading.stated.canonical or reading.stated.first("og:url")
    try:
        target = urljoin(reading.url or "", tidy(raw or ""))
        return target if urlsplit(target).scheme in {"http", "https"} else None
    except ValueError:
        return None


def _is_long(content: str | None) -> bool:
    """Whether a feed's text is long enough to be recognised on the page."""
    return words(content or "") >= _ENOUGH_WORDS


def _host(reading: _Reading) -> str | None:
    try:
        return (urlsplit(reading.url or reading.stated.canonical or "").hostname or "").removeprefix("www.") or None
    except ValueError:
        return None


def _warnings(reading: _Reading, dates: dating.Reading) -> tuple[str, ...]:
    found = []
    canonical = _canonical(reading)
    if (
        canonical
        and urlsplit(canonical).path in {"", "/"}
        and not urlsplit(canonical).query
        and urlsplit(reading.url or "/x").path not in {"", "/"}
    ):
        found.append("canonical_is_home")
    raw = reading.stated.first("article:published_time")
    if raw and not dates.read(raw).value:
        found.append("date_not_believed")
    if reading.strange:
        found.append("unlike_feed")
    if "\ufffd" in reading.source:
        found.append("damaged_encoding")
    return (*found, *reading.unmatched)
