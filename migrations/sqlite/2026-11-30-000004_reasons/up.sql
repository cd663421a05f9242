-- When and why a fact was withdrawn, as JSON.
ALTER TABLE responses ADD COLUMN withdrawal TEXT;
ALTER TABLE action_plans ADD COLUMN withdrawal TEXT;
ALTER TABLE progress_updates ADD COLUMN withdrawal TEXT;
ALTER TABLE assessments ADD COLUMN withdrawal TEXT;
