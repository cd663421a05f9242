DROP INDEX articles_by_translation_of;
CREATE INDEX articles_by_translation_of ON articles (translation_of_id, language);
ALTER TABLE articles DROP COLUMN translations;
ALTER TABLE articles DROP COLUMN links;
