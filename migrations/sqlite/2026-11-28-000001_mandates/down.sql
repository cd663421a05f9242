DELETE FROM sqlite_stat1 WHERE tbl = 'mandates';
ALTER TABLE obligations ADD COLUMN position_verbatim TEXT;
ALTER TABLE obligations DROP COLUMN statements;
DROP TABLE mandate_represented;
DROP TABLE mandates;
