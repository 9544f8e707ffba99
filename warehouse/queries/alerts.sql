-- What the alerts room asks of the store.

-- name: select_candidates
-- The matched revisions that wait for a decision; with $article_id all of its matched ones.
SELECT
    a.article_id, r.revision_id, r.revision_no, a.story_id, a.source_id, s.name AS source_name, s.country, r.language, r.title, r.text,
    a.url, a.authors, a.published_at, a.published_quality, a.first_seen_at, a.baseline, done.matched_at, done.watchlist_hash,
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

-- name: select_past_candidates
-- The current text of every article first seen since $since, as a decision would look at it, after the given place.
SELECT
    a.article_id, r.revision_id, r.revision_no, a.story_id, a.source_id, s.name AS source_name, s.country, r.language, r.title, r.text,
    a.url, a.published_at, a.published_quality, a.first_seen_at, a.baseline, done.matched_at, done.watchlist_hash, 'new' AS change_kind, a.authors,
    []::VARCHAR[] AS news, false AS rematched, []::VARCHAR[] AS earlier_entities
FROM articles AS a
JOIN revisions AS r ON r.revision_id = a.revision_id
JOIN (
    SELECT revision_id, max(matched_at) AS matched_at, arg_max(watchlist_hash, matched_at) AS watchlist_hash
    FROM ops.matched WHERE error IS NULL GROUP BY revision_id
) AS done ON done.revision_id = a.revision_id
LEFT JOIN sources AS s ON s.source_id = a.source_id
WHERE a.first_seen_at >= $since AND (a.first_seen_at, a.article_id) > ($after_time, $after_id)
ORDER BY a.first_seen_at, a.article_id
LIMIT $limit;

-- name: select_candidate_mentions
SELECT * FROM mentions WHERE revision_id IN (SELECT unnest($revision_ids)) ORDER BY revision_id, field DESC, start_char, end_char, entity;

-- name: select_candidate_saliences
SELECT m.revision_id, m.entity, coalesce(max(m.score), 0) AS salience
FROM mentions AS m
JOIN articles AS a ON a.revision_id = m.revision_id
WHERE m.alerting AND m.revision_id IN (SELECT unnest($revision_ids))
GROUP BY ALL;

-- name: select_told
-- Earlier alerts of these articles and stories, with what proves them and whether they were sent.
SELECT
    a.alert_id, a.subscriber_id, a.article_id, a.story_id, a.revision_id, a.entities, a.removed,
    json_extract_string(a.rule, '$[*].subscription') AS subscription_ids,
    CASE
        WHEN a.state = 'suppressed' THEN 'dropped'
        WHEN a.state = 'sent' OR EXISTS (
            SELECT 1 FROM delivery_alerts AS c JOIN deliveries AS d ON d.delivery_id = c.delivery_id
            WHERE c.alert_id = a.alert_id AND c.left_out IS NULL AND (d.state IN ('sent', 'sending', 'unknown') OR d.maybe_duplicate)
        ) THEN 'reached'
        ELSE 'unsent'
    END AS fate,
    (
        SELECT list({'entity': m.entity, 'mention_id': m.mention_id} ORDER BY m.field DESC, m.start_char)
        FROM alert_mentions AS p JOIN mentions AS m ON m.mention_id = p.mention_id WHERE p.alert_id = a.alert_id
    ) AS proof
FROM alerts AS a
WHERE a.article_id IN (SELECT unnest($article_ids)) OR a.story_id IN (SELECT unnest($story_ids))
ORDER BY a.created_at, a.alert_id;

-- name: select_withdrawn
-- The last alert that was sent on each article whose page is gone, where its reader was not told so yet.
SELECT
    a.alert_id, a.subscriber_id, a.article_id, a.story_id, a.revision_id, a.entities, a.removed,
    json_extract_string(a.rule, '$[*].subscription') AS subscription_ids, 'reached' AS fate,
    (
        SELECT list({'entity': m.entity, 'mention_id': m.mention_id} ORDER BY m.field DESC, m.start_char)
        FROM alert_mentions AS p JOIN mentions AS m ON m.mention_id = p.mention_id WHERE p.alert_id = a.alert_id
    ) AS proof
FROM alerts AS a
JOIN articles AS gone ON gone.article_id = a.article_id
WHERE gone.withdrawn_at IS NOT NULL AND a.state = 'sent' AND a.kind = 'mention'
  AND NOT EXISTS (
    SELECT 1 FROM alerts AS w WHERE w.article_id = a.article_id AND w.subscriber_id = a.subscriber_id AND w.kind = 'withdrawal'
  )
