-- What `thinkwatch explain` asks of the analysts' copy.

-- name: find_article
SELECT article_id FROM articles
WHERE starts_with(article_id, $wanted) OR url = $wanted
   OR article_id IN (SELECT entry_id FROM ops.entry_keys WHERE alias = 'url:' || $wanted)
ORDER BY article_id LIMIT 3;

-- name: explain_article
SELECT
    a.title, a.article_id AS article, s.name AS source, a.url, a.published_at AS published, a.published_quality AS quality, a.language,
    array_to_string(a.authors, ', ') AS authors, a.text_source AS "text from", length(a.text) AS characters, round(a.score, 2) AS score,
    array_to_string(a.evidence, '; ') AS evidence,
    r.revision_no AS revision, r.change_kind AS change, r.extractor, r.cut, r.zones, a.text, a.revision_id, a.baseline
FROM articles AS a
JOIN revisions AS r ON r.revision_id = a.revision_id
LEFT JOIN sources AS s ON s.source_id = a.source_id
WHERE a.article_id = $article_id;

-- name: explain_mentions
SELECT
    entity, count(*) AS count, string_agg(DISTINCT zone, ', ' ORDER BY zone) AS zones, string_agg(DISTINCT matched, ', ' ORDER BY matched) AS forms,
    bool_or(alerting) AS alerting
FROM mentions WHERE revision_id = $revision_id GROUP BY entity ORDER BY count DESC, entity;

-- name: explain_verdicts
SELECT subscription_id, verdict, reason FROM ops.verdicts
WHERE revision_id IN (SELECT revision_id FROM revisions WHERE article_id = $article_id) ORDER BY decided_at, subscription_id;

-- name: explain_deliveries
SELECT d.subscriber_id, d.state, coalesce(d.error, d.receipt, '') AS detail, d.attempts, d.sent_at, d.message_id
FROM deliveries AS d
JOIN delivery_alerts AS c ON c.delivery_id = d.delivery_id
JOIN alerts AS a ON a.alert_id = c.alert_id
WHERE a.article_id = $article_id ORDER BY d.created_at, d.delivery_id;

-- name: list_alerts
-- The newest alerts, with what a reader said of them; unknown: its mail may have been sent, and is tried again.
SELECT
    a.alert_id, a.created_at, a.subscriber_id, a.subscription_id, CASE WHEN sent.unknown THEN 'unknown' ELSE a.state END AS state,
    k.verdict AS marked, r.title, a.reason, a.article_id, coalesce(sent.maybe_duplicate, false) AS maybe_duplicate
FROM alerts AS a
LEFT JOIN (
    SELECT c.alert_id, bool_or(d.state = 'unknown') AS unknown, bool_or(d.maybe_duplicate) AS maybe_duplicate
    FROM delivery_alerts AS c JOIN deliveries AS d ON d.delivery_id = c.delivery_id
    WHERE c.left_out IS NULL GROUP BY c.alert_id
) AS sent ON sent.alert_id = a.alert_id
LEFT JOIN revisions AS r ON r.revision_id = a.revision_id
LEFT JOIN alert_marks AS k ON k.alert_id = a.alert_id
WHERE coalesce(a.subscriber_id = $subscriber, true)
ORDER BY a.created_at DESC, a.alert_id
LIMIT $most;

-- name: subscriber_ids
-- Whoever has a subscription or was told something.
SELECT subscriber_id FROM subscriptions UNION SELECT subscriber_id FROM alerts ORDER BY subscriber_id;

-- name: rules_of_subscriber
SELECT subscription_id, rule, active FROM subscriptions WHERE subscriber_id = $subscriber ORDER BY subscription_id;

-- name: newest_week
SELECT max(date_trunc('week', coalesce(published_at, first_seen_at)))::DATE FROM articles WHERE coalesce(published_at, first_seen_at) <= first_seen_at;

-- name: oldest_week
SELECT min(date_trunc('week', coalesce(published_at, first_seen_at)))::DATE FROM articles;

-- name: texts_since
-- Current texts with the country of their source and their week, in the order of their ids.
SELECT
    a.article_id, a.revision_id, a.text, coalesce(a.language, s.languages[1]) AS language, a.source_id, coalesce(s.country, 'international') AS region,
    date_trunc('week', coalesce(a.published_at, a.first_seen_at))::DATE AS week, coalesce(a.published_at, a.first_seen_at) AS at
FROM articles AS a
LEFT JOIN sources AS s ON s.source_id = a.source_id
WHERE coalesce(a.published_at, a.first_seen_at) >= $since AND a.article_id > $after
ORDER BY a.article_id
LIMIT $most;

-- name: mention_spans
SELECT revision_id, start_char, end_char FROM mentions
WHERE field = 'text' AND revision_id IN (SELECT unnest($revision_ids))
ORDER BY revision_id, start_char;

-- name: forget_new_names
DELETE FROM new_names WHERE week IN (SELECT unnest($weeks));
