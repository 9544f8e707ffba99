-- What an index of sitemaps said last of each: one of which it says the same has nothing new, whatever the dates.
CREATE TABLE ops.listed_sitemaps (feed_id VARCHAR NOT NULL, url VARCHAR NOT NULL, changed VARCHAR);
