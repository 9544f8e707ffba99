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
