-- What the feeds, entries and pages steps ask of the store. `$mine`: the sources that this run is for; NULL: all.

-- name: disable_missing_sources
UPDATE sources SET enabled = false WHERE source_id NOT IN (SELECT unnest($source_ids)) AND enabled;

-- name: disable_missing_feeds
UPDATE feeds SET enabled = false WHERE feed_id NOT IN (SELECT unnest($feed_ids)) AND enabled;

-- name: known_feed_ids
SELECT feed_id FROM feeds;

-- name: due_feeds
SELECT f.*, s.languages, s.timezone
FROM feeds AS f
JOIN sources AS s ON s.source_id = f.source_id
WHERE f.enabled AND s.enabled
  AND CASE WHEN len($source_ids) > 0 THEN list_contains($source_ids, f.source_id)
      ELSE f.state <> 'gone' AND ($full OR coalesce(f.next_due_at <= $now, true)) END
  AND coalesce(list_contains($mine, f.source_id), true)
ORDER BY f.source_id, f.url;

-- name: unhandled_feed_fetches
SELECT f.*, s.languages, s.timezone, d.kind, d.definition, d.first_good_at, d.last_good_at
FROM fetches AS f
JOIN sources AS s ON s.source_id = f.source_id
JOIN feeds AS d ON d.feed_id = f.feed_id
WHERE f.purpose = 'feed' AND f.handled_at IS NULL AND coalesce(list_contains($mine, f.source_id), true)
ORDER BY f.requested_at, f.fetch_id;

-- name: unhandled_backfill_fetches
SELECT f.*, s.languages, s.timezone, d.kind, d.definition
FROM fetches AS f
JOIN sources AS s ON s.source_id = f.source_id
JOIN feeds AS d ON d.feed_id = f.feed_id
WHERE f.purpose = 'backfill' AND f.handled_at IS NULL AND coalesce(list_contains($mine, f.source_id), true)
ORDER BY f.requested_at, f.fetch_id;

-- name: feeds_by_id
SELECT * FROM feeds WHERE feed_id IN (SELECT unnest($feed_ids));

-- name: open_backfills
SELECT b.*
FROM backfills AS b
JOIN feeds AS f ON f.feed_id = b.feed_id
JOIN sources AS s ON s.source_id = b.source_id
WHERE b.state = 'open' AND b.due_at <= $now AND f.enabled AND s.enabled AND coalesce(list_contains($mine, b.source_id), true)
-- One a feed: the news that lies in a gap goes before a history.
QUALIFY row_number() OVER (PARTITION BY b.feed_id ORDER BY b.reason = 'history', b.started_at, b.backfill_id) = 1
ORDER BY b.source_id, b.feed_id;

-- name: last_search
-- The last one that a poll has called for.
SELECT * FROM backfills
WHERE feed_id = $feed_id AND reason <> 'history' ORDER BY state = 'open' DESC, started_at DESC, backfill_id LIMIT 1;

-- name: listed_sitemaps
SELECT url, changed FROM ops.listed_sitemaps WHERE feed_id = $feed_id;

-- name: forget_sitemaps
-- Those that a search did not get through, so that the next reading of their index asks for them again.
DELETE FROM ops.listed_sitemaps WHERE feed_id = $feed_id AND list_contains($urls, url);

-- name: open_searches
SELECT * FROM backfills WHERE feed_id = $feed_id AND state = 'open' ORDER BY reason = 'history', started_at, backfill_id;

-- name: feeds_with_history
-- The feeds of these sources, and whether a search for their history is open; the document that each of them gave last.
SELECT
    f.*, s.languages, s.timezone, d.fetch_id, d.warc_file, d.warc_offset, d.warc_length, d.sha256, d.final_url, d.content_type,
    d.requested_at, d.fault, d.not_modified, h.backfill_id, h.pages_read
FROM feeds AS f
JOIN sources AS s ON s.source_id = f.source_id
LEFT JOIN (
    SELECT * FROM fetches WHERE purpose = 'feed' AND warc_file IS NOT NULL AND fault IS NULL AND NOT not_modified
    QUALIFY row_number() OVER (PARTITION BY feed_id ORDER BY requested_at DESC, fetch_id) = 1
) AS d ON d.feed_id = f.feed_id
LEFT JOIN backfills AS h ON h.feed_id = f.feed_id AND h.state = 'open' AND h.reason = 'history'
WHERE f.enabled AND s.enabled AND list_contains($source_ids, f.source_id)
ORDER BY f.source_id, f.url;

