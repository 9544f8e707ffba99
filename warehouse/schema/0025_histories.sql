-- How far a search goes that a person started.
ALTER TABLE backfills ADD COLUMN back_to TIMESTAMPTZ;
ALTER TABLE backfills ADD COLUMN most_pages INTEGER;
ALTER TABLE backfills ADD COLUMN most_entries INTEGER;
