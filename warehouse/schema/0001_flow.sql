-- The tables of the flow, each named by its noun. No keys and no constraints that DuckLake lacks:
-- ids are made in Python, upserts are MERGE under the one writer's lock, uniqueness is checked.
-- What each table and column means stands in docs.sql.
CREATE SCHEMA IF NOT EXISTS ops;

CREATE TABLE sources (
    source_id VARCHAR NOT NULL, name VARCHAR NOT NULL, country VARCHAR, languages VARCHAR[], home VARCHAR, timezone VARCHAR,
    legal_note VARCHAR, enabled BOOLEAN NOT NULL, added_at TIMESTAMPTZ NOT NULL, definition JSON
);

CREATE TABLE feeds (
    feed_id VARCHAR NOT NULL, source_id VARCHAR NOT NULL, url VARCHAR NOT NULL, kind VARCHAR, enabled BOOLEAN NOT NULL,
    etag VARCHAR, last_modified VARCHAR, state VARCHAR NOT NULL, state_since TIMESTAMPTZ, last_polled_at TIMESTAMPTZ,
    last_full_at TIMESTAMPTZ, last_good_at TIMESTAMPTZ, first_good_at TIMESTAMPTZ, next_due_at TIMESTAMPTZ, failures INTEGER NOT NULL,
    permanent_url VARCHAR, permanent_seen INTEGER NOT NULL, last_error VARCHAR
);

CREATE TABLE fetches (
    fetch_id VARCHAR NOT NULL, source_id VARCHAR NOT NULL, purpose VARCHAR NOT NULL, feed_id VARCHAR, entry_id VARCHAR, run_id VARCHAR,
    url VARCHAR NOT NULL, final_url VARCHAR, requested_at TIMESTAMPTZ NOT NULL, status INTEGER, not_modified BOOLEAN NOT NULL,
    fault VARCHAR, error VARCHAR, hint VARCHAR, retry_after_seconds DOUBLE, fresh_seconds INTEGER, permanent_url VARCHAR, elapsed_ms INTEGER, content_type VARCHAR,
    etag VARCHAR, last_modified VARCHAR, bytes BIGINT, sha256 VARCHAR, warc_file VARCHAR, warc_offset BIGINT, warc_length BIGINT,
    handled_at TIMESTAMPTZ
);

CREATE TABLE entries (
    entry_id VARCHAR NOT NULL, source_id VARCHAR NOT NULL, feed_id VARCHAR NOT NULL, guid VARCHAR, url VARCHAR, title VARCHAR,
    published_at TIMESTAMPTZ, published_raw VARCHAR, published_quality VARCHAR, updated_at TIMESTAMPTZ, authors VARCHAR[], summary VARCHAR,
    content VARCHAR, categories VARCHAR[], enclosures JSON, language VARCHAR, content_hash VARCHAR NOT NULL, baseline BOOLEAN NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL, last_seen_at TIMESTAMPTZ NOT NULL,
    page_state VARCHAR NOT NULL, page_due_at TIMESTAMPTZ, page_visits INTEGER NOT NULL, page_failures INTEGER NOT NULL,
    page_etag VARCHAR, page_last_modified VARCHAR, page_error VARCHAR
);

CREATE TABLE pages (
    page_id VARCHAR NOT NULL, entry_id VARCHAR NOT NULL, source_id VARCHAR NOT NULL, url VARCHAR, fetched_at TIMESTAMPTZ NOT NULL,
    status INTEGER, content_type VARCHAR, bytes BIGINT, sha256 VARCHAR, warc_file VARCHAR, warc_offset BIGINT, warc_length BIGINT,
    verdict VARCHAR, reason VARCHAR, extracted_at TIMESTAMPTZ, extractor VARCHAR
);

CREATE TABLE articles (
    article_id VARCHAR NOT NULL, revision_id VARCHAR NOT NULL, source_id VARCHAR NOT NULL, story_id VARCHAR NOT NULL, url VARCHAR, title VARCHAR NOT NULL,
    text VARCHAR NOT NULL, language VARCHAR, authors VARCHAR[], published_at TIMESTAMPTZ, published_quality VARCHAR,
    modified_at TIMESTAMPTZ, description VARCHAR, tags VARCHAR[], dateline VARCHAR, disclaimer VARCHAR, links VARCHAR[],
    attachments VARCHAR[], text_source VARCHAR NOT NULL, score DOUBLE, first_seen_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL, withdrawn_at TIMESTAMPTZ, baseline BOOLEAN NOT NULL
);

