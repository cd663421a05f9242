DROP INDEX changes_by_type;
