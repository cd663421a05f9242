-- The language of names, and what they are in other languages, as JSON.
ALTER TABLE topics ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
ALTER TABLE topics ADD COLUMN other_languages TEXT NOT NULL DEFAULT '[]';
ALTER TABLE organisations ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
ALTER TABLE organisations ADD COLUMN other_languages TEXT NOT NULL DEFAULT '[]';
-- For a name in another language than the organisation's own: which.
ALTER TABLE organisation_names ADD COLUMN language TEXT;
ALTER TABLE groups ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
ALTER TABLE groups ADD COLUMN other_languages TEXT NOT NULL DEFAULT '[]';
ALTER TABLE reports ADD COLUMN other_languages TEXT NOT NULL DEFAULT '[]';
-- Tags are stored in their usual case: zh-TW, zh-Hant.
UPDATE articles SET language = substr(language, 1, 3) || upper(substr(language, 4)) WHERE language LIKE '__-__';
UPDATE articles SET language = substr(language, 1, 3) || upper(substr(language, 4, 1)) || substr(language, 5) WHERE language LIKE '__-____';
UPDATE reports SET language = substr(language, 1, 3) || upper(substr(language, 4)) WHERE language LIKE '__-__';
UPDATE reports SET language = substr(language, 1, 3) || upper(substr(language, 4, 1)) || substr(language, 5) WHERE language LIKE '__-____';
-- Those that share an original are versions of each other.
UPDATE articles SET translations = coalesce((
    SELECT '["' || string_agg(t.id, '","' ORDER BY t.id) || '"]' FROM articles t
    WHERE (t.translation_of_id = articles.id OR t.translation_of_id = articles.translation_of_id) AND t.id <> articles.id
), '[]') WHERE translation_of_id IS NOT NULL;
