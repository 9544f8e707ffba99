"""Asset checks: what must never be is asked of the store after each step; a check that fails stops what comes after it.

The questions themselves are SQL, in warehouse/queries/checks.sql.
"""

import dagster as dg

from assets.flow import Flow

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


def _list(offending: list[dict[str, object]]) -> str:
    return "\n".join(f"- {row}" for row in offending[:5]) or "none"


def checks() -> list[dg.AssetChecksDefinition]:
    """All checks of the flow."""
    return [_check(name, asset, description) for name, (asset, description) in CHECKS.items()]
