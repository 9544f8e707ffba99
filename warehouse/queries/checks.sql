-- What must never be: each statement returns the offending rows, none when all is well.

-- name: check_entries_unique
SELECT entry_id, count(*) AS times FROM entries GROUP BY entry_id HAVING count(*) > 1 LIMIT 20;

-- name: check_articles_whole
-- Every id; of the texts, which are nearly all of the store, only those that have changed since $since.
SELECT a.article_id, a.title FROM articles AS a
LEFT JOIN revisions AS r ON r.revision_id = a.revision_id AND r.seen_from >= $since
WHERE a.changed_at >= $since AND (trim(a.text) = '' OR (r.text IS DISTINCT FROM a.text AND a.revision_id NOT IN (SELECT revision_id FROM revisions WHERE seen_from < $since)))
UNION ALL
SELECT article_id, any_value(title) FROM articles GROUP BY article_id HAVING count(*) > 1
LIMIT 20;

-- name: check_mentions_stand_in_text
-- Of the texts that were first seen since $since; in no text may a mention stand without its revision.
SELECT m.mention_id, m.matched FROM mentions AS m
JOIN revisions AS r ON r.revision_id = m.revision_id
WHERE r.seen_from >= $since
  AND substring(CASE m.field WHEN 'title' THEN r.title ELSE r.text END, m.start_char + 1, m.end_char - m.start_char) IS DISTINCT FROM m.matched
UNION ALL
SELECT mention_id, matched FROM mentions WHERE revision_id NOT IN (SELECT revision_id FROM revisions)
LIMIT 20;

-- name: check_attachment_mentions_stand_in_text
SELECT m.mention_id, m.matched FROM attachment_mentions AS m
LEFT JOIN attachments AS a ON a.attachment_id = m.attachment_id
WHERE substring(a.text, m.start_char + 1, m.end_char - m.start_char) IS DISTINCT FROM m.matched
LIMIT 20;

-- name: check_alerts_proved
SELECT a.alert_id FROM alerts AS a
WHERE (
    NOT EXISTS (SELECT 1 FROM alert_mentions AS p JOIN mentions AS m ON m.mention_id = p.mention_id WHERE p.alert_id = a.alert_id)
    -- What an author wrote is proved by the byline.
    AND NOT contains(array_to_string(a.entities, ' '), 'author:')
) OR (
    -- One that waits for its digest, is held, or will not be sent needs no delivery yet.
    a.state NOT IN ('waiting', 'held', 'suppressed') AND NOT EXISTS (
        SELECT 1 FROM delivery_alerts AS c JOIN deliveries AS d ON d.delivery_id = c.delivery_id WHERE c.alert_id = a.alert_id
    )
)
LIMIT 20;

-- name: check_deliveries_unique
SELECT d.subscriber_id, c.alert_id, count(*) AS times
FROM deliveries AS d JOIN delivery_alerts AS c ON c.delivery_id = d.delivery_id
WHERE c.left_out IS NULL GROUP BY ALL HAVING count(*) > 1
LIMIT 20;

-- name: latest_scores
-- How well the latest pages of each source were read, oldest first; each article counts once, by its first page.
SELECT source_id, score, fetched_at, page_id FROM (
    SELECT *, row_number() OVER (PARTITION BY source_id ORDER BY fetched_at DESC, page_id) AS place FROM (
        SELECT *, row_number() OVER (PARTITION BY article_id ORDER BY fetched_at, page_id) AS visit FROM extractions
    )
    WHERE visit = 1
)
WHERE place <= $most
ORDER BY source_id, place DESC;

-- name: ill_sources
-- Each polled feed that is not well, and each source whose pages are not.
SELECT source_id, url, state, state_since, last_good_at, next_due_at, coalesce(last_error, '') AS error, pages_state, pages_state_since, pages_error
FROM source_health
WHERE state NOT IN ('new', 'working') OR pages_state IN ('failing', 'blocked')
ORDER BY source_id, url;

-- name: source_rhythms
-- Each polled source's latest publications and when it was last heard of: polled well, a new entry.
SELECT
    s.source_id, max(f.last_good_at) AS last_good_at,
    (SELECT max(e.first_seen_at) FROM entries AS e WHERE e.source_id = s.source_id) AS last_entry_at,
    (
        SELECT list(dated) FROM (
            SELECT coalesce(e.published_at, e.first_seen_at) AS dated FROM entries AS e
            WHERE e.source_id = s.source_id AND coalesce(e.published_at, e.first_seen_at) <= $now
            ORDER BY dated DESC LIMIT 60
        )
    ) AS published
FROM sources AS s JOIN feeds AS f ON f.source_id = s.source_id
WHERE s.enabled AND f.enabled
GROUP BY s.source_id
ORDER BY s.source_id;

