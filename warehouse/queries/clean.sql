-- What the articles step asks of the store.

-- name: pages_to_extract
SELECT
    p.*, e.first_seen_at, e.baseline, e.url AS entry_url, e.title AS entry_title, e.published_at AS entry_published_at,
    e.published_quality AS entry_published_quality, e.authors AS entry_authors, e.language AS entry_language, e.summary AS entry_summary,
    e.content AS entry_content, e.page_state, e.page_failures, e.page_visits, s.languages AS source_languages, s.timezone AS source_timezone,
    s.name AS source_name, s.country AS source_country
FROM pages AS p
JOIN entries AS e ON e.entry_id = p.entry_id
JOIN sources AS s ON s.source_id = p.source_id
WHERE p.extracted_at IS NULL
ORDER BY p.fetched_at, p.page_id
LIMIT $most;

-- name: current_articles
SELECT a.*, r.text_hash, r.page_id, r.extractor, r.revision_no
FROM articles AS a
JOIN revisions AS r ON r.revision_id = a.revision_id
WHERE a.article_id IN (SELECT unnest($article_ids));

-- name: text_hashes
SELECT article_id, list(text_hash) AS hashes FROM revisions WHERE article_id IN (SELECT unnest($article_ids)) GROUP BY article_id;

-- name: mark_page_extracted
UPDATE pages SET extracted_at = $now, extractor = $extractor, verdict = $verdict, reason = $reason WHERE page_id = $page_id;

-- name: entry_by_id
SELECT * FROM entries WHERE entry_id = $entry_id;

-- name: withdraw_articles
UPDATE articles SET withdrawn_at = $now, changed_at = $now
WHERE article_id IN (SELECT unnest($article_ids)) AND withdrawn_at IS NULL AND text_source = 'page'
RETURNING article_id;

-- name: restore_articles
UPDATE articles SET withdrawn_at = NULL, changed_at = $now
WHERE article_id IN (SELECT unnest($article_ids)) AND withdrawn_at IS NOT NULL
RETURNING article_id;

-- name: end_withdrawals
UPDATE withdrawals SET restored_at = $now WHERE article_id IN (SELECT unnest($article_ids)) AND restored_at IS NULL;
