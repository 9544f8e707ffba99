-- Search: what the index is told, and what an answer shows of an article.

-- name: documents_to_index
-- Articles, and the reports beside them, each a document of its own; `version` tells one text of it from another.
SELECT * FROM (
    SELECT
        a.article_id AS document_id, a.revision_id AS version, a.source_id, s.country, a.language, a.title, a.text,
        coalesce(a.published_at, a.first_seen_at) AS dated, a.changed_at
    FROM articles AS a
    LEFT JOIN sources AS s ON s.source_id = a.source_id
    UNION ALL
    SELECT
        d.attachment_id, d.extractor, d.source_id, s.country, d.language, coalesce(d.title, ''), d.text,
        coalesce(a.published_at, a.first_seen_at, d.first_seen_at), d.read_at
    FROM attachments AS d
    LEFT JOIN articles AS a ON a.article_id = d.article_id
    LEFT JOIN sources AS s ON s.source_id = d.source_id
    WHERE d.state = 'read'
)
WHERE changed_at >= $since AND changed_at < $until
ORDER BY changed_at;

-- name: changes_to_index
-- The times that part what changed since then into spans of `most` documents: their texts together would be gigabytes.
SELECT changed_at FROM (
    SELECT changed_at, row_number() OVER (ORDER BY changed_at) AS place
    FROM (
        SELECT changed_at FROM articles WHERE changed_at >= $since
        UNION ALL
        SELECT read_at FROM attachments WHERE state = 'read' AND read_at >= $since
    )
)
WHERE place % $most = 0
ORDER BY changed_at;

-- name: count_documents
SELECT (SELECT count(*) FROM articles) + (SELECT count(*) FROM attachments WHERE state = 'read') AS documents;

-- name: document_ids
SELECT article_id AS document_id FROM articles UNION ALL SELECT attachment_id FROM attachments WHERE state = 'read';

-- name: documents_found
-- Each table is asked for some ids and for nothing else: only so are they looked up in the copy's indexes (warehouse/laying_down.py).
WITH reports AS MATERIALIZED (
    SELECT attachment_id, article_id, source_id, url, title, language, first_seen_at, text, state
    FROM attachments WHERE attachment_id IN (SELECT unnest($document_ids))
), found AS MATERIALIZED (
    SELECT article_id, source_id, title, url, language, published_at, first_seen_at, withdrawn_at, text
    FROM articles WHERE article_id IN (SELECT unnest($document_ids) UNION ALL SELECT article_id FROM reports)
)
SELECT
    article_id AS document_id, article_id, NULL AS report, source_id, title, url, language, coalesce(published_at, first_seen_at) AS dated,
    withdrawn_at, text
FROM found
WHERE list_contains($document_ids, article_id)
UNION ALL
SELECT
    d.attachment_id, d.article_id, d.url, d.source_id, coalesce(d.title, a.title, d.url), coalesce(a.url, d.url), d.language,
    coalesce(a.published_at, a.first_seen_at, d.first_seen_at), a.withdrawn_at, d.text
FROM reports AS d
LEFT JOIN found AS a ON a.article_id = d.article_id
WHERE d.state = 'read';

-- name: documents_between
SELECT * FROM (
    SELECT
        a.article_id AS document_id, a.article_id, NULL AS report, a.source_id, a.title, a.url, a.language,
        coalesce(a.published_at, a.first_seen_at) AS dated, a.withdrawn_at, a.text
    FROM articles AS a
    UNION ALL
    SELECT
        d.attachment_id, d.article_id, d.url, d.source_id, coalesce(d.title, a.title, d.url), coalesce(a.url, d.url), d.language,
        coalesce(a.published_at, a.first_seen_at, d.first_seen_at), a.withdrawn_at, d.text
    FROM attachments AS d
    LEFT JOIN articles AS a ON a.article_id = d.article_id
    WHERE d.state = 'read'
) AS x
WHERE
    dated >= $since AND dated < $until
    AND (len($sources) = 0 OR list_contains($sources, source_id))
    AND (len($countries) = 0 OR source_id IN (SELECT source_id FROM sources WHERE list_contains($countries, country)))
    AND (len($languages) = 0 OR list_contains($languages, language))
ORDER BY dated DESC, document_id;
