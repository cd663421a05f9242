-- When and why a recommendation was withdrawn.
ALTER TABLE recommendations ADD COLUMN withdrawn_at TIMESTAMP;
ALTER TABLE recommendations ADD COLUMN withdrawal_reason TEXT COLLATE "C";

-- All members of an addressed group on the day of publication, whatever the exclusions.
CREATE TABLE recommendation_group_members (
    recommendation_id TEXT COLLATE "C" NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    group_id TEXT COLLATE "C" NOT NULL REFERENCES groups (id) DEFERRABLE INITIALLY DEFERRED,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (recommendation_id, group_id, organisation_id)
);
INSERT INTO recommendation_group_members (recommendation_id, group_id, organisation_id)
SELECT recommendation_id, via_group_id, organisation_id FROM recommendation_addressed_organisations
WHERE via_group_id IS NOT NULL;
