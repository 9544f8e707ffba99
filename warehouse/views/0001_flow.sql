-- Ready answers for analysts; replaced whenever this text changes.

-- What the others count from. In the analysts' copy it is a table with the same rows, laid down once for all who ask
-- (warehouse/laying_down.py); article_no is the articles' rowid, which is good within one file only.
CREATE OR REPLACE VIEW ops.named AS
WITH counted AS (
    SELECT
        revision_id, entity, count(*) AS mentions, bool_or(field = 'title') AS in_title, min(start_char) FILTER (WHERE field = 'text') AS first_char,
        coalesce(max(score), 0) AS salience
    FROM mentions WHERE alerting GROUP BY ALL
), dated AS (
    SELECT
        rowid AS article_no, revision_id, source_id, coalesce(published_at, first_seen_at) AS dated,
        timezone('UTC', coalesce(published_at, first_seen_at)) AS utc
    FROM articles
)
SELECT
    d.article_no, c.entity, d.source_id, d.dated, d.utc::DATE AS day, date_trunc('week', d.utc)::DATE AS week,
    c.mentions, c.in_title, c.first_char, c.salience
FROM counted AS c
JOIN dated AS d ON d.revision_id = c.revision_id;

CREATE OR REPLACE VIEW article_entities AS
SELECT
    a.article_id, a.revision_id, n.entity, n.mentions, n.in_title, coalesce(n.first_char < length(a.text) * 0.15, false) AS in_lead,
    n.first_char, n.salience, n.source_id, n.dated, n.week, a.title
FROM ops.named AS n
JOIN articles AS a ON a.rowid = n.article_no;

CREATE OR REPLACE VIEW mention_sentences AS
SELECT
    m.entity, m.matched, m.via, m.zone, m.alerting, a.source_id, a.title, a.published_at, a.url,
    CASE m.field WHEN 'title' THEN a.title
        ELSE substring(a.text, m.sentence_start + 1, m.sentence_end - m.sentence_start) END AS sentence,
    m.article_id, m.revision_id, m.mention_id
FROM mentions AS m
JOIN articles AS a ON a.revision_id = m.revision_id;

CREATE OR REPLACE VIEW mentions_weekly AS
SELECT entity, week, count(*) AS articles, sum(mentions)::BIGINT AS mentions FROM ops.named GROUP BY ALL;

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
),
seen AS (
    SELECT
        source_id, count(*) AS entries, max(first_seen_at) AS newest_entry_at,
        count(*) FILTER (WHERE page_state IN ('failing', 'blocked')) AS pages_failing
    FROM entries GROUP BY source_id
)
SELECT
    s.source_id, s.name, s.country, f.feed_id, f.url, f.state, f.state_since, f.last_good_at, f.last_polled_at, f.next_due_at,
    f.failures, f.last_error,
    coalesce(e.entries, 0) AS entries, e.newest_entry_at, coalesce(e.pages_failing, 0) AS pages_failing,
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
LEFT JOIN seen AS e ON e.source_id = s.source_id
WHERE s.enabled AND f.enabled;
