-- The log of one kind of record, for those who follow only that.
CREATE INDEX changes_by_type ON changes (resource, seq);
