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
    m.entity, date_trunc('week', coalesce(a.published_at, a.first_seen_at))::DATE AS week,
    count(DISTINCT m.article_id) AS articles, count(*) AS mentions
FROM mentions AS m
JOIN articles AS a ON a.revision_id = m.revision_id
WHERE m.alerting
GROUP BY ALL;

CREATE OR REPLACE VIEW source_health AS
SELECT
    s.source_id, s.name, s.country, f.feed_id, f.url, f.state, f.state_since, f.last_good_at, f.last_polled_at, f.next_due_at,
    f.failures, f.last_error,
    (SELECT count(*) FROM entries AS e WHERE e.source_id = s.source_id) AS entries,
    (SELECT max(e.first_seen_at) FROM entries AS e WHERE e.source_id = s.source_id) AS newest_entry_at,
    (SELECT count(*) FROM entries AS e WHERE e.source_id = s.source_id AND e.page_state IN ('failing', 'blocked')) AS pages_failing
FROM sources AS s
JOIN feeds AS f ON f.source_id = s.source_id
WHERE s.enabled AND f.enabled;