QUALIFY row_number() OVER (PARTITION BY a.subscriber_id, a.article_id ORDER BY a.created_at DESC, a.alert_id) = 1
ORDER BY a.subscriber_id, a.article_id;

-- name: held_sources
SELECT source_id FROM ops.holds WHERE released_at IS NULL;

-- name: source_yields
-- What these sources yielded: in the last 24 hours (since the operator last let them go), and on each day before.
WITH fresh AS (
    SELECT a.source_id, a.first_seen_at FROM articles AS a
    WHERE a.source_id IN (SELECT unnest($source_ids)) AND NOT a.baseline AND a.first_seen_at >= $since
), released AS (
    SELECT source_id, max(released_at) AS at FROM ops.holds GROUP BY source_id
), days AS (
    SELECT source_id, first_seen_at::DATE AS day, count(*) AS articles FROM fresh WHERE first_seen_at < $recent GROUP BY ALL
)
SELECT
    f.source_id,
    count(*) FILTER (WHERE f.first_seen_at >= $recent AND f.first_seen_at > coalesce(r.at, '-infinity'::TIMESTAMPTZ)) AS recent,
    max(f.first_seen_at) FILTER (WHERE f.first_seen_at < $recent) AS last_seen_at,
    (SELECT list({'day': d.day, 'articles': d.articles}) FROM days AS d WHERE d.source_id = f.source_id) AS by_day
FROM fresh AS f LEFT JOIN released AS r ON r.source_id = f.source_id
GROUP BY f.source_id
ORDER BY f.source_id;

-- name: release_source
-- Lets the alerts of a held source go: they wait for their mails like any others.
UPDATE ops.holds SET released_at = $now WHERE source_id = $source_id AND released_at IS NULL;

-- name: count_alerts_to_release
SELECT count(*) FROM alerts WHERE state = 'held' AND article_id IN (SELECT article_id FROM articles WHERE source_id = $source_id);

-- name: release_alerts
UPDATE alerts SET state = 'waiting'
WHERE state = 'held' AND article_id IN (SELECT article_id FROM articles WHERE source_id = $source_id);

-- name: held_alerts
SELECT h.source_id, h.held_since, h.reason, count(a.alert_id) AS alerts
FROM ops.holds AS h
LEFT JOIN articles AS t ON t.source_id = h.source_id
LEFT JOIN alerts AS a ON a.article_id = t.article_id AND a.state = 'held'
WHERE h.released_at IS NULL
GROUP BY ALL ORDER BY h.held_since, h.source_id;

-- name: droppable_alert
SELECT alert_id FROM alerts
WHERE alert_id = $alert_id AND state IN ('waiting', 'held', 'queued', 'parked') AND NOT EXISTS (
    SELECT 1 FROM delivery_alerts AS c JOIN deliveries AS d ON d.delivery_id = c.delivery_id
    WHERE c.alert_id = alerts.alert_id AND c.left_out IS NULL AND (d.state IN ('sent', 'sending', 'unknown') OR d.maybe_duplicate)
);

-- name: drop_alert
UPDATE alerts SET state = 'suppressed' WHERE alert_id = $alert_id;

-- name: leave_out
UPDATE delivery_alerts SET left_out = $reason WHERE alert_id = $alert_id AND left_out IS NULL;

-- name: suppress_empty_deliveries
UPDATE deliveries SET state = 'suppressed', error = $reason
WHERE state IN ('new', 'parked') AND kind <> 'notice'
  AND delivery_id IN (SELECT c.delivery_id FROM delivery_alerts AS c WHERE c.alert_id = $alert_id)
  AND delivery_id NOT IN (SELECT c.delivery_id FROM delivery_alerts AS c WHERE c.left_out IS NULL);

-- name: all_preferences
SELECT subscriber_id, subscription_id, stopped_at, paused_until, frequency FROM ops.preferences;

-- name: apply_preference
-- At once, before the next run reads the files again. What is taken up again alerts from now on.
UPDATE subscriptions
SET active = (active OR $resumed) AND NOT $stopped, added_at = CASE WHEN $resumed THEN $now ELSE added_at END, paused_until = $paused_until, frequency = coalesce($frequency, frequency), changed_at = $now
WHERE subscriber_id = $subscriber_id AND subscription_id = $subscription_id;

