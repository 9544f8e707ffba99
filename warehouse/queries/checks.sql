-- What must never be: each statement returns the offending rows, none when all is well.

-- name: check_entries_unique
SELECT entry_id, count(*) AS times FROM entries GROUP BY entry_id HAVING count(*) > 1 LIMIT 20;

-- name: check_articles_whole
SELECT a.article_id, a.title FROM articles AS a
LEFT JOIN revisions AS r ON r.revision_id = a.revision_id
WHERE trim(a.text) = '' OR r.text IS DISTINCT FROM a.text
   OR a.article_id IN (SELECT article_id FROM articles GROUP BY article_id HAVING count(*) > 1)
LIMIT 20;

-- name: check_mentions_stand_in_text
SELECT m.mention_id, m.matched FROM mentions AS m
LEFT JOIN revisions AS r ON r.revision_id = m.revision_id
WHERE substring(CASE m.field WHEN 'title' THEN r.title ELSE r.text END, m.start_char + 1, m.end_char - m.start_char)
    IS DISTINCT FROM m.matched
LIMIT 20;

-- name: check_alerts_proved
SELECT a.alert_id FROM alerts AS a
WHERE (
    NOT EXISTS (SELECT 1 FROM alert_mentions AS p JOIN mentions AS m ON m.mention_id = p.mention_id WHERE p.alert_id = a.alert_id)
    -- What an author wrote is proved by the byline.
    AND NOT contains(array_to_string(a.entities, ' '), 'author:')
) OR (
    -- One that waits for its digest, is held, or will not be sent needs no delivery yet.
    a.state NOT IN ('waiting', 'held', 'suppressed') AND NOT EXISTS (
        SELECT 1 FROM delivery_alerts AS c JOIN deliveries AS d ON d.delivery_id = c.delivery_id WHERE c.alert_id = a.alert_id
    )
)
LIMIT 20;

-- name: check_deliveries_unique
SELECT d.subscriber_id, c.alert_id, count(*) AS times
FROM deliveries AS d JOIN delivery_alerts AS c ON c.delivery_id = d.delivery_id
WHERE c.left_out IS NULL GROUP BY ALL HAVING count(*) > 1
LIMIT 20;

-- name: latest_scores
-- How well the latest pages of each source were read, oldest first; each article counts once, by its first page.
SELECT source_id, score, fetched_at, page_id FROM (
    SELECT *, row_number() OVER (PARTITION BY source_id ORDER BY fetched_at DESC, page_id) AS place FROM (
        SELECT *, row_number() OVER (PARTITION BY article_id ORDER BY fetched_at, page_id) AS visit FROM extractions
    )
    WHERE visit = 1
)
WHERE place <= $most
ORDER BY source_id, place DESC;
