DELETE FROM sqlite_stat1 WHERE tbl IN ('assessments', 'progress_updates');
DROP TABLE assessments;
DROP TABLE progress_updates;
