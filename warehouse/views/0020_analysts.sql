-- Answers that take an argument, and search in plain SQL. Call a macro like a table: FROM search_text('water Tajik', '2021-09-01')

-- For each place where a part stands in a folded text: whether it begins a word there. Chinese has no spaces.
CREATE OR REPLACE MACRO ops.beginnings(folded, part) AS
list_transform(
    string_split(folded, part)[:-2],
    lambda before, place: regexp_matches(part, '^\p{Han}')
    OR CASE before WHEN '' THEN place = 1 ELSE NOT regexp_matches(right(before, 1), '[\p{L}\p{N}]') END
);

-- Articles dated from `since` and before `until` in whose title or text each of the words begins a word, in any case; the
-- dates keep it from reading the whole store. A stem finds all forms: 'таджикистан' finds «в Таджикистане».
CREATE OR REPLACE MACRO search_text(words, since, until := '9999-12-31') AS TABLE
WITH wanted AS (
    SELECT list_filter(string_split(lower(words), ' '), lambda one: one <> '') AS parts
), dated AS (
    SELECT
        article_id, source_id, coalesce(published_at, first_seen_at) AS dated, language, title, text, url, revision_id,
        lower(title || chr(10) || text) AS folded
    FROM articles
    WHERE
        -- The second line decides; by the first whole stretches of the table are passed over unread.
        (published_at >= in_utc(since) OR published_at IS NULL) AND (published_at < in_utc(until) OR published_at IS NULL)
        AND coalesce(published_at, first_seen_at) >= in_utc(since) AND coalesce(published_at, first_seen_at) < in_utc(until)
), found AS (
    SELECT d.*, w.parts[1] AS part, lower(d.text) AS lowered
    FROM dated AS d
    CROSS JOIN wanted AS w
    WHERE
        len(w.parts) > 0
        AND list_bool_and(list_transform(w.parts, lambda one: contains(d.folded, one)))
        AND list_bool_and(list_transform(w.parts, lambda one: list_contains(ops.beginnings(d.folded, one), true)))
), split AS (
    SELECT *, string_split(lowered, part)[:list_position(ops.beginnings(lowered, part), true)] AS before FROM found
), placed AS (
    SELECT *, list_sum(list_transform(before, lambda one: length(one)))::BIGINT + (len(before) - 1) * length(part) AS at_char FROM split
)
SELECT
    article_id, source_id, dated, language, title,
    coalesce(trim(
        regexp_extract(left(text, at_char), '(?:\S+ ){0,5}\S*$') || substring(text, at_char + 1, length(part))
        || regexp_extract(substring(text, at_char + length(part) + 1), '^[^\n]{0,60}\S*')
    ), '') AS passage,
    url, revision_id
FROM placed
ORDER BY dated DESC, article_id;

-- Every sentence that names an entity, newest first, of articles dated from `since` and before `until`; many articles
-- name somebody, and the dates keep it from reading them all. FROM sentences_about('tajikistan', since := '2021-09-01')
CREATE OR REPLACE MACRO sentences_about(name, since := '0001-01-01', until := '9999-12-31') AS TABLE
SELECT
    n.dated, n.source_id, m.matched, m.zone,
    CASE m.field WHEN 'title' THEN a.title ELSE substring(a.text, m.sentence_start + 1, m.sentence_end - m.sentence_start) END AS sentence,
    a.title, a.url, a.article_id
FROM ops.named AS n
JOIN articles AS a ON a.rowid = n.article_no
JOIN mentions AS m ON m.revision_id = a.revision_id
WHERE n.entity = name AND m.entity = name AND m.alerting AND n.dated >= in_utc(since) AND n.dated < in_utc(until)
ORDER BY n.dated DESC, a.article_id, m.mention_id;

-- Every paragraph that names both, newest first. FROM paragraphs_naming('csto', 'tajikistan', since := '2021-09-01')
CREATE OR REPLACE MACRO paragraphs_naming(one, other, since := '0001-01-01', until := '9999-12-31') AS TABLE
WITH both_named AS (
    SELECT article_no, any_value(dated) AS dated FROM ops.named
    WHERE entity IN (one, other) AND dated >= in_utc(since) AND dated < in_utc(until)
    GROUP BY article_no HAVING count(*) = 2
), placed AS (
    SELECT
        b.dated, b.article_no, m.entity, a.source_id, a.title, a.url, a.article_id, string_split(a.text, chr(10) || chr(10)) AS paragraphs,
        len(string_split(left(a.text, m.start_char), chr(10) || chr(10))) AS paragraph_no
    FROM both_named AS b
    JOIN articles AS a ON a.rowid = b.article_no
    JOIN mentions AS m ON m.revision_id = a.revision_id
    WHERE m.alerting AND m.field = 'text' AND m.entity IN (one, other)
)
SELECT
    any_value(dated) AS dated, any_value(source_id) AS source_id, any_value(title) AS title, any_value(paragraphs[paragraph_no]) AS paragraph,
    any_value(url) AS url, any_value(article_id) AS article_id
FROM placed
GROUP BY article_no, paragraph_no
HAVING count(DISTINCT entity) = 2
ORDER BY dated DESC, article_id, paragraph_no;

-- A region with all that lies in it, however deep: the entity itself, its countries, their parts. FROM within_region('central-asia')
CREATE OR REPLACE MACRO within_region(name) AS TABLE
WITH RECURSIVE inside(entity) AS (
    SELECT w.entity FROM watchlist AS w WHERE w.entity = name
    UNION
    SELECT w.entity FROM watchlist AS w JOIN inside AS i ON list_contains(w.parents, i.entity)
)
SELECT i.entity, w.label, w.kind FROM inside AS i JOIN watchlist AS w ON w.entity = i.entity ORDER BY i.entity;
