-- The report of new names, kept for SQL.
CREATE TABLE new_names (
    week DATE NOT NULL, level VARCHAR NOT NULL, region VARCHAR NOT NULL, name VARCHAR NOT NULL, kind VARCHAR NOT NULL, script VARCHAR NOT NULL,
    articles INTEGER NOT NULL, sources INTEGER NOT NULL, before INTEGER NOT NULL, novelty DOUBLE NOT NULL, first_at TIMESTAMPTZ,
    counted_at TIMESTAMPTZ NOT NULL
);