-- name: daily_entries
-- New entries by source and day in the last ten weeks, without what was there when the source was first polled.
SELECT source_id, first_seen_at::DATE AS day, count(*) AS entries
FROM entries WHERE NOT baseline AND first_seen_at >= $since
GROUP BY ALL ORDER BY ALL;

-- name: polled_since
-- Since when each polled source has been read.
SELECT f.source_id, min(f.first_good_at) AS since FROM feeds AS f JOIN sources AS s ON s.source_id = f.source_id
WHERE s.enabled AND f.enabled AND f.first_good_at IS NOT NULL GROUP BY f.source_id ORDER BY f.source_id;

-- name: expectations
-- What sources' files expect, beside what the last days brought.
SELECT
    s.source_id, s.definition ->> '$.expect' AS expect, min(f.first_good_at) AS since,
    (SELECT count(*) FROM entries AS e WHERE e.source_id = s.source_id AND NOT e.baseline AND e.first_seen_at >= $week) AS week,
    (SELECT max(e.first_seen_at) FROM entries AS e WHERE e.source_id = s.source_id) AS last_entry_at,
    (SELECT median(length(a.text)) FROM articles AS a WHERE a.source_id = s.source_id AND a.first_seen_at >= $month) AS characters,
    (SELECT avg(x.score) FROM extractions AS x WHERE x.source_id = s.source_id AND x.fetched_at >= $month) AS score,
    (SELECT list(DISTINCT a.language) FROM articles AS a WHERE a.source_id = s.source_id AND a.first_seen_at >= $month) AS languages
FROM sources AS s JOIN feeds AS f ON f.source_id = s.source_id
WHERE s.enabled AND f.enabled AND (s.definition ->> '$.expect') IS NOT NULL
GROUP BY s.source_id, s.definition
ORDER BY s.source_id;

-- name: missing_in_feeds
-- What a source with a working feed has published since that was first read, and its feed has not shown within two days.
WITH fed AS (
    SELECT f.source_id, min(f.first_good_at) AS since FROM feeds AS f JOIN sources AS s ON s.source_id = f.source_id
    WHERE s.enabled AND f.enabled AND f.state = 'working' AND f.kind IN ('rss', 'atom', 'rdf', 'jsonfeed')
    GROUP BY f.source_id
)
SELECT e.source_id, e.title, e.url, e.first_seen_at, f.kind AS found_in
FROM entries AS e
JOIN fed ON fed.source_id = e.source_id
JOIN feeds AS f ON f.feed_id = e.feed_id
WHERE e.in_feed_at IS NULL AND NOT e.baseline AND e.first_seen_at > fed.since AND e.first_seen_at BETWEEN $since AND $before
ORDER BY e.first_seen_at DESC, e.entry_id;

-- name: cut_in_texts
-- What was cut from a page and stands in the text of the article as a paragraph all the same.
SELECT source_id, title, kind, rule, words, article_id FROM (
    SELECT a.source_id, r.title, a.article_id, r.text, c.kind AS kind, c.rule AS rule, trim(c.text) AS words
    FROM articles AS a JOIN revisions AS r ON r.revision_id = a.revision_id, unnest(r.cut) AS t(c)
    WHERE r.seen_from >= $since
)
WHERE length(words) >= 60 AND contains(chr(10) || chr(10) || text || chr(10) || chr(10), chr(10) || chr(10) || words || chr(10) || chr(10))
ORDER BY ALL LIMIT 50;

-- name: short_lines
-- The short lines of the texts that came of late, where furniture would stand.
SELECT source_id, article_id, title, line FROM (
    SELECT a.source_id, a.article_id, a.title, unnest(string_split(a.text, chr(10))) AS line
    FROM articles AS a WHERE a.changed_at >= $since
)
WHERE length(line) BETWEEN 3 AND 80
ORDER BY source_id, article_id;

-- name: stuck_mails
-- Mails that have not left for long, and those that were given up.
SELECT subscriber_id, state, created_at, attempts, next_attempt_at, error
FROM deliveries
WHERE state = 'parked' OR (state IN ('new', 'unknown', 'sending') AND created_at <= $before AND coalesce(due_at, created_at) <= $before)
ORDER BY created_at, delivery_id LIMIT 200;

-- name: week_of_entries
-- By source: what the charts of the assets show of the last days.
SELECT source_id AS name, count(*) AS number FROM entries WHERE first_seen_at >= $since GROUP BY ALL ORDER BY ALL;

-- name: week_of_articles
SELECT source_id AS name, count(*) AS number FROM articles WHERE first_seen_at >= $since GROUP BY ALL ORDER BY ALL;

-- name: week_of_alerts
SELECT subscriber_id AS name, count(*) AS number FROM alerts WHERE created_at >= $since GROUP BY ALL ORDER BY ALL;

-- name: week_of_deliveries
SELECT subscriber_id AS name, count(*) AS number FROM deliveries WHERE sent_at >= $since AND state = 'sent' GROUP BY ALL ORDER BY ALL;
