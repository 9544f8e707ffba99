-- Reports beside pages: which there are, how far each is, its text and whom it mentions.
CREATE TABLE attachments (
    attachment_id VARCHAR NOT NULL, article_id VARCHAR NOT NULL, source_id VARCHAR NOT NULL, url VARCHAR NOT NULL, named_by VARCHAR NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL, state VARCHAR NOT NULL, due_at TIMESTAMPTZ, failures INTEGER NOT NULL, fault VARCHAR, error VARCHAR,
    fetched_at TIMESTAMPTZ, final_url VARCHAR, status INTEGER, media_type VARCHAR, bytes BIGINT, sha256 VARCHAR, warc_file VARCHAR,
    warc_offset BIGINT, warc_length BIGINT, read_at TIMESTAMPTZ, extractor VARCHAR, pages INTEGER, title VARCHAR, authors VARCHAR[],
    language VARCHAR, text VARCHAR, zones STRUCT(kind VARCHAR, start_char INTEGER, end_char INTEGER)[], watchlist_hash VARCHAR
);

CREATE TABLE attachment_mentions (
    mention_id VARCHAR NOT NULL, attachment_id VARCHAR NOT NULL, article_id VARCHAR NOT NULL, entity VARCHAR NOT NULL, zone VARCHAR NOT NULL,
    start_char INTEGER NOT NULL, end_char INTEGER NOT NULL, matched VARCHAR NOT NULL, name VARCHAR NOT NULL, via VARCHAR NOT NULL,
    sentence_start INTEGER NOT NULL, sentence_end INTEGER NOT NULL, score DOUBLE, watchlist_hash VARCHAR NOT NULL
);