-- name: waiting_alerts
-- Every alert that waits, with each subscription that it answers.
SELECT
    a.alert_id, a.subscriber_id, a.created_at, s.subscription_id, s.channel, s.address, s.active, s.paused_until, s.frequency,
    s.timezone, s.digest_time, s.digest_weekday, s.quiet_from, s.quiet_to
FROM (SELECT *, unnest(json_extract_string(rule, '$[*].subscription')) AS asked FROM alerts WHERE state = 'waiting') AS a
LEFT JOIN subscriptions AS s ON s.subscription_id = a.asked AND s.subscriber_id = a.subscriber_id
ORDER BY a.created_at, a.alert_id, s.subscription_id;

-- name: open_digests
-- Digests that nobody has taken yet: what becomes due meanwhile goes into them.
SELECT d.delivery_id, d.subscriber_id, d.channel, d.frequency, d.address, count(c.alert_id) AS alerts
FROM deliveries AS d JOIN delivery_alerts AS c ON c.delivery_id = d.delivery_id
WHERE d.state = 'new' AND NOT d.maybe_duplicate AND d.kind = 'digest'
GROUP BY ALL ORDER BY d.delivery_id;

-- name: overdue_deliveries
-- Single alerts that were surely not handed over and have waited since long, such as for a relay that is down.
SELECT d.delivery_id, d.alert_id, d.subscriber_id, d.channel, d.address, d.created_at
FROM deliveries AS d
WHERE d.state = 'new' AND NOT d.maybe_duplicate AND d.kind = 'alert' AND d.created_at <= $before
ORDER BY d.created_at, d.delivery_id;

-- name: mark_queued
UPDATE alerts SET state = 'queued' WHERE state = 'waiting' AND alert_id IN (SELECT unnest($alert_ids));

-- name: turn_into_digest
UPDATE deliveries SET kind = 'digest', delayed = true WHERE delivery_id = $delivery_id;

-- name: forget_deliveries
-- Their alerts are in another delivery now.
DELETE FROM deliveries WHERE delivery_id IN (SELECT unnest($delivery_ids)) AND state = 'new';

-- name: forget_delivery_alerts
DELETE FROM delivery_alerts WHERE delivery_id IN (SELECT unnest($delivery_ids));

-- name: all_subscriptions
SELECT * FROM subscriptions ORDER BY subscription_id;

-- name: next_delivery
-- The oldest delivery that is due, and whether mail to its address is barred.
WITH due AS (
    SELECT * FROM deliveries
    WHERE state IN ('new', 'unknown') AND list_contains($channels, channel) AND coalesce(next_attempt_at, $now) <= $now
    ORDER BY created_at, rowid
    LIMIT 1
)
SELECT
    d.delivery_id, d.alert_id AS first_alert_id, d.subscriber_id, d.channel, d.address, d.message_id, d.attempts, d.maybe_duplicate,
    d.created_at AS queued_at, d.kind AS delivery_kind, d.frequency, d.due_at, d.delayed, barred.reason AS barred
FROM due AS d
LEFT JOIN ops.suppressions AS barred ON barred.channel = d.channel AND barred.address = d.address;

-- name: delivery_contents
-- Each alert of a delivery, with all that its mail shows and all that may forbid it.
SELECT
    c.alert_id, al.subscription_id, al.entities, al.removed, al.kind, al.state AS alert_state, al.rule, al.watchlist_hash, al.created_at,
    al.article_id, al.revision_id, r.revision_no, r.title, r.text, r.language AS article_language,
    a.url, a.published_at, a.published_quality, a.first_seen_at, a.withdrawn_at, coalesce(s.name, a.source_id) AS source_name, s.country,
    sub.language, sub.subscriber_name, sub.timezone, sub.quiet_from, sub.quiet_to, sub.group_by,
    (
        SELECT list(DISTINCT {'source': coalesce(os.name, o.source_id), 'url': o.url} ORDER BY {'source': coalesce(os.name, o.source_id), 'url': o.url})
        FROM articles AS o LEFT JOIN sources AS os ON os.source_id = o.source_id
        WHERE o.story_id = a.story_id AND o.article_id <> a.article_id AND o.withdrawn_at IS NULL
    ) AS outlets,
    (SELECT list(w.entity ORDER BY w.entity) FROM watchlist AS w WHERE w.kind = 'region' AND list_contains(al.entities, w.entity)) AS regions,
    EXISTS (SELECT 1 FROM subscriptions AS one WHERE one.active AND one.subscriber_id = al.subscriber_id AND list_contains(asked.ids, one.subscription_id)) AS active,
    (
        SELECT CASE WHEN bool_and(one.paused_until > $now) THEN min(one.paused_until) END FROM subscriptions AS one
        WHERE one.active AND one.subscriber_id = al.subscriber_id AND list_contains(asked.ids, one.subscription_id)
    ) AS paused_until,
    al.kind = 'mention' AND a.revision_id <> al.revision_id
        AND EXISTS (SELECT 1 FROM ops.matched AS m WHERE m.revision_id = a.revision_id AND m.error IS NULL)
        AND NOT EXISTS (
            SELECT 1 FROM mentions AS m WHERE m.revision_id = a.revision_id AND m.alerting AND list_contains(al.entities, m.entity)
        )
        AND NOT contains(array_to_string(al.entities, ' '), 'author:') AS corrected
