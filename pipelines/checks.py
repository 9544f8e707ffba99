"""Asset checks. What must never be stops what comes after it; what is only odd warns, and stops nothing.

The first are SQL, in warehouse/queries/checks.sql, one step each, right after their asset. The second are in looks.py; all
that look at sources are one step, which opens the store once, because a step costs more than they do.
"""

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg

from assets.flow import Flow
from pipelines.looks import LOOKS, Look
from pipelines.tables import shown
from pipelines.words import counted

CHECKS = {
    "entries_unique": ("entries", "Every entry is stored once."),
    "articles_whole": ("articles", "Every article has text, stands once and agrees with its revision."),
    "mentions_stand_in_text": ("mentions", "Every mention's offsets give back the matched words."),
    "attachment_mentions_stand_in_text": ("attachments", "Every mention's offsets give back the matched words of its report."),
    "alerts_proved": ("alerts", "Every alert points to its mentions and has a delivery."),
    "deliveries_unique": ("deliveries", "No subscriber gets an alert twice."),
}
OF_TEXTS = ("articles_whole", "mentions_stand_in_text")
CHECKED = timedelta(days=7)  # texts that were stored in this time are read again; all of five years would not fit into a run


def _check(name: str, asset: str, description: str) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset=asset, name=name, description=description, blocking=True)
    def check(flow: dg.ResourceParam[Flow]) -> dg.AssetCheckResult:
        with flow.warehouse.transaction() as transaction:
            offending = transaction.rows(f"check_{name}", **({"since": flow.now() - CHECKED} if name in OF_TEXTS else {}))
        return dg.AssetCheckResult(
            passed=not offending,
            description=f"{counted(len(offending), 'row is', 'rows are')} wrong: {description}" if offending else description,
            metadata={"offending": len(offending), **shown("found", offending)},
        )

    return check


def _looking(name: str, *checks: str) -> dg.AssetChecksDefinition:
    specs = [dg.AssetCheckSpec(check, asset=LOOKS[check][0], description=LOOKS[check][1].__doc__) for check in checks]

    @dg.multi_asset_check(name=name, specs=specs, can_subset=True)
    def look(context: dg.AssetCheckExecutionContext, flow: dg.ResourceParam[Flow]) -> Iterator[dg.AssetCheckResult]:
        with flow.warehouse.transaction() as transaction:
            found = {key: LOOKS[key.name][1](transaction, flow.now()) for key in context.selected_asset_check_keys}
        for key, seen in found.items():
            yield _result(key, seen)

    return look


def _result(key: dg.AssetCheckKey, seen: Look) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=seen.passed,
        asset_key=key.asset_key,
        check_name=key.name,
        severity=dg.AssetCheckSeverity.WARN,
        description=seen.words,
        metadata={**shown("found", seen.rows), **seen.numbers},
    )


def checks() -> list[dg.AssetChecksDefinition]:
    """All checks of the flow."""
    of_sources = [name for name, (asset, _) in LOOKS.items() if asset != "deliveries"]
    return [
        *(_check(name, asset, description) for name, (asset, description) in CHECKS.items()),
        _looking("look_at_sources", *of_sources),
        _looking("look_at_mail", "mail_flows"),
    ]