CREATE TABLE revisions (
    revision_id VARCHAR NOT NULL, article_id VARCHAR NOT NULL, revision_no INTEGER NOT NULL, change_kind VARCHAR NOT NULL,
    seen_from TIMESTAMPTZ NOT NULL, title VARCHAR NOT NULL, text VARCHAR NOT NULL, language VARCHAR,
    zones STRUCT(kind VARCHAR, start_char INTEGER, end_char INTEGER)[], cut STRUCT(kind VARCHAR, rule VARCHAR, text VARCHAR)[],
    text_hash VARCHAR NOT NULL, text_source VARCHAR NOT NULL, page_id VARCHAR, extractor VARCHAR NOT NULL
);

CREATE TABLE stories (
    story_id VARCHAR NOT NULL, first_article_id VARCHAR NOT NULL, first_source_id VARCHAR NOT NULL, first_seen_at TIMESTAMPTZ NOT NULL,
    reason VARCHAR NOT NULL, text_hash VARCHAR NOT NULL
);

CREATE TABLE mentions (
    mention_id VARCHAR NOT NULL, article_id VARCHAR NOT NULL, revision_id VARCHAR NOT NULL, entity VARCHAR NOT NULL, field VARCHAR NOT NULL,
    zone VARCHAR NOT NULL, start_char INTEGER NOT NULL, end_char INTEGER NOT NULL, matched VARCHAR NOT NULL, name VARCHAR NOT NULL,
    via VARCHAR NOT NULL, sentence_start INTEGER NOT NULL, sentence_end INTEGER NOT NULL, alerting BOOLEAN NOT NULL,
    score DOUBLE, watchlist_hash VARCHAR NOT NULL
);

CREATE TABLE watchlist (
    entity VARCHAR NOT NULL, kind VARCHAR NOT NULL, label VARCHAR NOT NULL, labels JSON NOT NULL, qid VARCHAR, parents VARCHAR[], names JSON, forms INTEGER NOT NULL,
    watchlist_hash VARCHAR NOT NULL, changed_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE subscriptions (
    subscription_id VARCHAR NOT NULL, subscriber_id VARCHAR NOT NULL, subscriber_name VARCHAR, address VARCHAR, language VARCHAR,
    timezone VARCHAR, channel VARCHAR NOT NULL,
    rule JSON NOT NULL, rule_text VARCHAR NOT NULL, active BOOLEAN NOT NULL, added_at TIMESTAMPTZ NOT NULL, changed_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE alerts (
    alert_id VARCHAR NOT NULL, subscriber_id VARCHAR NOT NULL, subscription_id VARCHAR NOT NULL, article_id VARCHAR NOT NULL,
    revision_id VARCHAR NOT NULL, story_id VARCHAR, entities VARCHAR[], reason VARCHAR NOT NULL, rule JSON NOT NULL,
    watchlist_hash VARCHAR NOT NULL, created_at TIMESTAMPTZ NOT NULL, state VARCHAR NOT NULL
);

CREATE TABLE alert_mentions (alert_id VARCHAR NOT NULL, mention_id VARCHAR NOT NULL);

CREATE TABLE deliveries (
    delivery_id VARCHAR NOT NULL, alert_id VARCHAR NOT NULL, subscriber_id VARCHAR NOT NULL, channel VARCHAR NOT NULL, address VARCHAR,
    state VARCHAR NOT NULL, message_id VARCHAR NOT NULL, attempts INTEGER NOT NULL, created_at TIMESTAMPTZ NOT NULL, next_attempt_at TIMESTAMPTZ,
    claimed_at TIMESTAMPTZ, sent_at TIMESTAMPTZ, receipt VARCHAR, error VARCHAR, maybe_duplicate BOOLEAN NOT NULL
);

CREATE TABLE issues (
    issue_id VARCHAR NOT NULL, kind VARCHAR NOT NULL, source_id VARCHAR, subject VARCHAR NOT NULL, message VARCHAR NOT NULL, hint VARCHAR,
    first_seen_at TIMESTAMPTZ NOT NULL, last_seen_at TIMESTAMPTZ NOT NULL, seen_count INTEGER NOT NULL
);

CREATE TABLE ops.entry_keys (source_id VARCHAR NOT NULL, alias VARCHAR NOT NULL, entry_id VARCHAR NOT NULL, added_at TIMESTAMPTZ NOT NULL);

CREATE TABLE ops.matched (
    revision_id VARCHAR NOT NULL, watchlist_hash VARCHAR NOT NULL, matched_at TIMESTAMPTZ NOT NULL, decided_at TIMESTAMPTZ,
    decision VARCHAR, error VARCHAR
);

CREATE TABLE ops.verdicts (
    revision_id VARCHAR NOT NULL, subscription_id VARCHAR NOT NULL, verdict VARCHAR NOT NULL, reason VARCHAR NOT NULL,
    decided_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE ops.suppressions (
    channel VARCHAR NOT NULL, address VARCHAR NOT NULL, reason VARCHAR NOT NULL, delivery_id VARCHAR, added_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE ops.state (name VARCHAR NOT NULL, value VARCHAR);
