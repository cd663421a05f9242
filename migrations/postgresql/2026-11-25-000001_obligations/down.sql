DROP TABLE obligations;
ALTER TABLE reports DROP COLUMN responses_checked_on;
ALTER TABLE recommendations DROP COLUMN deadlines;
