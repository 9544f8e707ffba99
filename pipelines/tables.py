"""Rows as tables that Dagster draws in place on the pages of runs and checks, where it hides Markdown behind a link."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from assets.showing import unlinked

MOST_ROWS = 50  # as many are one look; an event with more is read again with every page that shows it
MOST_LINKS = 5


def shown(name: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, dg.MetadataValue]:
    """The entry `name` with these rows as a table, and one for each of the first addresses that they link to; none without rows."""
    if not rows:
        return {}
    plain, links = unlinked(rows[:MOST_ROWS])
    columns = list(rows[0])
    records = [dg.TableRecord({column: row.get(column) for column in columns}) for row in plain]
    schema = dg.TableSchema([dg.TableColumn(column, type=_kind(row.get(column) for row in plain)) for column in columns])
    more = {f"{name}, not shown": dg.MetadataValue.int(len(rows) - MOST_ROWS)} if len(rows) > MOST_ROWS else {}
    opened = {f"open {words}": dg.MetadataValue.url(url) for words, url in list(links.items())[:MOST_LINKS]}
    return {name: dg.MetadataValue.table(records, schema), **more, **opened}


def _kind(values: Any) -> str:
    return next((dg.TableMetadataValue.infer_column_type(value) for value in values if value is not None), "string")
