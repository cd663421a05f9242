-- The members of an addressed group on the day that counts, whatever the exclusions: as JSON, since they are only read
-- together.
ALTER TABLE recommendation_addressees ADD COLUMN members TEXT COLLATE "C" NOT NULL DEFAULT '[]';
UPDATE recommendation_addressees SET members = (
    SELECT '["' || string_agg(m.organisation_id, '","' ORDER BY m.organisation_id) || '"]' FROM recommendation_group_members m
    WHERE m.recommendation_id = recommendation_addressees.recommendation_id AND m.group_id = recommendation_addressees.group_id
) WHERE EXISTS (
    SELECT 1 FROM recommendation_group_members m
    WHERE m.recommendation_id = recommendation_addressees.recommendation_id AND m.group_id = recommendation_addressees.group_id
);
DROP TABLE recommendation_group_members;

-- These are copies of what the recommendation refers to, which is checked there.
ALTER TABLE obligations DROP CONSTRAINT obligations_report_id_fkey;
ALTER TABLE obligations DROP CONSTRAINT obligations_via_group_id_fkey;
ALTER TABLE recommendation_addressed_organisations DROP CONSTRAINT recommendation_addressed_organisations_via_group_id_fkey;

-- No query compares these texts, so that collecting statistics of them would be wasted.
ALTER TABLE changes ALTER COLUMN state SET STATISTICS 0;
ALTER TABLE articles ALTER COLUMN body_html SET STATISTICS 0;
ALTER TABLE idempotency_keys ALTER COLUMN body SET STATISTICS 0;
