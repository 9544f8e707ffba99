"""Asset checks: what must never be is asked of the store after each step; a check that fails stops what comes after it.

The questions themselves are SQL, in warehouse/queries/checks.sql.
"""

from collections import defaultdict
from collections.abc import Iterable

import dagster as dg

from assets.extraction.quality import find_jump
from assets.flow import Flow
from warehouse.database import Row

LATEST = 60  # scores of a source that are looked at

CHECKS = {
    "entries_unique": ("entries", "Every entry is stored once."),
    "articles_whole": ("articles", "Every article has text, stands once and agrees with its revision."),
    "mentions_stand_in_text": ("mentions", "Every mention's offsets give back the matched words."),
    "alerts_proved": ("alerts", "Every alert points to its mentions and has a delivery."),
    "deliveries_unique": ("deliveries", "No subscriber gets an alert twice."),
}


def _check(name: str, asset: str, description: str) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset=asset, name=name, description=description, blocking=True)
    def check(flow: dg.ResourceParam[Flow]) -> dg.AssetCheckResult:
        with flow.warehouse.transaction() as transaction:
            offending = transaction.rows(f"check_{name}")
        return dg.AssetCheckResult(
            passed=not offending, metadata={"offending": len(offending), "first": dg.MetadataValue.md(_list(offending))}
        )

    return check


@dg.asset_check(asset="articles", name="extraction_steady", description="Every source's pages are read as well as before.")
def extraction_steady(flow: dg.ResourceParam[Flow]) -> dg.AssetCheckResult:
    """Warns, with the day and the page, when a source's scores have jumped: its site has changed its pages."""
    with flow.warehouse.transaction() as transaction:
        found = jumps(transaction.rows("latest_scores", most=LATEST))
    return dg.AssetCheckResult(
        passed=not found,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"sources": len(found), "first": dg.MetadataValue.md(_list(found))},
    )


def jumps(scores: Iterable[Row]) -> list[dict[str, object]]:
    """The sources whose scores (rows of `latest_scores`) have jumped: since when, from what to what, and the first page of it."""
    by_source: dict[str, list[Row]] = defaultdict(list)
    for row in scores:
        by_source[row["source_id"]].append(row)
    found: list[dict[str, object]] = []
    for source_id, rows in by_source.items():
        jump = find_jump([row["score"] for row in rows])
        if jump:
            first = rows[jump.place]
            since = first["fetched_at"].date().isoformat()
            found.append({"source": source_id, "since": since, "before": jump.before, "after": jump.after, "page": first["page_id"]})
    return found


def _list(offending: list[dict[str, object]]) -> str:
    return "\n".join(f"- {row}" for row in offending[:5]) or "none"


def checks() -> list[dg.AssetChecksDefinition]:
    """All checks of the flow."""
    return [*(_check(name, asset, description) for name, (asset, description) in CHECKS.items()), extraction_steady]
