-- What was learnt of each source's pages, by which of it a text was made, and how well each page was read.
CREATE TABLE templates (
    template_id VARCHAR NOT NULL, source_id VARCHAR NOT NULL, version INTEGER NOT NULL, made_by VARCHAR NOT NULL,
    learnt_at TIMESTAMPTZ NOT NULL, expires_at TIMESTAMPTZ NOT NULL, pages INTEGER NOT NULL, page_ids VARCHAR[] NOT NULL,
    rules STRUCT(kind VARCHAR, place VARCHAR, text VARCHAR, seen INTEGER)[] NOT NULL
);

CREATE TABLE extractions (
    page_id VARCHAR NOT NULL, article_id VARCHAR NOT NULL, source_id VARCHAR NOT NULL, fetched_at TIMESTAMPTZ NOT NULL,
    verdict VARCHAR NOT NULL, score DOUBLE NOT NULL, characters INTEGER NOT NULL, link_density DOUBLE NOT NULL, cut_share DOUBLE NOT NULL,
    zones VARCHAR[], dated BOOLEAN NOT NULL, titled BOOLEAN NOT NULL, extractor VARCHAR NOT NULL, template_id VARCHAR
);

ALTER TABLE revisions ADD COLUMN template_id VARCHAR;

ALTER TABLE revisions ADD COLUMN site_rules VARCHAR;
