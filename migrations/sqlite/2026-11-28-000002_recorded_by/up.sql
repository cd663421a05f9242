-- Who recorded a record, as JSON; NULL in those from before it was kept.
ALTER TABLE responses ADD COLUMN recorded_by TEXT;
ALTER TABLE action_plans ADD COLUMN recorded_by TEXT;
ALTER TABLE progress_updates ADD COLUMN recorded_by TEXT;
ALTER TABLE assessments ADD COLUMN recorded_by TEXT;

-- The day of receipt as the responder gives it, and which of its responses of a kind on one day it is.
ALTER TABLE responses ADD COLUMN claimed_received_on DATE;
ALTER TABLE responses ADD COLUMN sequence INTEGER NOT NULL DEFAULT 1;
