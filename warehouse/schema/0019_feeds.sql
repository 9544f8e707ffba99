-- Since when a feed proper has shown an entry that may have been found on a listing or in a sitemap first.
ALTER TABLE entries ADD COLUMN in_feed_at TIMESTAMPTZ;

-- Nobody knows of the entries that are there; they are not to be called missing.
UPDATE entries SET in_feed_at = first_seen_at;