FROM delivery_alerts AS c
LEFT JOIN alerts AS al ON al.alert_id = c.alert_id
LEFT JOIN (SELECT alert_id, json_extract_string(rule, '$[*].subscription') AS ids FROM alerts) AS asked ON asked.alert_id = c.alert_id
LEFT JOIN revisions AS r ON r.revision_id = al.revision_id
LEFT JOIN articles AS a ON a.article_id = al.article_id
LEFT JOIN sources AS s ON s.source_id = a.source_id
LEFT JOIN subscriptions AS sub ON sub.subscription_id = al.subscription_id
WHERE c.delivery_id = $delivery_id AND c.left_out IS NULL
ORDER BY c.position, c.alert_id;

-- name: leave_out_of_delivery
UPDATE delivery_alerts SET left_out = $reason WHERE delivery_id = $delivery_id AND alert_id = $alert_id;

-- name: delivery_mentions
-- Every counting mention of what the alert names; `cause`: it is one of those that raised it.
SELECT m.*, c.mention_id IS NOT NULL AS cause
FROM mentions AS m
LEFT JOIN alert_mentions AS c ON c.mention_id = m.mention_id AND c.alert_id = $alert_id
WHERE m.revision_id = $revision_id AND (c.mention_id IS NOT NULL OR (m.alerting AND list_contains($entities, m.entity)))
ORDER BY m.field DESC, m.start_char, m.end_char, m.entity;

-- name: notice_by_id
SELECT kind, subject, message, hint FROM ops.notices WHERE notice_id = $notice_id;

-- name: weekly_mentions
-- Mentions of these entities in current articles by week, counted back from $now.
SELECT
    m.entity, floor(epoch($now - coalesce(a.published_at, a.first_seen_at)) / 604800)::INTEGER AS weeks_ago, count(*) AS mentions
FROM mentions AS m JOIN articles AS a ON a.revision_id = m.revision_id
WHERE m.alerting AND m.entity IN (SELECT unnest($entities))
  AND coalesce(a.published_at, a.first_seen_at) > $since AND coalesce(a.published_at, a.first_seen_at) <= $now
GROUP BY ALL;

-- name: oldest_article
SELECT min(first_seen_at) FROM articles;

-- name: claimable_delivery
SELECT delivery_id FROM deliveries WHERE delivery_id = $delivery_id AND state IN ('new', 'unknown');

-- name: claim_delivery
UPDATE deliveries SET state = 'sending', attempts = attempts + 1, claimed_at = $now
WHERE delivery_id = $delivery_id AND state IN ('new', 'unknown');

-- name: interrupted_deliveries
SELECT d.* FROM deliveries AS d
WHERE d.state = 'sending' AND list_contains($channels, d.channel)
ORDER BY d.created_at, d.delivery_id;

-- name: alerts_of_delivery
SELECT alert_id FROM delivery_alerts WHERE delivery_id = $delivery_id AND left_out IS NULL ORDER BY position, alert_id;

-- name: claimed_delivery
SELECT delivery_id FROM deliveries WHERE delivery_id = $delivery_id AND state = 'sending';

-- name: settle_delivery
UPDATE deliveries
SET state = $state, next_attempt_at = $next_attempt_at, sent_at = $sent_at, receipt = $receipt, error = $error, maybe_duplicate = $maybe_duplicate
WHERE delivery_id = $delivery_id AND state = 'sending';

-- name: settle_alert
UPDATE alerts SET state = $state WHERE alert_id = $alert_id;

-- name: settle_alerts
UPDATE alerts SET state = $state
WHERE alert_id IN (SELECT c.alert_id FROM delivery_alerts AS c WHERE c.delivery_id = $delivery_id AND c.left_out IS NULL);

