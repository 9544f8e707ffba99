-- What the mentions step asks of the store.

-- name: revisions_to_match
-- Current revisions whose mentions are of another watch list ($known) or of none, in the order of their arrival and
-- without their text, which is read for as few as possible.
SELECT
    r.revision_id, r.seen_from, coalesce(r.language, s.languages[1]) AS language, state.watchlist_hash AS known_hash, state.error
FROM articles AS a
JOIN revisions AS r ON r.revision_id = a.revision_id
JOIN sources AS s ON s.source_id = a.source_id
LEFT JOIN ops.mention_state AS state ON state.revision_id = r.revision_id
WHERE state.watchlist_hash IS DISTINCT FROM $watchlist_hash AND (state.revision_id IS NOT NULL) = $known
  AND coalesce(r.seen_from > $after OR (r.seen_from = $after AND r.revision_id > $after_id), true)
ORDER BY r.seen_from, r.revision_id
LIMIT $most;

-- name: count_revisions_to_match
SELECT count(*) FILTER (WHERE state.revision_id IS NULL) AS never, count(state.revision_id) AS again
FROM articles AS a
LEFT JOIN ops.mention_state AS state ON state.revision_id = a.revision_id
WHERE state.watchlist_hash IS DISTINCT FROM $watchlist_hash;

-- name: texts_to_match
-- The bounds of time let the store read no other text.
SELECT revision_id, article_id, title, text, zones
FROM revisions
WHERE seen_from BETWEEN $first AND $last AND revision_id IN (SELECT unnest($revision_ids::JSON::VARCHAR[]))
ORDER BY seen_from, revision_id;

-- name: texts_to_match_again
-- Those that mention one of the entities, or in which one of their names may stand (see assets/matching/changes.py).
WITH given AS (
    SELECT revision_id, article_id, title, text, zones, seen_from, concat(title, chr(10), text) AS whole
    FROM revisions
    WHERE seen_from BETWEEN $first AND $last AND revision_id IN (SELECT unnest($revision_ids::JSON::VARCHAR[]))
)
SELECT revision_id, article_id, title, text, zones
FROM given
WHERE revision_id IN (SELECT revision_id FROM mentions WHERE entity IN (SELECT unnest($entities::JSON::VARCHAR[])))
   OR regexp_matches(whole, $unusual) OR regexp_matches(replace(lower(whole), 'ё', 'е'), $forms)
ORDER BY seen_from, revision_id;

-- name: mentions_to_replace
-- The rows of revisions, of some entities or of all; `proof`: an alert points to it.
SELECT m.*, p.mention_id IS NOT NULL AS proof
FROM mentions AS m
LEFT JOIN (SELECT DISTINCT mention_id FROM alert_mentions) AS p ON p.mention_id = m.mention_id
WHERE m.revision_id IN (SELECT unnest($revision_ids::JSON::VARCHAR[])) AND coalesce(list_contains($entities::JSON::VARCHAR[], m.entity), true)
ORDER BY m.revision_id, m.field DESC, m.start_char, m.end_char, m.entity;

-- name: forget_mentions
DELETE FROM mentions
WHERE revision_id IN (SELECT unnest($revision_ids::JSON::VARCHAR[])) AND coalesce(list_contains($entities::JSON::VARCHAR[], entity), true)
  AND mention_id NOT IN (SELECT mention_id FROM alert_mentions);

-- name: silence_proof
-- What an alert points to stays, but no longer counts, unless it is found again.
UPDATE mentions SET alerting = false
WHERE revision_id IN (SELECT unnest($revision_ids::JSON::VARCHAR[])) AND coalesce(list_contains($entities::JSON::VARCHAR[], entity), true) AND alerting;

-- name: first_decided
-- Which of these revisions have been decided about.
SELECT DISTINCT revision_id FROM ops.matched WHERE revision_id IN (SELECT unnest($revision_ids::JSON::VARCHAR[])) AND decided_at IS NOT NULL;

-- name: watchlist_versions
SELECT watchlist_hash, languages, entities FROM ops.watchlist_versions;

-- name: forget_old_watchlists
DELETE FROM ops.watchlist_versions
WHERE watchlist_hash <> $watchlist_hash AND watchlist_hash NOT IN (SELECT watchlist_hash FROM ops.mention_state);

-- name: current_watchlist_hash
SELECT max(watchlist_hash) FROM watchlist;

-- name: forget_watchlist
DELETE FROM watchlist;

-- name: watched_entities
SELECT entity, parents, labels FROM watchlist ORDER BY entity;

-- name: source_ids
SELECT source_id FROM sources;
