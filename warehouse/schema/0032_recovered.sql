-- Answers that the archive holds and the store did not know, as after a restore, until the steps of a run take them up.
CREATE TABLE ops.recovered (
    fetch_id VARCHAR NOT NULL, url VARCHAR NOT NULL, asked VARCHAR NOT NULL, requested_at TIMESTAMPTZ NOT NULL,
    content_type VARCHAR, etag VARCHAR, last_modified VARCHAR, bytes BIGINT, sha256 VARCHAR NOT NULL,
    warc_file VARCHAR NOT NULL, warc_offset BIGINT NOT NULL, warc_length BIGINT NOT NULL, found_at TIMESTAMPTZ NOT NULL
);