-- name: hold_address
-- The server will not take mail for this address now: what else is due for it keeps its order behind this one.
UPDATE deliveries SET next_attempt_at = $until
WHERE channel = $channel AND address = $address AND delivery_id <> $delivery_id AND state IN ('new', 'unknown')
  AND coalesce(next_attempt_at, created_at) < $until;

-- name: alerts_on_mentions
-- Alerts that one of these mentions helped to raise.
SELECT a.alert_id, a.created_at, a.subscriber_id, a.subscription_id, a.entities, a.article_id, a.revision_id, a.rule, r.title, k.verdict AS marked
FROM alerts AS a
LEFT JOIN revisions AS r ON r.revision_id = a.revision_id
LEFT JOIN alert_marks AS k ON k.alert_id = a.alert_id
WHERE a.alert_id IN (SELECT alert_id FROM alert_mentions WHERE mention_id IN (SELECT unnest($mention_ids::JSON::VARCHAR[])))
ORDER BY a.created_at DESC, a.alert_id;

-- name: find_alert
SELECT a.alert_id, a.entities, a.created_at, r.title FROM alerts AS a LEFT JOIN revisions AS r ON r.revision_id = a.revision_id
WHERE starts_with(a.alert_id, $wanted) ORDER BY a.alert_id LIMIT 3;

-- name: alert_contexts
-- The mentions that raised an alert, with the text around them.
SELECT
    m.mention_id, m.entity, m.matched, r.language,
    substring(w.whole, greatest(1, m.start_char - 299), least(m.start_char, 300)) AS before, substring(w.whole, m.end_char + 1, 300) AS after
FROM alert_mentions AS p
JOIN mentions AS m ON m.mention_id = p.mention_id
JOIN revisions AS r ON r.revision_id = m.revision_id,
LATERAL (SELECT CASE m.field WHEN 'title' THEN r.title ELSE r.text END AS whole) AS w
WHERE p.alert_id = $alert_id
ORDER BY m.entity, m.field DESC, m.start_char;

-- name: entity_contexts
-- The newest mentions of an entity in texts of some languages ([]: of all), and what a reader said of their alert.
SELECT
    m.mention_id, m.matched, substring(w.whole, greatest(1, m.start_char - 299), least(m.start_char, 300)) AS before,
    substring(w.whole, m.end_char + 1, 300) AS after,
    (
        SELECT min(k.verdict) FROM alert_mentions AS p JOIN alert_marks AS k ON k.alert_id = p.alert_id WHERE p.mention_id = m.mention_id
    ) AS verdict
FROM mentions AS m
JOIN articles AS a ON a.revision_id = m.revision_id,
LATERAL (SELECT CASE m.field WHEN 'title' THEN a.title ELSE a.text END AS whole) AS w
WHERE m.entity = $entity AND m.alerting AND (len($languages) = 0 OR list_contains($languages, a.language))
ORDER BY a.first_seen_at DESC, m.mention_id
LIMIT $most;

-- name: mention_history
-- Which articles named these entities since a time, by their exact time of publication, else by when they were first seen.
SELECT * FROM (
    SELECT DISTINCT
        m.entity, a.article_id, a.story_id, a.source_id, s.country, split_part(a.language, '-', 1) AS language,
        CASE WHEN a.published_quality = 'exact' THEN least(a.published_at, a.first_seen_at) ELSE a.first_seen_at END AS "at", a.first_seen_at
    FROM mentions AS m
    JOIN articles AS a ON a.revision_id = m.revision_id
    LEFT JOIN sources AS s ON s.source_id = a.source_id
    WHERE m.alerting AND m.entity IN (SELECT unnest($entities))
)
WHERE "at" >= $since
ORDER BY "at", article_id, entity;

-- name: watched_since
SELECT min(first_seen_at) FROM articles;

-- name: sources_since
SELECT source_id, min(CASE WHEN published_quality = 'exact' THEN least(published_at, first_seen_at) ELSE first_seen_at END) AS since
FROM articles GROUP BY source_id;

-- name: subscriptions_of
-- A subscriber's subscriptions with what they have chosen.
SELECT
    s.subscription_id, s.subscriber_id, s.subscriber_name, s.language, s.timezone, s.rule_text, s.active, s.frequency, s.paused_until,
    p.stopped_at, p.frequency AS chosen_frequency, p.stopped_at IS NOT NULL OR s.active AS offered
