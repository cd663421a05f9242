-- The members of an addressed group on the day that counts, whatever the exclusions: as JSON, since they are only read
-- together.
ALTER TABLE recommendation_addressees ADD COLUMN members TEXT NOT NULL DEFAULT '[]';
UPDATE recommendation_addressees SET members = (
    SELECT '["' || string_agg(m.organisation_id, '","' ORDER BY m.organisation_id) || '"]' FROM recommendation_group_members m
    WHERE m.recommendation_id = recommendation_addressees.recommendation_id AND m.group_id = recommendation_addressees.group_id
) WHERE EXISTS (
    SELECT 1 FROM recommendation_group_members m
    WHERE m.recommendation_id = recommendation_addressees.recommendation_id AND m.group_id = recommendation_addressees.group_id
);
DROP TABLE recommendation_group_members;
