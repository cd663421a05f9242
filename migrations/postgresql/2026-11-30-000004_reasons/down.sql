ALTER TABLE assessments DROP COLUMN withdrawal;
ALTER TABLE progress_updates DROP COLUMN withdrawal;
ALTER TABLE action_plans DROP COLUMN withdrawal;
ALTER TABLE responses DROP COLUMN withdrawal;
