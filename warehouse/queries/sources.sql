-- What `thinkwatch sources` asks of the private store.

-- name: merges_by_id
SELECT * FROM ops.merges WHERE starts_with(merge_id, $merge_id);

-- name: move_aliases
UPDATE ops.entry_keys SET entry_id = $entry_id WHERE source_id = $source_id AND alias IN (SELECT unnest($aliases));

-- name: merges_of_sources
SELECT * FROM ops.merges
WHERE CASE WHEN len($source_ids) > 0 THEN list_contains($source_ids, source_id) ELSE true END
ORDER BY merged_at DESC, merge_id
LIMIT $most;

-- name: feeds_of_source
SELECT * FROM feeds WHERE source_id = $source_id AND enabled ORDER BY url;

-- name: entry_counts_of_source
SELECT count(*) AS entries, max(first_seen_at) AS newest_entry_at FROM entries WHERE source_id = $source_id;

-- name: page_states_of_source
SELECT page_state, count(*) AS entries, arg_max(page_error, last_seen_at) AS last_error
FROM entries WHERE source_id = $source_id GROUP BY page_state ORDER BY entries DESC;

-- name: merge_counts_of_source
SELECT count(*) AS merges, count(undone_at) AS undone FROM ops.merges WHERE source_id = $source_id;

-- name: template_of_source
-- The template in force.
SELECT version, learnt_at, expires_at, pages, rules FROM templates
WHERE source_id = $source_id ORDER BY version DESC LIMIT 1;
