-- name: articles_like
-- Articles that share fingerprints with a new one, most of them first. A near copy shares most of a sample.
SELECT f.article_id, a.story_id, a.text, a.source_id <> $source_id AND lower(trim(a.title)) = lower(trim($title)) AS is_namesake
FROM ops.fingerprints AS f
JOIN articles AS a ON a.article_id = f.article_id
WHERE
    f.fingerprint IN (SELECT unnest($fingerprints::JSON::BIGINT[])) AND f.version = $version AND f.seen_at >= $since
    AND f.article_id <> $article_id AND f.language IS NOT DISTINCT FROM $language
GROUP BY ALL
HAVING count(*) >= $fewest
ORDER BY count(*) DESC, min(f.seen_at), f.article_id
LIMIT 5;

-- name: forget_fingerprints
DELETE FROM ops.fingerprints WHERE seen_at < $before;

-- name: story_of_text
SELECT story_id, first_article_id FROM stories WHERE story_id = $story_id;
