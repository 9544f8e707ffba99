-- What readers say of their alerts.
CREATE TABLE alert_marks (
    alert_id VARCHAR NOT NULL, verdict VARCHAR NOT NULL, because VARCHAR, marked_at TIMESTAMPTZ NOT NULL
);

-- Which watch list the mentions of a revision are of, and what each such list was, so that a change of one
-- re-matches only what it must.
CREATE TABLE ops.mention_state (revision_id VARCHAR NOT NULL, watchlist_hash VARCHAR NOT NULL, error VARCHAR);

INSERT INTO ops.mention_state
SELECT revision_id, arg_max(watchlist_hash, matched_at), NULL FROM ops.matched WHERE error IS NULL GROUP BY revision_id;

CREATE TABLE ops.watchlist_versions (
    watchlist_hash VARCHAR NOT NULL, languages VARCHAR[], entities JSON NOT NULL, first_used_at TIMESTAMPTZ NOT NULL
);

ALTER TABLE ops.matched ADD COLUMN news VARCHAR[];
