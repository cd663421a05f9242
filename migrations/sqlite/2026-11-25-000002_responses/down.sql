DELETE FROM sqlite_stat1 WHERE tbl = 'responses';
DROP TABLE response_respondents;
DROP TABLE response_covers;
DROP TABLE responses;
