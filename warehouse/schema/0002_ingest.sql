-- Where a feed is asked since it moved, how gaps in it are filled, and what robots.txt said.
ALTER TABLE feeds ADD COLUMN definition JSON;
ALTER TABLE feeds ADD COLUMN moved_url VARCHAR;
ALTER TABLE feeds ADD COLUMN gone_seen INTEGER;

ALTER TABLE fetches ADD COLUMN total_pages INTEGER;

CREATE TABLE backfills (
    backfill_id VARCHAR NOT NULL, feed_id VARCHAR NOT NULL, source_id VARCHAR NOT NULL, reason VARCHAR NOT NULL, state VARCHAR NOT NULL,
    outcome VARCHAR, since TIMESTAMPTZ, plan VARCHAR[], pages_read INTEGER NOT NULL, entries_found INTEGER NOT NULL,
    entries_old INTEGER NOT NULL, last_page VARCHAR, failures INTEGER NOT NULL, due_at TIMESTAMPTZ NOT NULL, started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ
);

CREATE TABLE ops.robots (
    origin VARCHAR NOT NULL, asked_at TIMESTAMPTZ NOT NULL, status INTEGER NOT NULL, text VARCHAR NOT NULL
);

CREATE TABLE ops.compacted_files (file VARCHAR NOT NULL, target VARCHAR);
