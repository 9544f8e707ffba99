-- What reading the archive anew asks of the store and of its working copy.

-- name: make_reread_tables
-- Only in the working copy: what is still to do, and what has changed.
CREATE TABLE ops.reread_entries (
    entry_id VARCHAR, source_id VARCHAR, first_seen_at TIMESTAMPTZ, content_hash VARCHAR, revision_id VARCHAR, changed_at TIMESTAMPTZ,
    parsed BOOLEAN, matched BOOLEAN
);
CREATE TABLE ops.reread_pages (page_id VARCHAR, entry_id VARCHAR, place INTEGER);
CREATE TABLE ops.reread_reports (attachment_id VARCHAR, read_at TIMESTAMPTZ, read BOOLEAN, matched BOOLEAN);
CREATE TABLE ops.reread_changes (entry_id VARCHAR, source_id VARCHAR, what VARCHAR, before VARCHAR, after VARCHAR);

-- name: queue_entries
-- What is still on its way through the flow is left to it: it has not been decided yet whom to tell.
INSERT INTO ops.reread_entries
SELECT e.entry_id, e.source_id, e.first_seen_at, e.content_hash, a.revision_id, a.changed_at, NOT $parse, false
FROM entries AS e
LEFT JOIN articles AS a ON a.article_id = e.entry_id
WHERE (len($sources::VARCHAR[]) = 0 OR list_contains($sources::VARCHAR[], e.source_id))
  AND (len($articles::VARCHAR[]) = 0 OR list_contains($articles::VARCHAR[], e.entry_id))
  AND e.first_seen_at >= coalesce($since::TIMESTAMPTZ, '-infinity'::TIMESTAMPTZ)
  AND e.first_seen_at < coalesce($until::TIMESTAMPTZ, 'infinity'::TIMESTAMPTZ)
  AND (a.article_id IS NULL OR EXISTS (
      SELECT 1 FROM ops.matched AS m JOIN ops.mention_state AS s ON s.revision_id = m.revision_id
      WHERE m.revision_id = a.revision_id AND m.decided_at IS NOT NULL AND s.error IS NULL
  ))
  AND NOT EXISTS (SELECT 1 FROM ops.matched AS m JOIN revisions AS r ON r.revision_id = m.revision_id
                  WHERE r.article_id = e.entry_id AND m.decided_at IS NULL AND m.error IS NULL)
  AND NOT EXISTS (SELECT 1 FROM pages AS p WHERE p.entry_id = e.entry_id AND p.extracted_at IS NULL);

-- name: count_in_scope
SELECT count(*) AS entries FROM entries AS e
WHERE (len($sources::VARCHAR[]) = 0 OR list_contains($sources::VARCHAR[], e.source_id))
  AND (len($articles::VARCHAR[]) = 0 OR list_contains($articles::VARCHAR[], e.entry_id))
  AND e.first_seen_at >= coalesce($since::TIMESTAMPTZ, '-infinity'::TIMESTAMPTZ)
  AND e.first_seen_at < coalesce($until::TIMESTAMPTZ, 'infinity'::TIMESTAMPTZ);

-- name: queue_pages
-- The page that the current text was made from, and where that is not a page of the site the newest one that gave no article.
INSERT INTO ops.reread_pages
SELECT r.page_id, q.entry_id, 1 FROM ops.reread_entries AS q JOIN revisions AS r ON r.revision_id = q.revision_id WHERE r.page_id IS NOT NULL
UNION ALL
SELECT page_id, entry_id, 2 FROM (
    SELECT p.page_id, p.entry_id, row_number() OVER (PARTITION BY p.entry_id ORDER BY p.fetched_at DESC, p.page_id) AS visit
    FROM pages AS p
    JOIN ops.reread_entries AS q ON q.entry_id = p.entry_id
    LEFT JOIN articles AS a ON a.article_id = q.entry_id
    WHERE p.warc_file IS NOT NULL AND p.verdict <> 'ok' AND coalesce(a.text_source, 'none') <> 'page'
)
WHERE visit = 1;

-- name: queue_reports
-- The reports of these entries that were read or could not be, with the time of that, to know one that is read meanwhile.
INSERT INTO ops.reread_reports
SELECT d.attachment_id, d.read_at, NOT $read, false
FROM attachments AS d
JOIN ops.reread_entries AS q ON q.entry_id = d.article_id
WHERE d.state IN ('read', 'unreadable') AND d.warc_file IS NOT NULL;

