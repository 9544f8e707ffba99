-- What was read anew from the archive and taken into the store.
CREATE TABLE rereads (
    reread_id VARCHAR NOT NULL, begun_at TIMESTAMPTZ NOT NULL, adopted_at TIMESTAMPTZ NOT NULL, scope JSON NOT NULL,
    entries INTEGER NOT NULL, changes JSON NOT NULL, left_aside INTEGER NOT NULL
);
