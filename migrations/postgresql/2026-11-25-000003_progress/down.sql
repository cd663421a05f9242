DROP TABLE assessments;
DROP TABLE progress_updates;
