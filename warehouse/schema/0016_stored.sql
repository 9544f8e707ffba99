-- When we had a text, which is later than when its page was fetched wherever the page was read anew.
ALTER TABLE revisions ADD COLUMN stored_at TIMESTAMPTZ;