FROM subscriptions AS s
LEFT JOIN ops.preferences AS p ON p.subscriber_id = s.subscriber_id AND p.subscription_id = s.subscription_id
WHERE s.subscriber_id = $subscriber_id ORDER BY s.subscription_id;

-- name: feed_alerts
-- The newest alerts of a subscription, with the sentence that raised each.
SELECT
    a.alert_id, a.created_at, a.kind, a.reason, a.removed, a.rule, r.title, t.url, t.published_at, coalesce(s.name, t.source_id) AS source_name,
    (
        SELECT CASE m.field WHEN 'title' THEN r.title ELSE substring(r.text, m.sentence_start + 1, m.sentence_end - m.sentence_start) END
        FROM alert_mentions AS p JOIN mentions AS m ON m.mention_id = p.mention_id
        WHERE p.alert_id = a.alert_id ORDER BY m.field = 'title', m.start_char LIMIT 1
    ) AS sentence
FROM alerts AS a
JOIN articles AS t ON t.article_id = a.article_id
JOIN revisions AS r ON r.revision_id = a.revision_id
LEFT JOIN sources AS s ON s.source_id = t.source_id
WHERE a.subscriber_id = $subscriber_id AND a.state NOT IN ('held', 'suppressed')
  AND list_contains(json_extract_string(a.rule, '$[*].subscription'), $subscription_id)
ORDER BY a.created_at DESC, a.alert_id LIMIT $most;

-- name: mail_health
SELECT
    count(*) FILTER (WHERE state = 'parked') AS parked,
    count(*) FILTER (WHERE state = 'unknown') AS unknown,
    count(*) FILTER (WHERE state IN ('new', 'unknown') AND created_at < $now - INTERVAL 1 HOUR) AS unsent_for_an_hour,
    max(sent_at) AS last_sent_at,
    (SELECT count(*) FROM ops.holds WHERE released_at IS NULL) AS held_sources,
    (SELECT count(*) FROM alerts WHERE state = 'waiting') AS waiting,
    (SELECT value FROM ops.state WHERE name = 'digests_looked_at') AS last_run_at
FROM deliveries;

-- name: parked_deliveries
SELECT delivery_id, subscriber_id, created_at, error FROM deliveries WHERE state = 'parked' ORDER BY created_at, delivery_id;

-- name: suppressed_addresses
SELECT address, reason, added_at FROM ops.suppressions ORDER BY added_at, address;

-- name: release_delivery
UPDATE deliveries SET state = 'new', next_attempt_at = NULL, attempts = 0 WHERE delivery_id = $delivery_id AND state = 'parked';

-- name: release_address
DELETE FROM ops.suppressions WHERE address = $address;

-- name: alert_state
SELECT state FROM alerts WHERE alert_id = $alert_id;

-- name: delivery_address
SELECT channel, address FROM deliveries WHERE delivery_id = $delivery_id;

-- name: recent_bounces
SELECT kind, score FROM ops.bounces WHERE channel = $channel AND address = $address AND seen_at > $since;

-- name: operator_causes
-- What is wrong now and must be told to the operator.
SELECT i.kind, i.subject, i.message FROM issues AS i WHERE i.kind IN ('run_failed', 'check_failed', 'subscription_faulty') AND i.last_seen_at >= $recent
UNION ALL
SELECT
    'source_ill', f.source_id,
    f.source_id || ': ' || string_agg(f.url || ' is ' || f.state || coalesce(': ' || f.last_error, ''), '; ' ORDER BY f.url)
FROM feeds AS f JOIN sources AS s ON s.source_id = f.source_id
WHERE f.enabled AND s.enabled AND f.state NOT IN ('new', 'working') AND f.state_since <= $ill_since
GROUP BY f.source_id
UNION ALL
SELECT 'flood', h.source_id, h.source_id || ' is held: ' || h.reason FROM ops.holds AS h WHERE h.released_at IS NULL
UNION ALL
SELECT 'parked', 'deliveries', count(*) || ' parked; the first: ' || coalesce(arg_min(d.error, d.created_at), 'no reason')
FROM deliveries AS d WHERE d.state = 'parked' AND d.kind <> 'notice' HAVING count(*) > 0
ORDER BY 1, 2;

-- name: open_notices
SELECT notice_id, kind, subject FROM ops.notices WHERE ended_at IS NULL;

-- name: close_notice
UPDATE ops.notices SET ended_at = $now WHERE notice_id = $notice_id;
