-- What analysts ask for most: history, who is named with whom, since when, by whom, and who has fallen silent.

-- A moment in UTC whatever the session's zone: a date is its midnight, a time without a zone is UTC.
CREATE OR REPLACE MACRO in_utc(moment) AS
CASE
    WHEN regexp_matches(moment::VARCHAR, ':.*([+-][0-9:]+|Z| [A-Za-z_/]+)$') THEN moment::TIMESTAMPTZ
    ELSE timezone('UTC', moment::VARCHAR::TIMESTAMP)
END;

-- What we knew at a moment: the revision that was current then. FROM as_of('2021-09-20 12:00')
CREATE OR REPLACE MACRO as_of(moment) AS TABLE
SELECT
    r.article_id, r.revision_id, r.revision_no, r.change_kind, a.source_id, a.url, r.title, r.text, r.language, a.published_at,
    a.published_quality, a.first_seen_at, r.seen_from
FROM revisions AS r
JOIN articles AS a ON a.article_id = r.article_id
WHERE
    -- Not by the fetch of its page: what was read better later was not known then.
    coalesce(r.stored_at, r.seen_from) <= in_utc(moment)
    AND NOT EXISTS (
        SELECT 1 FROM withdrawals AS w
        WHERE w.article_id = r.article_id AND w.withdrawn_at <= in_utc(moment)
            AND coalesce(w.restored_at, 'infinity'::TIMESTAMPTZ) > in_utc(moment)
    )
QUALIFY row_number() OVER (PARTITION BY r.article_id ORDER BY r.revision_no DESC) = 1;

CREATE OR REPLACE VIEW article_history AS
WITH named AS (
    SELECT revision_id, list(DISTINCT entity ORDER BY entity) AS entities FROM mentions WHERE alerting GROUP BY revision_id
), paired AS (
    SELECT
        r.article_id, a.source_id, r.revision_id, r.revision_no, r.change_kind, r.seen_from, r.title, a.url,
        lag(r.title) OVER versions AS earlier_title,
        string_split(r.text, chr(10) || chr(10)) AS paragraphs,
        lag(string_split(r.text, chr(10) || chr(10))) OVER versions AS earlier_paragraphs,
        coalesce(n.entities, []) AS entities,
        lag(coalesce(n.entities, [])) OVER versions AS earlier_entities
    FROM revisions AS r
    JOIN articles AS a ON a.article_id = r.article_id
    LEFT JOIN named AS n ON n.revision_id = r.revision_id
    WINDOW versions AS (PARTITION BY r.article_id ORDER BY r.revision_no)
)
SELECT
    article_id, source_id, revision_id, revision_no, change_kind, seen_from, title, url,
    CASE WHEN earlier_title IS DISTINCT FROM title AND revision_no > 1 THEN earlier_title END AS earlier_title,
    CASE WHEN revision_no > 1 THEN list_filter(paragraphs, lambda one: NOT list_contains(earlier_paragraphs, one)) END AS paragraphs_added,
    CASE WHEN revision_no > 1 THEN list_filter(earlier_paragraphs, lambda one: NOT list_contains(paragraphs, one)) END AS paragraphs_removed,
    CASE WHEN revision_no > 1 THEN list_filter(entities, lambda one: NOT list_contains(earlier_entities, one)) END AS entities_added,
    CASE WHEN revision_no > 1 THEN list_filter(earlier_entities, lambda one: NOT list_contains(entities, one)) END AS entities_removed
FROM paired
UNION ALL BY NAME
SELECT w.article_id, a.source_id, 'withdrawn' AS change_kind, w.withdrawn_at AS seen_from, a.title, a.url
FROM withdrawals AS w JOIN articles AS a ON a.article_id = w.article_id
UNION ALL BY NAME
SELECT w.article_id, a.source_id, 'restored' AS change_kind, w.restored_at AS seen_from, a.title, a.url
FROM withdrawals AS w JOIN articles AS a ON a.article_id = w.article_id
WHERE w.restored_at IS NOT NULL;

CREATE OR REPLACE VIEW co_mentions AS
WITH named AS (
    SELECT DISTINCT m.entity, m.article_id, coalesce(a.published_at, a.first_seen_at) AS dated
    FROM mentions AS m
    JOIN articles AS a ON a.revision_id = m.revision_id
    WHERE m.alerting
)
SELECT one.entity, other.entity AS other, count(*) AS articles, min(one.dated) AS first_at, max(one.dated) AS last_at
FROM named AS one
JOIN named AS other ON other.article_id = one.article_id AND other.entity <> one.entity
GROUP BY ALL;

CREATE OR REPLACE VIEW first_seen AS
SELECT
    m.entity, a.source_id, min(coalesce(a.published_at, a.first_seen_at)) AS first_at,
    arg_min(a.article_id, coalesce(a.published_at, a.first_seen_at)) AS article_id,
    arg_min(a.title, coalesce(a.published_at, a.first_seen_at)) AS title,
    count(DISTINCT a.article_id) AS articles
FROM mentions AS m
JOIN articles AS a ON a.revision_id = m.revision_id
WHERE m.alerting
GROUP BY ALL;

CREATE OR REPLACE VIEW share_of_voice AS
WITH named AS (
    SELECT DISTINCT m.entity, a.source_id, a.article_id, date_trunc('month', timezone('UTC', coalesce(a.published_at, a.first_seen_at)))::DATE AS month
    FROM mentions AS m
    JOIN articles AS a ON a.revision_id = m.revision_id
    WHERE m.alerting
), published AS (
    SELECT source_id, date_trunc('month', timezone('UTC', coalesce(published_at, first_seen_at)))::DATE AS month, count(*) AS of_articles
    FROM articles GROUP BY ALL
)
SELECT n.entity, n.source_id, n.month, count(*) AS articles, any_value(p.of_articles) AS of_articles, round(count(*) / any_value(p.of_articles), 3) AS share
FROM named AS n
JOIN published AS p ON p.source_id = n.source_id AND p.month = n.month
GROUP BY n.entity, n.source_id, n.month;

CREATE OR REPLACE VIEW silences AS
WITH days AS (
    SELECT DISTINCT m.entity, a.source_id, timezone('UTC', coalesce(a.published_at, a.first_seen_at))::DATE AS day
    FROM mentions AS m
    JOIN articles AS a ON a.revision_id = m.revision_id
    WHERE m.alerting
), gaps AS (
    SELECT entity, source_id, day, day - lag(day) OVER (PARTITION BY entity, source_id ORDER BY day) AS gap FROM days
), known AS (
    SELECT timezone('UTC', max(coalesce(published_at, first_seen_at)))::DATE AS until FROM articles
)
SELECT
    g.entity, g.source_id, max(g.day) AS last_day, count(*) AS days, median(g.gap) AS usual_gap_days,
    any_value(k.until) - max(g.day) AS silent_days
FROM gaps AS g
CROSS JOIN known AS k
GROUP BY g.entity, g.source_id
HAVING count(*) >= 4 AND any_value(k.until) - max(g.day) > 3 * median(g.gap);
