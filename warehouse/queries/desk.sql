-- What `thinkwatch desk` shows, asked of the analysts' copy. $entities, $sources and $languages: empty lists hold for all.

-- name: desk_bounds
SELECT
    min(coalesce(published_at, first_seen_at)) AS first_at, max(coalesce(published_at, first_seen_at)) AS last_at, count(*) AS articles,
    (SELECT list(DISTINCT source_id ORDER BY source_id) FROM articles) AS sources,
    (SELECT list(DISTINCT language ORDER BY language) FROM articles WHERE language IS NOT NULL) AS languages
FROM articles;

-- name: desk_entities
SELECT m.entity, coalesce(any_value(w.label), m.entity) AS label, coalesce(any_value(w.kind), 'unknown') AS kind, any_value(m.articles) AS articles
FROM (SELECT entity, count(*) AS articles FROM ops.named GROUP BY entity) AS m
LEFT JOIN watchlist AS w ON w.entity = m.entity
GROUP BY m.entity
ORDER BY articles DESC, m.entity;

-- name: desk_mentions
SELECT
    m.entity, coalesce(w.label, m.entity) AS label, coalesce(w.kind, 'unknown') AS kind, a.article_id, m.source_id, m.day, m.mentions
FROM ops.named AS m
JOIN articles AS a ON a.rowid = m.article_no
LEFT JOIN watchlist AS w ON w.entity = m.entity
WHERE
    (len($entities) = 0 OR list_contains($entities, m.entity))
    AND (len($sources) = 0 OR list_contains($sources, m.source_id))
    AND (len($languages) = 0 OR list_contains($languages, a.language))
    AND m.day BETWEEN $since AND $until
ORDER BY day, m.entity, a.article_id;

-- name: desk_articles
SELECT
    a.article_id, timezone('UTC', coalesce(a.published_at, a.first_seen_at))::DATE AS day, a.source_id, a.language, a.title,
    list(m.entity ORDER BY m.entity) FILTER (WHERE m.entity IS NOT NULL) AS entities,
    (SELECT count(*) FROM revisions AS r WHERE r.article_id = a.article_id) AS revisions,
    a.withdrawn_at IS NOT NULL AS withdrawn
FROM articles AS a
LEFT JOIN ops.named AS m ON m.article_no = a.rowid
WHERE
    (len($sources) = 0 OR list_contains($sources, a.source_id))
    AND (len($languages) = 0 OR list_contains($languages, a.language))
    AND timezone('UTC', coalesce(a.published_at, a.first_seen_at))::DATE BETWEEN $since AND $until
GROUP BY ALL
HAVING len($entities) = 0 OR list_has_any(list(m.entity) FILTER (WHERE m.entity IS NOT NULL), $entities)
ORDER BY day DESC, a.title, a.article_id
LIMIT 2000;

-- name: desk_revisions
SELECT
    r.revision_id, r.revision_no, r.change_kind, r.seen_from, r.title, r.text, a.url, a.source_id, s.name AS source, a.authors,
    a.published_at, a.published_quality, a.withdrawn_at
FROM revisions AS r
JOIN articles AS a ON a.article_id = r.article_id
LEFT JOIN sources AS s ON s.source_id = a.source_id
WHERE r.article_id = $article
ORDER BY r.revision_no;

-- name: desk_marks
SELECT m.revision_id, m.entity, coalesce(w.label, m.entity) AS label, m.field, m.start_char, m.end_char, m.alerting
FROM mentions AS m
LEFT JOIN watchlist AS w ON w.entity = m.entity
WHERE m.article_id = $article
ORDER BY m.revision_id, m.start_char;
