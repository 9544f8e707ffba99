-- Answers that take an argument, and search in plain SQL. Call a macro like a table: FROM search_text('water Tajik', '2021-09-01')

CREATE OR REPLACE MACRO ops.words(words) AS list_filter(string_split_regex(lower(words), '[\s\p{Z}]+'), lambda one: one <> '');

-- Bounds of time; NULL is none.
CREATE OR REPLACE MACRO ops.begins(since) AS coalesce(in_utc(since), '-infinity'::TIMESTAMPTZ);
CREATE OR REPLACE MACRO ops.ends(until) AS coalesce(in_utc(until), 'infinity'::TIMESTAMPTZ);

-- Patterns of a word: where it begins a word, and the passage around that, in any case. Chinese has no spaces. DuckDB makes
-- them once where the words are written out, as it does for search_text('water Tajik', …), and then reads a text in no time.
CREATE OR REPLACE MACRO ops.beginning(word) AS
'(?i)' || CASE WHEN regexp_matches(word, '^\p{Han}') THEN '' ELSE '(?:^|[^\p{L}\p{N}])' END || regexp_escape(word);

CREATE OR REPLACE MACRO ops.passage(word) AS
'(?i)(?:\S+ ){0,5}' || CASE WHEN regexp_matches(word, '^\p{Han}') THEN '\S{0,60}' ELSE '(?:\S*[^\s\p{L}\p{N}])?' END
|| regexp_escape(word) || '[^\n]{0,60}\S*';

-- Articles dated from `since` and before `until` in whose title or text each of the words begins a word, in any case; the
-- dates keep it from reading the whole store. A stem finds all forms: 'таджикистан' finds «в Таджикистане».
CREATE OR REPLACE MACRO search_text(words, since, until := '9999-12-31') AS TABLE
WITH dated AS (
    SELECT
        article_id, source_id, coalesce(published_at, first_seen_at) AS dated, language, title, text, url, revision_id,
        title || chr(10) || text AS searched
    FROM articles
    WHERE
        -- The second line decides; by the first whole stretches of the table are passed over unread.
        (published_at >= ops.begins(since) OR published_at IS NULL) AND (published_at < ops.ends(until) OR published_at IS NULL)
        AND coalesce(published_at, first_seen_at) >= ops.begins(since) AND coalesce(published_at, first_seen_at) < ops.ends(until)
)
SELECT
    article_id, source_id, dated, language, title, trim(regexp_extract(text, ops.passage(ops.words(words)[1]))) AS passage, url, revision_id
FROM dated
WHERE
    regexp_matches(searched, ops.beginning(ops.words(words)[1]))
    -- A pattern inside a list is no constant: the first words leave few texts for the others.
    AND coalesce(regexp_matches(searched, ops.beginning(ops.words(words)[2])), true)
    AND coalesce(regexp_matches(searched, ops.beginning(ops.words(words)[3])), true)
    AND coalesce(list_bool_and(list_transform(ops.words(words)[4:], lambda one: regexp_matches(searched, ops.beginning(one)))), true)
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
WHERE n.entity = name AND m.entity = name AND m.alerting AND n.dated >= ops.begins(since) AND n.dated < ops.ends(until)
ORDER BY n.dated DESC, a.article_id, m.mention_id;

-- Every paragraph that names both, newest first. FROM paragraphs_naming('csto', 'tajikistan', since := '2021-09-01')
CREATE OR REPLACE MACRO paragraphs_naming(one, other, since := '0001-01-01', until := '9999-12-31') AS TABLE
WITH both_named AS (
    SELECT article_no, any_value(dated) AS dated FROM ops.named
    WHERE entity IN (one, other) AND dated >= ops.begins(since) AND dated < ops.ends(until)
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
