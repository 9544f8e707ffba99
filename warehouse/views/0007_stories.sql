-- Who published a story, in order; the first publisher is the one whose own date is earliest, else who was seen first.
CREATE OR REPLACE VIEW story_outlets AS
WITH placed AS (
    SELECT
        a.story_id, a.article_id, a.source_id, s.name AS source, s.country, a.title, a.url, a.language, a.published_at, a.published_quality,
        a.first_seen_at, coalesce(m.reason, 'first') AS reason, m.similarity, m.like_article_id,
        row_number() OVER (PARTITION BY a.story_id ORDER BY coalesce(a.published_at, a.first_seen_at), a.first_seen_at, a.article_id) AS place,
        count(*) OVER (PARTITION BY a.story_id) AS articles
    FROM articles AS a
    LEFT JOIN story_articles AS m ON m.article_id = a.article_id
    LEFT JOIN sources AS s ON s.source_id = a.source_id
)
SELECT story_id, articles, place, place = 1 AS is_first, * EXCLUDE (story_id, articles, place) FROM placed;
