"""What analysts count from, laid down in their copy: views of the store that are tables there, with the same rows; and ids to look up.

The store keeps the truth and nothing twice; a copy never changes, so what it takes long to count can be counted when it is made.
Where little is mentioned the views are as quick, and laying them down would only make each run slower.
"""

import duckdb

# view → the order of its rows, so that a question about some weeks reads only these; each may read those before it
LAID_DOWN = {"named": "day, article_no", "changes": "revision_id", "known": "revision_row", "quiet": "entity, source_id"}
FEWEST = 50_000  # mentions; of so many the views take a tenth of a second
# Who asks for one article, or for the twenty that a search found, reads those rows instead of every id.
LOOKED_UP = {"articles": "article_id", "attachments": "attachment_id"}


def lay_down(connection: duckdb.DuckDBPyConnection, *, fewest: int = FEWEST) -> None:
    """Turn the views into tables with their rows and comments, and let ids be looked up, where there are `fewest` mentions or more.

    The caller commits.
    """
    (mentions,) = connection.execute("SELECT count(*) FROM mentions").fetchone() or (0,)
    if mentions < fewest:
        return
    for name, order in LAID_DOWN.items():
        comments = _comments(connection, name)
        connection.execute(f"CREATE TABLE ops.laid_{name} AS FROM ops.{name} ORDER BY {order}")
        connection.execute(f"DROP VIEW ops.{name}")
        connection.execute(f"ALTER TABLE ops.laid_{name} RENAME TO {name}")
        for place, comment in comments:
            quoted = comment.replace("'", "''")
            connection.execute(f"COMMENT ON {place} IS '{quoted}'")
    for table, column in LOOKED_UP.items():
        connection.execute(f"CREATE INDEX {table}_by_id ON {table} ({column})")


def _comments(connection: duckdb.DuckDBPyConnection, name: str) -> list[tuple[str, str]]:
    """The comments of a view of schema ops: on what, and the text."""
    return connection.execute(
        """
        SELECT 'TABLE ops.' || view_name, comment
        FROM duckdb_views() WHERE schema_name = 'ops' AND view_name = $name AND comment IS NOT NULL
        UNION ALL
        SELECT 'COLUMN ops.' || table_name || '.' || column_name, comment
        FROM duckdb_columns() WHERE schema_name = 'ops' AND table_name = $name AND comment IS NOT NULL
        """,
        {"name": name},
    ).fetchall()
