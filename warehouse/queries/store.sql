-- name: read_state
SELECT value FROM ops.state WHERE name = $name;

-- name: forget_state
DELETE FROM ops.state WHERE name = $name;

-- name: count_waiting_deliveries
SELECT count(*) FROM deliveries WHERE state IN ('new', 'unknown');

-- name: count_flow
SELECT
    (SELECT count(*) FROM sources WHERE enabled) AS sources,
    (SELECT count(*) FROM feeds WHERE enabled) AS feeds,
    (SELECT count(*) FROM entries) AS entries,
    (SELECT count(*) FROM pages) AS pages,
    (SELECT count(*) FROM articles) AS articles,
    (SELECT count(*) FROM revisions) AS revisions,
    (SELECT count(*) FROM mentions) AS mentions,
    (SELECT count(*) FROM alerts) AS alerts,
    (SELECT count(*) FROM deliveries) AS deliveries;

-- name: cycle_report
-- A run's outcome per source: entries new and changed in it, feeds that had nothing new, and why any failed.
SELECT
    f.source_id,
    (SELECT count(*) FROM entries AS e WHERE e.source_id = f.source_id AND e.first_seen_at >= min(f.requested_at)) AS new,
    (
        SELECT count(*) FROM revisions AS r JOIN articles AS a ON a.article_id = r.article_id
        WHERE a.source_id = f.source_id AND r.revision_no > 1 AND r.seen_from >= min(f.requested_at)
    ) AS changed,
    count(*) FILTER (WHERE f.purpose = 'feed' AND f.not_modified) AS unchanged,
    string_agg(
        -- Where older pages are searched, one that is not there is the end of them, and no failure of the source.
        CASE WHEN f.fault IS NOT NULL AND f.purpose <> 'backfill' THEN f.url || ': ' || f.error
            WHEN d.state IN ('not_a_feed', 'empty') AND f.purpose = 'feed' THEN f.url || ': ' || coalesce(d.last_error, d.state) END,
        '; ' ORDER BY f.url
    ) AS failed
FROM fetches AS f
LEFT JOIN feeds AS d ON d.feed_id = f.feed_id
WHERE f.run_id = $run_id
GROUP BY f.source_id
ORDER BY f.source_id;

-- name: overview
-- What an outsider asks first, in one row.
SELECT
    (SELECT count(DISTINCT s.source_id) FROM sources AS s JOIN feeds AS f ON f.source_id = s.source_id WHERE s.enabled AND f.enabled) AS polled,
    (SELECT count(*) FROM deliveries WHERE state = 'parked') AS parked_mails,
    (SELECT count(*) FROM ops.mention_state WHERE error IS NOT NULL) AS broken_texts,
    (SELECT count(*) FROM deliveries WHERE state IN ('new', 'unknown', 'sending')) AS unsent,
    (SELECT min(created_at) FROM deliveries WHERE state IN ('new', 'unknown', 'sending')) AS unsent_since,
    (SELECT max(sent_at) FROM deliveries) AS last_sent_at,
    (SELECT count(*) FROM ops.holds WHERE released_at IS NULL) AS held_sources,
    (SELECT value FROM ops.state WHERE name = 'mail_held') AS mail_held;

-- name: source_health_rows
FROM source_health ORDER BY state <> 'working', source_id, url;