-- name: histories
SELECT b.*, f.url FROM backfills AS b JOIN feeds AS f ON f.feed_id = b.feed_id
WHERE len($source_ids) = 0 OR list_contains($source_ids, b.source_id)
ORDER BY b.state <> 'open', b.started_at DESC, b.source_id, f.url LIMIT $most;

-- name: robots
SELECT * FROM ops.robots WHERE origin IN (SELECT unnest($origins));

-- name: kept_feeds
SELECT
    feed_id AS ref, arg_max(warc_file, requested_at) AS warc_file, arg_max(warc_offset, requested_at) AS warc_offset,
    arg_max(warc_length, requested_at) AS warc_length, arg_max(sha256, requested_at) AS sha256
FROM fetches
WHERE purpose = 'feed' AND warc_file IS NOT NULL AND fault IS NULL AND feed_id IN (SELECT unnest($refs))
GROUP BY feed_id;

-- name: kept_pages
SELECT
    entry_id AS ref, arg_max(warc_file, fetched_at) AS warc_file, arg_max(warc_offset, fetched_at) AS warc_offset,
    arg_max(warc_length, fetched_at) AS warc_length, arg_max(sha256, fetched_at) AS sha256
FROM pages
WHERE warc_file IS NOT NULL AND entry_id IN (SELECT unnest($refs))
GROUP BY entry_id;

-- name: robots_text
SELECT text FROM ops.robots WHERE origin = $origin;

-- name: addresses_of_source
SELECT url FROM entries WHERE source_id = $source_id AND url IS NOT NULL ORDER BY first_seen_at DESC LIMIT 200;

-- name: aliases_of_source
SELECT alias, entry_id FROM ops.entry_keys WHERE source_id = $source_id;

-- name: entries_by_id
SELECT * FROM entries WHERE entry_id IN (SELECT unnest($entry_ids));

-- name: entry_by_url
SELECT entry_id FROM entries WHERE source_id = $source_id AND url = $url ORDER BY first_seen_at DESC, entry_id LIMIT 1;

-- name: recent_publications
-- Of these entries; where none are given, of all of the source's. A page may tell a day that its feed does not.
SELECT coalesce(e.published_at, a.published_at, e.first_seen_at) AS published_at
FROM entries AS e
LEFT JOIN articles AS a ON a.article_id = e.entry_id
WHERE e.source_id = $source_id AND (len($entry_ids::VARCHAR[]) = 0 OR e.entry_id IN (SELECT unnest($entry_ids::VARCHAR[])))
ORDER BY 1 DESC
LIMIT 30;

-- name: mark_fetch_handled
UPDATE fetches SET handled_at = $now WHERE fetch_id = $fetch_id;

-- name: due_pages
SELECT * EXCLUDE (place) FROM (
    SELECT e.*, row_number() OVER (PARTITION BY e.source_id ORDER BY e.baseline, e.first_seen_at, e.entry_id) AS place
    FROM entries AS e
    JOIN sources AS s ON s.source_id = e.source_id
    WHERE s.enabled AND e.url IS NOT NULL AND e.page_state <> 'none'
      AND CASE WHEN len($source_ids) > 0 THEN list_contains($source_ids, e.source_id) ELSE true END
      AND e.page_due_at <= $now AND coalesce(list_contains($mine, e.source_id), true)
)
WHERE place <= $most_per_source
ORDER BY source_id, first_seen_at, entry_id;

-- name: entries_without_page
SELECT e.* FROM entries AS e
WHERE e.page_state = 'none' AND e.page_due_at IS NOT NULL AND coalesce(list_contains($mine, e.source_id), true)
ORDER BY e.first_seen_at, e.entry_id;

-- name: known_issues
SELECT * FROM issues WHERE issue_id IN (SELECT unnest($issue_ids));

-- name: feed_pages_made
UPDATE entries SET page_due_at = NULL WHERE page_state = 'none' AND entry_id IN (SELECT unnest($entry_ids));

-- name: latest_pages
SELECT entry_id, arg_max(sha256, fetched_at) AS sha256, list(page_id) AS page_ids
FROM pages WHERE entry_id IN (SELECT unnest($entry_ids)) GROUP BY entry_id;
