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

-- name: forget_pages
UPDATE pages SET warc_file = NULL, warc_offset = NULL, warc_length = NULL WHERE warc_file = $file;

-- name: forget_fetches
UPDATE fetches SET warc_file = NULL, warc_offset = NULL, warc_length = NULL WHERE warc_file = $file;

-- name: forget_attachments
UPDATE attachments SET warc_file = NULL, warc_offset = NULL, warc_length = NULL WHERE warc_file = $file;
