-- What stands in the reports beside articles, sentence by sentence.
CREATE OR REPLACE VIEW attachment_sentences AS
SELECT
    m.entity, m.matched, m.via, m.zone, a.source_id, a.title AS article, d.title, d.url, a.published_at,
    substring(d.text, m.sentence_start + 1, m.sentence_end - m.sentence_start) AS sentence, m.article_id, m.attachment_id, m.mention_id
FROM attachment_mentions AS m
JOIN attachments AS d ON d.attachment_id = m.attachment_id
LEFT JOIN articles AS a ON a.article_id = m.article_id;
