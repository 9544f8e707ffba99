-- Search: what the index is told, and what an answer shows of an article.

-- name: articles_to_index
SELECT
    a.article_id, a.revision_id, a.source_id, s.country, a.language, a.title, a.text, coalesce(a.published_at, a.first_seen_at) AS dated,
    a.changed_at
FROM articles AS a
LEFT JOIN sources AS s ON s.source_id = a.source_id
WHERE a.changed_at >= $since
ORDER BY a.changed_at;

-- name: count_articles
SELECT count(*) AS articles FROM articles;

-- name: article_ids
SELECT article_id FROM articles;

-- name: articles_found
SELECT article_id, source_id, title, url, language, coalesce(published_at, first_seen_at) AS dated, text
FROM articles
WHERE article_id IN (SELECT unnest($article_ids));

-- name: articles_between
SELECT a.article_id, a.source_id, a.title, a.url, a.language, coalesce(a.published_at, a.first_seen_at) AS dated, a.text
FROM articles AS a
LEFT JOIN sources AS s ON s.source_id = a.source_id
WHERE
    coalesce(a.published_at, a.first_seen_at) >= $since AND coalesce(a.published_at, a.first_seen_at) < $until
    AND (len($sources) = 0 OR list_contains($sources, a.source_id))
    AND (len($countries) = 0 OR list_contains($countries, s.country))
    AND (len($languages) = 0 OR list_contains($languages, a.language))
ORDER BY dated DESC, a.article_id;
