ALTER TABLE responses DROP COLUMN media;
ALTER TABLE reports DROP COLUMN media;
ALTER TABLE articles DROP COLUMN change_notes;
ALTER TABLE articles DROP COLUMN document_type;
ALTER TABLE articles DROP COLUMN media;
