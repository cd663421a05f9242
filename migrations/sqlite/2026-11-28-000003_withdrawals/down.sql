DROP TABLE recommendation_group_members;
ALTER TABLE recommendations DROP COLUMN withdrawal_reason;
ALTER TABLE recommendations DROP COLUMN withdrawn_at;
