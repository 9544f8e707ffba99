-- Which identities the ledger took for one entry, so that an operator can see it and undo it.
CREATE TABLE ops.merges (
    merge_id VARCHAR NOT NULL, merged_at TIMESTAMPTZ NOT NULL, source_id VARCHAR NOT NULL, feed_id VARCHAR NOT NULL, entry_id VARCHAR NOT NULL,
    rule VARCHAR NOT NULL, proof VARCHAR NOT NULL,
    before_guid VARCHAR, before_url VARCHAR, before_title VARCHAR, after_guid VARCHAR, after_url VARCHAR, after_title VARCHAR,
    aliases VARCHAR[] NOT NULL, pins VARCHAR[] NOT NULL, undone_at TIMESTAMPTZ, undone_entry_id VARCHAR
);
