-- What analysts ask for most: history, who is named with whom, since when, by whom, and who has fallen silent.

-- A moment in UTC whatever the session's zone: a date is its midnight, a time without a zone is UTC.
CREATE OR REPLACE MACRO in_utc(moment) AS
CASE
    WHEN regexp_matches(moment::VARCHAR, ':.*([+-][0-9:]+|Z| [A-Za-z_/]+)$')
    -- DuckDB reads no zone behind a time without seconds, such as 12:00Z.
    THEN regexp_replace(moment::VARCHAR, '([T ]\d\d:\d\d)([+-]|Z| [A-Za-z])', '\1:00\2')::TIMESTAMPTZ
    ELSE timezone('UTC', moment::VARCHAR::TIMESTAMP)
END;

-- From when until when each revision was the newest that we knew; in the analysts' copy a table, as ops.named is.
CREATE OR REPLACE VIEW ops.known AS
WITH followed AS (
    SELECT
        rowid AS revision_row,
        min(coalesce(stored_at, seen_from)) OVER (
            PARTITION BY article_id ORDER BY revision_no ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        ) AS known_to
    FROM revisions WHERE article_id IN (SELECT article_id FROM revisions WHERE revision_no > 1)
), dated AS (
    -- Not by the fetch of its page: what was read better later was not known then.
    SELECT rowid AS revision_row, article_id, coalesce(stored_at, seen_from) AS known_from FROM revisions
), placed AS (
    SELECT rowid AS article_no, article_id FROM articles
)
SELECT d.revision_row, p.article_no, d.known_from, f.known_to
FROM dated AS d
JOIN placed AS p ON p.article_id = d.article_id
LEFT JOIN followed AS f ON f.revision_row = d.revision_row;

-- What we knew at a moment: the revision that was current then. FROM as_of('2021-09-20 12:00')
CREATE OR REPLACE MACRO as_of(moment) AS TABLE
SELECT
    r.article_id, r.revision_id, r.revision_no, r.change_kind, a.source_id, a.url, r.title, r.text, r.language, a.published_at,
    a.published_quality, a.first_seen_at, r.seen_from
FROM ops.known AS k
JOIN revisions AS r ON r.rowid = k.revision_row
JOIN articles AS a ON a.rowid = k.article_no
WHERE
    k.known_from <= in_utc(moment) AND (k.known_to IS NULL OR k.known_to > in_utc(moment))
    AND r.article_id NOT IN (
        SELECT article_id FROM withdrawals
        WHERE withdrawn_at <= in_utc(moment) AND (restored_at IS NULL OR restored_at > in_utc(moment))
    );

-- What each revision after the first changed; in the analysts' copy a table, as ops.named is.
CREATE OR REPLACE VIEW ops.changes AS
WITH changed AS (
    SELECT article_id, revision_id, revision_no, title, string_split(text, chr(10) || chr(10)) AS paragraphs
    FROM revisions WHERE article_id IN (SELECT article_id FROM revisions WHERE revision_no > 1)
), named AS (
    SELECT revision_id, list(DISTINCT entity ORDER BY entity) AS entities
    FROM mentions WHERE alerting AND revision_id IN (SELECT revision_id FROM changed) GROUP BY revision_id
), paired AS (
    SELECT
        c.revision_id, c.revision_no, c.title, c.paragraphs, coalesce(n.entities, []) AS entities, lag(c.title) OVER versions AS earlier_title,
        lag(c.paragraphs) OVER versions AS earlier_paragraphs, lag(coalesce(n.entities, [])) OVER versions AS earlier_entities
    FROM changed AS c
    LEFT JOIN named AS n ON n.revision_id = c.revision_id
    WINDOW versions AS (PARTITION BY c.article_id ORDER BY c.revision_no)
)
SELECT
    revision_id, CASE WHEN earlier_title IS DISTINCT FROM title THEN earlier_title END AS earlier_title,
    list_filter(paragraphs, lambda one: NOT list_contains(earlier_paragraphs, one)) AS paragraphs_added,
    list_filter(earlier_paragraphs, lambda one: NOT list_contains(paragraphs, one)) AS paragraphs_removed,
    list_filter(entities, lambda one: NOT list_contains(earlier_entities, one)) AS entities_added,
    list_filter(earlier_entities, lambda one: NOT list_contains(entities, one)) AS entities_removed
