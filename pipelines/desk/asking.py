"""What the desk asks the analysts' copy. Each question opens the newest copy, and only to read; the private store is never opened."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from warehouse.publish import AnalystsCopy
from warehouse.queries import statements
from warehouse.transaction import Row

VARIABLE = "THINKWATCH_DESK_COPY"  # by which `thinkwatch desk` tells the notebook where the copy lies


class Desk:
    """The questions of the notebook, answered from the copy that `link` names at the moment."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self._copy = AnalystsCopy(link)

    @classmethod
    def opened(cls) -> "Desk":
        """The desk of this process's environment."""
        return cls(Path(os.environ[VARIABLE]))

    def version(self) -> str:
        """Name of the newest copy; another one as soon as a run has published."""
        return self.link.resolve().stem

    def ask(self, question: str, **parameters: Any) -> list[Row]:
        """The rows of one of the questions of queries/desk.sql."""
        return self._copy.rows(statements()[f"desk_{question}"], **parameters)

    def health(self) -> list[Row]:
        """How each polled source does."""
        return self._copy.rows(
            "SELECT source_id, url AS feed, state, state_since, pages_state, last_good_at, entries, last_error FROM source_health "
            "ORDER BY state = 'working', source_id"
        )


def choices(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What to choose entities from: label → id, with the id beside a label that several bear."""
    labels = [row["label"] for row in rows]
    return {row["label"] if labels.count(row["label"]) == 1 else f"{row['label']} ({row['entity']})": row["entity"] for row in rows}


def plain(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows for a table in the browser: times as text, lists as words."""
    return [{name: _word(value) for name, value in row.items()} for row in rows]


def _word(value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if value is None:
        return ""
    return value if isinstance(value, str | int | float | bool) else f"{value:%Y-%m-%d}"
