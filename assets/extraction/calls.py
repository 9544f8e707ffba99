"""From a stored page to the call that reads it in a worker, and from what came of the call to an article or a reason. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from assets.extraction.extract import EXTRACTOR, extract, extract_feed_content
from assets.extraction.learning import rules_of
from assets.extraction.records import Extract, Hints
from assets.extraction.revise import MadeBy
from assets.extraction.site_rules import SiteRules
from assets.extraction.templates import Rule
from assets.extraction.workers import Call, Ended
from warehouse.transaction import Row

ENOUGH_PAGES = 5  # to say of a whole page that it is the site's and no article


def hints_of(page: Row) -> Hints:
    """What the entry and the source tell of a page; `page` is a row of `pages_to_extract`."""
    return Hints(
        title=page["entry_title"],
        published=page["entry_published_at"],
        published_quality=page["entry_published_quality"],
        authors=tuple(page["entry_authors"] or ()),
        language=page["entry_language"] or next(iter(page["source_languages"] or ()), None),
        content=page["entry_content"] or page["entry_summary"],
        country=page["source_country"],
        timezone=page["source_timezone"],
    )


def site_rules_of(page: Row) -> SiteRules | None:
    """The rules of the source's file, in force or not; None where it has none."""
    return SiteRules.model_validate_json(page["source_rules"]) if page["source_rules"] else None


def made_by(page: Row, template: Row | None, now: datetime) -> MadeBy:
    """How the page is read now; rules that have ended are not used."""
    rules = site_rules_of(page)
    live = page["source_rules"] if rules and rules.is_live(now) else None
    return MadeBy(EXTRACTOR, template["template_id"] if template else None, live)


def read(*, rules: Sequence[Rule], weak: bool, **said: Any) -> Extract:
    """Read a page; a template that was learnt from few pages may say that all of it recurs, which two alike articles do as well."""
    found = extract(rules=rules, **said)
    return extract(**said) if weak and found.reason == "template" else found


def call_for(page: Row, body: bytes | None, template: Row | None, now: datetime) -> Call:
    """The call that reads a page; without a body the feed's own text is read in its place."""
    hints = hints_of(page)
    if body is None:
        return extract_feed_content, {"content": hints.content or "", "hints": hints, "now": now}
    said = {"url": page["url"], "content_type": page["content_type"], "hints": hints, "site_rules": site_rules_of(page)}
    weak = template is not None and template["pages"] < ENOUGH_PAGES
    return read, {"body": body, "rules": rules_of(template), "weak": weak, "now": now, **said}


def extracted(outcome: Any) -> Extract:
    """What came of a call as an Extract: one that was ended or raised is an error with its reason."""
    if isinstance(outcome, Extract):
        return outcome
    reason = f"{outcome.kind}: {outcome.message}" if isinstance(outcome, Ended) else f"{type(outcome).__name__}: {outcome}"
    return Extract("error", reason[:200])
