-- For reads of the past: a clock that was wrong may have left entries whose times are not in the order of their numbers.
CREATE INDEX changes_by_time ON changes (at, seq);
