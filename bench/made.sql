-- What bench/made.py fills a store with: the rows of articles $first to $end, the newest first, $step seconds apart.
CREATE OR REPLACE TEMP TABLE made AS
SELECT
    n, left(md5('a' || n), 20) AS article_id, left(md5('r' || n), 20) AS revision_id,
    left(md5('s' || (n - (n % 20 = 1)::INTEGER)), 20) AS story_id, 'source-' || (n * 7919 % $sources) AS source_id,
    'http://s' || (n * 7919 % $sources) || '.example/' || n AS url, 'Article ' || n || ': ' || left(t.text, 60) AS title,
    t.text || chr(10) || chr(10) || repeat(md5('w' || n) || ' ', 3) || n || '.' AS text, t.language, t.said,
    $until - to_seconds(($step * n)::BIGINT) AS seen, n % 50 = 7 AS edited
FROM range($first, $end) AS r(n)
JOIN texts AS t ON t.kind = (n * 31 + n // $texts) % $texts AND t.language = ['en', 'ru'][1 + n % 2];

INSERT INTO entries BY NAME
SELECT
    article_id AS entry_id, source_id, replace(source_id, 'source', 'feed') AS feed_id, url AS guid, url, title, seen AS published_at,
    'exact' AS published_quality, left(text, 200) AS summary, 'h' AS content_hash, false AS baseline, seen AS first_seen_at,
    seen AS last_seen_at, 'done' AS page_state, 4 AS page_visits, 0 AS page_failures
FROM made ORDER BY seen;

INSERT INTO pages BY NAME
SELECT
    'p' || n AS page_id, article_id AS entry_id, source_id, url, seen AS fetched_at, 200 AS status, 'text/html' AS content_type,
    20000 AS bytes, md5(n::VARCHAR) AS sha256, 'f.warc.gz' AS warc_file, n * 20000 AS warc_offset, 20000 AS warc_length, 'ok' AS verdict,
    seen AS extracted_at, 'x' AS extractor
FROM made ORDER BY seen;

INSERT INTO fetches BY NAME
SELECT
    'f' || n AS fetch_id, source_id, 'page' AS purpose, article_id AS entry_id, url, url AS final_url, seen AS requested_at, 200 AS status,
    false AS not_modified, seen AS handled_at
FROM made ORDER BY seen;

INSERT INTO articles BY NAME
SELECT
    article_id, revision_id, source_id, story_id, url, title, text, language, ['Author ' || (n % 500)] AS authors,
    seen - INTERVAL 2 HOUR AS published_at, 'exact' AS published_quality, 'page' AS text_source, 0.9 AS score, seen AS first_seen_at,
    seen AS changed_at, false AS baseline
FROM made ORDER BY seen;

INSERT INTO revisions BY NAME
SELECT
    revision_id, article_id, 1 + edited::INTEGER AS revision_no, if(edited, 'edited', 'new') AS change_kind, seen AS seen_from, title, text, language,
    [{'kind': 'body', 'start_char': 0, 'end_char': length(text)}] AS zones, md5(text) AS text_hash, 'page' AS text_source, 'p' || n AS page_id,
    'x' AS extractor
FROM made ORDER BY seen;

-- The edited ones as they were before: without the last paragraph and the tenth mention.
INSERT INTO revisions BY NAME
SELECT
    left(md5('o' || n), 20) AS revision_id, article_id, 1 AS revision_no, 'new' AS change_kind, seen - INTERVAL 1 HOUR AS seen_from,
    title || ' (early)' AS title, split_part(text, md5('w' || n), 1) AS text, language,
    [{'kind': 'body', 'start_char': 0, 'end_char': length(split_part(text, md5('w' || n), 1))}] AS zones, md5(text) AS text_hash, 'page' AS text_source, 'p' || n AS page_id,
    'x' AS extractor
FROM made WHERE edited ORDER BY seen;

INSERT INTO withdrawals BY NAME SELECT article_id, seen + INTERVAL 9 DAY AS withdrawn_at FROM made WHERE n % 500 = 3;

INSERT INTO story_articles BY NAME
SELECT story_id, article_id, 'same text' AS reason, left(md5('a' || (n - 1)), 20) AS like_article_id, 1 AS similarity, seen AS joined_at
FROM made WHERE n % 20 = 1;

INSERT INTO stories BY NAME
SELECT
    story_id, article_id AS first_article_id, source_id AS first_source_id, seen AS first_seen_at, 'first' AS reason, md5(text) AS text_hash
FROM made WHERE n % 20 <> 1 ORDER BY seen;

INSERT INTO mentions BY NAME
SELECT
    left(md5('m' || revision_id || place), 20) AS mention_id, article_id, revision_id, one.entity AS entity, 'text' AS field, 'body' AS zone,
    one.start_char AS start_char, one.start_char + length(one.name) AS end_char, one.name AS matched, one.name AS name, 'name' AS via,
    one.sentence_start AS sentence_start, one.sentence_end AS sentence_end, true AS alerting, if(place = 0, 0.75, 0.25) AS score, 'w' AS watchlist_hash
FROM (SELECT article_id, revision_id, seen, unnest(said[1:10]) AS one, unnest(range(10)) AS place FROM made)
ORDER BY seen;

INSERT INTO mentions BY NAME
SELECT
    left(md5('m' || revision_id || place), 20) AS mention_id, article_id, revision_id, one.entity AS entity, 'text' AS field, 'body' AS zone,
    one.start_char AS start_char, one.start_char + length(one.name) AS end_char, one.name AS matched, one.name AS name, 'name' AS via,
    one.sentence_start AS sentence_start, one.sentence_end AS sentence_end, true AS alerting, if(place = 0, 0.75, 0.25) AS score, 'w' AS watchlist_hash
FROM (
    SELECT article_id, left(md5('o' || n), 20) AS revision_id, seen, unnest(said[1:9]) AS one, unnest(range(9)) AS place FROM made WHERE edited
)
ORDER BY seen;

INSERT INTO ops.mention_state SELECT revision_id, 'w', NULL FROM made;

INSERT INTO ops.matched BY NAME
SELECT revision_id, 'w' AS watchlist_hash, seen AS matched_at, seen AS decided_at, 'none' AS decision FROM made ORDER BY seen;

INSERT INTO sources BY NAME
SELECT
    'source-' || n AS source_id, 'Institute ' || n AS name, ['RU', 'US', 'DE', 'KZ', 'CN'][1 + n % 5] AS country, ['en'] AS languages,
    true AS enabled, $until AS added_at
FROM range($sources) AS r(n) WHERE $first = 0;

INSERT INTO feeds BY NAME
SELECT
    'feed-' || n AS feed_id, 'source-' || n AS source_id, 'http://s' || n || '.example/feed' AS url, 'rss' AS kind, true AS enabled,
    'working' AS state, $until AS state_since, $until AS last_good_at, $until AS first_good_at, $until + INTERVAL 1 HOUR AS next_due_at,
    0 AS failures, 0 AS permanent_seen, 0 AS gone_seen
FROM range($sources) AS r(n) WHERE $first = 0;

INSERT INTO watchlist BY NAME
SELECT
    entity, 'region' AS kind, any_value(name) AS label, '{}' AS labels,
    if(list_contains($inside, entity), ['central-asia'], []) AS parents, 1 AS forms, 'w' AS watchlist_hash,
    $until AS changed_at
FROM (SELECT unnest(said, recursive := true) FROM texts WHERE language = 'en') WHERE $first = 0 GROUP BY entity;
