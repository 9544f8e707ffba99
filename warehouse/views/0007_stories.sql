-- Who published a story, in order; the first publisher is the one whose own date is earliest, else who was seen first.
-- Most articles stand alone: only the others are compared.
CREATE OR REPLACE VIEW story_outlets AS
WITH several AS (
    SELECT story_id, count(*) AS articles FROM articles GROUP BY story_id HAVING count(*) > 1
), placed AS (
    SELECT
        o.articles, a.article_id,
        row_number() OVER (PARTITION BY a.story_id ORDER BY coalesce(a.published_at, a.first_seen_at), a.first_seen_at, a.article_id) AS place
    FROM articles AS a
    JOIN several AS o ON o.story_id = a.story_id
    UNION ALL BY NAME
    SELECT 1 AS articles, a.article_id, 1 AS place
    FROM articles AS a
    ANTI JOIN several AS o ON o.story_id = a.story_id
)
SELECT
    a.story_id, p.articles, p.place, p.place = 1 AS is_first, a.article_id, a.source_id, s.name AS source, s.country, a.title, a.url, a.language,
    a.published_at, a.published_quality, a.first_seen_at, coalesce(m.reason, 'first') AS reason, m.similarity, m.like_article_id
FROM placed AS p
JOIN articles AS a ON a.article_id = p.article_id
LEFT JOIN story_articles AS m ON m.article_id = a.article_id
LEFT JOIN sources AS s ON s.source_id = a.source_id;
