"""No statement of a run compares each row with each other: what five years of articles would make of that is days."""

import re
from datetime import UTC, datetime

import duckdb
import pytest

from warehouse.queries import statements

READS = re.compile(r"(?:--[^\n]*\n\s*)*(?:SELECT|WITH|FROM)\b")
QUADRATIC = ("NESTED_LOOP_JOIN", "BLOCKWISE_NL_JOIN", "CROSS_PRODUCT", "IE_JOIN", "PIECEWISE_MERGE_JOIN")
# One row each, put side by side.
SINGLE_ROWS = {"count_documents", "count_flow", "desk_bounds", "overview", "mail_health"}
GUESSES = (["x"], datetime(2024, 5, 6, tzinfo=UTC), 5, "x", None)


def guessed(connection, sql):
    """Values that the statement's parameters take, found by trying; None folds a plan away and is only the last guess."""
    chosen = dict.fromkeys(re.findall(r"\$(\w+)", sql))
    for name in chosen:
        for value in GUESSES:
            try:
                connection.execute(f"EXPLAIN {sql}", chosen | {name: value})
            except duckdb.Error:
                continue
            chosen[name] = value
            break
    return chosen or None


@pytest.mark.fault("W117")
def test_no_statement_compares_each_row_with_each_other(warehouse):
    slow, looked_at = {}, 0
    with warehouse.lock(), warehouse.connect() as connection:
        connection.execute(statements()["make_reread_tables"])
        for name, sql in statements().items():
            if READS.match(sql) and name not in SINGLE_ROWS:
                rows = connection.execute(f"EXPLAIN {sql}", guessed(connection, sql)).fetchall()
                looked_at += 1
                if found := [one for one in QUADRATIC if one in "".join(row[1] for row in rows)]:
                    slow[name] = found
    assert slow == {}
    assert looked_at > 100
