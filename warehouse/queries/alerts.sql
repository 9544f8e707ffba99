-- What the alerts room asks of the store.

-- name: select_candidates
-- The matched revisions that wait for a decision; with $article_id all of its matched ones.
SELECT
    a.article_id, r.revision_id, r.revision_no, a.story_id, a.source_id, s.name AS source_name, s.country, r.language, r.title, r.text,
    a.url, a.published_at, a.published_quality, a.first_seen_at, a.baseline, done.matched_at, done.watchlist_hash,
    r.change_kind, done.news,
    EXISTS (
        SELECT 1 FROM ops.matched AS old
        WHERE old.revision_id = r.revision_id AND old.watchlist_hash <> done.watchlist_hash AND old.decided_at IS NOT NULL
    ) AS rematched,
    (
        SELECT list(DISTINCT m.entity) FROM mentions AS m JOIN revisions AS e ON e.revision_id = m.revision_id
        WHERE m.article_id = a.article_id AND m.alerting AND e.revision_no < r.revision_no
    ) AS earlier_entities
FROM ops.matched AS done
JOIN revisions AS r ON r.revision_id = done.revision_id
JOIN articles AS a ON a.article_id = r.article_id
LEFT JOIN sources AS s ON s.source_id = a.source_id
WHERE done.error IS NULL
  AND (($article_id IS NULL AND done.decided_at IS NULL) OR r.article_id = $article_id)
ORDER BY r.seen_from, r.revision_id, done.matched_at
LIMIT $limit;

-- name: select_candidate_mentions
SELECT * FROM mentions WHERE revision_id IN (SELECT unnest($revision_ids)) ORDER BY revision_id, field DESC, start_char, end_char, entity;

-- name: select_candidate_saliences
SELECT revision_id, entity, salience FROM article_entities WHERE revision_id IN (SELECT unnest($revision_ids));

-- name: select_told
-- Earlier alerts of these articles and stories.
SELECT subscriber_id, article_id, story_id, entities FROM alerts
WHERE article_id IN (SELECT unnest($article_ids)) OR story_id IN (SELECT unnest($story_ids))
ORDER BY created_at, alert_id;

-- name: all_subscriptions
SELECT * FROM subscriptions ORDER BY subscription_id;

-- name: next_delivery
-- The oldest delivery that is due, with all that its mail shows and all that may forbid it.
WITH due AS (
    SELECT * FROM deliveries
    WHERE state IN ('new', 'unknown') AND list_contains($channels, channel) AND coalesce(next_attempt_at, $now) <= $now
    ORDER BY created_at, rowid
    LIMIT 1
)
SELECT
    d.delivery_id, d.alert_id, d.subscriber_id, d.channel, d.address, d.message_id, d.attempts, d.maybe_duplicate, d.created_at AS queued_at,
    al.subscription_id, al.entities, al.rule, al.watchlist_hash, al.created_at, al.article_id, al.revision_id,
    r.revision_no, r.title, r.text, r.language AS article_language,
    a.url, a.published_at, a.published_quality, a.first_seen_at, a.withdrawn_at, coalesce(s.name, a.source_id) AS source_name, s.country,
    sub.language, sub.subscriber_name, sub.timezone, barred.reason AS barred,
    EXISTS (
        SELECT 1 FROM subscriptions AS any_rule
        WHERE any_rule.active AND list_contains(json_extract_string(al.rule, '$[*].subscription'), any_rule.subscription_id)
    ) AS active,
    a.revision_id <> al.revision_id
        AND EXISTS (SELECT 1 FROM ops.matched AS m WHERE m.revision_id = a.revision_id AND m.error IS NULL)
        AND NOT EXISTS (
            SELECT 1 FROM mentions AS m WHERE m.revision_id = a.revision_id AND m.alerting AND list_contains(al.entities, m.entity)
        ) AS corrected
FROM due AS d
LEFT JOIN alerts AS al ON al.alert_id = d.alert_id
LEFT JOIN revisions AS r ON r.revision_id = al.revision_id
LEFT JOIN articles AS a ON a.article_id = al.article_id
LEFT JOIN sources AS s ON s.source_id = a.source_id
LEFT JOIN subscriptions AS sub ON sub.subscription_id = al.subscription_id
LEFT JOIN ops.suppressions AS barred ON barred.channel = d.channel AND barred.address = d.address;

-- name: delivery_mentions
-- Every counting mention of what the alert names; `cause`: it is one of those that raised it.
SELECT m.*, c.mention_id IS NOT NULL AS cause
FROM mentions AS m
LEFT JOIN alert_mentions AS c ON c.mention_id = m.mention_id AND c.alert_id = $alert_id
WHERE m.revision_id = $revision_id AND (c.mention_id IS NOT NULL OR (m.alerting AND list_contains($entities, m.entity)))
ORDER BY m.field DESC, m.start_char, m.end_char, m.entity;

-- name: claim_delivery
UPDATE deliveries SET state = 'sending', attempts = attempts + 1, claimed_at = $now
WHERE delivery_id = $delivery_id AND state IN ('new', 'unknown')
RETURNING delivery_id;

-- name: interrupted_deliveries
SELECT d.*, al.entities FROM deliveries AS d LEFT JOIN alerts AS al ON al.alert_id = d.alert_id
WHERE d.state = 'sending' AND list_contains($channels, d.channel)
ORDER BY d.created_at, d.delivery_id;

-- name: settle_delivery
UPDATE deliveries
SET state = $state, next_attempt_at = $next_attempt_at, sent_at = $sent_at, receipt = $receipt, error = $error, maybe_duplicate = $maybe_duplicate
WHERE delivery_id = $delivery_id AND state = 'sending'
RETURNING alert_id;

-- name: settle_alert
UPDATE alerts SET state = $state WHERE alert_id = $alert_id;

-- name: hold_address
-- The server will not take mail for this address now: what else is due for it keeps its order behind this one.
UPDATE deliveries SET next_attempt_at = $until
WHERE channel = $channel AND address = $address AND delivery_id <> $delivery_id AND state IN ('new', 'unknown')
  AND coalesce(next_attempt_at, created_at) < $until;

-- name: alerts_without_proof
-- Alerts that none of their mentions would prove if these were gone.
SELECT a.alert_id, a.created_at, a.subscriber_id, a.subscription_id, a.entities, a.article_id, r.title, k.verdict AS marked
FROM alerts AS a
JOIN alert_mentions AS p ON p.alert_id = a.alert_id
LEFT JOIN revisions AS r ON r.revision_id = a.revision_id
LEFT JOIN alert_marks AS k ON k.alert_id = a.alert_id
GROUP BY ALL
HAVING bool_and(list_contains($mention_ids::VARCHAR[], p.mention_id))
ORDER BY a.created_at DESC, a.alert_id;
