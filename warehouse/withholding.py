"""What analysts need not see: in their copy every mail address of a subscriber reads «withheld».

The store keeps them, for mail must go out. Not here: whom an address belongs to; `subscriber_id` says that without it.
"""

import duckdb

from warehouse.queries import statements

_BETWEEN = r"\s<>()\[\]\",;:@"
MAIL = rf"[^'{_BETWEEN}][^{_BETWEEN}]*@[^'{_BETWEEN}]*[^'.{_BETWEEN}]"
TABLES = ("subscriptions", "deliveries", "suppressions", "bounces", "notices", "issues")


def withhold_addresses(connection: duckdb.DuckDBPyConnection) -> None:
    """Overwrite the addresses in a copy of the store that nobody has opened yet. The caller commits.

    No query finds them after that; the bytes may stay in a part of the file that holds nothing any more, as with any database.
    """
    for table in TABLES:
        sql = statements()[f"withhold_{table}"]
        connection.execute(sql, {"mail": MAIL} if "$mail" in sql else None)
