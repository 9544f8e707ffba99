-- Answers that take an argument, and search in plain SQL. Call a macro like a table: FROM search_text('water Tajik', '2021-09-01')

-- Articles dated from `since` and before `until` in whose title or text each of the words begins a word, in any case; the
-- dates keep it from reading the whole store. A stem finds all forms: 'таджикистан' finds «в Таджикистане».
CREATE OR REPLACE MACRO search_text(words, since, until := '9999-12-31') AS TABLE
WITH wanted AS (
    SELECT list_filter(string_split(lower(words), ' '), lambda one: one <> '') AS parts
), patterns AS (
    SELECT
        parts,
        list_transform(
            parts,
            lambda one: '(?i)' || CASE WHEN regexp_matches(one, '\p{Han}') THEN '' ELSE '(?:^|[^\p{L}\p{N}])' END || regexp_escape(one)
        ) AS starts
    FROM wanted
), dated AS (
    SELECT *, coalesce(published_at, first_seen_at) AS dated FROM articles
)
SELECT
    a.article_id, a.source_id, a.dated, a.language, a.title,
    trim(regexp_extract(a.text, '(?:\S+ ){0,4}\S*' || p.starts[1] || '[^\n]{0,60}\S*')) AS passage,
    a.url, a.revision_id
FROM dated AS a
CROSS JOIN patterns AS p
WHERE
    a.dated >= in_utc(since) AND a.dated < in_utc(until)
    AND len(p.parts) > 0
    AND list_bool_and(list_transform(p.parts, lambda one: contains(lower(a.title || chr(10) || a.text), one)))
    AND list_bool_and(list_transform(p.starts, lambda one: regexp_matches(a.title || chr(10) || a.text, one)))
ORDER BY a.dated DESC, a.article_id;

-- Every sentence that names an entity, newest first. FROM sentences_about('tajikistan')
CREATE OR REPLACE MACRO sentences_about(name) AS TABLE
SELECT coalesce(a.published_at, a.first_seen_at) AS dated, m.source_id, m.matched, m.zone, m.sentence, m.title, m.url, m.article_id
FROM mention_sentences AS m
JOIN articles AS a ON a.article_id = m.article_id
WHERE m.entity = name AND m.alerting
ORDER BY dated DESC, m.article_id, m.mention_id;

-- A region with all that lies in it, however deep: the entity itself, its countries, their parts. FROM within_region('central-asia')
CREATE OR REPLACE MACRO within_region(name) AS TABLE
WITH RECURSIVE inside(entity) AS (
    SELECT w.entity FROM watchlist AS w WHERE w.entity = name
    UNION
    SELECT w.entity FROM watchlist AS w JOIN inside AS i ON list_contains(w.parents, i.entity)
)
SELECT i.entity, w.label, w.kind FROM inside AS i JOIN watchlist AS w ON w.entity = i.entity ORDER BY i.entity;
