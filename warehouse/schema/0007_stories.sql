-- Stories: which articles tell one story and why, and the fingerprints by which a near copy is found.
CREATE TABLE story_articles (
    story_id VARCHAR NOT NULL, article_id VARCHAR NOT NULL, reason VARCHAR NOT NULL, like_article_id VARCHAR, similarity DOUBLE,
    joined_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE ops.fingerprints (
    fingerprint BIGINT NOT NULL, article_id VARCHAR NOT NULL, language VARCHAR, version INTEGER NOT NULL, seen_at TIMESTAMPTZ NOT NULL
);

INSERT INTO story_articles BY NAME
SELECT a.story_id, a.article_id, s.reason, s.first_article_id AS like_article_id, 1.0 AS similarity, a.first_seen_at AS joined_at
FROM articles AS a JOIN stories AS s ON s.story_id = a.story_id
WHERE a.article_id <> s.first_article_id;
