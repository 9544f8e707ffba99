"""Issue rows: what was not understood, said once and counted, for an analyst to SELECT."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from warehouse.ids import hashed
from warehouse.transaction import Transaction


@dataclass(frozen=True)
class Issue:
    """One thing that a person may want to look at. `subject` is the address or id that it is about."""

    kind: str
    source_id: str | None
    subject: str
    message: str
    hint: str = ""

    @property
    def issue_id(self) -> str:
        """The same issue bears the same id whenever it comes back."""
        return hashed(self.kind, self.subject, self.message)


def offline_notice(error: str | None) -> Issue:
    """Our own network is down: one notice, however many sites were asked."""
    message = "none of the sites could be reached: nothing was counted against them, all are asked again with the next run"
    return Issue("offline", None, "network", message, f"check this machine's network; the last error was: {error}")


def record_issues(transaction: Transaction, issues: Iterable[Issue], now: datetime) -> None:
    """Store issues; one that is known is counted again."""
    fresh = {issue.issue_id: issue for issue in issues}
    known = {row["issue_id"]: row for row in transaction.rows("known_issues", issue_ids=list(fresh))}
    rows = []
    for issue_id, issue in fresh.items():
        before = known.get(issue_id, {"first_seen_at": now, "seen_count": 0})
        rows.append(
            {
                "issue_id": issue_id,
                "kind": issue.kind,
                "source_id": issue.source_id,
                "subject": issue.subject,
                "message": issue.message,
                "hint": issue.hint,
                "first_seen_at": before["first_seen_at"],
                "last_seen_at": now,
                "seen_count": before["seen_count"] + 1,
            }
        )
    transaction.merge("issues", rows, key=["issue_id"])