FROM paired WHERE revision_no > 1;

CREATE OR REPLACE VIEW article_history AS
SELECT
    r.article_id, a.source_id, r.revision_id, r.revision_no, r.change_kind, r.seen_from, r.title, a.url, c.* EXCLUDE (revision_id)
FROM revisions AS r
JOIN articles AS a ON a.article_id = r.article_id
LEFT JOIN ops.changes AS c ON c.revision_id = r.revision_id
UNION ALL BY NAME
SELECT w.article_id, a.source_id, 'withdrawn' AS change_kind, w.withdrawn_at AS seen_from, a.title, a.url
FROM withdrawals AS w JOIN articles AS a ON a.article_id = w.article_id
UNION ALL BY NAME
SELECT w.article_id, a.source_id, 'restored' AS change_kind, w.restored_at AS seen_from, a.title, a.url
FROM withdrawals AS w JOIN articles AS a ON a.article_id = w.article_id
WHERE w.restored_at IS NOT NULL;

CREATE OR REPLACE VIEW co_mentions AS
SELECT one.entity, other.entity AS other, count(*) AS articles, min(one.dated) AS first_at, max(one.dated) AS last_at
FROM ops.named AS one
JOIN ops.named AS other ON other.article_no = one.article_no AND other.entity <> one.entity
GROUP BY ALL;

CREATE OR REPLACE VIEW first_seen AS
WITH first AS (
    SELECT entity, source_id, min(dated) AS first_at, arg_min(article_no, dated) AS article_no, count(*) AS articles FROM ops.named GROUP BY ALL
)
SELECT f.entity, f.source_id, f.first_at, a.article_id, a.title, f.articles
FROM first AS f
JOIN articles AS a ON a.rowid = f.article_no;

CREATE OR REPLACE VIEW share_of_voice AS
WITH about AS (
    SELECT entity, source_id, date_trunc('month', day)::DATE AS month, count(*) AS articles FROM ops.named GROUP BY ALL
), published AS (
    SELECT source_id, date_trunc('month', timezone('UTC', coalesce(published_at, first_seen_at)))::DATE AS month, count(*) AS of_articles
    FROM articles GROUP BY ALL
)
SELECT n.entity, n.source_id, n.month, n.articles, p.of_articles, round(n.articles / p.of_articles, 3) AS share
FROM about AS n
JOIN published AS p ON p.source_id = n.source_id AND p.month = n.month;

-- The silences; in the analysts' copy a table.
CREATE OR REPLACE VIEW ops.quiet AS
WITH known AS (
    SELECT timezone('UTC', max(coalesce(published_at, first_seen_at)))::DATE AS until FROM articles
), quiet AS (
    -- The usual gap is a day at least, so who was named within three is not silent, and need not be reckoned.
    SELECT n.entity, n.source_id, max(n.day) AS last_day, any_value(k.until) - max(n.day) AS silent_days
    FROM ops.named AS n CROSS JOIN known AS k
    GROUP BY n.entity, n.source_id
    HAVING any_value(k.until) - max(n.day) > 3 AND count(*) >= 4
), days AS (
    SELECT DISTINCT n.entity, n.source_id, n.day FROM ops.named AS n SEMI JOIN quiet AS q ON q.entity = n.entity AND q.source_id = n.source_id
), gaps AS (
    SELECT entity, source_id, day - lag(day) OVER (PARTITION BY entity, source_id ORDER BY day) AS gap FROM days
), usual AS (
    SELECT entity, source_id, count(*) AS days, median(gap) AS usual_gap_days FROM gaps GROUP BY ALL HAVING count(*) >= 4
)
SELECT q.entity, q.source_id, q.last_day, u.days, u.usual_gap_days, q.silent_days
FROM quiet AS q
JOIN usual AS u ON u.entity = q.entity AND u.source_id = q.source_id
WHERE q.silent_days > 3 * u.usual_gap_days;

CREATE OR REPLACE VIEW silences AS
SELECT entity, source_id, last_day, days, usual_gap_days, silent_days FROM ops.quiet;
