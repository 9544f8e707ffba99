-- Ready answers for analysts; replaced whenever this text changes.
CREATE OR REPLACE VIEW article_entities AS
SELECT
    m.article_id, m.revision_id, m.entity, count(*) AS mentions,
    bool_or(m.field = 'title') AS in_title,
    bool_or(m.field = 'text' AND m.start_char < length(a.text) * 0.15) AS in_lead,
    min(m.start_char) FILTER (WHERE m.field = 'text') AS first_char,
    coalesce(max(m.score), 0) AS salience
FROM mentions AS m
JOIN articles AS a ON a.revision_id = m.revision_id
WHERE m.alerting
GROUP BY ALL;

CREATE OR REPLACE VIEW mention_sentences AS
SELECT
    m.entity, m.matched, m.via, m.zone, m.alerting, a.source_id, a.title, a.published_at, a.url,
    CASE m.field WHEN 'title' THEN a.title
        ELSE substring(a.text, m.sentence_start + 1, m.sentence_end - m.sentence_start) END AS sentence,
    m.article_id, m.revision_id, m.mention_id
FROM mentions AS m
JOIN articles AS a ON a.revision_id = m.revision_id;

CREATE OR REPLACE VIEW mentions_weekly AS
SELECT
    m.entity, date_trunc('week', timezone('UTC', coalesce(a.published_at, a.first_seen_at)))::DATE AS week,
    count(DISTINCT m.article_id) AS articles, count(*) AS mentions
FROM mentions AS m
JOIN articles AS a ON a.revision_id = m.revision_id
WHERE m.alerting
GROUP BY ALL;

CREATE OR REPLACE VIEW source_health AS
WITH page_fetches AS (
    SELECT *, fault IN ('challenge', 'robots') OR coalesce(status IN (401, 402, 403, 407, 451), false) AS refused
    FROM fetches WHERE purpose = 'page'
),
good_pages AS (SELECT source_id, max(requested_at) AS good_at FROM page_fetches WHERE fault IS NULL GROUP BY source_id),
bad_pages AS (
    SELECT p.source_id, count(*) AS failures, min(p.requested_at) AS since, arg_max(p.error, p.requested_at) AS error, bool_and(p.refused) AS refused
    FROM page_fetches AS p
    LEFT JOIN good_pages AS g ON g.source_id = p.source_id
    WHERE p.fault IS NOT NULL AND (g.good_at IS NULL OR p.requested_at > g.good_at)
    GROUP BY p.source_id
)
SELECT
    s.source_id, s.name, s.country, f.feed_id, f.url, f.state, f.state_since, f.last_good_at, f.last_polled_at, f.next_due_at,
    f.failures, f.last_error,
    (SELECT count(*) FROM entries AS e WHERE e.source_id = s.source_id) AS entries,
    (SELECT max(e.first_seen_at) FROM entries AS e WHERE e.source_id = s.source_id) AS newest_entry_at,
    (SELECT count(*) FROM entries AS e WHERE e.source_id = s.source_id AND e.page_state IN ('failing', 'blocked')) AS pages_failing,
    CASE
        WHEN b.failures >= 3 THEN CASE WHEN b.refused THEN 'blocked' ELSE 'failing' END
        WHEN g.good_at IS NOT NULL OR b.failures IS NOT NULL THEN 'working'
    END AS pages_state,
    CASE WHEN b.failures >= 3 THEN b.since END AS pages_state_since, g.good_at AS pages_good_at,
    CASE WHEN b.failures >= 3 THEN b.error END AS pages_error
FROM sources AS s
JOIN feeds AS f ON f.source_id = s.source_id
LEFT JOIN good_pages AS g ON g.source_id = s.source_id
LEFT JOIN bad_pages AS b ON b.source_id = s.source_id
WHERE s.enabled AND f.enabled;
