-- The ids of the records that an article names, in the order of the document, and of its translations: as JSON, so that
-- a list is read with one statement. The tables of links find the articles.
ALTER TABLE articles ADD COLUMN links TEXT COLLATE "C" NOT NULL DEFAULT '{}';
ALTER TABLE articles ADD COLUMN translations TEXT COLLATE "C" NOT NULL DEFAULT '[]';
UPDATE articles SET links = '{"organisations":' || coalesce((
    SELECT '["' || string_agg(l.organisation_id, '","' ORDER BY l.position) || '"]' FROM article_organisations l WHERE l.article_id = articles.id
), '[]') || ',"topics":' || coalesce((
    SELECT '["' || string_agg(l.topic_id, '","' ORDER BY l.position) || '"]' FROM article_topics l WHERE l.article_id = articles.id
), '[]') || ',"reports":' || coalesce((
    SELECT '["' || string_agg(l.report_id, '","' ORDER BY l.position) || '"]' FROM article_reports l WHERE l.article_id = articles.id
), '[]') || ',"recommendations":' || coalesce((
    SELECT '["' || string_agg(l.recommendation_id, '","' ORDER BY l.position) || '"]' FROM article_recommendations l WHERE l.article_id = articles.id
), '[]') || '}';
-- a node of the version before must not store an article without them
ALTER TABLE articles ALTER COLUMN links DROP DEFAULT;
UPDATE articles SET translations = (
    SELECT '["' || string_agg(t.id, '","' ORDER BY t.id) || '"]' FROM articles t WHERE t.translation_of_id = articles.id
) WHERE id IN (SELECT t.translation_of_id FROM articles t WHERE t.translation_of_id IS NOT NULL);

-- Few articles are translations: with statistics of all of them, the planner would not use the index.
DROP INDEX articles_by_translation_of;
CREATE INDEX articles_by_translation_of ON articles (translation_of_id) WHERE translation_of_id IS NOT NULL;
