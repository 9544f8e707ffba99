-- What the articles step asks of the store. `$mine`: the sources that this run is for; NULL: all.

-- name: pages_to_extract
SELECT
    p.*, e.first_seen_at, e.baseline, e.url AS entry_url, e.title AS entry_title, e.published_at AS entry_published_at,
    e.published_quality AS entry_published_quality, e.authors AS entry_authors, e.language AS entry_language, e.summary AS entry_summary,
    e.content AS entry_content, e.page_state, e.page_failures, e.page_visits, s.languages AS source_languages, s.timezone AS source_timezone,
    s.name AS source_name, s.country AS source_country,
    s.definition ->> '$.rules' AS source_rules
FROM pages AS p
JOIN entries AS e ON e.entry_id = p.entry_id
JOIN sources AS s ON s.source_id = p.source_id
WHERE p.extracted_at IS NULL AND coalesce(list_contains($mine, p.source_id), true)
ORDER BY p.fetched_at, p.page_id
LIMIT $most;

-- name: current_articles
SELECT a.*, r.text_hash, r.page_id, r.extractor, r.template_id, r.site_rules, r.revision_no
FROM articles AS a
JOIN revisions AS r ON r.revision_id = a.revision_id
WHERE a.article_id IN (SELECT unnest($article_ids));

-- name: text_hashes
SELECT article_id, list(text_hash) AS hashes FROM revisions WHERE article_id IN (SELECT unnest($article_ids)) GROUP BY article_id;

-- name: mark_page_extracted
UPDATE pages SET extracted_at = $now, extractor = $extractor, verdict = $verdict, reason = $reason WHERE page_id = $page_id;

-- name: entry_by_id
SELECT * FROM entries WHERE entry_id = $entry_id;

-- name: articles_to_withdraw
-- An article whose page has never given it has none to be taken down. Its text may be the feed's, and the page has shown the same.
SELECT a.article_id FROM articles AS a
WHERE a.article_id IN (SELECT unnest($article_ids)) AND a.withdrawn_at IS NULL
  AND (a.text_source = 'page' OR EXISTS (
      SELECT 1 FROM pages AS p WHERE p.entry_id = a.article_id AND p.status IS NOT NULL AND p.verdict = 'ok'));

-- name: withdraw_articles
UPDATE articles SET withdrawn_at = $now, changed_at = $now WHERE article_id IN (SELECT unnest($article_ids));

-- name: articles_to_restore
SELECT article_id FROM articles WHERE article_id IN (SELECT unnest($article_ids)) AND withdrawn_at IS NOT NULL;

-- name: restore_articles
UPDATE articles SET withdrawn_at = NULL, changed_at = $now WHERE article_id IN (SELECT unnest($article_ids));

-- name: end_withdrawals
UPDATE withdrawals SET restored_at = $now WHERE article_id IN (SELECT unnest($article_ids)) AND restored_at IS NULL;

-- name: newest_templates
SELECT * FROM templates AS t
WHERE t.source_id IN (SELECT unnest($source_ids))
  AND t.version = (SELECT max(o.version) FROM templates AS o WHERE o.source_id = t.source_id);

-- name: teaching_pages
-- The latest page of each of a source's latest entries, extracted or not; what was found to be no article teaches nothing,
-- unless it is a page of furniture only.
SELECT page_id, source_id, content_type, sha256, warc_file, warc_offset, warc_length FROM (
    SELECT *, row_number() OVER (PARTITION BY source_id ORDER BY fetched_at DESC, page_id) AS place FROM (
        SELECT *, row_number() OVER (PARTITION BY entry_id ORDER BY fetched_at DESC, page_id) AS visit
        FROM pages
        WHERE source_id IN (SELECT unnest($source_ids)) AND warc_file IS NOT NULL
          AND (verdict IS NULL OR verdict = 'ok' OR reason = 'template')
    )
    WHERE visit = 1
)
WHERE place <= $most
ORDER BY source_id, place;

-- name: extract_again
-- The pages of a source's latest texts, when more is known of its site than when they were read.
UPDATE pages SET extracted_at = NULL
WHERE page_id IN (
    SELECT r.page_id FROM articles AS a JOIN revisions AS r ON r.revision_id = a.revision_id
    WHERE a.source_id = $source_id AND a.withdrawn_at IS NULL AND r.text_source = 'page' AND r.template_id IS DISTINCT FROM $template_id
      AND r.seen_from >= $since
      -- A page that was visited since gives an older text: reading it again would take back what came after.
      AND NOT EXISTS (
          SELECT 1 FROM pages AS late JOIN pages AS own ON own.entry_id = late.entry_id
          WHERE own.page_id = r.page_id AND late.warc_file IS NOT NULL AND late.fetched_at > own.fetched_at
      )
);

-- name: pages_by_id
SELECT * FROM pages WHERE page_id IN (SELECT unnest($page_ids));

-- name: entries_to_keep
SELECT entry_id FROM entries
WHERE starts_with(entry_id, $wanted) OR url = $wanted
   OR entry_id IN (SELECT entry_id FROM ops.entry_keys WHERE alias = 'url:' || $wanted)
   OR entry_id IN (SELECT entry_id FROM pages WHERE page_id = $wanted OR url = $wanted)
ORDER BY entry_id LIMIT 3;

-- name: page_to_keep
-- The newest archived page of an entry, or the very page, with what was known of it when it was read.
SELECT
    p.*, e.title AS entry_title, e.published_at AS entry_published_at, e.published_quality AS entry_published_quality,
    e.authors AS entry_authors, e.language AS entry_language, e.summary AS entry_summary, e.content AS entry_content,
    s.languages AS source_languages, s.timezone AS source_timezone, s.country AS source_country, s.definition ->> '$.rules' AS source_rules
FROM pages AS p
JOIN entries AS e ON e.entry_id = p.entry_id
JOIN sources AS s ON s.source_id = p.source_id
WHERE p.entry_id = $entry_id AND p.warc_file IS NOT NULL
ORDER BY p.page_id = $wanted DESC, p.fetched_at DESC, p.page_id
LIMIT 1;