-- name: reports_to_reread
SELECT d.*, coalesce(a.language, e.language) AS article_language
FROM ops.reread_reports AS q
JOIN attachments AS d ON d.attachment_id = q.attachment_id
LEFT JOIN articles AS a ON a.article_id = d.article_id
LEFT JOIN entries AS e ON e.entry_id = d.article_id
WHERE NOT q.read
ORDER BY d.attachment_id
LIMIT $most;

-- name: mark_reports_reread
UPDATE ops.reread_reports SET read = true WHERE attachment_id IN (SELECT unnest($attachment_ids));

-- name: reports_to_rematch
SELECT d.*
FROM ops.reread_reports AS q
JOIN attachments AS d ON d.attachment_id = q.attachment_id
WHERE NOT q.matched AND d.state = 'read'
ORDER BY d.attachment_id
LIMIT $most;

-- name: mark_reports_rematched
UPDATE ops.reread_reports SET matched = true WHERE attachment_id IN (SELECT unnest($attachment_ids));

-- name: reports_reread_of
SELECT d.*, q.read_at AS known_read_at
FROM ops.reread_reports AS q
JOIN attachments AS d ON d.attachment_id = q.attachment_id
WHERE d.article_id IN (SELECT unnest($entry_ids))
ORDER BY d.attachment_id;

-- name: mentions_of_reports
SELECT * FROM attachment_mentions WHERE attachment_id IN (SELECT unnest($attachment_ids));

-- name: reports_read_at
SELECT attachment_id, read_at FROM attachments WHERE attachment_id IN (SELECT unnest($attachment_ids));

-- name: sources_to_reparse
SELECT DISTINCT source_id FROM ops.reread_entries WHERE NOT parsed ORDER BY source_id;

-- name: entries_to_reparse
SELECT e.* FROM entries AS e JOIN ops.reread_entries AS q ON q.entry_id = e.entry_id WHERE q.source_id = $source_id ORDER BY e.entry_id;

-- name: fetches_to_reparse
SELECT f.*, s.languages, s.timezone, d.kind, d.definition, d.first_good_at, d.last_good_at
FROM fetches AS f
JOIN sources AS s ON s.source_id = f.source_id
JOIN feeds AS d ON d.feed_id = f.feed_id
WHERE f.source_id = $source_id AND f.purpose IN ('feed', 'backfill') AND f.handled_at IS NOT NULL AND f.requested_at >= $since
  AND f.sha256 IS NOT NULL AND f.fault IS NULL AND NOT f.not_modified
ORDER BY f.requested_at, f.fetch_id;

-- name: mark_reparsed
UPDATE ops.reread_entries SET parsed = true WHERE source_id = $source_id;

-- name: pages_to_reread
SELECT
    p.*, e.first_seen_at, e.baseline, e.url AS entry_url, e.title AS entry_title, e.published_at AS entry_published_at,
    e.published_quality AS entry_published_quality, e.authors AS entry_authors, e.language AS entry_language, e.summary AS entry_summary,
    e.content AS entry_content, e.page_state, e.page_failures, e.page_visits, s.languages AS source_languages, s.timezone AS source_timezone,
    s.name AS source_name, s.country AS source_country,
    s.definition ->> '$.rules' AS source_rules
FROM ops.reread_pages AS q
JOIN pages AS p ON p.page_id = q.page_id
JOIN entries AS e ON e.entry_id = p.entry_id
JOIN sources AS s ON s.source_id = p.source_id
ORDER BY q.place, p.fetched_at, p.page_id
LIMIT $most;

-- name: count_pages_to_reread
SELECT count(*) FROM ops.reread_pages;

-- name: mark_page_reread
DELETE FROM ops.reread_pages WHERE page_id = $page_id;

-- name: revision_labels
SELECT zones, cut, text, title FROM revisions WHERE revision_id = $revision_id;

-- name: texts_to_rematch
SELECT
    q.entry_id, q.revision_id AS base_id, r.revision_id, r.article_id, r.title, r.text, r.zones, a.source_id,
    coalesce(r.language, s.languages[1]) AS language
FROM ops.reread_entries AS q
JOIN articles AS a ON a.article_id = q.entry_id
JOIN revisions AS r ON r.revision_id = a.revision_id
JOIN sources AS s ON s.source_id = a.source_id
WHERE NOT q.matched
ORDER BY q.entry_id
LIMIT $most;

-- name: count_to_rematch
SELECT count(*) FROM ops.reread_entries WHERE NOT matched;

-- name: mark_rematched
UPDATE ops.reread_entries SET matched = true WHERE entry_id IN (SELECT unnest($entry_ids));

