-- Withdrawals: pages that are gone, concluded only after two misses, and those that came back.
ALTER TABLE entries ADD COLUMN page_misses INTEGER;

CREATE TABLE withdrawals (article_id VARCHAR NOT NULL, withdrawn_at TIMESTAMPTZ NOT NULL, restored_at TIMESTAMPTZ);
