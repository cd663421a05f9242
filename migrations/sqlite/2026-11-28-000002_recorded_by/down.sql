ALTER TABLE responses DROP COLUMN sequence;
ALTER TABLE responses DROP COLUMN claimed_received_on;
ALTER TABLE assessments DROP COLUMN recorded_by;
ALTER TABLE progress_updates DROP COLUMN recorded_by;
ALTER TABLE action_plans DROP COLUMN recorded_by;
ALTER TABLE responses DROP COLUMN recorded_by;
