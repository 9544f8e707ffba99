CREATE OR REPLACE VIEW template_rules AS
WITH newest AS (
    SELECT * FROM templates AS t
    WHERE t.version = (SELECT max(o.version) FROM templates AS o WHERE o.source_id = t.source_id)
)
SELECT
    source_id, version, learnt_at, expires_at, pages, rule.kind AS kind, rule.place AS place, rule.text AS text, rule.seen AS seen
FROM (SELECT *, unnest(rules) AS rule FROM newest);

CREATE OR REPLACE VIEW extraction_scores AS
SELECT
    source_id, date_trunc('week', timezone('UTC', fetched_at))::DATE AS week, count(*) AS pages,
    count(*) FILTER (WHERE verdict = 'ok') AS articles, round(avg(score), 3) AS score, round(min(score), 3) AS lowest_score,
    round(median(characters)) AS characters, round(avg(link_density), 3) AS link_density, round(avg(cut_share), 3) AS cut_share,
    round(avg(dated::INTEGER), 3) AS dated_share
FROM extractions
GROUP BY ALL;
