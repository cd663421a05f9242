DROP INDEX changes_by_time;
