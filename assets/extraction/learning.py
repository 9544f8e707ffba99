"""When a source's template is learnt anew, and templates as rows of the store. Pure.

How a template is learnt is in `templates`; reading the pages and storing the rows is the business of `assets.templates`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from assets.extraction.pdf import is_pdf
from assets.extraction.templates import LEAST_PAGES, MOST_TAUGHT, Rule, Template, learn, read_page, rules_from_rows, to_rows
from assets.extraction.templates import VERSION as MADE_BY
from warehouse.ids import hashed
from warehouse.transaction import Row

STEPS = (LEAST_PAGES, 3, 5, 8, MOST_TAUGHT)  # pages at which more is learnt; with five nearly all is
AGAIN = timedelta(days=7)  # texts that are younger are made again by a better template


def is_due(known: Row | None, available: int, now: datetime) -> bool:
    """Whether to learn: there are enough pages, and no template yet, an expired one, or one that was learnt from notably fewer.

    Args:
        known: the newest row of `templates` of the source.
        available: pages to learn from, at most `MOST_TAUGHT`.
        now: aware UTC time.
    """
    if available < LEAST_PAGES:
        return False
    if known is None or known["made_by"] != MADE_BY or known["expires_at"] <= now:
        return True
    following = next((step for step in STEPS if step > len(known["page_ids"])), None)
    return following is not None and available >= following


def learn_from(bodies: Sequence[tuple[bytes, str | None]], now: datetime) -> Template:
    """Learn from archived bodies and their content types; PDFs teach nothing. To be called in a worker."""
    pages = [read_page(body, content_type) for body, content_type in bodies if not is_pdf(body)]
    return learn([page for page in pages if page is not None], now)


def template_row(source_id: str, template: Template, known: Row | None, page_ids: Sequence[str]) -> Row:
    """The row of a template that was just learnt; its version follows the known one's."""
    version = known["version"] + 1 if known else 1
    return {
        "template_id": hashed("template", source_id, str(version)),
        "source_id": source_id,
        "version": version,
        "made_by": template.version,
        "learnt_at": template.learnt_at,
        "expires_at": template.expires_at,
        "pages": template.pages,
        "page_ids": list(page_ids),
        "rules": [{name: row[name] for name in ("kind", "place", "text", "seen")} for row in to_rows(template)],
    }


def rules_of(row: Row | None) -> tuple[Rule, ...]:
    """The rules of a stored template; none of none."""
    return rules_from_rows(row["rules"]) if row else ()
