ALTER TABLE articles DROP COLUMN excerpt;