-- name: note_change
INSERT INTO ops.reread_changes VALUES ($entry_id, $source_id, $what, $before, $after);

-- name: reread_counts
SELECT source_id, what, count(*) AS count FROM ops.reread_changes GROUP BY ALL ORDER BY ALL;

-- name: reread_samples
SELECT c.source_id, c.what, c.entry_id, e.title, e.url, c.before, c.after
FROM ops.reread_changes AS c
JOIN entries AS e ON e.entry_id = c.entry_id
QUALIFY row_number() OVER (PARTITION BY c.source_id, c.what ORDER BY c.entry_id) <= $most
ORDER BY c.source_id, c.what, c.entry_id;

-- name: count_reread_entries
SELECT count(*) FROM ops.reread_entries;

-- name: changed_by_reread
-- Entries of which something is to be taken over, with what they were when the copy was made.
SELECT c.entry_id, list(DISTINCT c.what) AS whats, any_value(q.revision_id) AS revision_id, any_value(q.changed_at) AS changed_at,
    any_value(q.content_hash) AS content_hash
FROM ops.reread_changes AS c
LEFT JOIN ops.reread_entries AS q ON q.entry_id = c.entry_id
WHERE c.what NOT IN ('lost', 'alerts')
GROUP BY c.entry_id
ORDER BY c.entry_id;

-- name: state_of_entries
SELECT e.entry_id, e.content_hash, a.revision_id, a.changed_at
FROM entries AS e LEFT JOIN articles AS a ON a.article_id = e.entry_id
WHERE e.entry_id IN (SELECT unnest($entry_ids));

-- name: keys_of_entries
SELECT * FROM ops.entry_keys WHERE entry_id IN (SELECT unnest($entry_ids));

-- name: articles_by_id
SELECT * FROM articles WHERE article_id IN (SELECT unnest($entry_ids));

-- name: current_revisions
SELECT r.* FROM revisions AS r JOIN articles AS a ON a.revision_id = r.revision_id WHERE a.article_id IN (SELECT unnest($entry_ids));

-- name: stories_of
SELECT DISTINCT s.* FROM stories AS s JOIN articles AS a ON a.story_id = s.story_id WHERE a.article_id IN (SELECT unnest($entry_ids));

-- name: story_articles_of
SELECT * FROM story_articles WHERE article_id IN (SELECT unnest($entry_ids));

-- name: fingerprints_of
SELECT * FROM ops.fingerprints WHERE article_id IN (SELECT unnest($entry_ids));

-- name: mentions_of_current
SELECT m.* FROM mentions AS m JOIN articles AS a ON a.revision_id = m.revision_id WHERE a.article_id IN (SELECT unnest($entry_ids));

-- name: matched_of_current
SELECT m.* FROM ops.matched AS m JOIN articles AS a ON a.revision_id = m.revision_id WHERE a.article_id IN (SELECT unnest($entry_ids));

-- name: mention_state_of_current
SELECT m.* FROM ops.mention_state AS m JOIN articles AS a ON a.revision_id = m.revision_id WHERE a.article_id IN (SELECT unnest($entry_ids));

-- name: extractions_of_current
SELECT x.* FROM extractions AS x
JOIN revisions AS r ON r.page_id = x.page_id
JOIN articles AS a ON a.revision_id = r.revision_id
WHERE a.article_id IN (SELECT unnest($entry_ids));

-- name: page_marks_of_current
SELECT p.page_id, p.extractor, p.verdict, p.reason FROM pages AS p
JOIN revisions AS r ON r.page_id = p.page_id
JOIN articles AS a ON a.revision_id = r.revision_id
WHERE a.article_id IN (SELECT unnest($entry_ids));

-- name: date_taken_articles
-- What changed is known from now on, not since it was read: who follows changes by their time (search, as_of) would pass it over.
UPDATE articles SET changed_at = $now
WHERE article_id IN (SELECT unnest($entry_ids)) AND changed_at NOT IN (SELECT unnest($changed::TIMESTAMPTZ[]));

-- name: date_taken_revisions
UPDATE revisions SET stored_at = $now
WHERE revision_id IN (SELECT revision_id FROM articles WHERE article_id IN (SELECT unnest($entry_ids)))
  AND revision_id NOT IN (SELECT unnest($known::VARCHAR[]));

-- name: known_reread
SELECT count(*) FROM rereads WHERE reread_id = $reread_id;

-- name: active_rules
SELECT subscription_id, rule FROM subscriptions WHERE active ORDER BY subscription_id;
