-- What the attachments step asks of the store.

-- name: enclosed_reports
-- Reports that feeds name beside their entries and that have no row yet.
WITH enclosed AS (
    SELECT entry_id, source_id, url AS entry_url, first_seen_at, unnest(from_json(enclosures, '[{"url": "VARCHAR", "type": "VARCHAR"}]')) AS file
    FROM entries
    WHERE contains(lower(enclosures::VARCHAR), 'pdf')
)
SELECT e.entry_id AS article_id, e.source_id, e.entry_url, e.file.url AS url
FROM enclosed AS e
WHERE (lower(e.file.type) LIKE 'application/pdf%' OR regexp_matches(lower(e.file.url), '\.pdf($|[?#])'))
  AND e.file.url IS DISTINCT FROM e.entry_url
  AND NOT EXISTS (SELECT 1 FROM attachments AS a WHERE a.article_id = e.entry_id AND a.url = e.file.url)
ORDER BY e.first_seen_at, e.entry_id;

-- name: count_attachments
SELECT article_id, count(*) FILTER (WHERE state <> 'left_out') AS taken, list(url) AS urls
FROM attachments WHERE article_id IN (SELECT unnest($article_ids)) GROUP BY article_id;

-- name: articles_naming
SELECT url, list(DISTINCT article_id) AS article_ids FROM attachments WHERE url IN (SELECT unnest($urls)) GROUP BY url;

-- name: share_attachments
-- A report that several articles name is fetched once: the others take it over.
UPDATE attachments SET
    state = 'fetched', due_at = NULL, failures = 0, fault = NULL, error = NULL, fetched_at = had.fetched_at, final_url = had.final_url,
    status = had.status, media_type = had.media_type, bytes = had.bytes, sha256 = had.sha256, warc_file = had.warc_file,
    warc_offset = had.warc_offset, warc_length = had.warc_length
FROM (
    SELECT * FROM attachments WHERE warc_file IS NOT NULL QUALIFY row_number() OVER (PARTITION BY url ORDER BY fetched_at DESC, attachment_id) = 1
) AS had
WHERE attachments.url = had.url AND attachments.warc_file IS NULL AND attachments.state IN ('waiting', 'failing', 'blocked');

-- name: due_attachments
-- One row an address; what is new in a feed before what was old when it was first polled.
SELECT * EXCLUDE (place, rival) FROM (
    SELECT
        *, row_number() OVER (PARTITION BY source_id ORDER BY baseline, first_seen_at DESC, attachment_id) AS place
    FROM (
        SELECT a.*, coalesce(e.baseline, false) AS baseline, row_number() OVER (PARTITION BY a.url ORDER BY a.first_seen_at, a.attachment_id) AS rival
        FROM attachments AS a
        JOIN sources AS s ON s.source_id = a.source_id
        LEFT JOIN entries AS e ON e.entry_id = a.article_id
        WHERE s.enabled AND a.due_at <= $now AND (len($source_ids) = 0 OR list_contains($source_ids, a.source_id))
    )
    WHERE rival = 1
)
WHERE place <= $most_per_source
ORDER BY source_id, place;

-- name: attachments_to_read
SELECT a.*, coalesce(r.language, e.language) AS article_language
FROM attachments AS a
LEFT JOIN articles AS r ON r.article_id = a.article_id
LEFT JOIN entries AS e ON e.entry_id = a.article_id
WHERE a.state = 'fetched'
ORDER BY a.fetched_at, a.attachment_id
LIMIT $most;

-- name: attachments_to_match
SELECT attachment_id, article_id, source_id, url, text, zones, language
FROM attachments
WHERE state = 'read' AND watchlist_hash IS DISTINCT FROM $watchlist_hash
ORDER BY attachment_id
LIMIT $most;

-- name: forget_attachment_mentions
DELETE FROM attachment_mentions WHERE attachment_id IN (SELECT unnest($attachment_ids));

-- name: mark_attachments_matched
UPDATE attachments SET watchlist_hash = $watchlist_hash WHERE attachment_id IN (SELECT unnest($attachment_ids));

-- name: kept_attachments
SELECT attachment_id AS ref, warc_file, warc_offset, warc_length, sha256
FROM attachments
WHERE warc_file IS NOT NULL AND attachment_id IN (SELECT unnest($refs));

-- name: explain_attachments
SELECT
    a.url, a.state, a.named_by, a.pages, a.title, length(a.text) AS characters, a.error,
    (
        SELECT string_agg(entity || ' × ' || n, ', ' ORDER BY n DESC, entity)
        FROM (SELECT entity, count(*) AS n FROM attachment_mentions AS m WHERE m.attachment_id = a.attachment_id GROUP BY entity)
    ) AS mentions
FROM attachments AS a
WHERE a.article_id = $article_id
ORDER BY a.first_seen_at, a.attachment_id;
