UPDATE articles SET translations = coalesce((
    SELECT '["' || string_agg(t.id, '","' ORDER BY t.id) || '"]' FROM articles t WHERE t.translation_of_id = articles.id
), '[]') WHERE translation_of_id IS NOT NULL;
ALTER TABLE reports DROP COLUMN other_languages;
ALTER TABLE groups DROP COLUMN other_languages;
ALTER TABLE groups DROP COLUMN language;
DELETE FROM organisation_names WHERE language IS NOT NULL;
ALTER TABLE organisation_names DROP COLUMN language;
ALTER TABLE organisations DROP COLUMN other_languages;
ALTER TABLE organisations DROP COLUMN language;
ALTER TABLE topics DROP COLUMN other_languages;
ALTER TABLE topics DROP COLUMN language;
