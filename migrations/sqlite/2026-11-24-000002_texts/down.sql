ALTER TABLE articles DROP COLUMN excerpt;
ALTER TABLE articles DROP COLUMN body_text;
