-- What the mentions step asks of the store.

-- name: revisions_to_match
SELECT
    r.revision_id, r.article_id, r.title, r.text, r.language, r.zones, s.languages AS source_languages,
    EXISTS (SELECT 1 FROM ops.matched AS old WHERE old.revision_id = r.revision_id AND old.error IS NULL) AS matched_before
FROM revisions AS r
JOIN articles AS a ON a.revision_id = r.revision_id
JOIN sources AS s ON s.source_id = a.source_id
WHERE NOT EXISTS (SELECT 1 FROM ops.matched AS done WHERE done.revision_id = r.revision_id AND done.watchlist_hash = $watchlist_hash)
ORDER BY r.seen_from, r.revision_id
LIMIT $most;

-- name: forget_mentions
DELETE FROM mentions
WHERE revision_id IN (SELECT unnest($revision_ids))
  AND mention_id NOT IN (SELECT mention_id FROM alert_mentions);

-- name: current_watchlist_hash
SELECT max(watchlist_hash) FROM watchlist;

-- name: forget_watchlist
DELETE FROM watchlist;

-- name: watched_entities
SELECT entity, parents, labels FROM watchlist ORDER BY entity;

-- name: source_ids
SELECT source_id FROM sources;
