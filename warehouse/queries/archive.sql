-- What the archive's compaction asks of the store.

-- name: archived_records
-- Needed: what is still to be read, and what the newest revision of an article, or the text of a report, stands on.
WITH places AS (
    SELECT
        warc_file, warc_offset, warc_length, sha256, fetched_at AS seen_at,
        extracted_at IS NULL
        OR page_id IN (SELECT r.page_id FROM articles AS a JOIN revisions AS r ON r.revision_id = a.revision_id WHERE r.page_id IS NOT NULL)
            AS needed
    FROM pages
    WHERE warc_file IS NOT NULL
    UNION ALL
    SELECT warc_file, warc_offset, warc_length, sha256, requested_at AS seen_at, handled_at IS NULL AS needed
    FROM fetches
    WHERE warc_file IS NOT NULL
    UNION ALL
    SELECT warc_file, warc_offset, warc_length, sha256, fetched_at AS seen_at, state IN ('fetched', 'read') AS needed
    FROM attachments
    WHERE warc_file IS NOT NULL
    UNION ALL
    SELECT warc_file, warc_offset, warc_length, sha256, requested_at AS seen_at, true AS needed
    FROM ops.recovered
)
SELECT
    warc_file, warc_offset, max(warc_length) AS warc_length, min(sha256) AS sha256, max(seen_at) AS seen_at, bool_or(needed) AS needed
FROM places
GROUP BY warc_file, warc_offset
ORDER BY warc_file, warc_offset;

-- name: compacted_files
SELECT * FROM ops.compacted_files;

-- name: move_pages
UPDATE pages SET warc_file = $target, warc_offset = moved.new_offset
FROM (SELECT unnest($olds::BIGINT[]) AS old_offset, unnest($news::BIGINT[]) AS new_offset) AS moved
WHERE pages.warc_file = $file AND pages.warc_offset = moved.old_offset;

-- name: move_fetches
UPDATE fetches SET warc_file = $target, warc_offset = moved.new_offset
FROM (SELECT unnest($olds::BIGINT[]) AS old_offset, unnest($news::BIGINT[]) AS new_offset) AS moved
WHERE fetches.warc_file = $file AND fetches.warc_offset = moved.old_offset;

-- name: move_attachments
UPDATE attachments SET warc_file = $target, warc_offset = moved.new_offset
FROM (SELECT unnest($olds::BIGINT[]) AS old_offset, unnest($news::BIGINT[]) AS new_offset) AS moved
WHERE attachments.warc_file = $file AND attachments.warc_offset = moved.old_offset;

-- name: move_recovered
UPDATE ops.recovered SET warc_file = $target, warc_offset = moved.new_offset
FROM (SELECT unnest($olds::BIGINT[]) AS old_offset, unnest($news::BIGINT[]) AS new_offset) AS moved
WHERE ops.recovered.warc_file = $file AND ops.recovered.warc_offset = moved.old_offset;

-- name: forget_pages
UPDATE pages SET warc_file = NULL, warc_offset = NULL, warc_length = NULL WHERE warc_file = $file;

-- name: forget_fetches
UPDATE fetches SET warc_file = NULL, warc_offset = NULL, warc_length = NULL WHERE warc_file = $file;

-- name: forget_attachments
UPDATE attachments SET warc_file = NULL, warc_offset = NULL, warc_length = NULL WHERE warc_file = $file;

-- name: forget_recovered
DELETE FROM ops.recovered WHERE warc_file = $file;

-- name: newest_fetch
SELECT max(requested_at) AS requested_at FROM fetches;

-- name: known_answers
SELECT DISTINCT final_url, sha256 FROM fetches WHERE sha256 IS NOT NULL AND requested_at >= coalesce($since::TIMESTAMPTZ, '-infinity'::TIMESTAMPTZ);

-- name: bodies_kept
SELECT DISTINCT ON (sha256) sha256, warc_file, warc_offset, warc_length
FROM fetches WHERE warc_file IS NOT NULL AND sha256 IN (SELECT unnest($digests::JSON::VARCHAR[]))
ORDER BY sha256, warc_file, warc_offset;

-- name: recovered
SELECT * FROM ops.recovered ORDER BY requested_at, fetch_id;

-- name: count_recovered
SELECT count(*) AS answers FROM ops.recovered;

-- name: take_up_recovered
DELETE FROM ops.recovered WHERE fetch_id IN (SELECT unnest($fetch_ids::JSON::VARCHAR[]));

-- name: drop_recovered
DELETE FROM ops.recovered WHERE found_at < $before;

-- name: feeds_at
-- By address: the one in its file, the one that it has moved to, and those that it was redirected to before.
SELECT f.feed_id, f.source_id, f.last_polled_at, list_filter([f.url, f.moved_url] || coalesce(p.urls, []), lambda url: url IS NOT NULL) AS urls
FROM feeds AS f
LEFT JOIN (SELECT feed_id, list(DISTINCT final_url) AS urls FROM fetches WHERE purpose = 'feed' AND fault IS NULL GROUP BY feed_id) AS p ON p.feed_id = f.feed_id
WHERE f.enabled AND coalesce(list_contains($mine, f.source_id), true);

-- name: entries_at
SELECT e.*, f.requested_at AS asked_at
FROM entries AS e
LEFT JOIN (SELECT entry_id, max(requested_at) AS requested_at FROM fetches WHERE purpose = 'page' GROUP BY entry_id) AS f ON f.entry_id = e.entry_id
WHERE e.url IN (SELECT unnest($urls::JSON::VARCHAR[])) AND e.page_state <> 'none' AND coalesce(list_contains($mine, e.source_id), true)
ORDER BY e.entry_id;

-- name: attachments_at
SELECT * FROM attachments
WHERE url IN (SELECT unnest($urls::JSON::VARCHAR[])) AND warc_file IS NULL AND state IN ('waiting', 'failing', 'blocked', 'gone')
  AND coalesce(list_contains($mine, source_id), true)
ORDER BY attachment_id;
