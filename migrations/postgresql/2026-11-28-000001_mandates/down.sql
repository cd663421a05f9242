ALTER TABLE obligations ADD COLUMN position_verbatim TEXT COLLATE "C";
ALTER TABLE obligations DROP COLUMN statements;
DROP TABLE mandate_represented;
DROP TABLE mandates;
